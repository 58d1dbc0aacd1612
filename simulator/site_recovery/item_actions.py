"""What each operation on a protected item does when it is accepted and when it ends.

``prepare`` reads the request into a `Run`, or a refusal; the same runs serve a single item and a recovery plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.core.web import Response
from simulator.core.world import World
from simulator.site_recovery import machines, recovery_points, reprotection, wire
from simulator.site_recovery.models import Document, Item, of
from simulator.site_recovery.running import Run
from simulator.site_recovery.transitions import COMMITTED, DRILLED, FAILED_OVER, PROTECTED, Refusal, Transition, take

Settings = dict[str, Any]


def settings_of(body: Any) -> Settings:
    """``properties`` of a request's body; empty for none."""
    found = body.get("properties") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def allowed(world: World, item: Item, action: str, *, by_plan: bool = False) -> Transition | Response:
    """The transition, or Site Recovery's refusal (status and codes are a guess; none was recorded)."""
    site = of(world)
    found = take(action, item.name, item.properties, site.busy.get(item.key))
    if isinstance(found, Refusal):
        return refused(world, found)
    alone = action == "unplannedFailover" and item.replication_group and not by_plan
    if alone and site.guesses.replication_group_member == "refused":
        message = (
            f"'{item.name}' is part of the replication group '{item.replication_group}' with multi-VM consistency. "
            "Its machines can only be failed over together, by a recovery plan."
        )
        return refused(world, Refusal("ReplicationGroupMemberCannotFailOverAlone", message))
    return found


def refused(world: World, why: Refusal) -> Response:
    return wire.refusal(
        int(of(world).guesses.refusal),
        why.code,
        why.reason,
        "The protected item is not in a state in which the operation can be performed.",
        "Wait for running jobs to finish, check the allowed operations of the item, and try again.",
    )


def prepare(world: World, item: Item, row: Transition, settings: Settings) -> Run | Response:
    """What ``row`` with these request properties will do to ``item``."""
    preparing = _PREPARE.get(row.action)
    if preparing is None:
        raise ValueError(f"{row.action} has no preparation")
    return preparing(world, item, row, settings)


def _failover(world: World, item: Item, row: Transition, settings: Settings) -> Run | Response:
    site = of(world)
    wanted = _provider(settings).get("recoveryPointId") or _provider(settings).get("recoveryPointType")
    point = recovery_points.choose(recovery_points.points(site, item), wanted) if wanted else None
    if point is None and wanted and "/" in wanted:
        return wire.not_found(wanted.rsplit("/", 1)[1])
    shut_down = str(settings.get("sourceSiteOperations") or "NotRequired") == "Required"
    accepted_at = world.now

    def at_end() -> Document | None:
        chosen = point or recovery_points.latest(site, item)
        error = machines.bring_up(world, item)
        if error:
            return error
        site.points_until[item.key] = world.now
        item.details["recoveryFabricObjectId"] = item.recovery_machine
        site.set_state(
            item,
            FAILED_OVER,
            lastSuccessfulFailoverTime=wire.precise(accepted_at),
            failoverRecoveryPointId=chosen.id if chosen else None,
        )
        if site.guesses.failed_over == "FailoverCompleted":
            item.properties["replicationHealth"] = "Critical"
        return None

    return Run(
        row,
        item,
        at_end,
        midway=(lambda: machines.shut_down_source(world, item)) if shut_down else None,
        skipping=frozenset() if shut_down else frozenset({"no shutdown"}),
        custom={"instanceType": "FailoverJobDetails", "protectedItemDetails": []},
    )


def _commit(world: World, item: Item, row: Transition, _: Settings) -> Run | Response:
    def at_end() -> Document | None:
        of(world).set_state(item, COMMITTED)
        return None

    return Run(row, item, at_end, custom={"instanceType": "AsrJobDetails"})


def _drill(world: World, item: Item, row: Transition, settings: Settings) -> Run | Response:
    kind, network = settings.get("networkType") or "VmNetworkAsInput", settings.get("networkId")
    if kind == "VmNetworkAsInput" and not network:
        message = "A network must be given for a test failover with network type 'VmNetworkAsInput'."
        return wire.refusal(400, "InvalidParameter", message)
    if network and network not in world.documents:
        return wire.refusal(400, "NetworkNotFound", f"The network '{network}' was not found.")
    began = world.now

    def at_end() -> Document | None:
        error = machines.bring_up_drill(world, item, network) if network else None
        if error:
            return error
        item.details["testFailoverRecoveryFabricObjectId"] = item.drill_machine
        waiting = {"scenarioName": "TestFailover", "jobId": run.job_id, "startTime": wire.precise(began)}
        of(world).set_state(item, DRILLED, currentScenario=waiting)
        return None

    name = network.rsplit("/", 1)[1] if network else None
    custom: Document = {
        "instanceType": "TestFailoverJobDetails",
        "testFailoverStatus": "Active",
        "comments": None,
        "networkName": name,
        "networkFriendlyName": name,
        "networkType": kind,
        "protectedItemDetails": [],
    }
    run = Run(row, item, at_end, custom=custom)
    return run


def _clean_up(world: World, item: Item, row: Transition, _: Settings) -> Run | Response:
    drilled_at = item.properties["currentScenario"].get("startTime")

    def at_end() -> Document | None:
        machines.take_down(world, item.drill_machine)
        item.details["testFailoverRecoveryFabricObjectId"] = None
        of(world).set_state(
            item,
            PROTECTED,
            testFailoverState="MarkedForDeletion",
            testFailoverStateDescription="Cleaning up test environment",
            lastSuccessfulTestFailoverTime=drilled_at,
            failoverHealth="Normal",
            healthErrors=[],
        )
        return None

    return Run(row, item, at_end, custom={"instanceType": "AsrJobDetails"})


def _change_point(world: World, item: Item, row: Transition, settings: Settings) -> Run | Response:
    site = of(world)
    wanted = str(settings.get("recoveryPointId") or "")
    point = recovery_points.choose(recovery_points.points(site, item), wanted) if "/" in wanted else None
    if point is None:
        return wire.not_found(wanted.rsplit("/", 1)[-1])

    def at_end() -> Document | None:
        error = machines.bring_up(world, item)
        if error is None:
            site.set_state(item, FAILED_OVER, failoverRecoveryPointId=point.id)
        return error

    return Run(
        row,
        item,
        at_end,
        midway=lambda: world.machines.stop(item.recovery_machine),
        custom={"instanceType": "AsrJobDetails"},
    )


def _provider(settings: Settings) -> Settings:
    """An item's request has an object here, a plan's an array (ARM: plan POSTs)."""
    found = settings.get("providerSpecificDetails") or {}
    if isinstance(found, list):
        found = found[0] if found else {}
    return found if isinstance(found, dict) else {}


_PREPARE: dict[str, Callable[[World, Item, Transition, Settings], Run | Response]] = {
    "unplannedFailover": _failover,
    "failoverCommit": _commit,
    "testFailover": _drill,
    "testFailoverCleanup": _clean_up,
    "applyRecoveryPoint": _change_point,
    "reProtect": reprotection.prepare,
}
