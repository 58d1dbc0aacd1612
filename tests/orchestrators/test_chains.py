"""Chains of steps side by side in one lane: none waits for another's turn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.outcomes import retryable, succeeded


def test_steps_whose_needs_end_together_begin_together(serve: Any, kit: Any) -> None:
    """Six chains of two: the second steps take a quarter of an hour each, and all of them the same one."""
    steps = []
    for name in "abcdef":
        first = kit.step(name)
        steps += [first, kit.step(f"{name}2", needs=(first.id,), timeout_seconds=3600)]
    stage = kit.Stage(kit.runbook(kit.lane_of("one", *steps)))
    for name in "abcdef":
        stage.on("verify", f"{name}2", retryable("busy", code="Busy", retry_after_seconds=900), succeeded())
    assert serve(stage).run()["outcome"] == "completed"
    looks = [
        datetime.fromisoformat(call["now"]) for phase, one, call in stage.calls if phase == "verify" and "2" in one
    ]
    assert len(looks) == 12
    assert len(set(looks[:6])) == 1
    assert max(looks) - min(looks) < timedelta(minutes=20)
