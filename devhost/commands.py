"""What the outside may ask: start, raise, terminate, suspend, resume, rewind, restart, purge, signal.

Each command is one transaction and then a word to the engine. Refusals are exceptions with the management API's
status in their name; the HTTP shape is put round them in ``management``.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from devhost.app_loader import LoadedApp
from devhost.dispatch import start_instance
from devhost.engine import Engine
from devhost.episode import Record
from devhost.errors import HostError, check_payload
from devhost.history import Event, EventType, Status, event, iso
from devhost.store import Message

MAX_INSTANCE_ID = 256
_BAD_ID = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")


class NotFound(HostError):
    """404: no such instance."""


class Gone(HostError):
    """410: the instance is finished."""


class BadArgument(HostError):
    """400: the extension's ArgumentException."""


class WrongState(HostError):
    """500: the extension's InvalidOperationException."""


class Commands:
    def __init__(self, engine: Engine, app: LoadedApp, *, override_running: bool) -> None:
        self._engine, self._app, self._override_running = engine, app, override_running
        self._store = engine.store

    # starting

    def check_start(self, name: str, instance_id: str | None, body: str | None) -> str:
        """First half of a start: the checks. Gives the instance id. Raises UnknownFunction, BadArgument, WrongState."""
        self._app.require_orchestrator(name)
        check_payload(_inner(body), f"the input of orchestrator '{name}'")
        if instance_id is None:
            return uuid.uuid4().hex
        if len(instance_id) > MAX_INSTANCE_ID or instance_id.startswith("@") or _BAD_ID.search(instance_id):
            raise BadArgument(
                f"Instance id '{instance_id}' must be at most {MAX_INSTANCE_ID} characters, must not start with '@' "
                "and must not contain '/', '\\', '#', '?' or control characters."
            )
        existing = self._store.instance(instance_id)
        if existing and not existing.status.finished and not self._override_running:
            raise WrongState(f"An Orchestration instance with the status {existing.status.wire_name} already exists.")
        return instance_id

    def write_start(self, name: str, instance_id: str, body: str | None, version: str | None = None) -> None:
        """Second half: the write. As on Azure Storage it replaces whatever is there by then."""
        with self._store.transaction():
            message = start_instance(
                self._store, instance_id=instance_id, name=self._app.require_orchestrator(name).durable_name,
                version=version, input_text=body, parent=None, now=self._engine.clock.now(),
            )
        self._engine.forget(instance_id)
        self._engine.post([message])

    def restart(self, instance_id: str, *, new_id: bool) -> str:
        record = self._store.instance(instance_id)
        if record is None:
            raise BadArgument("InstanceId does not match a valid orchestration instance.")
        chosen = self.check_start(record.name, None if new_id else instance_id, record.input)
        self.write_start(record.name, chosen, record.input, record.version)
        return chosen

    # one instance

    def get(self, instance_id: str) -> Record:
        record = self._store.instance(instance_id)
        if record is None:
            raise NotFound(f"No instance with ID '{instance_id}' found.")
        return record

    def _unfinished(self, instance_id: str) -> Record:
        record = self.get(instance_id)
        if record.status.finished:
            raise Gone(f"Instance '{instance_id}' is {record.status.wire_name}.")
        return record

    def check_raise(self, instance_id: str) -> None:
        self._unfinished(instance_id)

    def raise_event(self, instance_id: str, name: str, body: str) -> None:
        self._unfinished(instance_id)
        check_payload(_inner(body), f"the event '{name}' for instance '{instance_id}'")
        self._send(instance_id, EventType.EVENT_RAISED, Name=name, Input=body)

    def terminate(self, instance_id: str, reason: str) -> None:
        self._unfinished(instance_id)
        self._send(instance_id, EventType.EXECUTION_TERMINATED, Input=reason)

    def suspend(self, instance_id: str, reason: str) -> None:
        if self._unfinished(instance_id).status is Status.SUSPENDED:
            raise WrongState("Cannot suspend the orchestration instance because it is already suspended.")
        self._send(instance_id, EventType.EXECUTION_SUSPENDED, Reason=reason)

    def resume(self, instance_id: str, reason: str) -> None:
        record = self._unfinished(instance_id)
        if record.status is not Status.SUSPENDED:
            raise WrongState(
                f"Cannot resume the orchestration instance because it is not suspended but {record.status.wire_name}."
            )
        self._send(instance_id, EventType.EXECUTION_RESUMED, Reason=reason)

    def _send(self, instance_id: str, kind: EventType, **fields: Any) -> None:
        with self._store.transaction():
            message = self._store.add_message(instance_id, None, event(kind, self._engine.clock.now(), **fields))
        self._engine.post([message])

    def rewind(self, instance_id: str, reason: str) -> None:
        record = self.get(instance_id)
        if record.status in (Status.COMPLETED, Status.TERMINATED, Status.CANCELED):
            raise Gone(f"Instance '{instance_id}' is {record.status.wire_name}.")
        if record.status is not Status.FAILED:
            raise WrongState("The rewind operation is only supported on failed orchestration instances.")
        with self._store.transaction():
            messages = self._rewind(record, reason)
        self._engine.post(messages)

    def _rewind(self, record: Record, reason: str) -> list[Message]:
        """Undo the failures of ``record`` and of the children that failed it; wake those that failed by themselves."""
        events = [json.loads(body) for body in self._store.history(record.instance_id)]
        failed = {e["TaskScheduledId"] for e in events if e["EventType"] == EventType.TASK_FAILED}
        failed_children = {e["TaskScheduledId"] for e in events if e["EventType"] == EventType.SUB_ORCHESTRATION_FAILED}
        children = [
            child for e in events
            if e["EventType"] == EventType.SUB_ORCHESTRATION_CREATED and e["EventId"] in failed_children
            and (child := self._store.instance(e["InstanceId"])) and child.status is Status.FAILED
        ]
        self._store.replace_history(record.instance_id, [json.dumps(_rewound(e, failed, reason)) for e in events])
        now = self._engine.clock.now()
        record.status, record.output, record.updated = Status.RUNNING, None, iso(now)
        self._store.put_instance(record)
        self._engine.forget(record.instance_id)
        woken = [message for child in children for message in self._rewind(child, reason)]
        if failed or not children:
            wake_up = event(EventType.GENERIC, now, Data=reason)
            woken.append(self._store.add_message(record.instance_id, record.execution_id, wake_up))
        return woken

    def purge(self, records: list[Record]) -> int:
        """Only finished instances go; gives how many."""
        finished = [record for record in records if record.status.finished]
        with self._store.transaction():
            for record in finished:
                self._store.delete_instance(record.instance_id)
        for record in finished:
            self._engine.forget(record.instance_id)
        return len(finished)

    # entities

    def signal_entity(self, name: str, key: str, operation: str, body: str | None) -> None:
        self._app.require_entity(name)
        check_payload(_inner(body), f"the input of operation '{operation}' of entity '@{name.lower()}@{key}'")
        request = {"op": operation, "id": str(uuid.uuid4()), "signal": True, "input": body, "raw": True}
        with self._store.transaction():
            message = self._store.add_message(f"@{name.lower()}@{key}", None, request)
        self._engine.post([message])

    def entity_state(self, name: str, key: str) -> str | None:
        return self._store.entity_state(f"@{name.lower()}@{key}")


def _inner(body: str | None) -> str | None:
    """The Python client sends JSON inside a JSON string: the size that counts is the inner text's."""
    if body and body.startswith('"'):
        inner = str(json.loads(body))
        try:
            json.loads(inner)
        except ValueError:
            return body
        return inner
    return body


def _rewound(original: Event, failed: set[int], reason: str) -> Event:
    kind, number = original["EventType"], original["EventId"]
    undone = (
        kind in (EventType.TASK_FAILED, EventType.SUB_ORCHESTRATION_FAILED, EventType.EXECUTION_COMPLETED)
        or (kind == EventType.TASK_SCHEDULED and number in failed)
    )
    if not undone:
        return original
    return {"EventType": int(EventType.GENERIC), "EventId": -1, "Timestamp": original["Timestamp"], "Data": reason}
