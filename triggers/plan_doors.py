"""Doors that show what is published: the plans, and what each would do."""

from __future__ import annotations

from typing import Any

import azure.functions as func

from domain.codec import to_wire
from triggers import records, rules
from triggers.bodies import TextField
from triggers.door import Visit
from triggers.problems import Problem, json_response

RUNBOOK_QUERY: dict[str, TextField] = {"mode": rules.MODE_QUERY}


async def list_plans(visit: Visit) -> func.HttpResponse:
    """Every published plan, with the hashes that a run of it would be pinned to."""
    del visit
    pointers = await records.all_published()
    return json_response({"plans": [_view(pointer) for pointer in pointers]})


async def read_runbook(visit: Visit) -> func.HttpResponse:
    """The runbook of a published plan, compiled on the spot against its snapshot. Touches nothing of Azure."""
    name = rules.checked_plan(visit.req.route_params.get("name"))
    mode = visit.query("mode", rules.MODE_QUERY) or "failover"
    runbook = await records.compiled(name, mode)
    if runbook is None:
        raise Problem("unknown", f"no plan called {name} is published")
    return json_response({"hash": runbook.hash, "runbook": to_wire(runbook)})


def _view(pointer: dict[str, Any]) -> dict[str, Any]:
    modes = pointer.get("modes") or []
    return {
        "name": pointer.get("name"),
        "modes": sorted(modes),
        "planHash": pointer.get("plan_hash"),
        "snapshotHash": pointer.get("snapshot_hash"),
        "publishedAt": pointer.get("published_at"),
        "publishedBy": pointer.get("published_by"),
    }
