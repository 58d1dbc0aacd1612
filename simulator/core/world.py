"""Everything that one simulated Azure knows: the object that rooms are handed with every request."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from clock import Clock
from simulator.core import ids
from simulator.core.chance import Chance, Duration
from simulator.core.documents import Document, Documents
from simulator.core.faults import Faults
from simulator.core.log import EventLog
from simulator.core.machines import Machines
from simulator.core.operations import Operations
from simulator.core.room import Room
from simulator.core.router import Router
from simulator.core.scenario import Scenario
from simulator.core.schedule import Due, Schedule
from simulator.core.secrets import Secrets
from simulator.core.throttle import Throttling


class World:
    """Documents, time, operations, faults, chance and the log of one simulated Azure.

    Not safe for threads: the server calls it from one event loop. ``advance`` first, then handle a request.
    ``endpoint`` (https://host:port) is set by the server when it knows its port. ``state`` is a place by room name for
    what a room keeps besides documents.
    """

    def __init__(
        self,
        estate: Iterable[Document],
        rooms: Sequence[Room],
        *,
        clock: Clock,
        scenario: Scenario | None = None,
        seed: int | None = None,
        log_path: Path | None = None,
    ) -> None:
        self.clock = clock
        self.scenario = scenario or Scenario()
        self.start = clock.now()
        self.endpoint = "https://127.0.0.1"
        self.state: dict[str, Any] = {}
        self._schedule = Schedule(self.start)
        self._chance = Chance(self.scenario.seed if seed is None else seed, self.scenario.durations)
        self.log = EventLog(self.start, lambda: self._schedule.now, log_path)
        self.documents = Documents()
        self.secrets = Secrets(self._chance.seed)
        self.faults = Faults(self)
        self.operations = Operations(self)
        self.machines = Machines(self)
        self.throttling = Throttling(self)
        self.casing = ids.Casing()
        self.router = Router()
        self.rooms = {room.name: room for room in rooms}
        self._furnish(rooms, estate)
        self.faults.plan(self.scenario.faults)

    def _furnish(self, rooms: Sequence[Room], estate: Iterable[Document]) -> None:
        for room in rooms:
            self.casing.add(room.types)
            self._chance.defaults(room.durations)
            for row in room.urls:
                self.router.add(row)
        for document in estate:
            self.documents.put(copy.deepcopy(document))
        for room in rooms:
            if room.begin is not None:
                room.begin(self)

    def adopt(self, document: Document) -> None:
        """A document that nobody asked this simulator for is there now, or looks like this now."""
        self.documents.put(copy.deepcopy(document))
        for room in self.rooms.values():
            if room.adopt is not None:
                room.adopt(self, self.documents.get(document["id"]) or document)

    @property
    def now(self) -> datetime:
        """The virtual moment of the request or event being handled."""
        return self._schedule.now

    @property
    def seconds(self) -> float:
        return (self.now - self.start).total_seconds()

    @property
    def seed(self) -> int:
        return self._chance.seed

    def advance(self) -> None:
        """Let everything happen that was due by the clock's now, in time order."""
        self._schedule.advance(self.clock.now())

    def next_due(self) -> datetime | None:
        return self._schedule.next_due()

    def after(self, seconds: float, action: Callable[[], None]) -> Due:
        """Run ``action`` that many virtual seconds from now; ``.cancel()`` on what comes back prevents it."""
        return self._schedule.after(seconds, action)

    def declare(self, durations: Mapping[str, Duration]) -> None:
        """Durations of actions that a room knows only once it has seen the estate."""
        self._chance.defaults(durations)

    def draw(self, action: str, resource: str = "") -> float:
        return self._chance.draw(action, resource)

    def pin(self, action: str, resource: str, seconds: Iterable[float]) -> None:
        """What the next draws for this action on this resource give, one each."""
        self._chance.pin(action, resource, seconds)

    def declares(self, action: str) -> bool:
        return self._chance.declares(action)

    def random(self, *salt: object) -> random.Random:
        return self._chance.random(*salt)

    def guid(self, *salt: object) -> str:
        """The same guid for the same salt."""
        return self._chance.guid(*salt)

    def fresh_guid(self, *salt: object) -> str:
        """Another guid at every call."""
        return self._chance.fresh_guid(*salt)

    def etag(self) -> str:
        return f'W/"{self.fresh_guid("etag")}"'

    def variant(self, name: str, default: str) -> str:
        """Which of the plausible behaviours the scenario asks for where Azure's own is unknown."""
        return self.scenario.variants.get(name, default)

    def violated(self, rule: str, detail: str) -> None:
        self.log.write("invariant.violated", rule=rule, detail=detail)
