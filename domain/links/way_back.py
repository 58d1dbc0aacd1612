"""What undoing must know of a runbook: which halves another step spoils, and what no step can take back.

A half of a peering cannot be used again once its other half was taken away (sources: Peerings), whether its own step
has run or not: it is made anew before the other one. And some of what a run does nobody but a person can undo: an end
that keeps silent about it would not be honest (rule 7).
"""

from __future__ import annotations

from collections.abc import Mapping

from domain import arm_ids
from domain.runbook import Runbook, Step

MAY_BE_DONE = ("succeeded", "unconfirmed", "failed", "aborted", "skipped", "tolerated", "unknown")
"""Ends of a step that is undone: it, or a part of it, may have happened."""
HAPPENED = ("succeeded", "failed", "tolerated", "unknown")
TOLD = 12


def to_undo(undoes: tuple[str, ...], spoiled: Mapping[str, str], ends: Mapping[str, str], other: str) -> list[str]:
    """The steps to undo, the last first. ``other`` is the end of a step of which nothing is known."""

    def happened(step: str | None) -> bool:
        return step is not None and ends.get(step, other) in MAY_BE_DONE

    return [one for one in reversed(undoes) if happened(one) or happened(spoiled.get(one))]


def stays(lasting: Mapping[str, str], ends: Mapping[str, str], other: str) -> list[str]:
    """What is left for a person, as sentences."""
    return [text for step, text in lasting.items() if ends.get(step, other) in HAPPENED]


def spoiled_halves(runbook: Runbook) -> dict[str, str]:
    """Step that takes a half of a peering away -> the step that takes the other half and so spoils this one."""
    found = {step.id: (step.compensation or {}).get("spoiled_by") for step in runbook.steps}
    return {step: other for step, other in found.items() if other}


def lasting(runbook: Runbook) -> dict[str, str]:
    """Step -> what it leaves that no step takes back; of the machines' landing the first step alone."""
    found: dict[str, str] = {}
    for step in runbook.steps:
        text = None if step.compensation else _left(step)
        if text and text not in found.values() and len(found) < TOLD:
            found[step.id] = text
    return found


def _left(step: Step) -> str | None:
    site, name = step.settings.get("site"), arm_ids.name_of(step.target)
    texts = {
        "fence-by-person": f"the device at {site} blocks the old way until a person lifts the fence",
        "prepare-by-person": f"the device at {site} knows the new gateway until a person removes it",
        "prefer-by-person": f"{site} prefers the new way until a person changes that back",
        "update-item": "the machines' protected items still name the recovery network of this run",
        "update-resource": f"{name} stays as it was written: the snapshot does not tell what it was before",
    }
    if step.kind == "revoke-authorization":
        circuit = arm_ids.name_of(step.settings["circuit"])
        return (
            f"the authorization {name} of {circuit} stays revoked, and the old connection is dead: make a new one and "
            "connect with its key"
        )
    return texts.get(step.kind)
