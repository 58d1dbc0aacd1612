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

LIST_QUERY: dict[str, TextField] = {
    "plan": rules.PLAN_QUERY,
    "outcome": rules.OUTCOME_QUERY,
    "limit": rules.LIMIT_QUERY,
    "continuation": rules.CONTINUATION_QUERY,
}
LIST_LIMIT = 50
LOOKED_AT = 200
"""Runs that one call looks at, at most, for those that a filter lets through."""
AT_ONCE = 10


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
    return _run(run, instance, request, report)


def _run(
    run: str, instance: Instance | None, request: dict[str, Any] | None, report: dict[str, Any] | None
) -> Run | None:
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
    """A page of runs, newest first: those in the list of runs, and those under way that are not in it yet.

    ``continuation`` is null on the last page. A page may hold fewer runs than asked for and be followed by more: no
    call looks at more than 200 runs for those that ended as asked.
    """
    plan = visit.query("plan", rules.PLAN_QUERY)
    outcome = visit.query("outcome", rules.OUTCOME_QUERY)
    limit = int(visit.query("limit", rules.LIMIT_QUERY) or LIST_LIMIT)
    after = visit.query("continuation", rules.CONTINUATION_QUERY) or ""
    ahead = [one for one in await _positions(visit.durable, plan) if one > after]
    views: list[dict[str, Any]] = []
    looked = 0
    while looked < min(len(ahead), LOOKED_AT) and len(views) < limit:
        chunk = ahead[looked : looked + min(AT_ONCE, limit - len(views))]
        found = await asyncio.gather(*(_find_for_list(visit.durable, _run_at(one)) for one in chunk))
        views += [view_of(run) for run in found if run is not None and outcome in (None, run.outcome)]
        looked += len(chunk)
    continuation = ahead[looked - 1] if looked < len(ahead) else None
    return json_response({"failovers": views, "continuation": continuation})


async def _positions(durable: Durable, plan: str | None) -> list[str]:
    from azure_clients import run_index

    known, running = await asyncio.gather(records.listed(), durable.running(names.FAILOVER))
    told = {_run_at(one) for one in known}
    fresh = [run_index.position(one.id, one.created_at) for one in running if one.created_at and one.id not in told]
    found = sorted({*known, *fresh})
    return [one for one in found if rules.plan_of(_run_at(one)) == plan] if plan else found


def _run_at(position: str) -> str:
    from azure_clients import run_index

    return run_index.run_at(position)


async def _find_for_list(durable: Durable, run: str) -> Run | None:
    """Without the report, where it is not needed to say how the run ended."""
    instance, request = await asyncio.gather(durable.instance(run), records.request_of(run))
    found = _run(run, instance, request, None)
    if found is None or found.instance is None or (found.has_ended and found.outcome is None):
        return _run(run, instance, request, await records.report_of(run))
    return found


def _request_in(instance: Instance | None, report: dict[str, Any] | None) -> dict[str, Any]:
    """A run that an incident started has no record of a door's: its own input, or its report, says what was asked."""
    for source in (instance.input if instance else None, (report or {}).get("request")):
        if isinstance(source, dict):
            return source
    return {key: report[key] for key in ("plan", "mode", "incident") if key in report} if report else {}
