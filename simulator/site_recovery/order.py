"""What the simulator itself watches over: groups in order, and no item failed over twice."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.log import Event
from simulator.core.world import World
from simulator.site_recovery.models import Item, SiteRecovery, boot_groups

GROUPS_IN_ORDER = "groups-in-order"
ONCE = "each-item-failed-over-once"
FAILOVER = "replicationProtectedItems/unplannedFailover"


def check_groups(site: SiteRecovery, item: Item) -> None:
    """To be called when an item is accepted for failover by itself: every earlier boot group must be up.

    A group is up when all its machines run in the recovery region, or as many as the scenario's ``quorum`` asks of the
    group (counted from 1).
    """
    for plan, number in site.plans_with(item):
        for earlier, members in enumerate(boot_groups(plan)[: number - 1], start=1):
            missing = [member for member in members if not _is_up(site, member)]
            wanted = site.world.scenario.quorum.get(earlier, len(members))
            if len(members) - len(missing) < wanted:
                names = ", ".join(ids.last(member) for member in missing)
                detail = f"{item.name} of group {number} was failed over while group {earlier} is not up: {names}"
                site.world.violated(GROUPS_IN_ORDER, detail)


def _is_up(site: SiteRecovery, item_id: str) -> bool:
    item = site.item(item_id)
    if item is None:
        return True
    machine = site.world.machines.get(item.recovery_machine)
    return machine is not None and site.world.machines.up(machine)


def watch(world: World) -> None:
    """Listen to the log: a second accepted failover of an item whose first one did not fail is a violation, however
    it came to be accepted."""
    standing: dict[str, str] = {}

    def accepted(event: Event) -> None:
        if event["action"] != FAILOVER:
            return
        key = ids.key(event["resource"])
        if key in standing:
            world.violated(ONCE, f"{event['resource']} was accepted for failover again")
        standing[key] = event["operation"]

    def ended(event: Event) -> None:
        key = ids.key(event["resource"])
        if event["action"] == FAILOVER and event["status"] != "Succeeded" and standing.get(key) == event["operation"]:
            del standing[key]

    def deleted(event: Event) -> None:
        standing.pop(ids.key(event["resource"]), None)

    world.log.on("operation.accepted", accepted)
    world.log.on("operation.ended", ended)
    world.log.on("resource.deleted", deleted)
