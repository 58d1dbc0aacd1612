"""What follows from an outcome, row by row; when to poll and when to try again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calls import StepRun
from domain.decide import after_answer, after_bug, after_outcome, answers_for, is_needed, may_begin, run_outcome
from domain.outcomes import Operation, Outcome, failed, retryable, running, succeeded, unconfirmed
from domain.polling import LONGEST_QUIET_SECONDS, LONGEST_SECONDS, SHORTEST_SECONDS, next_poll_seconds, retry_seconds
from domain.runbook import COMPENSATION_STAGE, Step, When
from domain.step_kinds import KINDS, NOT_IDEMPOTENT

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
JOB = Operation("site-recovery-job", "x", job="/jobs/1", started_at=NOW.isoformat())


def a_run(kind: str = "connect-connection", phase: str = "begin", *, left: float = 600, **fields: Any) -> StepRun:
    policy = fields.pop("on_failure", "ask")
    step = Step("abcdef12", "a step", kind, "target", "stage", on_failure=policy, timeout_seconds=600)
    deadline = (NOW + timedelta(seconds=left)).isoformat()
    return StepRun("run", "run", step, phase=phase, deadline=deadline, intent_at=NOW.isoformat(), **fields)


ROWS: list[tuple[str, str, Outcome, str, str, str]] = [
    # kind, phase, outcome -> do, phase then, status
    ("connect-connection", "begin", succeeded(), "go", "verify", ""),
    ("connect-connection", "begin", running(JOB), "wait", "poll", ""),
    ("connect-connection", "begin", retryable("429", code="TooManyRequests"), "wait", "begin", ""),
    ("connect-connection", "begin", unconfirmed("dark"), "end", "begin", "unconfirmed"),
    ("connect-connection", "begin", failed("no", code="Conflict"), "ask", "ask", ""),
    ("connect-connection", "poll", succeeded(), "go", "verify", ""),
    ("connect-connection", "poll", running(JOB), "wait", "poll", ""),
    ("connect-connection", "poll", retryable("503"), "wait", "poll", ""),
    ("failover-item", "poll", retryable("no job", code="NotAccepted"), "wait", "begin", ""),
    ("connect-connection", "poll", failed("no", code="Conflict"), "ask", "ask", ""),
    ("connect-connection", "verify", succeeded(), "end", "verify", "succeeded"),
    ("connect-connection", "verify", running(JOB), "wait", "poll", ""),
    ("connect-connection", "verify", retryable("not yet", code="NotConverged"), "wait", "verify", ""),
    ("connect-connection", "verify", unconfirmed("dark"), "end", "verify", "unconfirmed"),
    ("connect-connection", "verify", failed("no", code="Conflict"), "ask", "ask", ""),
    ("group-up", "verify", succeeded(), "end", "verify", "succeeded"),
    ("disconnect-connection", "begin", succeeded(), "go", "verify", ""),
]


@pytest.mark.parametrize(("kind", "phase", "outcome", "do", "then", "status"), ROWS)
def test_each_row_of_the_table(kind: str, phase: str, outcome: Outcome, do: str, then: str, status: str) -> None:
    """The table in the module's docstring, kept."""
    turn = after_outcome(a_run(kind, phase, operation=JOB), outcome, NOW)
    assert (turn.do, turn.run.phase, turn.status) == (do, then, status)
    assert (turn.seconds > 0) == (do == "wait")


@pytest.mark.parametrize(
    ("policy", "do", "status"), [("ask", "ask", ""), ("stop", "end", "failed"), ("continue", "end", "tolerated")]
)
def test_a_failure_goes_by_the_steps_policy(policy: str, do: str, status: str) -> None:
    """Ask a person, stop, or go on and say so; the same at the deadline."""
    turn = after_outcome(a_run(on_failure=policy), failed("no", code="X"), NOW)
    assert (turn.do, turn.status) == (do, status)
    late = after_outcome(a_run(on_failure=policy, left=0), retryable("busy", code="Busy"), NOW)
    assert (late.do, late.status, "not done within 600 s" in late.run.reason) == (do, status, True)


@pytest.mark.parametrize("phase", ["begin", "poll", "verify"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_at_the_deadline_only_a_dark_region_leaves_a_step_unconfirmed(kind: str, phase: str) -> None:
    """Any other step is failed by its policy; a success that comes late is still one."""
    turn = after_outcome(a_run(kind, phase, left=0, on_failure="stop"), retryable("no answer"), NOW)
    assert turn.status == ("unconfirmed" if KINDS[kind].dark_is_final else "failed")
    assert after_outcome(a_run(kind, phase, left=-99), succeeded(), NOW).status in ("succeeded", "")


@pytest.mark.parametrize("outcome", [retryable("503", retry_after_seconds=3600), running(JOB, poll_after_seconds=3600)])
def test_no_wait_goes_beyond_the_deadline(outcome: Outcome) -> None:
    """A Retry-After of an hour does not outlast the three minutes of the plan."""
    assert after_outcome(a_run(left=100), outcome, NOW).seconds == 100


def test_a_new_intent_is_made_only_when_the_last_one_came_to_nothing() -> None:
    """A retryable begin and NotAccepted count on; a running, failing or unanswered poll does not."""
    again = after_outcome(a_run("failover-item"), retryable("429"), NOW).run
    assert (again.attempt, again.intent_at, again.operation) == (2, None, None)
    polled = after_outcome(a_run("failover-item", "poll", operation=JOB), retryable("503"), NOW).run
    assert (polled.attempt, polled.intent_at, polled.operation) == (1, NOW.isoformat(), JOB)


ANSWER_ROWS: list[tuple[str, str, str, str | None, bool, str, int]] = [
    # kind, phase, answer, code of the failure, operation known -> phase then, attempt
    ("failover-item", "ask", "retry", "BadRequest", False, "begin", 2),
    ("failover-item", "ask", "retry", "DeadlinePassed", True, "poll", 1),
    ("failover-item", "ask", "retry", "DeadlinePassed", False, "begin", 1),
    ("failover-item", "ask", "retry", "internal", False, "begin", 1),
    ("failover-item", "ask", "retry", "internal", True, "poll", 1),
    ("failover-item", "ask", "retry", "150001", True, "begin", 2),
    ("check-readiness", "ask", "retry", "NotReady", False, "verify", 2),
    ("verify-routing", "ask", "retry", "DeadlinePassed", False, "verify", 1),
    ("fence-by-person", "ask", "retry", "DeadlinePassed", False, "person", 1),
    ("fence-by-person", "person", "done", None, False, "verify", 1),
]


@pytest.mark.parametrize(("kind", "phase", "answer", "code", "known", "then", "attempt"), ANSWER_ROWS)
def test_where_an_answer_sends_the_step(
    kind: str, phase: str, answer: str, code: str | None, known: bool, then: str, attempt: int
) -> None:
    """Back to where its kind begins; watched on, if Azure may still work on it."""
    run = a_run(kind, phase, code=code, operation=JOB if known else None, left=-5)
    turn = after_answer(run, answer, "Kim", "why", NOW)
    assert (turn.do, turn.run.phase, turn.run.attempt) == ("go", then, attempt)
    assert turn.run.deadline is not None
    assert datetime.fromisoformat(turn.run.deadline) > NOW
    assert turn.run.decisions[-1] == {"decision": answer, "by": "Kim", "reason": "why", "at": NOW.isoformat()}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("skip", "skipped"),
        ("accept-split-risk", "skipped"),
        ("abort", "aborted"),
        ("", "failed"),
        ("done", "succeeded"),
    ],
)
def test_answers_that_end_a_step(answer: str, status: str) -> None:
    """Each with the person's name; silence is a failure."""
    turn = after_answer(a_run("wait-person", "person"), answer, "Kim", "why", NOW)
    assert (turn.do, turn.status) == ("end", status)
    assert "Kim" in turn.run.reason or answer == ""


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_may_be_answered(kind: str) -> None:
    """Retry or done, abort always; a fence cannot be skipped, its risk is accepted by that name."""
    asked, person = answers_for(a_run(kind, "ask")), answers_for(a_run(kind, "person"))
    assert (asked[0], person[0], asked[-1]) == ("retry", "done", "abort")
    assert ("skip" in asked) != ("accept-split-risk" in asked)
    assert ("accept-split-risk" in asked) == KINDS[kind].fences
    run = a_run(kind, "ask")
    undoing = replace(run, step=replace(run.step, stage=COMPENSATION_STAGE))
    assert "skip" in answers_for(undoing)


def test_a_bug_always_asks() -> None:
    """Whatever the policy: it must not strand a half-done failover."""
    for policy in ("ask", "stop", "continue"):
        assert after_bug(a_run(on_failure=policy), "boom").do == "ask"


def test_what_must_never_be_accepted_twice_is_one_list() -> None:
    """And each of them begins."""
    assert NOT_IDEMPOTENT == ("failover-item", "failover-plan")
    assert all(KINDS[kind].begins for kind in NOT_IDEMPOTENT)


def test_when_a_step_may_begin() -> None:
    """What it needs must have ended well; what it only comes after may have ended anyhow."""
    fence = Step("f", "f", "fence-site", "t", "s", needs=("d",), when=When("d", ("unconfirmed", "skipped")))
    assert may_begin(fence, {}) is None
    assert may_begin(fence, {"d": "unconfirmed"}) is True
    assert is_needed(fence, {"d": "unconfirmed"})
    assert may_begin(fence, {"d": "succeeded"}) is True
    assert not is_needed(fence, {"d": "succeeded"})
    assert may_begin(fence, {"d": "failed"}) is False
    plain = Step("p", "p", "connect-connection", "t", "s", needs=("d",), after=("o",))
    assert may_begin(plain, {"d": "unconfirmed", "o": "succeeded"}) is False
    assert may_begin(plain, {"d": "succeeded"}) is None
    for end in ("failed", "aborted", "not-run", "unconfirmed"):
        assert may_begin(plain, {"d": "tolerated", "o": end}) is True


@pytest.mark.parametrize(
    ("facts", "ends", "outcome"),
    [
        ({}, {}, "completed"),
        ({}, {"skipped": 1}, "completed_with_skips"),
        ({}, {"tolerated": 1}, "completed_with_skips"),
        ({"verified": False}, {}, "partly_failed"),
        ({"whole": False}, {"failed": 1}, "partly_failed"),
        ({"whole": False, "crossed": False}, {"failed": 1}, "aborted"),
        ({"whole": False, "aborted": True}, {}, "aborted"),
        ({"whole": False, "aborted": True, "crossed": False}, {}, "aborted"),
        ({"aborted": True, "crossed": False}, {}, "aborted"),
        ({"aborted": True}, {}, "completed"),
    ],
)
def test_honest_ends(facts: dict[str, bool], ends: dict[str, int], outcome: str) -> None:
    """Completed only when everything was walked, and routing verified."""
    given_facts = {"whole": True, "aborted": False, "crossed": True, "verified": True} | facts
    found, reason = run_outcome(Counter(ends), **given_facts)
    assert (found, bool(reason)) == (outcome, True)


SECONDS = st.floats(0, 20_000, allow_nan=False)


@given(SECONDS, st.integers(0, 3600), st.none() | st.floats(0, 7200), st.integers(1, 1000))
def test_polls_are_within_bounds_and_never_early(
    elapsed: float, expected: int, at_least: float | None, concurrent: int
) -> None:
    """Never before Azure said, never more often than its read budget, never rarer than it is useful."""
    wait = next_poll_seconds(elapsed, expected, at_least=at_least, concurrent=concurrent)
    assert wait >= max(SHORTEST_SECONDS, at_least or 0, concurrent / 25)
    assert wait <= max(LONGEST_QUIET_SECONDS, LONGEST_SECONDS, at_least or 0, concurrent / 10)
    assert wait == next_poll_seconds(elapsed, expected, at_least=at_least, concurrent=concurrent)


@given(st.integers(0, 10_000), st.text(max_size=8), st.none() | st.floats(0, 7200))
def test_retries_are_within_bounds_never_early_and_the_same_in_every_replay(
    retries: int, step: str, retry_after: float | None
) -> None:
    """At least what Azure asked for, a quarter of jitter at most, a minute and a quarter at the longest."""
    wait = retry_seconds(retries, step, retry_after=retry_after)
    assert wait >= (retry_after or 1.0)
    assert wait <= (75.0 if retry_after is None else max(retry_after * 1.125, 1.0))
    assert wait == retry_seconds(retries, step, retry_after=retry_after)


def test_steps_do_not_retry_in_step() -> None:
    """Forty machines that were throttled together come back apart."""
    assert len({round(retry_seconds(3, f"step{n}", retry_after=30), 1) for n in range(40)}) > 20
