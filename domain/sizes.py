"""Nothing that crosses into a history may be large (rule 9): what is, stands beside the steps, or is told by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.codec import content_hash, wire_size
from domain.findings import Findings
from domain.lanes import Stage
from domain.runbook import STEP_BYTES, UNDO_BYTES, Step

BODY_BYTES = 4_000


def without_large_bodies(stages: list[Stage]) -> tuple[list[Stage], dict[str, Any]]:
    """Bodies of put-resource that are large stand in the runbook's documents; their steps carry the hash."""
    documents: dict[str, Any] = {}

    def slim(step: Step) -> Step:
        body = step.settings.get("body")
        if step.kind != "put-resource" or body is None or wire_size(body) <= BODY_BYTES:
            return step
        key = content_hash(body)
        documents[key] = body
        kept = {name: value for name, value in step.settings.items() if name != "body"}
        return replace(step, settings={**kept, "body_ref": key})

    slimmed = [
        replace(stage, steps=tuple(map(slim, stage.steps)), last=tuple(map(slim, stage.last))) for stage in stages
    ]
    return slimmed, documents


def check_sizes(steps: tuple[Step, ...], findings: Findings) -> None:
    """A step or its way back that is too large, or has another's id, is told before the event."""
    ids = [step.id for step in steps]
    for step in steps:
        if ids.count(step.id) > 1:
            findings.refuse(
                f"step {step.name!r}", f"the id {step.id}, which another step has", "an id of its own", "rename it"
            )
        for what, size, limit in (
            ("", wire_size(step), STEP_BYTES),
            (" (its way back)", wire_size(step.compensation), UNDO_BYTES),
        ):
            if size > limit:
                findings.refuse(
                    f"step {step.name!r}{what}",
                    f"{size} bytes of settings",
                    f"at most {limit}",
                    "fewer prefixes, policies or checks in one link or site",
                )
