"""A runbook as people write them: the same compiled steps, by the same activities, one after another.

Run as a process of its own in place of the host: ``sequential.py FOLDER PLAN ESTATE [--advised]`` with the simulator's
settings in the environment. There is no durable host behind it, so a kill would end it for good.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from activities.door import begin_step, poll_operation, verify_step
from cli.files import compile_for, read_plan, read_snapshot
from clock import VirtualClock
from domain.calls import StepCall, StepRun
from domain.codec import from_wire, to_wire
from domain.decide import after_outcome, group_is_up, is_needed, members_up
from domain.outcomes import Outcome
from domain.step_kinds import KINDS

ACTIVITY = {"begin": begin_step, "poll": poll_operation, "verify": verify_step}
NAP_SECONDS = 0.002


class Time:
    """The shared clock: stands still while a step works, and runs to the end of each wait."""

    def __init__(self) -> None:
        self._clock = VirtualClock(Path(os.environ["BRIDGEHEAD_CLOCK_FILE"]), "devhost")
        self._clock.join()
        self.now = self._clock.now

    def calling(self) -> None:
        self._clock.report(waiting=1)

    def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while self.now() < until:
            self._clock.report(next_due=until)
            time.sleep(NAP_SECONDS)


def walk(times: Time, run: StepRun, ends: dict[str, str]) -> str:
    """One step to its end; its status."""
    if not is_needed(run.step, run.upstream):
        return "not-needed"
    deadline = times.now() + timedelta(seconds=run.step.timeout_seconds)
    run = replace(run, phase=KINDS[run.step.kind].first_phase, deadline=deadline.isoformat())
    if run.step.kind == "group-up":
        return after_outcome(run, group_is_up(run.step, members_up(run.step, ends)), times.now()).status
    while True:
        run = run if run.intent_at else replace(run, intent_at=times.now().isoformat())
        call = StepCall(run.run, run.lineage, run.step, run.attempt, str(run.intent_at), times.now().isoformat(),
                        run.operation, run.upstream)  # fmt: skip
        times.calling()
        turn = after_outcome(run, from_wire(Outcome, ACTIVITY[run.phase](to_wire(call))), times.now())
        run = turn.run
        if turn.do == "end":
            return turn.status
        if turn.do == "ask":
            raise SystemExit(f"{run.step.name}: {run.reason}")
        if turn.do == "wait":
            times.sleep(turn.seconds)


def main(folder: Path, plan: Path, estate: Path, *, advised: bool) -> None:
    os.environ["BRIDGEHEAD_DOCUMENTS"] = str(folder / "documents")
    if advised:
        from benchmarks.host import poll_as_advised

        poll_as_advised()
    runbook = compile_for(plan, read_plan(plan), read_snapshot(estate), "failover")
    steps: dict[str, Any] = {step.id: _alone(step) for step in runbook.steps}
    order = TopologicalSorter({one: (*step.needs, *step.after) for one, step in steps.items()}).static_order()
    times, ends = Time(), dict[str, str]()
    for step_id in order:
        step = steps[step_id]
        upstream = {one: ends[one] for one in (*step.needs, *step.after)}
        ends[step_id] = walk(times, StepRun("sequential", "sequential", step, upstream), ends)
        if ends[step_id] in ("failed", "unconfirmed"):
            raise SystemExit(f"{step.name}: {ends[step_id]}")


def _alone(step: Any) -> Any:
    """Polled as an operation that runs by itself."""
    return replace(step, settings={**step.settings, "concurrent": 1}) if "concurrent" in step.settings else step


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), advised="--advised" in sys.argv)
