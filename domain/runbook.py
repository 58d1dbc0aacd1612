"""The runbook: plan + snapshot + mode, compiled to an immutable graph of steps with a stable hash.

Edges are of two kinds. A step that ``needs`` another starts only when that one has reached its desired state (or a
person has taken its place). A step that comes ``after`` another waits for its end, whatever it was: two writers of
one gateway take turns that way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from domain.codec import content_hash
from domain.names import Mode

FailurePolicy = Literal["stop", "continue", "ask"]

LANE_LIMIT = 40
LANE_BYTES = 26_000
"""Of a lane's steps as they cross into a history, in which nothing exceeds 32 KB (rule 9)."""
STEP_BYTES = 14_000
UNDO_BYTES = 6_500
COMPENSATION_STAGE = "compensate"
UNDO_CHUNK = 4
"""Compensations that one lane walks; each at most UNDO_BYTES."""


@dataclass(frozen=True)
class When:
    """A condition: the step is needed only if ``step`` ended with one of ``statuses``; else it ends ``not-needed``."""

    step: str
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One unit of work with one desired state.

    id                8 hex digits, stable over compilations
    kind              a key of ``domain.step_kinds.KINDS``
    target            the ARM id (or site, or group) that it is about
    settings          what its activities need, small JSON; secrets only as references
    needs, after      ids of other steps (see the module's docstring)
    timeout_seconds   the step's deadline, all retries and polls included
    expected_seconds  how long it usually takes (sources: Durations where Azure does it)
    compensation      the step that undoes it before the point of no return
    irreversible      no way back once Azure has accepted it
    lane              the lane that it walks in
    answer_seconds    how long a question about it waits for a person
    """

    id: str
    name: str
    kind: str
    target: str
    stage: str
    settings: dict[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    when: When | None = None
    timeout_seconds: int = 600
    expected_seconds: int = 10
    on_failure: FailurePolicy = "ask"
    irreversible: bool = False
    compensation: dict[str, Any] | None = None
    lane: str = ""
    answer_seconds: int = 3600


@dataclass(frozen=True)
class Lane:
    """At most LANE_LIMIT steps that one sub-orchestration walks. ``needs`` are lanes that must have ended."""

    id: str
    title: str
    steps: tuple[str, ...]
    needs: tuple[str, ...] = ()
    expected_seconds: int = 0
    remaining_seconds: int = 0


@dataclass(frozen=True)
class Runbook:
    """What a run executes. ``claims`` names every resource that the run writes to, as the lock sees it.

    documents   hash -> what steps refer to by it, because it is too large to stand in them (rule 9)
    """

    plan: str
    mode: Mode
    plan_hash: str
    snapshot_hash: str
    steps: tuple[Step, ...]
    lanes: tuple[Lane, ...]
    claims: tuple[str, ...]
    expected_seconds: int
    critical_path: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    format: int = 1

    @property
    def hash(self) -> str:
        """SHA-256 over everything that decides what the run does."""
        return content_hash(self)

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)
