"""Following the simulator's event log, and what it says of routes and reachability as on-premises sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class AzureLog:
    """``look()`` reads what was appended since; ``routes`` and ``reachable`` are the newest word on each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self.count = 0
        self.kills = 0
        self.routes: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.reachable: dict[tuple[str, str], dict[str, Any]] = {}
        self.operations: dict[str, dict[str, Any]] = {}

    def look(self) -> list[dict[str, Any]]:
        """New events, oldest first. A line that is being written is left for the next look."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._position)
            whole, _, _ = file.read().rpartition(b"\n")
        if not whole:
            return []
        self._position += len(whole) + 1
        events = [json.loads(line) for line in whole.splitlines()]
        for event in events:
            self._note(event)
        self.count += len(events)
        return events

    def _note(self, event: dict[str, Any]) -> None:
        match event["kind"]:
            case "routes.changed":
                self.routes[event["site"], event["prefix"]] = event["homes"]
            case "reachable.changed":
                self.reachable[event["site"], event["address"]] = event
            case "operation.accepted":
                self.operations[event["operation"]] = event
            case "process.killed":
                self.kills += 1
            case "operation.ended":
                self.operations.pop(event["operation"], None)
