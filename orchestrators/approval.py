"""Whether the run goes ahead: people decide unless the plan says otherwise (rule 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.calls import RunbookSummary, RunRequest
from orchestrators.durable import Steps, automation_switch, control_of, incident_of, iso, now
from orchestrators.progress import show
from orchestrators.questions import Answer, Question, ask


@dataclass(frozen=True)
class Decision:
    """``by`` names the person, or says that the plan's automatic rule decided."""

    go: bool = False
    by: str = ""
    by_person: bool = False
    at: str | None = None
    reason: str = ""
    aborted: bool = False
    decisions: tuple[dict[str, Any], ...] = ()


def decide_to_go(context: Any, request: RunRequest, summary: RunbookSummary) -> Steps:
    """A Decision. Started by a person: approved. Automatic: after the hold. Otherwise ask; silence means stop."""
    flags = yield context.call_entity(control_of(request.run), "check", {})
    if flags["aborting"]:
        return Decision(reason="aborted before it began", aborted=True, at=iso(context))
    if request.approved_by:
        return _approved(context, request.approved_by, "started it", person=True)
    if request.automatic:
        switch = yield context.call_entity(automation_switch(), "check", {})
        if not switch["paused"]:
            return (yield from _hold(context, request, summary))
    return (yield from _ask(context, request, summary))


def incident_is_over(context: Any, request: RunRequest) -> Steps:
    """True when the incident that started the run has ended meanwhile."""
    if not request.incident:
        return False
    known = yield context.call_entity(incident_of(request.incident), "read", {})
    return bool(known["over"])


def _hold(context: Any, request: RunRequest, summary: RunbookSummary) -> Steps:
    """The plan fires by itself, unless somebody stops it, the incident ends, or all automation is suspended."""
    text = f"{request.plan} fails over by itself after its hold: {request.reason}"
    answer = yield from _question(context, request, "hold", text, summary.hold_seconds, "it goes ahead")
    if answer.answer == "approve":
        return _approved(context, answer.by, answer.reason, person=True)
    if answer.answer in ("reject", "abort"):
        return _stopped(context, answer)
    over = yield from incident_is_over(context, request)
    if over:
        return Decision(reason="the incident was over before the hold ended", at=iso(context))
    switch = yield context.call_entity(automation_switch(), "check", {})
    if switch["paused"]:
        return (yield from _ask(context, request, summary))
    return _approved(
        context, "the plan's automatic rule", f"nobody stopped it for {summary.hold_seconds} s", person=False
    )


def _ask(context: Any, request: RunRequest, summary: RunbookSummary) -> Steps:
    text = f"Fail over {request.plan}? {request.reason}"
    answer = yield from _question(context, request, "approval", text, summary.decide_within_seconds, "it is refused")
    if answer.answer == "approve":
        return _approved(context, answer.by, answer.reason, person=True)
    if answer.answer in ("reject", "abort"):
        return _stopped(context, answer)
    return Decision(reason=f"nobody approved within {summary.decide_within_seconds} s", at=iso(context))


def _question(context: Any, request: RunRequest, kind: str, text: str, seconds: int, on_silence: str) -> Steps:
    until = now(context) + timedelta(seconds=seconds)
    show(context, kind, until=until.isoformat(), question=text)
    answer: Answer = yield from ask(
        context,
        Question(
            run=request.run,
            instance=context.instance_id,
            event=kind,
            kind=kind,
            text=text[:600],
            options=("approve", "reject"),
            recommend="approve",
            until=until,
            on_silence=on_silence,
        ),
    )
    return answer


def _approved(context: Any, by: str, reason: str, *, person: bool) -> Decision:
    entry = {"decision": "approve", "by": by, "reason": reason, "at": iso(context)}
    return Decision(True, by, person, iso(context), reason, decisions=(entry,))


def _stopped(context: Any, answer: Answer) -> Decision:
    entry = {"decision": answer.answer, "by": answer.by, "reason": answer.reason, "at": iso(context)}
    text = f"{answer.answer}ed by {answer.by}: {answer.reason}".rstrip(": ")
    return Decision(reason=text, at=iso(context), aborted=answer.answer == "abort", decisions=(entry,))
