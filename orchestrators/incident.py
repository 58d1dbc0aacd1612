"""One Service Health incident: which published plans it concerns, and one run for each of them."""

from __future__ import annotations

import contextlib
from typing import Any

from domain import names
from domain.calls import Match, MatchCall, RunRequest
from domain.codec import from_wire, to_wire
from orchestrators.durable import Steps, incident_of, insist, iso, sleep

FIRST_LOOK_SECONDS = 30.0
LONGEST_LOOK_SECONDS = 300.0
LOOKS_PER_GENERATION = 50
ENDED = ("Completed", "Failed", "Terminated", "Canceled", None)


def incident(context: Any) -> Steps:
    """Follow an incident.

    1. Read what is known of it (doors signal its entity; any number of messages in any order).
    2. Find the published plans that it concerns; start one run for each that has none yet, as the entity decides.
    3. While runs are under way, or promised and not begun, look again now and then: an update may add regions.
    4. After 50 looks continue as new. Runs are no children, which would have to end first (rule 14).
    5. End when no run is left and no message came since the last look.
    """
    given = context.get_input()
    tracking_id, running = str(given["tracking_id"]), dict(given.get("running") or {})
    seen, seconds = int(given.get("seen", -1)), float(given.get("seconds", FIRST_LOOK_SECONDS))
    entity = incident_of(tracking_id)
    yield context.call_entity(entity, "open", {})
    for _ in range(LOOKS_PER_GENERATION):
        running = yield from _still_running(context, running)
        known = yield context.call_entity(entity, "read", {})
        orphans = [plan for plan in known["not_begun"] if plan not in running]
        if (known["version"] != seen or orphans) and not known["over"]:
            yield from _start_runs(context, entity, tracking_id, known, running)
        seen = known["version"]
        if not running and (known["over"] or not orphans):
            end = yield context.call_entity(entity, "finish", {"version": seen})
            if end["done"]:
                return {"tracking_id": tracking_id, "runs": known["runs"]}
            continue
        yield from sleep(context, seconds)
        seconds = min(seconds * 1.5, LONGEST_LOOK_SECONDS)
    context.continue_as_new({"tracking_id": tracking_id, "running": running, "seen": seen, "seconds": seconds})
    return None


def _still_running(context: Any, running: dict[str, str]) -> Steps:
    """The runs that have not ended, by plan. One that cannot be read is looked at again."""
    left = {}
    for plan, run in running.items():
        try:
            status = (yield from insist(context, names.READ_RUN_STATUS, {"run": run}))["status"]
        except Exception:
            status = "unknown"
        if status not in ENDED:
            left[plan] = run
    return left


def _start_runs(context: Any, entity: Any, tracking_id: str, known: dict[str, Any], running: dict[str, str]) -> Steps:
    call = MatchCall(tracking_id, {region: tuple(services) for region, services in known["scope"].items()})
    answer = yield from insist(context, names.MATCH_PLANS, call)
    for match in (from_wire(Match, one) for one in answer["matches"]):
        run = names.run_for_incident(match.plan, tracking_id)
        if match.plan in running:
            continue
        promise = {"plan": match.plan, "run": run, "at": iso(context)}
        first = yield context.call_entity(entity, "begin_run", promise)
        if first["first"]:
            running[match.plan] = run
            yield from _start(context, _request(match, run, tracking_id, known))


def _start(context: Any, request: RunRequest) -> Steps:
    """A start that fails for good leaves a promise that nobody keeps: a later look makes it anew."""
    with contextlib.suppress(Exception):
        yield from insist(context, names.START_RUN, {"request": to_wire(request)})


def _request(match: Match, run: str, tracking_id: str, known: dict[str, Any]) -> RunRequest:
    regions = ", ".join(sorted(known["scope"]))
    return RunRequest(
        run=run,
        plan=match.plan,
        mode="failover",
        plan_hash=match.plan_hash,
        snapshot_hash=match.snapshot_hash,
        started_by="alert",
        lineage=run,
        reason=f"incident {tracking_id} in {regions}: {known['title']}"[:400],
        automatic=match.automatic,
        incident=tracking_id,
        impact_started_at=known["impact_started_at"],
    )
