"""What people see of a run: a custom status that stays small at any size of plan, renewed while lanes run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.calls import LaneSummary
from orchestrators.durable import Steps, control_of, now, read_event

FIRST_REFRESH_SECONDS = 15.0
LONGEST_REFRESH_SECONDS = 300.0


def show(context: Any, phase: str, **facts: Any) -> None:
    """Set the custom status: ``phase`` and whatever facts are known, None left out."""
    context.set_custom_status({"phase": phase, **{name: fact for name, fact in facts.items() if fact is not None}})


def watch_lanes(context: Any, walk: Any, running: dict[str, Any]) -> Steps:
    """Wait until a lane ends, somebody wakes the run, or it is time to look; returns the run's control as read."""
    control = control_of(walk.request.run)
    flags = yield context.call_entity(control, "read", {})
    _show_walk(context, walk, running, flags)
    wait = {"run": walk.request.run, "instance": context.instance_id, "kind": "watch", "options": ["wake"]}
    walk.watches += 1
    event_name = f"watch-{walk.watches}"
    yield context.call_entity(control, "open_wait", wait | {"event": event_name})
    woken = context.wait_for_external_event(event_name)
    while not any(task.is_completed for task in running.values()):
        timer = context.create_timer(now(context) + timedelta(seconds=_refresh_seconds(context, walk)))
        winner = yield context.task_any([*running.values(), woken, timer])
        if winner is not timer:
            timer.cancel()
        flags = yield context.call_entity(control, "read", {})
        _show_walk(context, walk, running, flags)
        if winner is woken:
            read_event(woken.result)
            break
    return flags


def _show_walk(context: Any, walk: Any, running: dict[str, Any], flags: dict[str, Any]) -> None:
    total = walk.summary.steps
    phase = "aborting" if flags["aborting"] else "paused" if flags["paused"] else _stage(walk, running)
    remaining = max((lane.remaining_seconds for lane in walk.summary.lanes if lane.id in running), default=0)
    show(
        context,
        phase,
        lanes=[lane.title for lane in walk.summary.lanes if lane.id in running][:10],
        running=flags["running"],
        running_count=flags["running_count"],
        done=flags["done"],
        total=total,
        percent=min(99, round(100 * flags["done"] / total)) if total else 0,
        expected_end=(now(context) + timedelta(seconds=remaining)).isoformat(),
        questions=flags["questions"] or None,
        point_of_no_return=flags["point_of_no_return"],
    )


def _stage(walk: Any, running: dict[str, Any]) -> str:
    lane: LaneSummary | None = next((lane for lane in walk.summary.lanes if lane.id in running), None)
    return lane.stage if lane else "walking"


def _refresh_seconds(context: Any, walk: Any) -> float:
    """Often at first, then less: every look costs history."""
    age = (now(context) - datetime.fromisoformat(walk.started_at)).total_seconds()
    return min(LONGEST_REFRESH_SECONDS, max(FIRST_REFRESH_SECONDS, age * 0.1))
