"""One step: begin, poll on durable timers, verify; ask a person when it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain import names
from domain.calls import StepCall, StepRecord, StepRun
from domain.codec import from_wire, to_wire
from domain.decide import Next, after_answer, after_bug, after_outcome, answers_for, group_is_up, is_fence, is_needed
from domain.outcomes import Outcome
from domain.polling import POLLS_PER_GENERATION
from domain.step_kinds import KINDS
from orchestrators.durable import Steps, control_of, insist, iso, now, sleep
from orchestrators.questions import Answer, Question, ask

ACTIVITY_OF_PHASE = {"begin": names.BEGIN_STEP, "poll": names.POLL_OPERATION, "verify": names.VERIFY_STEP}
COMPENSATION = "compensate"


def step(context: Any) -> Steps:
    """Walk one step to its end.

    1. Not needed (the condition does not hold): end ``not-needed``.
    2. Ask the run's control whether to go on, before each begin, poll and verify. Aborted: end, unless Azure already
       works on it, which is waited out. Paused: wait before anything new begins. An irreversible step crosses the point
       of no return here, in the same entity that takes an abort.
    3. Call the phase's activity; ``domain.decide`` says what follows: go on, wait on a durable timer, ask, or end.
    4. After 50 polls continue as new, with all that is known.
    5. Keep the step's record as a document, and return ``{step, status}``.
    """
    run = _started(context, from_wire(StepRun, context.get_input()))
    if not is_needed(run.step, run.upstream):
        return (yield from _end(context, run, "not-needed"))
    while True:
        flags = yield from _may_go_on(context, run)
        if flags["aborting"] and not _waits_out(run):
            return (yield from _end(context, replace(run, reason=run.reason or "the run was aborted"), "aborted"))
        if flags["paused"] and run.phase in ("begin", "person"):
            run = yield from _pause(context, run)
            continue
        turn = yield from _turn(context, run)
        run = turn.run
        if turn.do == "end":
            return (yield from _end(context, run, turn.status))
        if turn.do == "wait":
            run = yield from _wait(context, run, turn.seconds)
            if run.polls >= POLLS_PER_GENERATION:
                context.continue_as_new(to_wire(replace(run, polls=0)))
                return None


def _started(context: Any, run: StepRun) -> StepRun:
    if run.started_at:
        return run
    deadline = now(context) + timedelta(seconds=run.step.timeout_seconds)
    phase = KINDS[run.step.kind].first_phase
    return replace(run, phase=phase, started_at=iso(context), deadline=deadline.isoformat())


def _may_go_on(context: Any, run: StepRun) -> Steps:
    if run.step.stage == COMPENSATION:
        return {"aborting": False, "paused": False}
    given = {
        "step": run.step.id,
        "name": run.step.name[:60],
        "doing": run.phase,
        "since": run.started_at,
        "now": iso(context),
        "irreversible": run.step.irreversible and run.phase == "begin",
        "begun": _may_have_begun(run),
    }
    flags = yield context.call_entity(control_of(run.run), "check", given)
    return flags


def _may_have_begun(run: StepRun) -> bool | None:
    """Whether Azure may have taken an irreversible call; None for a step that can be undone.

    A bug says nothing of what was sent before it, so it counts as begun.
    """
    if not run.step.irreversible:
        return None
    return run.operation is not None or run.phase in ("poll", "verify") or run.code == "internal"


def _waits_out(run: StepRun) -> bool:
    """What Azure has accepted cannot be taken back: it is watched to its end."""
    return KINDS[run.step.kind].begins and run.operation is not None and run.phase in ("poll", "verify")


def _turn(context: Any, run: StepRun) -> Steps:
    if run.phase == "ask":
        return (yield from _ask_what_now(context, run))
    if run.phase == "person":
        return (yield from _ask_person(context, run))
    if run.step.kind == "group-up":
        return after_outcome(run, group_is_up(run.step, run.members_up), now(context))
    if run.intent_at is None:
        run = replace(run, intent_at=iso(context))
    call = StepCall(
        run.run, run.lineage, run.step, run.attempt, str(run.intent_at), iso(context), run.operation, run.upstream
    )
    try:
        answer = yield context.call_activity(ACTIVITY_OF_PHASE[run.phase], to_wire(call))
        outcome = from_wire(Outcome, answer)
    except Exception as error:
        return after_bug(run, str(error).split("\n", 1)[0])
    return after_outcome(run, outcome, now(context))


def _wait(context: Any, run: StepRun, seconds: float) -> Steps:
    split = run.split_seconds + (seconds if run.evidence.get("split") else 0.0)
    yield from sleep(context, seconds)
    return replace(run, polls=run.polls + 1, split_seconds=split)


def _pause(context: Any, run: StepRun) -> Steps:
    text = f"paused before {run.step.name}"
    until = now(context) + timedelta(days=7)
    question = _question(context, run, "pause", text, (), until)
    yield from ask(context, replace(question, heeds_resume=True))
    deadline = now(context) + timedelta(seconds=run.step.timeout_seconds)
    return replace(run, waits=run.waits + 1, deadline=deadline.isoformat())


def _ask_what_now(context: Any, run: StepRun) -> Steps:
    """A failure that the plan wants a person to decide on."""
    agreed = run.consents.get("accept-split-risk")
    if agreed and is_fence(run.step):
        return after_answer(run, "accept-split-risk", agreed, "agreed when the run was started", now(context))
    text = f"{run.step.name} failed: {run.reason}"
    until = now(context) + timedelta(seconds=run.step.answer_seconds)
    return (yield from _decided(context, run, _question(context, run, "ask", text, answers_for(run), until)))


def _ask_person(context: Any, run: StepRun) -> Steps:
    """The step itself is a person's: something done by hand, or a fence on a device without automation."""
    agreed = run.consents.get("accept-split-risk")
    if agreed and is_fence(run.step):
        return after_answer(run, "accept-split-risk", agreed, "agreed when the run was started", now(context))
    until = datetime.fromisoformat(str(run.deadline))
    kind = "fence" if is_fence(run.step) else "wait-person"
    text = run.step.settings.get("question", run.step.name)
    return (yield from _decided(context, run, _question(context, run, kind, text, answers_for(run), until)))


def _decided(context: Any, run: StepRun, question: Question) -> Steps:
    run = replace(run, waits=run.waits + 1)
    answer: Answer = yield from ask(context, question)
    turn: Next = after_answer(run, answer.answer, answer.by, answer.reason, now(context))
    if answer.answer == "abort" and run.step.stage != COMPENSATION:
        given = {"by": answer.by, "reason": answer.reason or f"answer to: {question.text}"[:200], "at": iso(context)}
        yield context.call_entity(control_of(run.run), "abort", given)
    return turn


def _question(context: Any, run: StepRun, kind: str, text: str, options: tuple[str, ...], until: datetime) -> Question:
    return Question(
        run=run.run,
        instance=context.instance_id,
        event=f"{kind}-{run.waits + 1}",
        kind=kind,
        text=text[:600],
        options=options,
        recommend=options[0] if options else "",
        until=until,
        on_silence="the run stops here" if options else "it stays paused",
        role=run.step.settings.get("role", ""),
        step=run.step.id,
        heeds_abort=run.step.stage != COMPENSATION,
    )


def _end(context: Any, run: StepRun, status: str) -> Steps:
    step_, ended_at = run.step, iso(context)
    record = StepRecord(
        run=run.run,
        step=step_.id,
        name=step_.name,
        kind=step_.kind,
        target=step_.target,
        stage=step_.stage,
        status=status,
        reason=run.reason,
        code=run.code,
        started_at=str(run.started_at),
        ended_at=ended_at,
        attempts=run.attempt,
        retries=run.retries,
        polls=run.polls,
        operations=run.operations,
        decisions=run.decisions,
        evidence=run.evidence,
        split_seconds=run.split_seconds,
        irreversible=step_.irreversible,
    )
    try:
        yield from insist(context, names.RECORD_STEP, record)
    except Exception:
        # The record is evidence; without it the run still goes on, and the report says that it is missing.
        record = replace(record, reason=f"{record.reason} (its record could not be stored)")
    given: dict[str, Any] = {"step": step_.id, "name": step_.name[:60], "status": status, "reason": record.reason}
    given |= {"at": ended_at, "begun": _may_have_begun(run)}
    yield context.call_entity(control_of(run.run), "ended", given)
    return {"step": step_.id, "status": status}
