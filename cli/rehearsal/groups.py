"""The recovery groups that a runbook walks, as a scenario tells them to the simulator."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from domain.arm_ids import name_of, unpacked_items
from domain.runbook import Runbook, Step


def groups_of(runbook: Runbook) -> dict[str, Any]:
    """``groups`` and ``quorum`` of a scenario; empty where Site Recovery walks its own plan."""
    moves = [step for step in runbook.steps if step.kind in ("failover-item", "failover-plan")]
    if not moves or moves[0].stage == "workload":
        return {}
    groups = [[name for step in steps for name in _items(step)] for _, steps in groupby(moves, key=_stage)]
    gates = [step.settings["quorum"] for step in runbook.steps if step.kind == "group-up"]
    return {"groups": groups, "quorum": dict(enumerate(gates, start=1))}


def _stage(step: Step) -> str:
    return step.stage


def _items(step: Step) -> list[str]:
    if step.kind == "failover-item":
        return [name_of(step.target)]
    return [name_of(one) for one in unpacked_items(step.settings["items"])]
