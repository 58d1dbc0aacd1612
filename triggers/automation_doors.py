"""The kill switch: while automation is suspended no alert starts a run by itself; people still can."""

from __future__ import annotations

import azure.functions as func

import clock
from domain import names
from triggers import rules
from triggers.bodies import TextField, read_fields
from triggers.door import Visit
from triggers.problems import json_response

SWITCH_BODY: dict[str, TextField] = {"by": rules.BY, "reason": rules.REASON}


async def suspend(visit: Visit) -> func.HttpResponse:
    """No automatic run starts from here on. Suspending twice is suspending once."""
    return await _switch(visit, "pause", suspended=True)


async def resume(visit: Visit) -> func.HttpResponse:
    """Plans that opted in may be started by alerts again."""
    return await _switch(visit, "resume", suspended=False)


async def _switch(visit: Visit, operation: str, *, suspended: bool) -> func.HttpResponse:
    given = read_fields(visit.req, SWITCH_BODY)
    by = visit.caller.named(given.get("by"))
    at = clock.from_environment().now().isoformat()
    said = {"by": by, "reason": given.get("reason", ""), "at": at}
    key = names.AUTOMATION_SWITCH
    await visit.durable.signal(names.CONTROL_ENTITY, key, operation, said)
    state, applied = await visit.durable.entity_when(
        names.CONTROL_ENTITY, key, lambda state: bool(state.get("paused")) == suspended
    )
    body = {"suspended": bool(state.get("paused")), "applied": applied, "by": by, "at": at}
    return json_response(body, 200 if applied else 202)
