"""Actions of a Site Recovery plan: a manual one becomes a step of a person, one that runs code is refused by name.

Shapes: ``startGroupActions`` and ``endGroupActions`` of a recovery plan's groups (Site Recovery REST 2025-08-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.findings import Findings
from domain.plans.reading import Plan


@dataclass(frozen=True)
class Action:
    """A manual action of the recovery plan, to be done by a person."""

    name: str
    instruction: str
    role: str


def read_actions(plan: Plan, actions: Any, findings: Findings) -> tuple[Action, ...]:
    """Manual actions become steps of a person; anything that runs code is refused by name unless it is mapped."""
    steps = []
    for action in actions or []:
        if not _runs_on_failover(action):
            continue
        name = str(action.get("actionName") or "unnamed action")
        details = action.get("customDetails") or {}
        if plan.workload.drive == "plan":
            _check_driven_action(name, details, findings)
            continue
        mapped = plan.workload.actions.get(name)
        if mapped:
            steps.append(Action(name, mapped.instruction or details.get("description") or name, mapped.person))
        elif details.get("instanceType") == "ManualActionDetails":
            steps.append(Action(name, details.get("description") or name, "incident commander"))
        else:
            kind = details.get("instanceType") or "of an unknown kind"
            findings.refuse(
                f"workload.actions.{name}",
                "nothing",
                f"a person who stands for this action of the recovery plan ({kind}), which Bridgehead does not run",
            )
    return tuple(steps)


def _check_driven_action(name: str, details: dict[str, Any], findings: Findings) -> None:
    """``drive: plan``: Site Recovery runs scripts itself; at a manual action its job would stand still."""
    if details.get("instanceType") == "ManualActionDetails":
        findings.refuse(
            "workload.drive",
            f"plan, with the manual action {name!r}",
            "no manual action in the recovery plan: Site Recovery's job would stand still until somebody completes it",
            "use drive: items",
        )
    else:
        findings.warn(
            f"Site Recovery itself runs the action {name!r} of the recovery plan; Bridgehead does not check it"
        )


def _runs_on_failover(action: dict[str, Any]) -> bool:
    """An action names the failover types and directions it is for; one that names none is for all."""
    types = action.get("failoverTypes") or ["UnplannedFailover"]
    directions = action.get("failoverDirections") or ["PrimaryToRecovery"]
    return "UnplannedFailover" in types and "PrimaryToRecovery" in directions


def refuse_outside_actions(group: dict[str, Any], findings: Findings) -> None:
    for action in [*(group.get("startGroupActions") or []), *(group.get("endGroupActions") or [])]:
        name = str(action.get("actionName") or "unnamed action")
        if _runs_on_failover(action):
            findings.refuse(
                f"workload.recoveryPlan: group {group.get('groupType')}",
                f"the action {name!r}",
                "actions only before or after a Boot group",
                "move it to a Boot group of the recovery plan",
            )
