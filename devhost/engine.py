"""The dispatcher: one thread that runs orchestrators and entities, one SQLite transaction per episode.

1. Take all messages that wait for one target.
2. Run the orchestrator (``episode``) or the entity batch (``entities``) over them, outside any transaction.
3. Commit together: history, status, consumed messages, new messages, timers and activity calls.
4. Only then act: start activities, wake the targets of the new messages.

Killed anywhere, step 3 happened or it did not; on start everything that is a row is taken up again. Nothing here
waits for the functions' pool. What the outside asks for (start, raise, terminate ...) is in ``commands``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from devhost.activities import Activities, Ending
from devhost.agenda import Agenda
from devhost.app_loader import LoadedApp
from devhost.clock_link import ClockLink
from devhost.dispatch import Dispatch, write_outcome
from devhost.entities import run_batch
from devhost.episode import Record, run_episode
from devhost.history import EventType, History, Status, compact, event, iso, parse_iso
from devhost.invocation import Invoker
from devhost.store import Message, Store, Work

log = logging.getLogger("devhost.engine")

TRIGGERS = "#triggers"
RETRY_SECONDS = 1.0


class Engine:
    def __init__(self, store: Store, app: LoadedApp, invoker: Invoker, clock: ClockLink) -> None:
        self.store, self.clock = store, clock
        self._app, self._invoker = app, invoker
        self._changed = threading.Condition()
        self._inboxes: dict[str, list[Message]] = {}
        self._ready: deque[str] = deque()
        self._ready_set: set[str] = set()
        self._held: dict[str, list[Message]] = {}
        self._histories: dict[str, tuple[str, History]] = {}
        self._agenda = Agenda()
        self._callbacks: dict[str, Callable[[datetime], None]] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self.resting = False
        self.in_flight: Callable[[], int] = lambda: 0
        self.activities: Activities

    # life

    def start(self) -> None:
        """Take up every message, timer and activity call that an earlier process left."""
        for instance_id, execution_id, timer, fire_at in self.store.timers():
            self._agenda.add(instance_id, (execution_id, timer), parse_iso(fire_at))
        for message in self.store.messages():
            self._put(message)
        self._thread.start()
        for work in self.store.work():
            self.activities.start(work)

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def wake(self) -> None:
        """Calls in flight changed: the clock may have to be told."""
        with self._changed:
            self._changed.notify()

    # inboxes

    def post(self, messages: Iterable[Message]) -> None:
        """Committed messages become runnable."""
        with self._changed:
            for message in messages:
                self._put(message)
            self._changed.notify()

    def _put(self, message: Message) -> None:
        self._inboxes.setdefault(message.target, []).append(message)
        self._make_ready(message.target)

    def _make_ready(self, target: str) -> None:
        if target not in self._ready_set:
            self._ready_set.add(target)
            self._ready.append(target)

    def _take(self, target: str) -> list[Message]:
        with self._changed:
            arrived = self._held.pop(target, []) + self._inboxes.pop(target, [])
        return sorted(arrived, key=lambda message: message.rank)

    def forget(self, target: str) -> None:
        """The instance was replaced or purged: its timers and cached history are void."""
        with self._changed:
            self._agenda.drop(target)
            self._histories.pop(target, None)

    def call_at(self, name: str, due: datetime, callback: Callable[[datetime], None]) -> None:
        """Run ``callback(due)`` on the dispatcher thread at the virtual time ``due`` (timer triggers)."""
        with self._changed:
            self._callbacks[name] = callback
            self._agenda.add(TRIGGERS, name, due)
            self._changed.notify()

    def record_activity(self, work: Work, ending: Ending) -> None:
        """The end of an activity call, on whatever thread it ran."""
        kind, fields = ending
        body = event(kind, self.clock.now(), TaskScheduledId=work.task, **fields)
        try:
            with self.store.transaction():
                if not self.store.end_work(work.id):
                    return
                message = self.store.add_message(work.instance_id, work.execution_id, body)
        except Exception:
            log.exception("the end of activity %s of %s could not be recorded", work.name, work.instance_id)
            return
        self.post([message])

    # the dispatcher

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except Exception:
                log.exception("the dispatcher stumbled; it goes on")
                time.sleep(RETRY_SECONDS)

    def _turn(self) -> None:
        self._fire_due()
        with self._changed:
            target = self._ready.popleft() if self._ready else None
            if target is not None:
                self._ready_set.discard(target)
        if target is None:
            self._rest()
            return
        self.clock.working()
        self._step(target)

    def _step(self, target: str) -> None:
        messages = self._take(target)
        if not messages:
            return
        try:
            if target.startswith("@"):
                self._run_entity(target, messages)
            else:
                self._run_orchestration(target, messages)
        except Exception:
            log.exception("an episode of %s could not be committed; it is tried again", target)
            time.sleep(RETRY_SECONDS)
            self.post(messages)

    def _fire_due(self) -> None:
        with self._changed:
            due = self._agenda.take_due(self.clock.now()) if self._agenda.next_due() else []
            callbacks = []
            for group, key, moment in due:
                if group == TRIGGERS:
                    callbacks.append((self._callbacks[str(key)], moment))
                else:
                    self._put(self._fired(group, key, moment))
        for callback, moment in callbacks:
            self.clock.working()
            callback(moment)

    def _fired(self, instance_id: str, key: Any, moment: datetime) -> Message:
        execution_id, timer = key
        body = event(EventType.TIMER_FIRED, self.clock.now(), TimerId=timer, FireAt=iso(moment))
        return Message(None, instance_id, execution_id, 2, body, timer)

    def _must_not_rest(self) -> bool:
        return bool(self._ready) or self._stopping

    def _rest(self) -> None:
        with self._changed:
            if self._must_not_rest():
                return
            waiting, next_due = self.in_flight(), self._agenda.next_due()
        if self.clock.idle(waiting, next_due):
            return
        with self._changed:
            if self._must_not_rest() or self.in_flight() != waiting or self._agenda.next_due() != next_due:
                return
            if next_due is None or self.clock.now() < next_due:
                self.resting = True
                self._changed.wait(self.clock.nap_seconds(next_due))
                self.resting = False

    # episodes

    def _run_orchestration(self, target: str, messages: list[Message]) -> None:
        record = self.store.instance(target)
        if record is None or record.status.finished:
            with self.store.transaction():
                self.store.take_messages(messages)
            return
        current = [m for m in messages if m.execution in (None, record.execution_id)]
        dropped = [m for m in messages if m not in current]
        batch, later = _cut(record.status, current)
        self._hold(target, later, runnable=bool(batch))
        history = self._history(record)
        if batch and len(history) == 0 and batch[0].body["EventType"] != EventType.EXECUTION_STARTED:
            self._hold(target, batch, runnable=False)
            batch = []
        if not batch:
            self._drop(dropped)
            return
        outcome = run_episode(
            record, history, [m.body for m in batch], self.clock.now(), self._app,
            lambda: self._invoker.orchestrator(self._app.require_orchestrator(record.name)),
        )
        if outcome.status is Status.RUNNING and batch[-1].body["EventType"] == EventType.EXECUTION_SUSPENDED:
            outcome = replace(outcome, status=Status.SUSPENDED)
        dispatch = write_outcome(self.store, record, len(history), outcome, batch + dropped, self.clock.now())
        if dispatch is None:
            return
        self._follow_up(record, history, dispatch)

    def _drop(self, messages: list[Message]) -> None:
        if messages:
            with self.store.transaction():
                self.store.take_messages(messages)

    def _history(self, record: Record) -> History:
        cached = self._histories.get(record.instance_id)
        if cached and cached[0] == record.execution_id:
            return cached[1]
        history = History.from_bodies(self.store.history(record.instance_id))
        self._histories[record.instance_id] = (record.execution_id, history)
        return history

    def _hold(self, target: str, later: list[Message], *, runnable: bool) -> None:
        """Keep messages aside until a resume or terminate arrives, or the start that is on its way."""
        if later:
            with self._changed:
                self._held[target] = later + self._held.get(target, [])
                if runnable:
                    self._make_ready(target)

    def _follow_up(self, record: Record, history: History, dispatch: Dispatch) -> None:
        with self._changed:
            if dispatch.ended:
                self._agenda.drop(record.instance_id)
                self._histories.pop(record.instance_id, None)
            elif dispatch.bodies:
                history.append(dispatch.events, dispatch.bodies)
            for replaced in dispatch.started:
                self._agenda.drop(replaced)
            for timer, fire_at in dispatch.timers:
                self._agenda.add(record.instance_id, (record.execution_id, timer), fire_at)
        self.post(dispatch.messages)
        for work in dispatch.work:
            self.activities.start(work)

    def _run_entity(self, target: str, messages: list[Message]) -> None:
        name = target.split("@")[1]
        outcome = run_batch(
            target, self.store.entity_state(target), [m.body for m in messages],
            lambda: self._invoker.entity(self._app.require_entity(name)),
        )
        now = self.clock.now()
        with self.store.transaction():
            self.store.take_messages(messages)
            self.store.put_entity(target, outcome.state, iso(now))
            answers = [
                self.store.add_message(
                    reply.parent, reply.parent_execution,
                    event(EventType.EVENT_RAISED, now, Name=reply.request_id, Input=compact(reply.body)),
                )
                for reply in outcome.replies
            ]
        self.post(answers)


def _cut(status: Status, messages: list[Message]) -> tuple[list[Message], list[Message]]:
    """(to process now, to keep). A suspended instance only moves for resume or terminate, which then come first."""
    kinds = [m.body["EventType"] for m in messages]
    if status is Status.SUSPENDED:
        wakers = [n for n, kind in enumerate(kinds) if kind in _WAKING]
        if not wakers:
            return [], messages
        messages = [messages[wakers[0]], *messages[: wakers[0]], *messages[wakers[0] + 1 :]]
        kinds = [m.body["EventType"] for m in messages]
    if EventType.EXECUTION_SUSPENDED in kinds and EventType.EXECUTION_TERMINATED not in kinds:
        end = kinds.index(EventType.EXECUTION_SUSPENDED) + 1
        return messages[:end], messages[end:]
    return messages, []


_WAKING = (EventType.EXECUTION_RESUMED, EventType.EXECUTION_TERMINATED)


