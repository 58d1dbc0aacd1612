"""What follows from an outcome: the step's next phase, wait, question or end. Pure, so that it can be read as a table.

    outcome      begin                poll                  verify
    succeeded    verify (or end)      verify (or end)       end: succeeded
    running      poll later           poll later            poll later
    retryable    begin later          poll later            verify later
    unconfirmed  end: unconfirmed     end: unconfirmed      end: unconfirmed
    failed       by policy: end failed (stop), end tolerated (continue), or ask

At the deadline a step that a dark region may leave unanswered ends ``unconfirmed``; any other is failed by its policy.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.calls import StepRun
from domain.codec import wire_size
from domain.outcomes import Outcome
from domain.polling import next_poll_seconds, retry_seconds
from domain.runbook import COMPENSATION_STAGE, Step
from domain.step_kinds import KINDS

SATISFIED = frozenset({"succeeded", "skipped", "not-needed", "tolerated"})
"""Ends of a step that let those who need it begin."""

NOT_ACCEPTED = "NotAccepted"
"""The settling time passed and Azure shows no job: the intent came to nothing, and a new one may be made."""

DEADLINE_PASSED = "DeadlinePassed"
BUG = "internal"

VERIFY_SECONDS = 300
"""What a person has done by hand is given this long to show, however late the answer came."""
OPERATION_LIMIT = 12
DECISION_LIMIT = 8
EVIDENCE_BYTES = 8_000
"""Of what a step carries over from one try to the next (rule 9)."""


@dataclass(frozen=True)
class Next:
    """What the step does now: ``end`` (with ``status``), ``wait`` (``seconds``), ``go`` (at once) or ``ask``."""

    do: str
    run: StepRun
    status: str = ""
    seconds: float = 0.0


def is_needed(step: Step, ends: dict[str, str]) -> bool:
    """False when the step's condition does not hold: its fence is not needed."""
    return step.when is None or ends.get(step.when.step) in step.when.statuses


def may_begin(step: Step, ends: dict[str, str]) -> bool | None:
    """True when everything it needs is there; False when that cannot happen any more; None: not yet."""
    for need in step.needs:
        end = ends.get(need)
        if end is None:
            return None
        covered = step.when is not None and step.when.step == need and end in step.when.statuses
        if end not in SATISFIED and not covered:
            return False
    return True if all(one in ends for one in step.after) else None


def after_outcome(run: StepRun, outcome: Outcome, now: datetime) -> Next:
    """The next move of a step that has heard ``outcome`` in its phase."""
    run = _noted(run, outcome)
    late = run.deadline is not None and now >= datetime.fromisoformat(run.deadline)
    if outcome.status == "succeeded":
        return _after_success(run)
    if outcome.status == "unconfirmed":
        return Next("end", run, "unconfirmed")
    if outcome.status == "failed":
        return _by_policy(run)
    if late:
        return _at_deadline(run, outcome)
    if outcome.status == "running":
        turn = Next("wait", replace(run, phase="poll"), seconds=_until_poll(run, outcome, now))
    else:
        turn = _retry(run, outcome)
    return replace(turn, seconds=min(turn.seconds, _left(run, now)))


def _left(run: StepRun, now: datetime) -> float:
    """Seconds until the deadline: no wait goes beyond it, so that a fence is not kept waiting by a ``Retry-After``."""
    return (datetime.fromisoformat(run.deadline) - now).total_seconds() if run.deadline else math.inf


def after_bug(run: StepRun, text: str) -> Next:
    """A bug at the step's edge must not strand a half-done failover: it is a failure that asks (rule 2)."""
    noted = replace(run, reason=f"internal error: {text[:300]}", code=BUG)
    return Next("ask", replace(noted, phase="ask"))


def after_answer(run: StepRun, answer: str, by: str, reason: str, now: datetime) -> Next:  # noqa: PLR0911 - a table
    """What a person's answer to a question about this step leads to; ``""`` stands for silence."""
    decision = {"decision": answer or "silence", "by": by[:80], "reason": reason[:200], "at": now.isoformat()}
    run = replace(run, decisions=(*run.decisions, decision)[-DECISION_LIMIT:])
    if answer == "retry":
        return Next("go", _fresh_try(run, now))
    if answer == "skip":
        return Next("end", replace(run, reason=f"skipped by {by}: {reason}"), "skipped")
    if answer == "accept-split-risk":
        return Next("end", replace(run, reason=f"{by} accepted the risk of split routes: {reason}"), "skipped")
    if answer == "done":
        if KINDS[run.step.kind].verifies:
            soonest = (now + timedelta(seconds=VERIFY_SECONDS)).isoformat()
            return Next("go", replace(run, phase="verify", deadline=max(run.deadline or soonest, soonest)))
        return Next("end", replace(run, reason=f"done by {by}"), "succeeded")
    if answer == "abort":
        return Next("end", replace(run, reason=f"aborted by {by}: {reason}"), "aborted")
    silence = run.reason or "waiting for a person"
    return Next("end", replace(run, reason=f"nobody answered in time ({silence})"), "failed")


def answers_for(run: StepRun) -> tuple[str, ...]:
    """What a person may answer to a question about this step. A fence is never just skipped: its risk is accepted."""
    own = "done" if run.phase == "person" else "retry"
    return (own, "accept-split-risk" if is_fence(run.step) else "skip", "abort")


def is_fence(step: Step) -> bool:
    """Whether a step stands for an old way being blocked; the same kinds, undoing something, do not."""
    return KINDS[step.kind].fences and step.stage != COMPENSATION_STAGE


def members_up(step: Step, ends: Mapping[str, str]) -> int:
    """How many machines of a group's gate are up; a person's skip counts as up."""
    return sum(ends.get(member) in ("succeeded", "skipped") for member in step.needs) if step.settings["members"] else 0


def group_is_up(step: Step, up: int) -> Outcome:
    """The gate behind a recovery group: as many members up as its quorum asks for."""
    members = step.settings["members"]
    expected = min(step.settings["quorum"], members)
    if up >= expected:
        return Outcome("succeeded", f"{up} of {members} are up")
    return Outcome("failed", f"{up} of {members} are up; the group needs {expected}", code="QuorumNotReached")


def run_outcome(ends: Counter[str], *, whole: bool, aborted: bool, crossed: bool, verified: bool) -> tuple[str, str]:
    """The honest end of a run, and why in a sentence (rule 7). ``whole``: every lane ended well.

    An abort that comes when everything has been done, and cannot be undone any more, changes nothing.
    """
    if aborted and not (whole and crossed):
        where = "after the point of no return: see the report for what is where" if crossed else "and undone"
        return "aborted", f"aborted {where}"
    if not whole and not crossed:
        return "aborted", "stopped before the point of no return, and undone"
    if not whole:
        return "partly_failed", f"{ends['failed']} steps failed, {ends['not-run'] + ends['aborted']} were not run"
    if not verified:
        return "partly_failed", "routing from on-premises was not verified"
    if ends["skipped"] or ends["tolerated"]:
        return (
            "completed_with_skips",
            f"{ends['skipped']} steps were skipped, {ends['tolerated']} failed and were tolerated",
        )
    return "completed", "every step reached its desired state and routing was verified"


def _noted(run: StepRun, outcome: Outcome) -> StepRun:
    """Keep what the outcome taught: the operation, its id, evidence, the reason."""
    operation = outcome.operation or run.operation
    operations = run.operations
    if outcome.operation and outcome.operation.id and outcome.operation.id not in operations:
        operations = (*operations, outcome.operation.id)[-OPERATION_LIMIT:]
    return replace(
        run,
        operation=operation,
        operations=operations,
        evidence=_small({**run.evidence, **outcome.evidence}),
        reason=outcome.reason,
        code=outcome.code,
    )


def _small(evidence: dict[str, Any]) -> dict[str, Any]:
    """Evidence that fits; what does not is left out, the largest first, and named."""
    kept = dict(evidence)
    left_out: list[str] = []
    while wire_size(kept) > EVIDENCE_BYTES:
        largest = max((name for name in kept if name != "left_out"), key=lambda name: wire_size(kept[name]))
        left_out.append(largest)
        del kept[largest]
    return {**kept, "left_out": [*kept.get("left_out", []), *left_out]} if left_out else kept


def _after_success(run: StepRun) -> Next:
    if run.phase in ("begin", "poll") and KINDS[run.step.kind].verifies:
        return Next("go", replace(run, phase="verify"))
    return Next("end", run, "succeeded")


def _by_policy(run: StepRun) -> Next:
    if run.step.on_failure == "continue":
        return Next("end", run, "tolerated")
    if run.step.on_failure == "stop":
        return Next("end", run, "failed")
    return Next("ask", replace(run, phase="ask"))


def _at_deadline(run: StepRun, outcome: Outcome) -> Next:
    text = f"not done within {run.step.timeout_seconds} s: {outcome.reason or outcome.status}"
    run = replace(run, reason=text, code=outcome.code if run.phase == "begin" and outcome.code else DEADLINE_PASSED)
    if KINDS[run.step.kind].dark_is_final:
        return Next("end", run, "unconfirmed")
    return _by_policy(run)


def _until_poll(run: StepRun, outcome: Outcome, now: datetime) -> float:
    began = outcome.operation.started_at if outcome.operation else None
    elapsed = (now - datetime.fromisoformat(began)).total_seconds() if began else 0.0
    return next_poll_seconds(
        max(elapsed, 0.0),
        run.step.expected_seconds,
        at_least=outcome.poll_after_seconds,
        concurrent=int(run.step.settings.get("concurrent", 1)),
    )


def _retry(run: StepRun, outcome: Outcome) -> Next:
    seconds = retry_seconds(run.retries, run.step.id, retry_after=outcome.retry_after_seconds)
    run = replace(run, retries=run.retries + 1)
    if run.phase == "begin" or outcome.code == NOT_ACCEPTED:
        run = replace(run, phase="begin", attempt=run.attempt + 1, intent_at=None, operation=None)
    return Next("wait", run, seconds=seconds)


def _fresh_try(run: StepRun, now: datetime) -> StepRun:
    """Begin again with a new deadline. What Azure may still work on is watched on, not begun twice.

    A new intent is made only when the last one came to nothing: not after a bug, and not when time ran out.
    """
    deadline = (now + timedelta(seconds=run.step.timeout_seconds)).isoformat()
    again = replace(run, deadline=deadline, retries=0)
    if run.code in (DEADLINE_PASSED, BUG):
        return replace(again, phase="poll" if run.operation else KINDS[run.step.kind].first_phase)
    fresh = replace(again, attempt=run.attempt + 1, intent_at=None, operation=None)
    return replace(fresh, phase=KINDS[run.step.kind].first_phase)
