"""What is due when: the simulator's own future, worked off lazily in time order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(order=True, slots=True)
class Due:
    """One thing to happen. ``cancelled`` ones are passed over."""

    at: datetime
    order: int
    action: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Schedule:
    """A queue of actions on virtual time. `advance` runs all that are due, each at its own moment."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._queue: list[Due] = []
        self._order = itertools.count()

    def at(self, moment: datetime, action: Callable[[], None]) -> Due:
        due = Due(max(moment, self.now), next(self._order), action)
        heapq.heappush(self._queue, due)
        return due

    def after(self, seconds: float, action: Callable[[], None]) -> Due:
        return self.at(self.now + timedelta(seconds=seconds), action)

    def advance(self, to: datetime) -> None:
        """Run everything due up to ``to``; what actions schedule on the way runs too if it is due."""
        while self._queue and self._queue[0].at <= to:
            due = heapq.heappop(self._queue)
            if due.cancelled:
                continue
            self.now = max(self.now, due.at)
            due.action()
        self.now = max(self.now, to)

    def next_due(self) -> datetime | None:
        """The earliest pending action, for whoever wants to wait for it."""
        while self._queue and self._queue[0].cancelled:
            heapq.heappop(self._queue)
        return self._queue[0].at if self._queue else None
