"""Waiting for a person: the question is kept in the run's entity, the answer comes as an event of its own name.

Each wait has its own event name, because the SDK keeps only the last early event of a name and hands it to every later
wait (sources: Durable Functions).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import names
from domain.calls import Notice
from domain.codec import to_wire
from orchestrators.durable import Steps, control_of, now, read_event

FIRST_RECHECK = timedelta(minutes=5)
LONGEST_RECHECK = timedelta(hours=1)
"""A door wakes those who wait; looking again now and then covers a door that died before it could. Less and less often:
every look costs history."""


@dataclass(frozen=True)
class Question:
    """What is asked, by when, and what holds when nobody answers."""

    run: str
    instance: str
    event: str
    kind: str
    text: str
    options: tuple[str, ...]
    recommend: str
    until: datetime
    on_silence: str
    role: str = ""
    step: str = ""
    heeds_abort: bool = True
    heeds_resume: bool = False


@dataclass(frozen=True)
class Answer:
    """``answer`` is one of the options, ``abort`` when the run was aborted meanwhile, or ``""`` for silence."""

    answer: str
    by: str = ""
    reason: str = ""


def ask(context: Any, question: Question) -> Steps:
    """Put the question, tell people, and wait. Returns an Answer.

    Whatever wakes the wait without being one of the options (a resume, a mistaken answer) is looked at, and the wait
    goes on under a new event name.
    """
    if question.kind != "pause":
        yield from _tell(context, question)
    number = 0
    while True:
        number += 1
        event = f"{question.event}.{number}"
        flags = yield context.call_entity(control_of(question.run), "open_wait", _as_wait(question, event))
        answer = _from_flags(question, flags) or (yield from _await_answer(context, question, event))
        if answer.answer in ("", "abort", "resume", *question.options):
            yield context.call_entity(control_of(question.run), "close_wait", {"instance": question.instance})
            return answer


def _await_answer(context: Any, question: Question, event: str) -> Steps:
    waiting = context.wait_for_external_event(event)
    recheck = FIRST_RECHECK
    while True:
        moment = now(context)
        if moment >= question.until:
            return Answer("")
        timer = context.create_timer(min(question.until, moment + recheck))
        recheck = min(recheck * 1.5, LONGEST_RECHECK)
        winner = yield context.task_any([waiting, timer])
        if winner is waiting:
            timer.cancel()
            given = read_event(waiting.result)
            return Answer(
                str(given.get("answer", "")) or "wake", str(given.get("by", "")), str(given.get("reason", ""))
            )
        flags = yield context.call_entity(control_of(question.run), "check", {})
        answer = _from_flags(question, flags)
        if answer:
            return answer


def _from_flags(question: Question, flags: dict[str, Any]) -> Answer | None:
    if question.heeds_abort and flags["aborting"]:
        return Answer("abort", "the run's abort")
    if question.heeds_resume and not flags["paused"]:
        return Answer("resume")
    return None


def _tell(context: Any, question: Question) -> Steps:
    """Telling people must never stop a run: a failing notice is left behind."""
    until = question.until.isoformat()
    notice = Notice(
        question.run, "question", f"{question.text} (until {until}; silence means {question.on_silence})", until
    )
    try:
        yield context.call_activity(names.NOTIFY, to_wire(notice))
    except Exception:
        return


def _as_wait(question: Question, event: str) -> dict[str, Any]:
    wait = to_wire(question) | {"event": event}
    wait["question"] = wait.pop("text")
    wait["until"] = question.until.isoformat()
    return dict(wait)
