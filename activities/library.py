"""Plans, snapshots and runbooks for the orchestrators: compiled and kept here, so that histories carry hashes.

A store that does not answer is raised: the orchestrators insist on these calls and come again.
"""

from __future__ import annotations

from typing import Any

Wire = dict[str, Any]


def compile_runbook(call: Wire) -> Wire:
    """CompileCall -> RunbookSummary. What stands in the way are its ``refusals``."""
    from azure_clients import plan_library
    from azure_clients.documents import documents
    from azure_clients.errors import Refused as NotThere
    from azure_clients.settings import read_settings
    from domain import summary
    from domain.calls import CompileCall
    from domain.codec import from_wire, to_wire
    from domain.compile import Refused, compile_runbook
    from domain.snapshot import region_name

    wanted, store = from_wire(CompileCall, call), documents()
    try:
        plan = plan_library.read_plan(store, wanted.plan_hash)
        home = region_name(read_settings().region)
        if home == plan.primary.region:
            text = f"Bridgehead itself runs in {home}, the region that fails: host it in a third one"
            return _wire(to_wire(summary.refused([text])))
        snapshot = plan_library.read_snapshot(store, wanted.snapshot_hash)
        runbook = compile_runbook(plan, snapshot, wanted.mode)
    except Refused as refused:
        return _wire(to_wire(summary.refused(refused.reasons)))
    except NotThere as missing:
        return _wire(to_wire(summary.refused([missing.reason])))
    plan_library.keep_runbook(store, runbook)
    return _wire(to_wire(summary.summarise(runbook)))


def read_lane(call: Wire) -> Wire:
    """``{runbook_hash, lane, compensate}`` -> ``{lane, steps}``: a lane's steps, or those that undo others."""
    from azure_clients import plan_library
    from azure_clients.documents import documents
    from domain.codec import to_wire
    from domain.runbook import Lane
    from domain.summary import compensations

    runbook = plan_library.read_runbook(documents(), call["runbook_hash"])
    if call.get("compensate"):
        undo = compensations(runbook, tuple(call["compensate"]))
        lane = Lane(call["lane"], "undo what was done", tuple(step.id for step in undo))
        return {"lane": to_wire(lane), "steps": to_wire(undo)}
    lane = next(one for one in runbook.lanes if one.id == call["lane"])
    wanted = {step.id: step for step in runbook.steps if step.id in lane.steps}
    return {"lane": to_wire(lane), "steps": [to_wire(wanted[one]) for one in lane.steps]}


def match_plans(call: Wire) -> Wire:
    """MatchCall -> ``{matches: [Match]}``: published plans whose primary region and services an incident names."""
    from azure_clients import plan_library
    from azure_clients.documents import documents
    from domain.calls import Match, MatchCall
    from domain.codec import from_wire, to_wire

    scope = {region.lower(): services for region, services in from_wire(MatchCall, call).scope.items()}
    store, matches = documents(), []
    for pointer in plan_library.read_pointers(store):
        plan = plan_library.read_plan(store, pointer.plan_hash)
        services = scope.get(plan.primary.region)
        if services is None or not _concerns(plan.trigger.services, services):
            continue
        match = Match(plan.name, pointer.plan_hash, pointer.snapshot_hash, plan.trigger.automatic)
        matches.append(to_wire(match))
    return {"matches": matches}


def _concerns(watched: tuple[str, ...], hit: tuple[str, ...]) -> bool:
    """A plan that names no service watches them all; so does an incident that names none hit them all."""
    if not watched or not hit:
        return True
    return bool({one.strip().lower() for one in watched} & {one.strip().lower() for one in hit})


def _wire(value: Any) -> Wire:
    wire: Wire = value
    return wire
