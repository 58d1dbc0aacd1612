"""The player's part in the shared clock: time waits while it acts, and runs to its next look while it does not.

It looks at the run every few virtual seconds, so that a question asked at one moment is heard within LOOK_EVERY of
it, also when time jumps from wait to wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from clock import MAX_SPEED, VirtualClock

LOOK_EVERY = timedelta(seconds=5)
LOOK_WALL_SECONDS = 0.2
_NAP_SECONDS = 0.004
_RETELL_SECONDS = 0.2


class Timekeeper:
    """Joined to a clock file as ``rehearsal``; ``working`` at once, and after every ``rest``."""

    def __init__(self, path: Path) -> None:
        self._clock = VirtualClock(path, "rehearsal")
        self._clock.join()
        self._clock.report(working=1)
        self.start = self._clock.now()
        """Second 0 of the scenario; the simulator's start, once it is known."""

    @property
    def jumps(self) -> bool:
        return self._clock.speed == MAX_SPEED

    def now(self) -> datetime:
        return self._clock.now()

    def seconds(self) -> float:
        """Virtual seconds since the start."""
        return (self.now() - self.start).total_seconds()

    def moment(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)

    def rest(self, until: datetime, interrupted: Callable[[], bool], at_most: timedelta = LOOK_EVERY) -> bool:
        """Let time run until ``until``, until it is time to look again (``at_most``), or until ``interrupted``.

        True when time jumped at once, all the way: everybody was idle before and nothing fell due.
        """
        if self.jumps:
            return self._rest_jumping(min(until, self.now() + at_most), interrupted)
        wall = self._clock.wall_seconds_until(until)
        awake = time.monotonic() + min(LOOK_WALL_SECONDS, max(0.01, wall or 0.0))
        while time.monotonic() < awake and not interrupted():
            time.sleep(_NAP_SECONDS)
        return False

    def _rest_jumping(self, until: datetime, interrupted: Callable[[], bool]) -> bool:
        """At most a second of the wall: others may work on for long without time moving."""
        at_once = self._clock.report(next_due=until) and self.now() >= until
        gives_up = time.monotonic() + 1.0
        again = time.monotonic() + _RETELL_SECONDS
        while self.now() < until and time.monotonic() < gives_up and not interrupted():
            if time.monotonic() > again:
                self._clock.report(next_due=until)
                again = time.monotonic() + _RETELL_SECONDS
            time.sleep(_NAP_SECONDS)
        self._clock.report(working=1)
        return at_once

    def leave(self) -> None:
        self._clock.leave()
