"""Files and words that the whole-failover tests share: Company B with changes, the command in a process of its own,
and Azure's log read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml

from simulator.company_b import company_b

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "plans" / "company-b.yaml"
ESTATE = ROOT / "estates" / "company-b.json"
START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
REGIONS = {"eastasia", "southeastasia"}
VOLATILE = {"etag", "provisioningState", "connectionStatus", "resourceGuid", "tunnelConnectionStatus", "tags",
            "ingressBytesTransferred", "egressBytesTransferred"}  # fmt: skip

Event = dict[str, Any]
View = dict[str, Any]


def plan_with(folder: Path, **changes: Any) -> Path:
    """Company B's plan with dotted paths changed: ``links.0.fence="person"``. None removes a key."""
    document = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for path, value in changes.items():
        *way, last = path.split(".")
        at: Any = document
        for part in way:
            at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    folder.mkdir(parents=True, exist_ok=True)
    path_ = folder / f"{document['name']}.yaml"
    path_.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path_


def estate_of(folder: Path, machines: int) -> Path:
    """Company B's estate with so many machines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"company-b-{machines}.json"
    path.write_text(json.dumps(company_b(machines)), encoding="utf-8")
    return path


def scenario_file(folder: Path, scenario: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump({"start": START, "seed": 7, **scenario}), encoding="utf-8")
    return path


def command(folder: Path, *arguments: str | Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """``bridgehead ARGUMENTS`` in a process of its own, in ``folder``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)], cwd=folder, env=environment, capture_output=True,
        text=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Rehearsed:
    """What one ``bridgehead rehearse --json`` left: exit code, report, Azure's log, standard error, and what Azure
    holds at the end."""

    code: int
    report: dict[str, Any]
    events: list[Event]
    said: str
    left: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str, **fields: Any) -> list[Event]:
        return [event for event in self.events if event["kind"] == kind and has(event, fields)]

    @property
    def rehearsal(self) -> dict[str, Any]:
        found: dict[str, Any] = self.report["rehearsal"]
        return found


def steady(document: dict[str, Any]) -> dict[str, Any]:
    """A document less what changes by itself."""
    if isinstance(document, dict):
        return {key: steady(value) for key, value in document.items() if key not in VOLATILE}
    return [steady(one) for one in document] if isinstance(document, list) else document


def accepted(events: list[Event], word: str) -> list[Event]:
    """Operations that Azure accepted whose action ends so."""
    return [event for event in events if event["kind"] == "operation.accepted" and event["action"].endswith(word)]


def has(event: Event, fields: dict[str, Any]) -> bool:
    """Whether an event has these fields; of a text only the end need be given."""
    return all(_fits(event.get(name), value) for name, value in fields.items())


def _fits(found: Any, wanted: Any) -> bool:
    return str(found).lower().endswith(wanted.lower()) if isinstance(wanted, str) else bool(found == wanted)
