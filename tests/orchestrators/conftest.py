"""Doubles of this room: our orchestrators and entities in the embedded host, over activities that a test scripts.

A test says what the activities answer (``stage.on``), what people answer (``stage.people``) and what happens while a
step is under way. Time is virtual and jumps; while somebody is about to act it stands still.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

import clock
from clock import VirtualClock
from devhost import Host, HostOptions
from devhost.client_binding import binding_text
from devhost.episode import Record
from devhost.history import Status
from domain import names
from domain.calls import RunbookSummary, RunRequest
from domain.codec import to_wire
from domain.lanes import Stage as RunbookStage
from domain.lanes import cut, longest_path
from domain.runbook import Lane, Runbook, Step
from domain.summary import compensations, summarise

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
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
ACTIVITIES = (
    names.COMPILE_RUNBOOK, names.READ_LANE, names.MATCH_PLANS, names.READ_RUN_STATUS, names.BEGIN_STEP,
    names.POLL_OPERATION, names.VERIFY_STEP, names.RECORD_STEP, names.WRITE_REPORT, names.NOTIFY,
)  # fmt: skip
PHASES = {names.BEGIN_STEP: "begin", names.POLL_OPERATION: "poll", names.VERIFY_STEP: "verify"}

Call = dict[str, Any]


def step(step_id: str, kind: str = "check-machine", **fields: Any) -> Step:
    """A step whose id is padded to 8 characters; its needs are ids as well."""
    given: dict[str, Any] = {"name": step_id, "target": f"target of {step_id}", "stage": "walk", "settings": {}}
    return Step(id=padded(step_id), kind=kind, **(given | fields))


def padded(step_id: str) -> str:
    return step_id.ljust(8, "0")


def runbook(
    *stages: RunbookStage, claims: tuple[str, ...] = ("plan:p",), facts: dict[str, Any] | None = None
) -> Runbook:
    """A runbook of these lanes, and of one more that verifies routing."""
    end = RunbookStage("verify", "verify", (step("verify", "verify-routing"),), (), tuple(one.id for one in stages))
    lanes, steps = cut([*stages, end])
    expected, path = longest_path(steps)
    return Runbook(
        plan="p", mode="failover", plan_hash="1" * 64, snapshot_hash="2" * 64, steps=steps, lanes=lanes, claims=claims,
        expected_seconds=expected, critical_path=path, facts=facts or {},
    )  # fmt: skip


def lane_of(name: str, *steps: Step, needs: tuple[str, ...] = ()) -> RunbookStage:
    return RunbookStage(name, f"the lane {name}", steps, (), needs)


@dataclass
class Person:
    """Answers the first question whose kind and step fit."""

    answer: str
    kind: str | None = None
    step: str | None = None
    by: str = "Kim"
    reason: str = "because"

    def fits(self, wait: dict[str, Any]) -> bool:
        return self.kind in (None, wait.get("kind")) and (self.step is None or wait.get("step") == padded(self.step))


@dataclass
class Stage:
    """The scripted world round our orchestrators. ``calls`` are (phase or activity, step id or "", call) in order."""

    book: Runbook
    answers: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    matches: list[dict[str, Any]] = field(default_factory=list)
    refusals: tuple[str, ...] = ()
    calls: list[tuple[str, str, Call]] = field(default_factory=list)
    records: dict[str, Call] = field(default_factory=dict)
    reports: list[Call] = field(default_factory=list)
    notices: list[Call] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    served: Served | None = None

    def on(self, phase: str, step_id: str, *answers: Any) -> Stage:
        """What a step's activity answers, one after another; then it succeeds. A function is called, an error raised.

        With ``...`` after it the one answer is given for ever.
        """
        self.answers[phase, padded(step_id)] = list(answers)
        return self

    def act(self, activity: str, call: Call) -> Any:
        if activity in PHASES:
            return self._step_acts(PHASES[activity], call)
        self.calls.append((activity, "", call))
        return getattr(self, f"_{activity}")(call)

    def _step_acts(self, phase: str, call: Call) -> Any:
        step_id = call["step"]["id"]
        self.calls.append((phase, step_id, call))
        scripted = self.answers.get((phase, step_id), [])
        repeats = len(scripted) == 2 and scripted[1] is ...
        answer = (scripted[0] if repeats else scripted.pop(0)) if scripted else None
        if callable(answer):
            answer = answer(self, call)
        if isinstance(answer, Exception):
            raise answer
        return to_wire(answer) if answer is not None else {"status": "succeeded"}

    def _compile_runbook(self, call: Call) -> Any:
        if self.refusals:
            return to_wire(RunbookSummary("", 0, refusals=self.refusals))
        return to_wire(summarise(self.book))

    def _read_lane(self, call: Call) -> Any:
        if call.get("compensate"):
            undo = compensations(self.book, tuple(call["compensate"]))
            lane = Lane(call["lane"], "undo", tuple(one.id for one in undo))
            return {"lane": to_wire(lane), "steps": to_wire(undo)}
        lane = next(one for one in self.book.lanes if one.id == call["lane"])
        steps = {one.id: one for one in self.book.steps}
        return {"lane": to_wire(lane), "steps": [to_wire(steps[one]) for one in lane.steps]}

    def _match_plans(self, call: Call) -> Any:
        return {"matches": self.matches}

    def _read_run_status(self, call: Call) -> Any:
        assert self.served is not None
        record = self.served.host.store.instance(call["run"])
        return {"status": record.status.wire_name if record else None}

    def _record_step(self, call: Call) -> Any:
        self.records[call["step"]] = call
        return {}

    def _write_report(self, call: Call) -> Any:
        self.reports.append(call)
        return {"path": "report.json", "outcome": call["outcome"], "achieved_rto_seconds": 1.0}

    def _notify(self, call: Call) -> Any:
        self.notices.append(call)
        if self.people and self.served is not None:
            self.served.expect_question(call["run"])
        return {}

    def phases(self, step_id: str) -> list[str]:
        """The phases that a step's activities were called for, in order."""
        return [phase for phase, one, _ in self.calls if one == padded(step_id)]

    def begun(self) -> list[str]:
        """Steps in the order in which they were first called."""
        return list(dict.fromkeys(one for _, one, _ in self.calls if one))

    def count(self, activity: str) -> int:
        return Counter(name for name, _, _ in self.calls)[activity]


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


def request(**fields: Any) -> RunRequest:
    given: dict[str, Any] = {
        "run": "run", "plan": "p", "mode": "failover", "plan_hash": "1" * 64, "snapshot_hash": "2" * 64,
        "started_by": "Kim", "approved_by": "Kim", "lineage": "run",
    }  # fmt: skip
    return RunRequest(**(given | fields))


@pytest.fixture(autouse=True)
def _left_as_it_was() -> Iterator[None]:
    """The SDK warns of early events; the host changes folder and path: none of it may reach other tests."""
    folder, path, variables = Path.cwd(), list(sys.path), dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    os.chdir(folder)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(variables)
    for module in ("function_app", "bridgehead_test_stage"):
        sys.modules.pop(module, None)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Stage], Served]]:
    """``serve(stage)``: the host over a scripted stage."""
    running: list[Served] = []

    def start(stage: Stage) -> Served:
        folder = tmp_path / f"app{len(running)}"
        folder.mkdir()
        (folder / "function_app.py").write_text(APP)
        (folder / "host.json").write_text('{"version": "2.0"}')
        module = type(sys)("bridgehead_test_stage")
        module.current, module.ACTIVITIES = stage, ACTIVITIES  # type: ignore[attr-defined]
        sys.modules["bridgehead_test_stage"] = module
        line = tmp_path / f"clock{len(running)}.json"
        clock.create(line, speed="max", start=START)
        time_line = VirtualClock(line, "devhost")
        host = Host(HostOptions(folder, tmp_path / f"hub{len(running)}.db", clock=time_line)).start()
        stage.served = Served(host, time_line, stage)
        running.append(stage.served)
        return stage.served

    yield start
    for served in running:
        served.close()


class Kit:
    """What tests of this room build their stories from."""

    Stage, Person = Stage, Person
    step, padded, runbook, lane_of, request = (
        staticmethod(step), staticmethod(padded), staticmethod(runbook), staticmethod(lane_of), staticmethod(request),
    )  # fmt: skip


@pytest.fixture
def kit() -> type[Kit]:
    return Kit
