"""The host's half of a replay: DurableTask.Core and the extension's shim, over the SDK's action list.

The SDK numbers tasks on its own; this numbers them again by running the action list against the same history, exactly
as the extension does in .NET. Whatever number has no event in the history yet is new work. Nothing here touches a
store, a clock or a function: history and actions in, decisions out.

1. Feed the history in order. ``OrchestratorStarted`` sets *now*.
2. At ``ExecutionStarted`` start the actions one after another, each waited for, its failure ignored.
3. A scheduling event takes away the decision of its number, which must exist with the same kind (and name).
4. A completion event completes the open task of its number; unknown numbers are ignored.
5. What is left of the decisions, in order, is new. The orchestration may end only when no task is open: activities,
   sub-orchestrations and timers that are not cancelled count; waits for events and entity calls do not.

The hazards of the real thing follow from this and are meant to: see the tests.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

from devhost.actions import Action, ActionType
from devhost.errors import InvalidActionError, NonDeterminism
from devhost.history import Event, EventType, parse_iso

_REQUEST_IDS = uuid.UUID("5b0c6d6e-50a1-5f5c-9a59-3f1d9c3a1a11")


class Names(Protocol):
    """Which functions exist; each raises UnknownFunction for a name that does not."""

    def require_activity(self, name: str) -> object: ...

    def require_orchestrator(self, name: str) -> object: ...

    def require_entity(self, name: str) -> object: ...


@dataclass(frozen=True)
class Decision:
    """New work (or work that history already knows): one numbered scheduling event."""

    id: int
    kind: EventType
    name: str = ""
    input: str | None = None
    instance_id: str | None = None
    version: str | None = None
    fire_at: datetime | None = None
    request_id: str = ""
    signal: bool = False


class Future:
    """A task of DurableTask.Core: continuations run at once, depth first, in the order they were added."""

    __slots__ = ("_continuations", "done", "failed")

    def __init__(self) -> None:
        self.done = False
        self.failed = False
        self._continuations: list[Callable[[], None]] = []

    def then(self, continuation: Callable[[], None]) -> None:
        if self.done:
            continuation()
        else:
            self._continuations.append(continuation)

    def settle(self, *, failed: bool = False) -> None:
        if self.done:
            return
        self.done, self.failed = True, failed
        continuations, self._continuations = self._continuations, []
        for continuation in continuations:
            continuation()


@dataclass
class Identity:
    """Whose replay it is."""

    instance_id: str
    execution_id: str
    parent_id: str | None = None


@dataclass
class Replay:
    """One pass over a history. Feed every event, then read ``decisions``, ``open``, ``continued`` and ``carried``."""

    identity: Identity
    actions: tuple[Action, ...]
    names: Names
    decisions: dict[int, Decision] = field(default_factory=dict)
    open: dict[int, Future] = field(default_factory=dict)
    continued: Action | None = None
    carried: list[Event] = field(default_factory=list)
    all_actions_done: bool = False
    next_id: int = 0
    _now: datetime | None = None
    _waiters: dict[str, list[Future]] = field(default_factory=dict)
    _buffer: dict[str, deque[Event]] = field(default_factory=dict)

    def run(self, history: Iterable[Event]) -> None:
        """Raises NonDeterminism, UnknownFunction or InvalidActionError: each ends the orchestration as failed."""
        for event in history:
            self.feed(event)

    def feed(self, event: Event) -> None:
        kind = event["EventType"]
        if kind == EventType.ORCHESTRATOR_STARTED:
            self._now = parse_iso(event["Timestamp"])
        elif kind == EventType.EXECUTION_STARTED:
            self._run_from(0)
        elif kind in _SCHEDULING:
            self._match(event, EventType(kind))
        elif kind in _COMPLETIONS:
            key, failed = _COMPLETIONS[kind]
            future = self.open.pop(event[key], None)
            if future:
                future.settle(failed=failed)
        elif kind == EventType.EVENT_RAISED:
            self._raise_event(event)

    def _run_from(self, index: int) -> None:
        while index < len(self.actions):
            future = self._start(self.actions[index])
            index += 1
            if not future.done:
                future.then(partial(self._run_from, index))
                return
        self.all_actions_done = True

    def _match(self, event: Event, kind: EventType) -> None:
        number = event["EventId"]
        decision = self.decisions.get(number)
        if decision is None:
            raise NonDeterminism(_mismatch(event, "the replayed orchestrator scheduled nothing with this number"))
        if decision.kind is not kind:
            raise NonDeterminism(_mismatch(event, f"the replayed orchestrator scheduled a {decision.kind.name} there"))
        if kind in _NAMED and decision.name.lower() != str(event.get("Name")).lower():
            raise NonDeterminism(_mismatch(event, f"the replayed orchestrator scheduled '{decision.name}' there"))
        del self.decisions[number]

    def _raise_event(self, event: Event) -> None:
        if self.continued is not None:
            self.carried.append(event)
            return
        name = str(event["Name"]).lower()
        waiters = self._waiters.get(name)
        if waiters:
            waiters.pop().settle()
        else:
            self._buffer.setdefault(name, deque()).append(event)

    def _start(self, action: Action) -> Future:
        return _STARTERS[action.kind](self, action)

    def _number(self) -> int:
        number = self.next_id
        self.next_id += 1
        return number

    def _call_activity(self, action: Action) -> Future:
        self.names.require_activity(action.name)
        number = self._number()
        self.decisions[number] = Decision(number, EventType.TASK_SCHEDULED, action.name, action.input)
        return self._open(number)

    def _call_sub_orchestrator(self, action: Action) -> Future:
        self.names.require_orchestrator(action.name)
        chosen = action.instance_id
        if chosen is not None:
            self._check_child_id(chosen)
        number = self._number()
        child = chosen or f"{self.identity.execution_id}:{number}"
        self.decisions[number] = Decision(
            number, EventType.SUB_ORCHESTRATION_CREATED, action.name, action.input, child, action.version
        )
        return self._open(number)

    def _check_child_id(self, chosen: str) -> None:
        if chosen.startswith("@"):
            raise InvalidActionError(f"sub-orchestration id '{chosen}' must not start with '@'")
        for taken in (self.identity.instance_id, self.identity.parent_id):
            if taken is not None and chosen.lower() == taken.lower():
                raise InvalidActionError(f"sub-orchestration id '{chosen}' is the id of its caller or its parent")

    def _create_timer(self, action: Action) -> Future:
        assert action.fire_at is not None
        return self._timer(action.fire_at, cancelled=action.cancelled)

    def _timer(self, fire_at: datetime, *, cancelled: bool = False) -> Future:
        number = self._number()
        self.decisions[number] = Decision(number, EventType.TIMER_CREATED, fire_at=fire_at)
        if not cancelled:
            return self._open(number)
        future = Future()
        future.settle(failed=True)
        return future

    def _open(self, number: int) -> Future:
        future = self.open[number] = Future()
        return future

    def _wait_for_event(self, action: Action) -> Future:
        return self._wait(action.name)

    def _wait(self, event_name: str) -> Future:
        name, future = event_name.lower(), Future()
        if self._buffer.get(name):
            self._buffer[name].popleft()
            future.settle()
        else:
            self._waiters.setdefault(name, []).append(future)
        return future

    def _call_entity(self, action: Action) -> Future:
        return self._wait(self._send_to_entity(action, signal=False).request_id)

    def _signal_entity(self, action: Action) -> Future:
        self._send_to_entity(action, signal=True)
        return _settled()

    def _send_to_entity(self, action: Action, *, signal: bool) -> Decision:
        assert action.instance_id is not None
        self.names.require_entity(action.instance_id.split("@")[1])
        number = self._number()
        request = str(uuid.uuid5(_REQUEST_IDS, f"{self.identity.execution_id}:{number}"))
        decision = self.decisions[number] = Decision(
            number, EventType.EVENT_SENT, action.name, action.input, action.instance_id, request_id=request,
            signal=signal,
        )
        return decision

    def _continue_as_new(self, action: Action) -> Future:
        self.continued = action
        return _settled()

    def _when_all(self, action: Action) -> Future:
        children = [self._start(child) for child in action.children]
        outer, left = Future(), len(children)

        def child_done() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                outer.settle(failed=any(child.failed for child in children))

        for child in children:
            child.then(child_done)
        return outer if children else _settled()

    def _when_any(self, action: Action) -> Future:
        children = [self._start(child) for child in action.children]
        outer = Future()
        for child in children:
            child.then(outer.settle)
        return outer if children else _settled()

    def _with_retry(self, action: Action) -> Future:
        of_activity = action.kind is ActionType.CALL_ACTIVITY_WITH_RETRY
        call = self._call_activity if of_activity else self._call_sub_orchestrator
        options, outer = action.retry, Future()
        assert options is not None
        assert self._now is not None
        first_attempt_at = self._now

        def attempt(number: int) -> None:
            tried = call(action)
            tried.then(lambda: judge(number, tried))

        def judge(number: int, tried: Future) -> None:
            assert self._now is not None
            if not tried.failed:
                outer.settle()
            elif number + 1 >= options.max_attempts:
                self._timer(self._now).then(lambda: outer.settle(failed=True))
            else:
                delay = options.delay(number, first_attempt_at, self._now)
                if delay:
                    self._timer(self._now + delay).then(lambda: attempt(number + 1))
                else:
                    outer.settle(failed=True)

        attempt(0)
        return outer


def _settled() -> Future:
    future = Future()
    future.settle()
    return future


def _mismatch(event: Event, found: str) -> str:
    kind = EventType(event["EventType"])
    named = f" '{event['Name']}'" if event.get("Name") else ""
    return (
        f"Non-Deterministic workflow detected: history has {kind.name}{named} with number {event['EventId']}, but "
        f"{found}. Was the orchestrator changed while the instance was running, or a timer cancelled after a retry?"
    )


_SCHEDULING = frozenset(
    {EventType.TASK_SCHEDULED, EventType.SUB_ORCHESTRATION_CREATED, EventType.TIMER_CREATED, EventType.EVENT_SENT}
)
_NAMED = frozenset({EventType.TASK_SCHEDULED, EventType.SUB_ORCHESTRATION_CREATED})
_COMPLETIONS: dict[int, tuple[str, bool]] = {
    EventType.TASK_COMPLETED: ("TaskScheduledId", False),
    EventType.TASK_FAILED: ("TaskScheduledId", True),
    EventType.SUB_ORCHESTRATION_COMPLETED: ("TaskScheduledId", False),
    EventType.SUB_ORCHESTRATION_FAILED: ("TaskScheduledId", True),
    EventType.TIMER_FIRED: ("TimerId", False),
}
_STARTERS: dict[ActionType, Callable[[Replay, Action], Future]] = {
    ActionType.CALL_ACTIVITY: Replay._call_activity,
    ActionType.CALL_ACTIVITY_WITH_RETRY: Replay._with_retry,
    ActionType.CALL_SUB_ORCHESTRATOR: Replay._call_sub_orchestrator,
    ActionType.CALL_SUB_ORCHESTRATOR_WITH_RETRY: Replay._with_retry,
    ActionType.CREATE_TIMER: Replay._create_timer,
    ActionType.WAIT_FOR_EXTERNAL_EVENT: Replay._wait_for_event,
    ActionType.CALL_ENTITY: Replay._call_entity,
    ActionType.SIGNAL_ENTITY: Replay._signal_entity,
    ActionType.CONTINUE_AS_NEW: Replay._continue_as_new,
    ActionType.WHEN_ALL: Replay._when_all,
    ActionType.WHEN_ANY: Replay._when_any,
}
