"""A lane: at most 40 steps, each its own sub-orchestration, each as soon as what it needs is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain import names
from domain.calls import LaneCall, LaneResult, StepRun
from domain.codec import from_wire, to_wire
from domain.decide import may_begin, members_up
from domain.runbook import Step
from orchestrators.durable import Steps, insist, now


def lane(context: Any) -> Steps:
    """Walk a lane.

    1. Read the lane's steps from the runbook.
    2. Start every step that may begin; one that never can ends ``not-run``.
    3. Wait for any of those that run; again from 2. Where some began while others ran, a timer that is due at once
       stands beside them: the host goes on to the next wait only when something that this one began has ended, and
       steps whose needs ended together would begin one after another (sources: Durable Functions).
    4. A step that failed for good or was aborted stops new ones; those that run are waited for. Compensations go on:
       what one could not undo is no reason to leave the rest.
    """
    call = from_wire(LaneCall, context.get_input())
    answer = yield from insist(context, names.READ_LANE, _reading(call))
    steps = [from_wire(Step, one) for one in answer["steps"]]
    ends: dict[str, str] = dict(call.upstream)
    running: dict[str, Any] = {}
    while True:
        stopping = not call.compensate and any(ends.get(step.id) in ("failed", "aborted") for step in steps)
        before = len(running)
        _start(context, call, steps, ends, running, stopping)
        if not running:
            break
        waiting = list(running.values())
        if 0 < before < len(running):
            waiting.append(context.create_timer(now(context)))
        yield context.task_any(waiting)
        for step_id in [one for one, task in running.items() if task.is_completed]:
            ends[step_id] = _end_of(running.pop(step_id))
    return to_wire(_result(call, steps, ends))


def _reading(call: LaneCall) -> dict[str, Any]:
    return {"runbook_hash": call.runbook_hash, "lane": call.lane, "compensate": list(call.compensate)}


def _start(
    context: Any, call: LaneCall, steps: list[Step], ends: dict[str, str], running: dict[str, Any], stopping: bool
) -> None:
    """Start what may begin; steps that cannot are given the end ``not-run``, and those who need them as well."""
    changed = True
    while changed:
        changed = False
        for step in steps:
            if step.id in ends or step.id in running:
                continue
            ready = False if stopping else may_begin(step, ends)
            if ready:
                running[step.id] = _begin(context, call, step, ends)
            elif ready is False:
                ends[step.id] = "not-run"
                changed = True


def _begin(context: Any, call: LaneCall, step: Step, ends: dict[str, str]) -> Any:
    if step.kind == "group-up":
        # A gate refers to every machine of its group: it is told how many are up, not what became of each.
        run = StepRun(call.run, call.lineage, replace(step, needs=()), members_up=members_up(step, ends))
    else:
        upstream = {one: ends[one] for one in (*step.needs, *step.after) if one in ends}
        run = StepRun(call.run, call.lineage, step, upstream, consents=call.consents)
    return context.call_sub_orchestrator(names.STEP, to_wire(run), names.step_instance(call.run, step.id))


def _end_of(task: Any) -> str:
    """A step whose orchestration itself failed or was terminated has failed."""
    result = task.result
    return str(result["status"]) if isinstance(result, dict) and "status" in result else "failed"


def _result(call: LaneCall, steps: list[Step], ends: dict[str, str]) -> LaneResult:
    own = {step.id: ends.get(step.id, "not-run") for step in steps}
    found = set(own.values())
    ended = "aborted" if "aborted" in found else "stopped" if found & {"failed", "not-run"} else "done"
    left = tuple(step.name for step in steps if call.compensate and own[step.id] not in ("succeeded", "not-needed"))
    return LaneResult(call.lane, ended, own, left)
