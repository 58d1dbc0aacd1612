"""One episode of one orchestration: its function is called once over the whole history, then both sides are compared.

Pure but for the call of the function itself, which is deterministic by contract: a record, a history and a batch of
events in; events, decisions and the new status out. The engine commits what comes out, then acts on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devhost.actions import FunctionOutput, parse_failure, parse_output
from devhost.errors import (
    CUSTOM_STATUS_LIMIT_BYTES,
    HostError,
    NonDeterminism,
    PayloadTooLarge,
    check_payload,
)
from devhost.history import Event, EventType, History, Status, compact, event, iso, parse_iso
from devhost.replay import Decision, Identity, Names, Replay

OrchestratorFunction = Callable[[str], str]


@dataclass
class Record:
    """One orchestration instance as stored. ``parent`` is {"instance", "execution", "name", "task"}."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None
    status: Status
    input: str | None
    output: str | None
    custom_status: str | None
    parent: dict[str, Any] | None
    created: str
    updated: str

    @property
    def identity(self) -> Identity:
        return Identity(self.instance_id, self.execution_id, self.parent["instance"] if self.parent else None)


@dataclass
class Outcome:
    """What an episode decided. ``events`` are to be appended, unless ``continued``: then history starts anew."""

    status: Status
    events: list[Event]
    decisions: list[Decision] = field(default_factory=list)
    output: str | None = None
    custom_status: str | None = None
    continued: bool = False
    next_input: str | None = None
    carried: list[Event] = field(default_factory=list)


def run_episode(
    record: Record, history: History, batch: list[Event], now: datetime, names: Names,
    function: Callable[[], OrchestratorFunction],
) -> Outcome:
    """``batch`` is not empty; ``function`` finds the orchestrator (and may raise UnknownFunction)."""
    started = event(EventType.ORCHESTRATOR_STARTED, _episode_time(history, batch, now))
    current = [started, *batch]
    terminated = next((e for e in batch if e["EventType"] == EventType.EXECUTION_TERMINATED), None)
    if terminated:
        return _end(history, current, Status.TERMINATED, terminated["Input"], record.custom_status)
    try:
        called = _call(function(), record, history, current)
        return _compare(record, history, current, called, names)
    except NonDeterminism as error:
        return _end(history, current, Status.FAILED, str(error), record.custom_status)
    except HostError as error:
        return _end(history, current, Status.FAILED, _failure(record.name, str(error)), record.custom_status)


def _episode_time(history: History, batch: list[Event], now: datetime) -> datetime:
    """Never before an earlier episode, nor before the timers that woke this one."""
    times = [now]
    times += [parse_iso(e["FireAt"]) for e in batch if e["EventType"] == EventType.TIMER_FIRED]
    if history.events:
        times.append(parse_iso(history.events[-1]["Timestamp"]))
    return max(times)


class _FunctionFailed(HostError):
    """The orchestrator function failed outside the SDK's protocol."""


def _call(function: OrchestratorFunction, record: Record, history: History, current: list[Event]) -> FunctionOutput:
    bodies = [json.dumps(e) for e in current]
    text = compose_trigger(record, history, bodies)
    try:
        returned = function(text)
    except Exception as error:
        failed = parse_failure(f"{type(error).__name__}: {error}")
        if failed is None:
            raise _FunctionFailed(f"{type(error).__name__}: {error}") from error
        return failed
    try:
        return parse_output(returned)
    except (ValueError, KeyError, TypeError) as error:
        raise _FunctionFailed(f"its output is not what the Durable SDK 1.x gives: {error!r}") from error


def compose_trigger(record: Record, history: History, current_bodies: list[str]) -> str:
    """The trigger string that the worker is handed."""
    head = {
        "instanceId": record.instance_id,
        "isReplaying": len(history) > 0,
        "parentInstanceId": record.parent and record.parent["instance"],
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 3,
        "longRunningTimerIntervalDuration": "3.00:00:00",
        "maximumShortTimerDuration": "6.00:00:00",
        "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
    }
    return f'{json.dumps(head)[:-1]},"input":{record.input or "null"},"history":{history.compose(current_bodies)}}}'


def _compare(
    record: Record, history: History, current: list[Event], called: FunctionOutput, names: Names
) -> Outcome:
    replay = Replay(record.identity, called.actions, names)
    replay.run(history.events)
    replay.run(current)
    _check_custom_status(called.custom_status)
    decisions = [replay.decisions[number] for number in sorted(replay.decisions)]
    at = parse_iso(current[0]["Timestamp"])
    for decision in decisions:
        check_payload(decision.input, _input_of(decision, record.name))
    events = [*current, *(_scheduling_event(decision, record, at) for decision in decisions)]
    if not replay.all_actions_done or replay.open or not (called.done or called.error):
        events.append(event(EventType.ORCHESTRATOR_COMPLETED, at))
        return Outcome(Status.RUNNING, events, decisions, custom_status=called.custom_status)
    if called.error:
        ended = _end(
            history, events, Status.FAILED, _failure(record.name, called.error), called.custom_status, replay.next_id
        )
    elif replay.continued:
        check_payload(replay.continued.input, f"the continue-as-new input of orchestrator '{record.name}'")
        return Outcome(
            Status.CONTINUED_AS_NEW, [], decisions, custom_status=called.custom_status, continued=True,
            next_input=json.dumps(replay.continued.input), carried=replay.carried,
        )
    else:
        check_payload(called.output, f"the output of orchestrator '{record.name}'")
        ended = _end(history, events, Status.COMPLETED, called.output, called.custom_status, replay.next_id)
    ended.decisions = decisions
    return ended


def _end(
    history: History, events: list[Event], status: Status, result: str | None, custom_status: str | None,
    number: int | None = None,
) -> Outcome:
    at = parse_iso(events[0]["Timestamp"])
    if number is None:
        number = 1 + max((e["EventId"] for e in history.events), default=-1)
    ended = event(
        EventType.EXECUTION_COMPLETED, at, number, OrchestrationStatus=int(status), Result=result, FailureDetails=None
    )
    closing = [ended, event(EventType.ORCHESTRATOR_COMPLETED, at)]
    return Outcome(status, [*events, *closing], output=result, custom_status=custom_status)


def _failure(name: str, error: str) -> str:
    return f"Orchestrator function '{name}' failed: {error}"


def _check_custom_status(text: str | None) -> None:
    if text is not None:
        size = len(text.encode("utf-16-le"))
        if size > CUSTOM_STATUS_LIMIT_BYTES:
            raise PayloadTooLarge("the custom status, as UTF-16,", size, CUSTOM_STATUS_LIMIT_BYTES)


def _input_of(decision: Decision, orchestrator: str) -> str:
    called = {
        EventType.TASK_SCHEDULED: f"activity '{decision.name}'",
        EventType.SUB_ORCHESTRATION_CREATED: f"sub-orchestration '{decision.name}'",
        EventType.EVENT_SENT: f"operation '{decision.name}' of entity '{decision.instance_id}'",
    }.get(decision.kind, "a timer")
    return f"the input of {called} (called by orchestrator '{orchestrator}')"


def entity_request(decision: Decision, record: Record) -> dict[str, Any]:
    """The request message that an EventSent carries and that the entity's inbox holds."""
    request: dict[str, Any] = {"op": decision.name, "id": decision.request_id}
    if decision.signal:
        request["signal"] = True
    if decision.input is not None:
        request["input"] = decision.input
    request["parent"] = record.instance_id
    request["parentExecution"] = record.execution_id
    return request


def _scheduling_event(decision: Decision, record: Record, at: datetime) -> Event:
    if decision.kind is EventType.TASK_SCHEDULED:
        return event(
            decision.kind, at, decision.id, Name=decision.name, Version=None, Input=None, Tags=None,
            ParentTraceContext=None,
        )
    if decision.kind is EventType.SUB_ORCHESTRATION_CREATED:
        return event(
            decision.kind, at, decision.id, Name=decision.name, Version=decision.version,
            InstanceId=decision.instance_id, Input=json.dumps(decision.input), ClientSpanId=None, Tags=None,
        )
    if decision.kind is EventType.TIMER_CREATED:
        assert decision.fire_at is not None
        return event(decision.kind, at, decision.id, FireAt=iso(decision.fire_at))
    return event(
        decision.kind, at, decision.id, InstanceId=decision.instance_id, Name="op",
        Input=compact(entity_request(decision, record)),
    )
