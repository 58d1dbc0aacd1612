"""Taking part in the shared clock (rule 17) under the name ``devhost``.

``working`` is told before a burst of work and ``idle`` after it; between the two nothing needs telling. A call in
flight stays counted until the work it produced was told of, so the clock cannot jump in between.
"""

from __future__ import annotations

import time
from datetime import datetime

from clock import MAX_SPEED, Clock, VirtualClock, from_environment

POLL_SECONDS = 0.01
RETELL_SECONDS = 0.25
LONGEST_NAP_SECONDS = 0.25


class ClockLink:
    """One thread (the engine's) calls ``working`` and ``idle``; any thread may ask ``now``."""

    def __init__(self, clock: Clock | None, name: str) -> None:
        clock = clock or from_environment()
        if isinstance(clock, VirtualClock) and clock.name is None:
            clock = VirtualClock(clock.path, name)
        self._clock = clock
        self._virtual = clock if isinstance(clock, VirtualClock) and clock.speed == MAX_SPEED else None
        self._told: tuple[int, int, datetime | None] | None = None
        self._told_at = 0.0
        if isinstance(clock, VirtualClock):
            clock.join()
        self.now = clock.now

    def working(self) -> None:
        if self._virtual and (self._told is None or self._told[0] == 0):
            self._virtual.report(working=1)
            self._told = (1, 0, None)

    def idle(self, waiting: int, next_due: datetime | None) -> bool:
        """Tell that only ``waiting`` calls are under way. True when time jumped: look again before sleeping."""
        if self._virtual is None:
            return False
        told = (0, waiting, next_due)
        if told == self._told and time.monotonic() - self._told_at < RETELL_SECONDS:
            return False
        self._told, self._told_at = told, time.monotonic()
        return self._virtual.report(waiting=waiting, next_due=next_due)

    def nap_seconds(self, next_due: datetime | None) -> float:
        """How long to sleep at most when nothing is to be done before ``next_due``."""
        if next_due is None:
            return LONGEST_NAP_SECONDS
        if self._virtual:
            return POLL_SECONDS
        if isinstance(self._clock, VirtualClock):
            seconds = self._clock.wall_seconds_until(next_due)
            return LONGEST_NAP_SECONDS if seconds is None else min(seconds, LONGEST_NAP_SECONDS)
        return min(max(0.0, (next_due - self.now()).total_seconds()), LONGEST_NAP_SECONDS)

    def leave(self) -> None:
        if isinstance(self._clock, VirtualClock):
            self._clock.leave()
