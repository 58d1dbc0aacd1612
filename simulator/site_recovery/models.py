"""What Site Recovery keeps besides documents: its jobs, what is under way on which item, and when points froze."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.core import ids
from simulator.core.world import World
from simulator.site_recovery.bodies import ITEM_TYPE, PLAN_TYPE, is_a
from simulator.site_recovery.guesses import Guesses
from simulator.site_recovery.jobs import Jobs
from simulator.site_recovery.transitions import COMMITTED, FAILED_OVER, state_of, states
from simulator.site_recovery.wire import vault_of

Document = dict[str, Any]

ROOM = "site-recovery"


@dataclass(frozen=True)
class Item:
    """A protected item's document, read by name."""

    document: Document

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def key(self) -> str:
        return ids.key(self.id)

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def properties(self) -> Document:
        return self.document["properties"]  # type: ignore[no-any-return]

    @property
    def details(self) -> Document:
        return self.properties["providerSpecificDetails"]  # type: ignore[no-any-return]

    @property
    def vault(self) -> str:
        return vault_of(self.id)

    @property
    def fabric_id(self) -> str:
        return self.id.split("/replicationProtectionContainers/", 1)[0]

    @property
    def container_id(self) -> str:
        return self.id.split("/replicationProtectedItems/", 1)[0]

    @property
    def source_machine(self) -> str:
        """The protected machine's id; Site Recovery keeps it in lower case."""
        return str(self.details["fabricObjectId"])

    @property
    def recovery_machine(self) -> str:
        group, name = self.details["recoveryAzureResourceGroupId"], self.details["recoveryAzureVMName"]
        return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"

    @property
    def drill_machine(self) -> str:
        group = self.details["recoveryAzureResourceGroupId"]
        return f"{group}/providers/Microsoft.Compute/virtualMachines/{self.drill_name}"

    @property
    def drill_name(self) -> str:
        return str(self.details.get("tfoAzureVMName") or f"{self.details['recoveryAzureVMName']}-test")

    @property
    def recovery_region(self) -> str:
        return str(self.details["recoveryFabricLocation"])

    @property
    def source_region(self) -> str:
        return str(self.details["primaryFabricLocation"])

    @property
    def replication_group(self) -> str:
        """The name of a multi-VM consistency group that a person made; empty for a machine on its own."""
        if self.details.get("multiVmGroupCreateOption") != "UserSpecified":
            return ""
        return str(self.details.get("multiVmGroupName") or "")

    @property
    def state(self) -> str:
        return state_of(self.properties)


class SiteRecovery:
    """One simulated Azure's Site Recovery. Found from a handler with `of`."""

    def __init__(self, world: World) -> None:
        prefix = f"{ROOM}."
        said = {key[len(prefix) :]: value for key, value in world.scenario.variants.items() if key.startswith(prefix)}
        self.world = world
        self.guesses = Guesses.read(said)
        self.states = states(self.guesses)
        self.jobs = Jobs()
        self.busy: dict[str, str] = {}
        self.points_until: dict[str, datetime] = {}
        self.points_since: dict[str, datetime] = {}
        self.outages: dict[str, list[list[datetime | None]]] = {}
        world.log.on("machine.down", lambda event: self._went_down(event["id"]))
        world.log.on("machine.up", lambda event: self._came_up(event["id"]))

    def _went_down(self, machine_id: str) -> None:
        self.outages.setdefault(ids.key(machine_id), []).append([self.world.now, None])

    def _came_up(self, machine_id: str) -> None:
        outages = self.outages.get(ids.key(machine_id))
        if outages and outages[-1][1] is None:
            outages[-1][1] = self.world.now

    def set_state(self, item: Item, state: str, **more: Any) -> None:
        """Show an item in a state of the table, with whatever else changes with it."""
        item.properties.update(self.states[state])
        item.properties["allowedOperations"] = list(self.states[state]["allowedOperations"])
        item.properties.update(more)
        self.world.documents.changed(item.id)

    def failed_over_from(self, machine_id: str) -> list[Item]:
        """Items whose source this machine was and whose copy is the live one."""
        found = [Item(document) for document in self.world.documents.of_type(ITEM_TYPE)]
        return [
            item
            for item in found
            if item.state in (FAILED_OVER, COMMITTED) and ids.same(item.source_machine, machine_id)
        ]

    def plans_with(self, item: Item) -> list[tuple[Document, int]]:
        """Recovery plans that hold the item, with the number of its boot group, counted from 1."""
        found = []
        for plan in self.world.documents.of_type(PLAN_TYPE, item.vault):
            for number, members in enumerate(boot_groups(plan), start=1):
                if any(ids.same(member, item.id) for member in members):
                    found.append((plan, number))
        return found

    def item(self, item_id: str) -> Item | None:
        document = self.world.documents.get(item_id)
        return Item(document) if document and is_a(document, ITEM_TYPE) else None


def boot_groups(plan: Document) -> list[list[str]]:
    """The ids of the items of each boot group, in order."""
    return [
        [member["id"] for member in group.get("replicationProtectedItems") or []]
        for group in plan["properties"].get("groups") or []
        if group["groupType"] == "Boot"
    ]


def begin(world: World) -> None:
    """The estate is in the store: start to keep watch. Raises ValueError for a guess that there is not."""
    from simulator.site_recovery import machines, order

    world.state[ROOM] = SiteRecovery(world)
    order.watch(world)
    machines.watch(world)


def of(world: World) -> SiteRecovery:
    found: SiteRecovery = world.state[ROOM]
    return found


def moment(text: str) -> datetime:
    """An Azure time (up to seven digits of a second) as a datetime."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z?$|Z$", lambda m: (m[1] or "") + "+00:00", text))
