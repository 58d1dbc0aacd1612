"""Calls that are kept waiting on purpose, until a virtual moment; and what the shared clock is told of them.

With ``--speed max`` time stands still until everybody waits, so the clock must know how many calls are held here and
when the first will be let go. A held call whose caller went away is forgotten at once.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from clock import Clock, VirtualClock

POLL_SECONDS = 0.01


class Reporter(Protocol):
    """What the shared clock offers to those who take part."""

    def report(
        self, *, working: int = 0, waiting: int = 0, holding: int = 0, next_due: datetime | None = None
    ) -> bool: ...


class Holds:
    """Held calls by the moment at which they are let go."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reporter = _reporter(clock)
        self._held: dict[asyncio.Event, datetime] = {}
        self._ticker: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._held)

    async def wait(self, seconds: float, gone: asyncio.Event) -> bool:
        """Wait ``seconds`` of virtual time. False when the caller went away first (``gone`` was set)."""
        released = asyncio.Event()
        self._held[released] = self._clock.now() + timedelta(seconds=seconds)
        self.tell()
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.create_task(self._tick())
        waits = [asyncio.create_task(released.wait()), asyncio.create_task(gone.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            self._held.pop(released, None)
            self.tell()
        return not gone.is_set()

    def tell(self) -> None:
        """Report to the clock; it may jump."""
        if self._reporter is not None:
            self._reporter.report(holding=len(self._held), next_due=min(self._held.values(), default=None))

    async def _tick(self) -> None:
        while self._held:
            now = self._clock.now()
            due = [released for released, moment in self._held.items() if moment <= now]
            for released in due:
                released.set()
            await asyncio.sleep(0 if due else POLL_SECONDS)


def _reporter(clock: Clock) -> Reporter | None:
    """A virtual clock that we joined; the system's, or one opened to be read, is told nothing."""
    return clock if isinstance(clock, VirtualClock) and clock.name else None
