"""What crosses between orchestrators, activities and doors: one dataclass per call, so that fields can be added.

Every value is small (32 KB is the limit of any input or output, rule 9): what is large stays in the
document store under its hash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain.outcomes import Operation
from domain.runbook import Step


@dataclass(frozen=True)
class RunRequest:
    """Input of the failover orchestrator: one run of one plan in one mode, pinned to documents by hash.

    started_by   a person's name, ``alert`` or ``schedule``
    approved_by  the person whose starting it is also its approval (HTTP, CLI, adoption); None waits for one
    automatic    the plan lets an alert fire it after its hold, unless a person stops it
    lineage      the first run of a chain of adoptions: intents are kept under it
    adopts       the run that ended badly and is taken over here
    """

    run: str
    plan: str
    mode: str
    plan_hash: str
    snapshot_hash: str
    started_by: str
    lineage: str
    reason: str = ""
    approved_by: str | None = None
    automatic: bool = False
    incident: str | None = None
    impact_started_at: str | None = None
    adopts: str | None = None
    runbook_hash: str | None = None
    consents: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompileCall:
    """Input of ``compile_runbook``."""

    run: str
    plan_hash: str
    snapshot_hash: str
    mode: str


@dataclass(frozen=True)
class LaneSummary:
    """What the failover orchestrator knows of a lane: enough to order lanes and say how long is left.

    upstream  steps of other lanes that its steps refer to; verifies  its steps that verify routing
    """

    id: str
    title: str
    stage: str
    steps: int
    needs: tuple[str, ...] = ()
    expected_seconds: int = 0
    remaining_seconds: int = 0
    upstream: tuple[str, ...] = ()
    irreversible: bool = False
    verifies: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunbookSummary:
    """Output of ``compile_runbook``: the runbook's hash and its shape.

    refusals  non-empty: it cannot run; undoes  the steps that have a compensation, in the order of the runbook
    spoiled   step -> another whose effect makes undoing it needful too; lasting  step -> what it leaves for a person
    """

    runbook_hash: str
    steps: int
    lanes: tuple[LaneSummary, ...] = ()
    claims: tuple[str, ...] = ()
    expected_seconds: int = 0
    hold_seconds: int = 0
    decide_within_seconds: int = 1800
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    undoes: tuple[str, ...] = ()
    spoiled: dict[str, str] = field(default_factory=dict)
    lasting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LaneCall:
    """Input of the lane orchestrator.

    upstream    ends of steps in earlier lanes that this one refers to
    compensate  walk the compensations of these steps, in this order, instead of a lane of the runbook
    consents    what a person has agreed to beforehand -> that person
    """

    run: str
    lineage: str
    runbook_hash: str
    lane: str
    upstream: dict[str, str] = field(default_factory=dict)
    compensate: tuple[str, ...] = ()
    consents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StepRun:
    """Input of the step orchestrator, and what it carries over when it continues as new.

    phase    begin, poll, verify, ask (a failure waits for a person) or person (the step itself is a person's)
    reason   why the last try did not do, and ``code`` its code
    members_up  of a group's gate: how many of its machines are up
    """

    run: str
    lineage: str
    step: Step
    upstream: dict[str, str] = field(default_factory=dict)
    phase: str = "begin"
    attempt: int = 1
    waits: int = 0
    retries: int = 0
    polls: int = 0
    started_at: str | None = None
    intent_at: str | None = None
    deadline: str | None = None
    operation: Operation | None = None
    operations: tuple[str, ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    split_seconds: float = 0.0
    reason: str = ""
    code: str | None = None
    consents: dict[str, str] = field(default_factory=dict)
    members_up: int = 0


@dataclass(frozen=True)
class StepCall:
    """Input of ``begin_step``, ``poll_operation`` and ``verify_step``.

    attempt    counts intents: 1 for the first; a new one only after the last intent is known to have come to nothing
    intent_at  ISO 8601 UTC, when the orchestrator checkpointed this intent; the same whenever the activity runs again
    now        the orchestrator's clock when it scheduled this call
    """

    run: str
    lineage: str
    step: Step
    attempt: int
    intent_at: str
    now: str
    operation: Operation | None = None
    upstream: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StepRecord:
    """How a step ended. The lane passes on only ``step`` and ``status``; the whole is kept as a document.

    status  succeeded | unconfirmed | failed | tolerated | skipped | not-needed | aborted
    """

    run: str
    step: str
    name: str
    kind: str
    target: str
    stage: str
    status: str
    reason: str = ""
    code: str | None = None
    started_at: str = ""
    ended_at: str = ""
    attempts: int = 1
    retries: int = 0
    polls: int = 0
    operations: tuple[str, ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    split_seconds: float = 0.0
    irreversible: bool = False


@dataclass(frozen=True)
class LaneResult:
    """Output of the lane orchestrator. ``ended`` is done, stopped or aborted.

    left  of compensations: the names of those that came to nothing
    """

    lane: str
    ended: str
    statuses: dict[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportCall:
    """Input of ``write_report``: the facts of the run that no step knows."""

    run: str
    request: RunRequest
    outcome: str
    reason: str
    started_at: str
    decided_at: str | None
    ended_at: str
    approved_by: str | None = None
    runbook_hash: str = ""
    winner: str | None = None
    decisions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class ReportSummary:
    """Output of ``write_report``."""

    path: str
    outcome: str
    achieved_rto_seconds: float | None = None


@dataclass(frozen=True)
class Match:
    """Output item of ``match_plans``: a published plan that an incident concerns."""

    plan: str
    plan_hash: str
    snapshot_hash: str
    automatic: bool = False


@dataclass(frozen=True)
class MatchCall:
    """Input of ``match_plans``: ARM region names and service display names of an incident."""

    tracking_id: str
    scope: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """Input of ``notify``: something that people must be told. ``kind``: approval, question, started, ended, alarm."""

    run: str
    kind: str
    text: str
    until: str | None = None
