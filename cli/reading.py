"""A run as the doors describe it, read into what the displays show."""

from __future__ import annotations

from typing import Any

from cli.progress import Progress, Question, moment

DOING = {
    "begin": "asking Azure", "poll": "Azure works on it", "verify": "reading it back", "person": "a person's turn",
    "ask": "asks a person",
}  # fmt: skip
"""What a step is doing, in words."""

QUIET_WAITS = frozenset({"pause", "watch"})
"""Waits that ask nobody anything."""


def read_progress(view: dict[str, Any], before: Progress | None = None) -> Progress:
    """The answer of ``GET failovers/{id}``. Ended steps accumulate over looks: the host keeps only the newest."""
    status, control = _object(view.get("status")), _object(view.get("control"))
    report = _object(view.get("report"))
    ended = dict(before.ended) if before else {}
    told = [*control.get("recent", []), *report.get("steps", [])]
    ended |= {str(one.get("step")): str(one.get("status")) for one in told}
    running = _object(control.get("running"))
    names = dict(before.names) if before else {}
    names |= {str(one["step"]): str(one["name"]) for one in told if one.get("step") and one.get("name")}
    names |= {step: str(one["name"]) for step, one in running.items() if one.get("name")}
    outcome = view.get("outcome")
    has_ended = bool(outcome) or view.get("runtimeStatus") in ("Completed", "Failed", "Terminated", "Canceled")
    return Progress(
        run=str(view["run"]),
        plan=str(view.get("plan") or ""),
        mode=str(view.get("mode") or ""),
        phase=str(next(iter(status.get("lanes") or ()), None) or status.get("phase") or ""),
        outcome=str(outcome) if outcome else ("failed without a word" if has_ended else None),
        reason=str(_object(view.get("output")).get("reason") or report.get("reason") or ""),
        percent=100.0 if has_ended and outcome == "completed" else float(status.get("percent") or 0),
        expected_end=moment(status.get("expected_end")),
        names=names,
        running={
            step: (DOING.get(str(one.get("doing")), ""), moment(one.get("since")))
            for step, one in running.items()
            if step not in ended
        },
        ended=ended,
        questions=tuple(_question(one) for one in control.get("waits", []) if one.get("kind") not in QUIET_WAITS),
        has_ended=has_ended,
    )


def _question(wait: dict[str, Any]) -> Question:
    return Question(
        instance=str(wait.get("instance")),
        kind=str(wait.get("kind")),
        text=str(wait.get("question") or ""),
        step=str(wait["step"]) if wait.get("step") else None,
        options=tuple(map(str, wait.get("options") or ())),
        recommend=wait.get("recommend"),
        until=wait.get("until"),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
