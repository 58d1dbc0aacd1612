"""Doubles of this room: an app served from a string of source, and a scripted history without any host."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import textwrap
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import httpx
import pytest

import clock
from clock import VirtualClock
from devhost import Host, HostOptions
from devhost.client_binding import binding_text
from devhost.episode import Outcome, Record, run_episode
from devhost.errors import UnknownFunction
from devhost.history import Event, EventType, History, Status, event, execution_started, iso

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
PREAMBLE = """
import json, os, time
from datetime import timedelta
import azure.functions as func
import azure.durable_functions as df
app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
"""
SHORT = {
    EventType.EXECUTION_STARTED: "ES", EventType.EXECUTION_COMPLETED: "EC", EventType.TASK_SCHEDULED: "TS",
    EventType.EXECUTION_TERMINATED: "ET", EventType.TASK_COMPLETED: "TC", EventType.TASK_FAILED: "TF",
    EventType.SUB_ORCHESTRATION_CREATED: "SC", EventType.SUB_ORCHESTRATION_COMPLETED: "SCC",
    EventType.SUB_ORCHESTRATION_FAILED: "SCF", EventType.TIMER_CREATED: "TMC", EventType.TIMER_FIRED: "TMF",
    EventType.ORCHESTRATOR_STARTED: "OS", EventType.ORCHESTRATOR_COMPLETED: "OC", EventType.EVENT_SENT: "SENT",
    EventType.EVENT_RAISED: "ER", EventType.GENERIC: "GEN", EventType.EXECUTION_SUSPENDED: "SUSP",
    EventType.EXECUTION_RESUMED: "RES",
}


@pytest.fixture(autouse=True)
def _sdk_warnings_are_not_errors() -> Iterator[None]:
    """The SDK warns of early events; turned into errors they would change what orchestrators do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(autouse=True)
def _process_left_as_it_was() -> Iterator[None]:
    folder, path, variables = Path.cwd(), list(sys.path), dict(os.environ)
    yield
    os.chdir(folder)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(variables)
    sys.modules.pop("function_app", None)


def write_app(folder: Path, source: str, host_json: dict[str, Any] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "function_app.py").write_text(PREAMBLE + textwrap.dedent(source))
    (folder / "host.json").write_text(json.dumps(host_json or {"version": "2.0"}))
    return folder


def shape(events: list[Event]) -> str:
    """A history on one line: ids in (), correlations in []."""
    words = []
    for e in events:
        word = SHORT[EventType(e["EventType"])]
        if word in ("TS", "SC", "TMC", "SENT", "EC"):
            word += f"({e['EventId']})"
        elif "TaskScheduledId" in e or "TimerId" in e:
            word += f"[{e.get('TaskScheduledId', e.get('TimerId'))}]"
        words.append(word)
    return " ".join(words).replace("OC OS", "OC | OS")


class Served:
    """One running host, asked as an app and as a person would ask it."""

    def __init__(self, host: Host, time_line: VirtualClock | None) -> None:
        self.host, self.time_line = host, time_line
        self.http = httpx.Client(base_url=host.url, headers={"x-functions-key": host.keys.master}, timeout=20)
        self.client = df.DurableOrchestrationClient(binding_text(host.url, "TestHubName", host.keys.system))

    def ask(self, coroutine: Any) -> Any:
        """Await something of the SDK's client on the worker's own loop, where its session lives."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.host._loop.loop).result(20)

    def start(self, name: str, value: Any = None, instance_id: str | None = None) -> str:
        return str(self.ask(self.client.start_new(name, instance_id, value)))

    def record(self, instance_id: str) -> Record:
        return self.host.commands.get(instance_id)

    def wait(self, instance_id: str, *statuses: Status, seconds: float = 15) -> Record:
        """Until the instance has one of ``statuses`` (default: any end)."""
        def wanted(r: Record) -> bool:
            return r.status in statuses if statuses else r.status.finished
        return self.wait_for(instance_id, wanted, seconds=seconds)

    def wait_for(self, instance_id: str, wanted: Callable[[Record], bool], seconds: float = 15) -> Record:
        deadline = time.monotonic() + seconds
        while True:
            record = self.host.store.instance(instance_id)
            if record and wanted(record):
                return record
            assert time.monotonic() < deadline, f"{instance_id} is {record}, {self.shape(instance_id)}"
            time.sleep(0.002)

    def run(self, name: str, value: Any = None) -> Any:
        """Start, wait, and give the output; an orchestration that fails is an AssertionError."""
        record = self.wait(self.start(name, value))
        assert record.status is Status.COMPLETED, record.output
        return json.loads(record.output) if record.output is not None else None

    def events(self, instance_id: str) -> list[Event]:
        return [json.loads(body) for body in self.host.store.history(instance_id)]

    def shape(self, instance_id: str) -> str:
        return shape(self.events(instance_id))

    def settle(self, seconds: float = 5) -> None:
        """Until nothing is runnable and nothing in flight."""
        engine, deadline = self.host.engine, time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not engine._ready and not engine._inboxes and not engine.in_flight() and engine.resting:
                return
            time.sleep(0.002)
        raise AssertionError("the host did not come to rest")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """``serve(source, speed="max", database=..., host_json=..., **options)``; speed None is the system's clock."""
    running: list[Served] = []

    def start(
        source: str | Path, *, speed: float | str | None = "max", host_json: dict[str, Any] | None = None,
        database: Path | None = None, **options: Any,
    ) -> Served:
        folder = source if isinstance(source, Path) else write_app(tmp_path / f"app{len(running)}", source, host_json)
        time_line = None
        if speed is not None:
            path = tmp_path / "clock.json"
            if not path.exists():
                clock.create(path, speed=speed, start=START)  # type: ignore[arg-type]
            time_line = VirtualClock(path, f"devhost{len(running)}")
        host = Host(HostOptions(folder, database or tmp_path / "data" / "hub.db", clock=time_line, **options)).start()
        running.append(Served(host, time_line))
        return running[-1]

    yield start
    for served in running:
        served.http.close()
        served.host.stop()


class Known:
    """Every function exists, unless told otherwise."""

    def __init__(self, *missing: str) -> None:
        self._missing = missing

    def _require(self, name: str, kind: str) -> None:
        if name in self._missing:
            raise UnknownFunction(name, kind, ["other"])

    def require_activity(self, name: str) -> None:
        self._require(name, "activity")

    def require_orchestrator(self, name: str) -> None:
        self._require(name, "orchestrator")

    def require_entity(self, name: str) -> None:
        self._require(name, "entity")


class Script:
    """One orchestration driven by hand: messages in, an episode each, no store and no threads.

    Messages are ("TC", id, value), ("TF", id, text), ("TMF", id), ("SCC", id, value), ("SCF", id, text),
    ("ER", name, json text), and whole events. ``now`` moves a second with each episode, or to a fired timer's time.
    """

    def __init__(self, orchestrator: Callable[..., Any], value: Any = None, names: Known | None = None) -> None:
        self._wrapped = df.Orchestrator.create(orchestrator)
        self.names = names or Known()
        self.now = START
        text = json.dumps(json.dumps(value))
        self.record = Record("run", "e" * 32, "F", None, Status.PENDING, text, None, None, None, iso(START), iso(START))
        self.history = History()
        self.outcome: Outcome
        self.generations = 0
        self._begin([])

    def _begin(self, carried: list[Event]) -> None:
        started = execution_started(
            self.now, instance_id="run", execution_id=self.record.execution_id, name="F", version=None,
            input_text=self.record.input, parent=None,
        )
        self._episode([started, *carried])

    def _function(self) -> Callable[[str], str]:
        return lambda text: self._wrapped(func.OrchestrationContext(text))

    def _episode(self, batch: list[Event]) -> None:
        self.outcome = run_episode(self.record, self.history, batch, self.now, self.names, self._function)
        self.record.status = self.outcome.status
        self.record.output, self.record.custom_status = self.outcome.output, self.outcome.custom_status
        if self.outcome.continued:
            self.generations += 1
            self.history, self.record.input = History(), self.outcome.next_input
            self.record.execution_id = f"{self.generations:032x}"
            self._begin(self.outcome.carried)
        else:
            self.history.append(self.outcome.events, [json.dumps(e) for e in self.outcome.events])

    def tell(self, *messages: Any) -> Outcome:
        """One episode with these messages as its batch."""
        self.now += timedelta(seconds=1)
        batch = [m if isinstance(m, dict) else self._message(*m) for m in messages]
        self.now = max([self.now, *(datetime.fromisoformat(e["FireAt"]) for e in batch if "FireAt" in e)])
        self._episode(batch)
        return self.outcome

    def _message(self, kind: str, key: Any, value: Any = None) -> Event:
        if kind == "TC":
            return event(EventType.TASK_COMPLETED, self.now, TaskScheduledId=key, Result=json.dumps(value))
        if kind == "TF":
            fields = {"Reason": value or "bad", "Details": "", "FailureDetails": None}
            return event(EventType.TASK_FAILED, self.now, TaskScheduledId=key, **fields)
        if kind == "SCC":
            return event(EventType.SUB_ORCHESTRATION_COMPLETED, self.now, TaskScheduledId=key, Result=json.dumps(value))
        if kind == "SCF":
            fields = {"Reason": value or "bad", "Details": "", "FailureDetails": None}
            return event(EventType.SUB_ORCHESTRATION_FAILED, self.now, TaskScheduledId=key, **fields)
        if kind == "ER":
            return event(EventType.EVENT_RAISED, self.now, Name=key, Input=value)
        created = next(
            e for e in self.history.events if e["EventType"] == EventType.TIMER_CREATED and e["EventId"] == key
        )
        return event(EventType.TIMER_FIRED, self.now, TimerId=key, FireAt=created["FireAt"])

    @property
    def shape(self) -> str:
        return shape(self.history.events)

    @property
    def output(self) -> Any:
        return None if self.outcome.output is None else json.loads(self.outcome.output)


@pytest.fixture
def script() -> type[Script]:
    return Script


@pytest.fixture
def known() -> type[Known]:
    return Known


@pytest.fixture
def app_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write an app from source (the usual imports come first) and give its folder."""

    def make(source: str, host_json: dict[str, Any] | None = None, name: str = "app") -> Path:
        return write_app(tmp_path / name, source, host_json)

    return make


@pytest.fixture
def start_of_time() -> datetime:
    return START


@pytest.fixture
def squeeze() -> Callable[[str], str]:
    """Blanks and line breaks as one blank."""
    return lambda text: re.sub(r"\s+", " ", text).strip()
