"""What the simulator itself watches over: groups in order, and no item failed over twice."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.core import ids
from simulator.core.log import Event
from simulator.core.world import World
from simulator.site_recovery.models import Item, SiteRecovery, boot_groups

GROUPS_IN_ORDER = "groups-in-order"
ONCE = "each-item-failed-over-once"
FAILOVER = "replicationProtectedItems/unplannedFailover"


def check_groups(site: SiteRecovery, item: Item) -> None:
    """To be called when an item is accepted for failover by itself: every earlier boot group must be up.

    Groups are those of the scenario, else those of the estate's recovery plans. A group is up when all its machines run
    in the recovery region, or as many as the scenario's ``quorum`` asks of the group (counted from 1).
    """
    for groups, number in _orders(site, item):
        for earlier, members in enumerate(groups[: number - 1], start=1):
            missing = [member for member in members if not _is_up(site, member)]
            wanted = site.world.scenario.quorum.get(earlier, len(members))
            if len(members) - len(missing) < wanted:
                names = ", ".join(ids.last(member) for member in missing)
                detail = f"{item.name} of group {number} was failed over while group {earlier} is not up: {names}"
                site.world.violated(GROUPS_IN_ORDER, detail)


def _orders(site: SiteRecovery, item: Item) -> Iterator[tuple[list[list[str]], int]]:
    """Groups as item ids, and the number of the one that the item is in."""
    named = site.world.scenario.groups
    if not named:
        yield from ((boot_groups(plan), number) for plan, number in site.plans_with(item))
        return
    folder = item.id.rsplit("/", 1)[0]
    for number, names in enumerate(named, start=1):
        if item.name.lower() in (name.lower() for name in names):
            yield [[f"{folder}/{name}" for name in group] for group in named], number


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
