"""The append-only event log: what happened, when in virtual time, in the order in which it happened."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

Event = dict[str, Any]


def iso(moment: datetime) -> str:
    """A virtual moment as text: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class EventLog:
    """Events in memory and, when a file is given, one JSON object a line, flushed at once.

    Every event has ``seq``, ``at`` (ISO), ``seconds`` (virtual, since the start) and ``kind``. Listeners hear of an
    event after it was written; what they write comes after it.
    """

    def __init__(self, start: datetime, now: Callable[[], datetime], path: Path | None = None) -> None:
        self.events: list[Event] = []
        self._start = start
        self._now = now
        self._listeners: dict[str, list[Callable[[Event], None]]] = defaultdict(list)
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def on(self, kind: str, listener: Callable[[Event], None]) -> None:
        self._listeners[kind].append(listener)

    def write(self, kind: str, **fields: Any) -> Event:
        now = self._now()
        event: Event = {
            "seq": len(self.events) + 1,
            "at": iso(now),
            "seconds": round((now - self._start).total_seconds(), 3),
            "kind": kind,
            **fields,
        }
        self.events.append(event)
        if self._file is not None:
            self._file.write(json.dumps(event, separators=(",", ":")) + "\n")
            self._file.flush()
        for listener in self._listeners.get(kind, ()):
            listener(event)
        return event

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["kind"] == kind]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
