"""What a compilation finds wrong: all of it, each with the plan's field, before anything is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.plans.reading import PlanError
from domain.snapshot import Document, Snapshot

HINTS = 20
"""Errors that are given the nearest name: looking for it among a thousand names a thousand times takes minutes."""


class Refused(ValueError):
    """The plan cannot be compiled against this snapshot. ``errors`` says everything that stands in the way."""

    def __init__(self, errors: list[PlanError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors

    @property
    def reasons(self) -> list[str]:
        return [str(error) for error in self.errors]


@dataclass
class Findings:
    """Errors and warnings, gathered while a plan is read against a snapshot."""

    snapshot: Snapshot
    errors: list[PlanError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, path: str, found: str, expected: str, hint: str | None = None) -> None:
        error = PlanError(path, found, expected, hint)
        if error not in self.errors:
            self.errors.append(error)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def resolve(self, path: str, resource_type: str, reference: str) -> Document | None:
        """The one document that a plan's field means; refuses, naming the nearest, when there is none or several."""
        found = self.snapshot.named(resource_type, reference)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(one["id"] for one in found)
            self.refuse(
                path, f"{reference!r}, which {len(found)} resources are called", "a full ARM id", f"one of {ids}"
            )
            return None
        close = self.snapshot.nearest(resource_type, reference) if len(self.errors) < HINTS else None
        hint = f"did you mean {close!r}?" if close else f"the snapshot has no {resource_type} like it; capture it again"
        self.refuse(
            path, f"{reference!r}, which the snapshot does not hold", f"a {resource_type} of the snapshot", hint
        )
        return None

    def check(self) -> None:
        """Raise Refused when anything was found wrong."""
        if self.errors:
            raise Refused(self.errors)
