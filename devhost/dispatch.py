"""The one transaction of an episode: what an outcome writes, and what is to be done once it is written."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from devhost.episode import Outcome, Record, entity_request
from devhost.history import Event, EventType, Status, event, execution_started, iso
from devhost.replay import Decision
from devhost.store import RANK_ARRIVED, RANK_CARRIED, RANK_START, Message, Store, Work


@dataclass
class Dispatch:
    """Committed effects of one episode, for the engine to act on."""

    events: list[Event] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    timers: list[tuple[int, datetime]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    ended: bool = False


def write_outcome(
    store: Store, record: Record, history_length: int, outcome: Outcome, consumed: list[Message], now: datetime
) -> Dispatch | None:
    """None when the instance was replaced or purged while its function ran: nothing is written then."""
    dispatch = Dispatch(outcome.events, [json.dumps(e) for e in outcome.events])
    with store.transaction():
        store.take_messages(consumed)
        fresh = store.instance(record.instance_id)
        if fresh is None or fresh.execution_id != record.execution_id:
            return None
        updated = replace(
            record, status=outcome.status, output=outcome.output, custom_status=outcome.custom_status, updated=iso(now)
        )
        if outcome.continued:
            _continue_as_new(store, updated, outcome, now, dispatch)
        else:
            store.append_history(record.instance_id, history_length, dispatch.bodies)
            store.put_instance(updated)
            if outcome.status.finished:
                dispatch.ended = True
                store.forget_calls(record.instance_id)
                _tell_parent(store, updated, now, dispatch)
        for decision in outcome.decisions:
            _send(store, record, decision, now, dispatch)
    return dispatch


def start_instance(
    store: Store, *, instance_id: str, name: str, version: str | None, input_text: str | None,
    parent: dict[str, Any] | None, now: datetime,
) -> Message:
    """Write a new execution under ``instance_id``, over whatever is there. Inside the caller's transaction."""
    execution_id = uuid.uuid4().hex
    store.forget_execution(instance_id)
    at = iso(now)
    store.put_instance(
        Record(instance_id, execution_id, name, version, Status.PENDING, input_text, None, None, parent, at, at)
    )
    body = execution_started(
        now, instance_id=instance_id, execution_id=execution_id, name=name, version=version, input_text=input_text,
        parent=parent,
    )
    return store.add_message(instance_id, execution_id, body, RANK_START)


def _continue_as_new(store: Store, record: Record, outcome: Outcome, now: datetime, dispatch: Dispatch) -> None:
    execution_id = uuid.uuid4().hex
    store.forget_execution(record.instance_id)
    store.put_instance(
        replace(record, execution_id=execution_id, status=Status.RUNNING, input=outcome.next_input, output=None)
    )
    body = execution_started(
        now, instance_id=record.instance_id, execution_id=execution_id, name=record.name, version=record.version,
        input_text=outcome.next_input, parent=record.parent,
    )
    dispatch.ended = True
    dispatch.messages.append(store.add_message(record.instance_id, execution_id, body, RANK_START))
    for carried in outcome.carried:
        dispatch.messages.append(store.add_message(record.instance_id, execution_id, carried, RANK_CARRIED))


def _tell_parent(store: Store, record: Record, now: datetime, dispatch: Dispatch) -> None:
    if record.parent is None:
        return
    task = {"TaskScheduledId": record.parent["task"]}
    if record.status is Status.COMPLETED:
        body = event(EventType.SUB_ORCHESTRATION_COMPLETED, now, Result=record.output, **task)
    else:
        body = event(
            EventType.SUB_ORCHESTRATION_FAILED, now, Reason=record.output, Details="", FailureDetails=None, **task
        )
    dispatch.messages.append(
        store.add_message(record.parent["instance"], record.parent["execution"], body, RANK_ARRIVED)
    )


def _send(store: Store, record: Record, decision: Decision, now: datetime, dispatch: Dispatch) -> None:
    if decision.kind is EventType.EVENT_SENT:
        assert decision.instance_id is not None
        dispatch.messages.append(store.add_message(decision.instance_id, None, entity_request(decision, record)))
    elif dispatch.ended:
        return
    elif decision.kind is EventType.TASK_SCHEDULED:
        dispatch.work.append(
            store.add_work(record.instance_id, record.execution_id, decision.id, decision.name, decision.input)
        )
    elif decision.kind is EventType.TIMER_CREATED:
        assert decision.fire_at is not None
        store.add_timer(record.instance_id, record.execution_id, decision.id, iso(decision.fire_at))
        dispatch.timers.append((decision.id, decision.fire_at))
    else:
        _start_child(store, record, decision, now, dispatch)


def _start_child(store: Store, record: Record, decision: Decision, now: datetime, dispatch: Dispatch) -> None:
    child = decision.instance_id
    assert child is not None
    existing = store.instance(child)
    if existing is not None and not existing.status.finished:
        reason = f"An Orchestration instance with the status {existing.status.wire_name} already exists: '{child}'."
        body = event(
            EventType.SUB_ORCHESTRATION_FAILED, now, TaskScheduledId=decision.id, Reason=reason, Details="",
            FailureDetails=None,
        )
        dispatch.messages.append(store.add_message(record.instance_id, record.execution_id, body))
        return
    parent = {
        "instance": record.instance_id, "execution": record.execution_id, "name": record.name, "task": decision.id
    }
    dispatch.started.append(child)
    dispatch.messages.append(
        start_instance(
            store, instance_id=child, name=decision.name, version=decision.version,
            input_text=json.dumps(decision.input), parent=parent, now=now,
        )
    )
