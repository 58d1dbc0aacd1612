"""Starting runs: by plan and mode under a client's idempotency key, and by adopting a run that ended badly.

A run is recorded with create-if-absent before it is started, since starting an orchestration with a known id is no
lock (on Azure Storage two callers both get 202; rule 12). Whatever is known of a key is returned, never
restarted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import azure.functions as func

import clock
from domain import names
from domain.codec import from_wire, to_wire
from triggers import records, rules
from triggers.bodies import TextField, check_text, read_fields
from triggers.door import Visit
from triggers.problems import Problem, invalid, json_response
from triggers.run_views import Run, find_run, view_of

if TYPE_CHECKING:
    from domain.calls import RunRequest

START_BODY: dict[str, TextField] = {
    "plan": rules.PLAN,
    "mode": rules.MODE,
    "reason": rules.REASON,
    "idempotencyKey": rules.KEY,
    "by": rules.BY,
    "consents": rules.CONSENTS,
}
KEY_HEADER = "Idempotency-Key"
START_HEADERS: dict[str, TextField] = {KEY_HEADER: rules.KEY}
ADOPT_BODY: dict[str, TextField] = {"by": rules.BY, "reason": rules.REASON}

MOST_ADOPTIONS = 99


async def start_failover(visit: Visit) -> func.HttpResponse:
    """Start a run, or return what is known of its key. Answers 202 with Location, or 200 with the record."""
    from domain.calls import RunRequest

    given = read_fields(visit.req, START_BODY)
    plan, mode = str(given["plan"]), str(given["mode"])
    run = names.run_for_key(plan, _key(visit.req, given))
    known = await find_run(visit.durable, run)
    if known is not None:
        return _known(known, mode)
    pointer = await _published_in(plan, mode)
    if given.get("consents"):
        visit.caller.must_have_name(given.get("by"))
    by = visit.caller.named(given.get("by"))
    request = RunRequest(
        run=run,
        plan=plan,
        mode=mode,
        plan_hash=str(pointer["plan_hash"]),
        snapshot_hash=str(pointer["snapshot_hash"]),
        started_by=by,
        lineage=run,
        reason=given.get("reason", ""),
        approved_by=by if visit.caller.may_approve else None,
        consents=tuple(given.get("consents", ())),
    )
    if await _begin(visit, request):
        return _started(request)
    known = await find_run(visit.durable, run)
    if known is None:
        raise Problem("unavailable", f"run {run} was just withdrawn by somebody else; try again")
    return _known(known, mode)


async def adopt_failover(visit: Visit) -> func.HttpResponse:
    """Take over a run that ended badly: a new run on the same runbook. Answers 202 with Location, or 404, 409."""
    given = read_fields(visit.req, ADOPT_BODY)
    run = rules.checked_run(visit.req.route_params.get("id"))
    found = await find_run(visit.durable, run)
    if found is None:
        raise Problem("unknown", f"no run is called {run}")
    old = _adoptable(found)
    by = visit.caller.named(given.get("by"))
    request = replace(
        old,
        run=await _free_name(visit, old.lineage),
        adopts=run,
        started_by=by,
        approved_by=by if visit.caller.may_approve else None,
        automatic=False,
        consents=(),
        reason=given.get("reason", f"adopts {run}"),
        runbook_hash=found.runbook_hash,
    )
    if not await _begin(visit, request):
        raise Problem("conflict", f"somebody else adopts {run} at this moment, as {request.run}")
    return _started(request)


def _key(req: func.HttpRequest, given: dict[str, Any]) -> str:
    header = req.headers.get(KEY_HEADER, "")
    wrong = check_text(header, rules.KEY) if header else None
    if wrong:
        raise invalid(f"header:{KEY_HEADER}", wrong)
    body = str(given.get("idempotencyKey", ""))
    if header and body and header != body:
        raise invalid("idempotencyKey", f"differs from the header {KEY_HEADER}; send one, or the same twice")
    if not header and not body:
        raise invalid("idempotencyKey", f"is missing, as is the header {KEY_HEADER}: expected {rules.KEY.description}")
    return header or body


async def _published_in(plan: str, mode: str) -> dict[str, Any]:
    pointer = await records.published(plan)
    if pointer is None:
        raise invalid("plan", f"no plan called '{plan}' is published; see GET plans")
    modes = pointer.get("modes") or []
    if mode not in modes:
        raise invalid("mode", f"plan {plan} is published in {', '.join(sorted(modes)) or 'no mode'}, not in {mode}")
    return pointer


async def _begin(visit: Visit, request: RunRequest) -> bool:
    """Record and start. False when the run is recorded already. The record of a start that failed is withdrawn."""
    now = clock.from_environment().now().isoformat()
    record = {**to_wire(request), "recorded_at": now}
    if not await records.record_request(request.run, record):
        return False
    try:
        await visit.durable.start(names.FAILOVER, request.run, to_wire(request))
    except Problem:
        if await visit.durable.instance(request.run) is None:
            await records.withdraw_request(request.run, record)
            raise
    return True


def _started(request: RunRequest) -> func.HttpResponse:
    body = {"run": request.run, "plan": request.plan, "mode": request.mode, "startedBy": request.started_by}
    if request.adopts:
        body["adopts"] = request.adopts
    return json_response(body, 202, {"Location": f"/api/failovers/{request.run}", "Retry-After": "2"})


def _known(known: Run, mode: str) -> func.HttpResponse:
    recorded = known.request.get("mode")
    if recorded not in (None, mode):
        raise Problem("conflict", f"this key was used for a run in mode {recorded}; choose another key for {mode}")
    return json_response(view_of(known), 200, {"Location": f"/api/failovers/{known.name}"})


def _adoptable(found: Run) -> RunRequest:
    from domain.calls import RunRequest

    if not found.has_ended:
        raise Problem("conflict", f"run {found.name} has not ended: it is {found.runtime_status or 'not started'}")
    if found.outcome in ("completed", "refused"):
        why = "nothing is left to do" if found.outcome == "completed" else "it wrote nothing; start a new run"
        raise Problem("conflict", f"run {found.name} ended {found.outcome}: {why}")
    try:
        return from_wire(RunRequest, found.request)
    except TypeError:
        raise Problem("conflict", f"what run {found.name} was asked to do is not recorded; start a new run") from None


async def _free_name(visit: Visit, lineage: str) -> str:
    """The next name of this lineage. Raises Problem (409) while its latest adoption still runs."""
    first = re.sub(r"-a[0-9]+$", "", lineage)
    for number in range(1, MOST_ADOPTIONS + 1):
        name = f"{first}-a{number}"
        taken = await find_run(visit.durable, name)
        if taken is None:
            return name
        if not taken.has_ended:
            raise Problem("conflict", f"run {name} adopts it already and has not ended")
    raise Problem("conflict", f"{first} was adopted {MOST_ADOPTIONS} times")
