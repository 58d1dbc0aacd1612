"""A run as the displays need it, and the story that the differences between two looks tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

GOOD, BAD, PLAIN, NOTABLE = "green", "bold red", "", "bold yellow"
STATUS_STYLES = {
    "succeeded": GOOD, "not-needed": "dim", "unconfirmed": NOTABLE, "skipped": NOTABLE, "tolerated": NOTABLE,
    "failed": BAD, "aborted": BAD,
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """Something worth a line: when (virtual), what, and how it is set."""

    at: datetime
    text: str
    style: str = PLAIN


@dataclass(frozen=True)
class Question:
    """An answer that a run waits for. ``kind`` is approval, fence, ask or wait-person."""

    instance: str
    kind: str
    text: str
    step: str | None = None
    options: tuple[str, ...] = ()
    recommend: str | None = None
    until: str | None = None


@dataclass
class Progress:
    """A run as it was at the last look. ``running`` is step id -> (doing, since), ``ended`` step id -> status."""

    run: str
    plan: str = ""
    mode: str = ""
    phase: str = ""
    outcome: str | None = None
    reason: str = ""
    percent: float = 0.0
    expected_end: datetime | None = None
    names: dict[str, str] = field(default_factory=dict)
    running: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    has_ended: bool = False


def moment(text: Any) -> datetime | None:
    """An ISO time as the doors write it; None for none."""
    if not isinstance(text, str) or not text:
        return None
    return datetime.fromisoformat(text)


def differences(before: Progress, after: Progress, at: datetime) -> list[Happening]:
    """What happened between two looks at the same run."""
    names = after.names
    new = [step for step in after.running if step not in before.running and step not in before.ended]
    told = [Happening(at, f"{names.get(step, step)} begins") for step in new]
    for step, status in after.ended.items():
        if before.ended.get(step) != status:
            told.append(Happening(at, f"{names.get(step, step)}: {status}", STATUS_STYLES.get(status, PLAIN)))
    asked = {question.instance for question in before.questions}
    told += [Happening(at, question.text, NOTABLE) for question in after.questions if question.instance not in asked]
    if after.phase and after.phase != before.phase:
        told.insert(0, Happening(at, f"phase: {after.phase}", "bold"))
    if after.outcome and after.outcome != before.outcome:
        style = GOOD if after.outcome == "completed" else BAD
        told.append(
            Happening(at, f"the run ended: {after.outcome}" + (f" ({after.reason})" if after.reason else ""), style)
        )
    return told
