"""What is due when: durable timers and trigger timers in one heap, each under a key so that it can be taken back.

The shared clock jumps to the earliest entry, so an entry of an instance that has ended must be gone at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from datetime import datetime


class Agenda:
    """Not thread-safe; the engine guards it. ``group`` is what is dropped together (an instance id)."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, str, Hashable]] = []
        self._groups: dict[str, dict[Hashable, int]] = {}
        self._counter = 0

    def add(self, group: str, key: Hashable, due: datetime) -> None:
        self._counter += 1
        self._groups.setdefault(group, {})[key] = self._counter
        heapq.heappush(self._heap, (due, self._counter, group, key))

    def drop(self, group: str) -> None:
        self._groups.pop(group, None)

    def next_due(self) -> datetime | None:
        while self._heap:
            due, counter, group, key = self._heap[0]
            if self._groups.get(group, {}).get(key) == counter:
                return due
            heapq.heappop(self._heap)
        return None

    def take_due(self, now: datetime) -> list[tuple[str, Hashable, datetime]]:
        """Entries due at ``now``, earliest first, removed."""
        taken = []
        while (due := self.next_due()) is not None and due <= now:
            _, _, group, key = heapq.heappop(self._heap)
            keys = self._groups[group]
            del keys[key]
            if not keys:
                del self._groups[group]
            taken.append((group, key, due))
        return taken
