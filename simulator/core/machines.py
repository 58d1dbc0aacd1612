"""Which virtual machine runs where, with which address. Rooms write it; on-premises and the judge read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.core import ids

if TYPE_CHECKING:
    from simulator.core.world import World


@dataclass(slots=True)
class Machine:
    """A machine by the id of its ARM document. ``started``: told to run; it is *up* only while its region is lit."""

    id: str
    name: str
    region: str
    network: str
    address: str
    started: bool
    told_up: bool = False


class Machines:
    """Machines by id; logs machine.up and machine.down, and tells listeners when any of it changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._machines: dict[str, Machine] = {}
        self._places: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._listeners: list[Callable[[str], None]] = []
        world.faults.on_region_change(self._region_changed)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """``listener(address)`` hears of every address whose machine may have come, gone, or changed."""
        self._listeners.append(listener)

    def place(self, machine_id: str, *, name: str, region: str, network: str, address: str, running: bool) -> None:
        """A machine is there (created, started, stopped, or with another address); ``network`` is a VNet's id."""
        before = self._machines.get(ids.key(machine_id))
        machine = Machine(machine_id, name, region, network, address, running, before.told_up if before else False)
        if before and machine.told_up and (before.address, before.network) != (address, network):
            self._tell(before, False)
            machine.told_up = False
        if before:
            self._places[_place(before)].discard(ids.key(machine_id))
        self._machines[ids.key(machine_id)] = machine
        self._places[_place(machine)].add(ids.key(machine_id))
        self._settle(machine)
        self._changed(*{address, before.address if before else address})

    def stop(self, machine_id: str) -> None:
        machine = self._machines.get(ids.key(machine_id))
        if machine is not None and machine.started:
            machine.started = False
            self._settle(machine)
            self._changed(machine.address)

    def remove(self, machine_id: str) -> None:
        machine = self._machines.pop(ids.key(machine_id), None)
        if machine is not None:
            self._places[_place(machine)].discard(ids.key(machine_id))
            if machine.told_up:
                self._tell(machine, False)
            self._changed(machine.address)

    def get(self, machine_id: str) -> Machine | None:
        return self._machines.get(ids.key(machine_id))

    def all(self) -> list[Machine]:
        return list(self._machines.values())

    def up(self, machine: Machine) -> bool:
        return machine.started and not self._world.faults.data_plane_is_dark(machine.region)

    def at(self, network: str, address: str) -> Machine | None:
        """The machine that is up in this network with this address."""
        for found in self._places.get((ids.key(network), address), ()):
            machine = self._machines[found]
            if self.up(machine):
                return machine
        return None

    def addresses(self) -> set[str]:
        return {machine.address for machine in self._machines.values()}

    def _region_changed(self, region: str) -> None:
        touched = [machine for machine in self._machines.values() if machine.region == region]
        for machine in touched:
            self._settle(machine)
        self._changed(*{machine.address for machine in touched})

    def _settle(self, machine: Machine) -> None:
        is_up = self.up(machine)
        if is_up != machine.told_up:
            self._tell(machine, is_up)

    def _tell(self, machine: Machine, is_up: bool) -> None:
        machine.told_up = is_up
        kind = "machine.up" if is_up else "machine.down"
        self._world.log.write(
            kind,
            vm=machine.name,
            id=machine.id,
            region=machine.region,
            address=machine.address,
            network=machine.network,
        )

    def _changed(self, *addresses: str) -> None:
        for address in sorted(addresses):
            for listener in self._listeners:
                listener(address)


def _place(machine: Machine) -> tuple[str, str]:
    return ids.key(machine.network), machine.address
