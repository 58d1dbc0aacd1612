"""The embedded host with our orchestrators and entities, over a scripted stage, and a person at its doors."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
from scripted_stage import Stage, request

from clock import VirtualClock
from devhost import Host
from devhost.client_binding import binding_text
from devhost.episode import Record
from devhost.history import Status
from domain import names
from domain.calls import RunRequest
from domain.codec import to_wire

APP = """
import azure.durable_functions as df
from entities import ENTITIES
from orchestrators import ORCHESTRATORS
import bridgehead_test_stage as stage

app = df.DFApp()
for name, orchestrator in ORCHESTRATORS.items():
    app.function_name(name)(app.orchestration_trigger("context", name)(orchestrator))
for name, entity in ENTITIES.items():
    app.function_name(name)(app.entity_trigger("context", name)(entity))


def _activity(name):
    def activity(call: dict):
        return stage.current.act(name, call)
    activity.__name__ = name
    return activity


for name in stage.ACTIVITIES:
    app.function_name(name)(app.activity_trigger("call", name)(_activity(name)))
"""


class Served:
    """The embedded host with our orchestrators, and a person at its doors."""

    def __init__(self, host: Host, time_line: VirtualClock, stage: Stage) -> None:
        self.host, self.time_line, self.stage = host, time_line, stage
        self.client = df.DurableOrchestrationClient(binding_text(host.url, "TestHubName", host.keys.system))
        self.person = VirtualClock(time_line.path, "person")
        self.person.join()
        self.person.report(working=0)
        self._held = 0
        self._lock = threading.Lock()
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run_work, daemon=True)
        self._thread.start()

    def ask(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.host._loop.loop).result(20)

    def start(self, request: RunRequest) -> str:
        return str(self.ask(self.client.start_new(names.FAILOVER, request.run, to_wire(request))))

    def start_unless_known(self, wire: dict[str, Any]) -> None:
        """What the activity with the durable client does."""
        if self.host.store.instance(wire["run"]) is None:
            self.ask(self.client.start_new(names.FAILOVER, wire["run"], wire))

    def run(self, seconds: float = 90, **fields: Any) -> dict[str, Any]:
        """Start a run, wait for its end, and give its output."""
        name = self.start(request(**fields))
        return self.output(name, seconds)

    def output(self, instance: str, seconds: float = 90) -> dict[str, Any]:
        record = self.wait(instance, seconds)
        assert not self.stage.errors, self.stage.errors
        assert record.status is Status.COMPLETED, record.output
        found: dict[str, Any] = json.loads(record.output or "null")
        return found

    def wait(self, instance: str, seconds: float = 90) -> Record:
        return self.until(lambda: self._ended(instance), seconds, f"{instance} to end")

    def _ended(self, instance: str) -> Record | None:
        record = self.host.store.instance(instance)
        return record if record and record.status.finished else None

    def until(self, look: Callable[[], Any], seconds: float = 90, what: str = "it") -> Any:
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < deadline, f"waited in vain for {what}; calls {self.stage.calls[-5:]}"
            time.sleep(0.003)
        return found

    def status(self, instance: str) -> dict[str, Any]:
        record = self.host.store.instance(instance)
        found: dict[str, Any] = json.loads((record and record.custom_status) or "{}")
        return found

    def state(self, entity: str, key: str) -> dict[str, Any]:
        response = self.ask(self.client.read_entity_state(df.EntityId(entity, key)))
        return dict(response.entity_state or {}) if response.entity_exists else {}

    def control(self, run: str = "run") -> dict[str, Any]:
        return self.state(names.CONTROL_ENTITY, run)

    def signal(self, entity: str, key: str, operation: str, given: dict[str, Any]) -> None:
        self.ask(self.client.signal_entity(df.EntityId(entity, key), operation, given))

    def order(self, word: str, run: str = "run") -> None:
        """Abort, pause or resume as the doors do: signal, see it applied, wake whoever waits."""
        self.signal(names.CONTROL_ENTITY, run, word, {"by": "Kim", "reason": word, "at": "now"})
        seen = {
            "abort": lambda: self.control(run).get("aborting"),
            "pause": lambda: self.control(run).get("paused"),
            "resume": lambda: not self.control(run).get("paused"),
        }
        self.until(seen[word], what=word)
        for wait in self.control(run).get("waits", {}).values():
            if word != "pause" or not wait.get("question"):
                self.raise_event(wait, {"answer": "abort" if word == "abort" else "wake", "by": "Kim"})

    def raise_event(self, wait: dict[str, Any], payload: Any) -> None:
        self.ask(self.client.raise_event(wait["instance"], wait["event"], payload))

    def expect_question(self, run: str) -> None:
        """Called while a question is being put: time stands still until a person has answered it."""
        self.later(lambda: self._answer(run))

    def later(self, work: Callable[[], None]) -> None:
        """Do this beside the run, in frozen time."""
        self._hold(1)
        self._work.put(work)

    def _answer(self, run: str) -> None:
        waits = self.until(lambda: [w for w in self.control(run).get("waits", {}).values() if w.get("question")])
        for wait in waits:
            person = next((one for one in self.stage.people if one.fits(wait)), None)
            if person:
                self.stage.people.remove(person)
                said = {"answer": person.answer, "by": person.by, "reason": person.reason}
                self.raise_event(wait, said)
                self.until(lambda wait=wait: wait["event"] not in self._events(run), what=f"an answer to {wait}")

    def _events(self, run: str) -> list[str]:
        return [wait["event"] for wait in self.control(run).get("waits", {}).values()]

    def _run_work(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the test
                self.stage.errors.append(error)
            finally:
                self._hold(-1)

    def _hold(self, by: int) -> None:
        with self._lock:
            self._held += by
            self.person.report(working=1 if self._held else 0)

    def close(self) -> None:
        self._work.put(None)
        self._thread.join(5)
        self.host.stop()
