"""Which recovery point an item fails over to, and what that costs in data.

Latest is Azure's own word for no id: it first processes what has arrived (Site Recovery SDK,
A2AUnplannedFailoverInput). The others are chosen from the item's list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from activities.work import Work
from azure_clients import site_recovery
from domain import arm_ids

KIND_OF = {"LatestApplicationConsistent": "app", "LatestCrashConsistent": "crash"}


@dataclass(frozen=True)
class Chosen:
    """``id`` None lets Azure take the latest. ``missing`` says why nothing could be chosen."""

    id: str | None = None
    missing: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


def choose(work: Work, wanted: str) -> Chosen:
    """The recovery point for ``wanted``. Raises CallFailed."""
    points = site_recovery.recovery_points(work.clients, work.target)
    kind = KIND_OF.get(wanted)
    fitting = [one for one in points if kind is None or kind in _kind(one)]
    if not fitting:
        if wanted == "Latest" or (wanted == "LatestProcessed" and not points):
            return Chosen(evidence={"wanted": wanted, "note": "Azure lists none; it takes the latest"})
        name = arm_ids.name_of(work.target)
        return Chosen(missing=f"{name} has no recovery point for {wanted} (it has {len(points)} others)")
    point = fitting[0]
    evidence = {"wanted": wanted, "time": _time(point), "kind": _kind_said(point)}
    if wanted == "Latest":
        return Chosen(evidence={**evidence, "note": "at least as recent as this: Azure processes what has arrived"})
    return Chosen(str(point.get("id") or "") or None, evidence=evidence)


def _time(point: dict[str, Any]) -> str | None:
    found = site_recovery.moment((point.get("properties") or {}).get("recoveryPointTime"))
    return found.isoformat() if found else None


def _kind_said(point: dict[str, Any]) -> str:
    return str((point.get("properties") or {}).get("recoveryPointType") or "")


def _kind(point: dict[str, Any]) -> str:
    return _kind_said(point).lower()
