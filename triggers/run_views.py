"""One run as its commander sees it, put together from the places that know of it.

The durable backend knows whether it runs, the control entity what its steps are doing and asking, the document store
what it was asked to do and how it ended. Any of them may be missing: histories are purged, reports come last.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

from domain import names
from triggers import records, rules
from triggers.bodies import TextField
from triggers.door import Visit
from triggers.durable import Durable, Instance
from triggers.problems import Problem, json_response

LIST_QUERY: dict[str, TextField] = {"plan": rules.PLAN_QUERY, "outcome": rules.OUTCOME_QUERY}
LIST_LIMIT = 100


@dataclass(frozen=True)
class Run:
    """What is known of a run: ``request`` is the RunRequest's wire form, empty when nobody recorded it."""

    name: str
    request: dict[str, Any] = field(default_factory=dict)
    instance: Instance | None = None
    report: dict[str, Any] | None = None

    @property
    def runtime_status(self) -> str | None:
        return self.instance.runtime_status if self.instance else None

    @property
    def has_ended(self) -> bool:
        """True once nothing will move any more: its orchestration ended, or it is gone and only the report is left."""
        return self.instance.has_ended if self.instance else self.report is not None

    @property
    def output(self) -> dict[str, Any]:
        found = self.instance.output if self.instance else None
        return found if isinstance(found, dict) else {}

    @property
    def outcome(self) -> str | None:
        """How it ended, in the report's words; None while it runs or when it ended without a word."""
        if not self.has_ended:
            return None
        found = self.output.get("outcome") or (self.report or {}).get("outcome")
        return str(found) if found else None

    @property
    def runbook_hash(self) -> str | None:
        status = self.instance.custom_status if self.instance else None
        report = self.report or {}
        sources = (report, report.get("hashes"), self.output, status, self.request)
        found = (one.get("runbook_hash") or one.get("runbook") for one in sources if isinstance(one, dict))
        return next((one for one in found if isinstance(one, str) and one), None)


async def find_run(durable: Durable, run: str) -> Run | None:
    """Everything recorded of a run; None when no place knows it."""
    instance, request, report = await asyncio.gather(
        durable.instance(run), records.request_of(run), records.report_of(run)
    )
    if instance is not None and instance.name.lower() != names.FAILOVER:
        instance = None
    if instance is None and request is None and report is None:
        return None
    return Run(run, request or _request_in(instance, report), instance, report)


def view_of(run: Run, control: dict[str, Any] | None = None) -> dict[str, Any]:
    """The run as JSON. ``control`` is the state of its control entity, where that was read."""
    request, instance = run.request, run.instance
    view: dict[str, Any] = {
        "run": run.name,
        "plan": request.get("plan"),
        "mode": request.get("mode"),
        "reason": request.get("reason", ""),
        "startedBy": request.get("started_by"),
        "incident": request.get("incident"),
        "adopts": request.get("adopts"),
        "runtimeStatus": run.runtime_status,
        "outcome": run.outcome,
        "createdAt": request.get("recorded_at") or (instance.created_at if instance else None),
        "updatedAt": instance.updated_at if instance else None,
        "status": instance.custom_status if instance else None,
        "output": instance.output if instance else None,
    }
    if instance is None and run.report is None:
        view["note"] = "recorded, but unknown to the durable backend: it is being started, or its history was purged"
    if control is not None:
        view["control"] = control_view(control)
    return view


def control_view(state: dict[str, Any]) -> dict[str, Any]:
    """The control entity's live table, with the open questions (not what waits for no person) as a list."""
    plain = ("paused", "aborting", "point_of_no_return", "running", "done", "failed", "recent", "decisions")
    view = {key: state[key] for key in plain if key in state}
    view["waits"] = [wait for wait in waits_in(state) if wait.get("question")]
    return view


def waits_in(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The open waits of a control entity's state; the first to run out comes first."""
    waits = state.get("waits")
    found = [one for one in waits.values() if isinstance(one, dict)] if isinstance(waits, dict) else []
    return sorted(found, key=lambda one: (str(one.get("until") or "~"), str(one.get("instance"))))


async def read_failover(visit: Visit) -> func.HttpResponse:
    """One run, whole: its orchestration, its live control table, and its report once there is one."""
    name = rules.checked_run(visit.req.route_params.get("id"))
    run, control = await asyncio.gather(
        find_run(visit.durable, name), visit.durable.entity(names.CONTROL_ENTITY, name)
    )
    if run is None:
        raise Problem("unknown", f"no run is called {name}")
    return json_response({**view_of(run, control), "report": run.report})


async def list_failovers(visit: Visit) -> func.HttpResponse:
    """Runs, newest first: those with documents, and those under way that nobody recorded."""
    plan = visit.query("plan", rules.PLAN_QUERY)
    outcome = visit.query("outcome", rules.OUTCOME_QUERY)
    recorded, running = await asyncio.gather(
        records.recorded_runs(plan), visit.durable.running(names.FAILOVER)
    )
    known = {*recorded, *(one.id for one in running if not plan or one.id.startswith(f"{plan}-"))}
    found = [run for run in await _find_all(visit.durable, sorted(known)) if _matches(run, plan, outcome)]
    views = sorted((view_of(run) for run in found), key=lambda view: str(view["createdAt"] or ""), reverse=True)
    return json_response({"failovers": views[:LIST_LIMIT], "total": len(views)})


async def _find_all(durable: Durable, runs: list[str]) -> list[Run]:
    gate = asyncio.Semaphore(10)

    async def find(run: str) -> Run | None:
        async with gate:
            return await find_run(durable, run)

    return [run for run in await asyncio.gather(*map(find, runs)) if run is not None]


def _matches(run: Run, plan: str | None, outcome: str | None) -> bool:
    return plan in (None, run.request.get("plan")) and outcome in (None, run.outcome)


def _request_in(instance: Instance | None, report: dict[str, Any] | None) -> dict[str, Any]:
    """A run that an incident started has no record of a door's: its own input, or its report, says what was asked."""
    for source in (instance.input if instance else None, (report or {}).get("request")):
        if isinstance(source, dict):
            return source
    return {key: report[key] for key in ("plan", "mode", "incident") if key in report} if report else {}
