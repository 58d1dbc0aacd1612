"""One Service Health incident: which published plans it concerns, and one run for each of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import names
from domain.calls import Match, MatchCall, RunRequest
from domain.codec import from_wire, to_wire
from orchestrators.durable import Steps, incident_of, insist, iso, now

FIRST_LOOK_SECONDS = 30.0
LONGEST_LOOK_SECONDS = 300.0


def incident(context: Any) -> Steps:
    """Follow an incident.

    1. Read what is known of it (doors signal its entity; any number of messages in any order).
    2. Find the published plans that it concerns; start one run for each that has none yet, as the entity decides.
    3. While runs are under way, or promised and not begun, look again now and then: an update may add regions.
    4. End when no run is left and no message came since the last look.
    """
    tracking_id = str(context.get_input()["tracking_id"])
    entity = incident_of(tracking_id)
    running: dict[str, Any] = {}
    seen, seconds = -1, FIRST_LOOK_SECONDS
    yield context.call_entity(entity, "open", {})
    while True:
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
        timer = context.create_timer(now(context) + timedelta(seconds=seconds))
        winner = yield context.task_any([*running.values(), timer])
        if winner is timer:
            seconds = min(seconds * 1.5, LONGEST_LOOK_SECONDS)
        else:
            timer.cancel()
        for plan in [one for one, task in running.items() if task.is_completed]:
            del running[plan]


def _start_runs(context: Any, entity: Any, tracking_id: str, known: dict[str, Any], running: dict[str, Any]) -> Steps:
    call = MatchCall(tracking_id, {region: tuple(services) for region, services in known["scope"].items()})
    answer = yield from insist(context, names.MATCH_PLANS, call)
    for match in (from_wire(Match, one) for one in answer["matches"]):
        run = names.run_for_incident(match.plan, tracking_id)
        if match.plan in running:
            continue
        promise = {"plan": match.plan, "run": run, "at": iso(context)}
        first = yield context.call_entity(entity, "begin_run", promise)
        if first["first"]:
            request = _request(match, run, tracking_id, known)
            running[match.plan] = context.call_sub_orchestrator(names.FAILOVER, to_wire(request), run)


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
