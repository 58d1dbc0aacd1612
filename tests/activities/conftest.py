"""Activities at their own doors against a simulated Azure: dicts in, dicts out, the real SDK clients at the wire."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities import ACTIVITIES
from domain import names
from domain.calls import StepCall
from domain.codec import from_wire, to_wire
from domain.compile import compile_runbook
from domain.outcomes import Operation, Outcome
from domain.plans.reading import parse_plan
from domain.runbook import Runbook, Step
from domain.snapshot import snapshot_of
from domain.step_kinds import KINDS
from simulator.server import Running, SimulatorOptions, prepare

START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
RUN = "company-b-1234567890"
ROOT = Path(__file__).parents[2]


class Azure:
    """An estate in a simulated Azure on virtual time, and the activities of its runbook."""

    def __init__(self, running: Running, plan: str, estate: list[dict[str, Any]], documents: Path) -> None:
        self.running, self.documents = running, documents
        self.endpoint: str = running.told["endpoint"]
        self._plan, self._estate = plan, estate

    @functools.cached_property
    def runbook(self) -> Runbook:
        return compile_runbook(parse_plan(self._plan), snapshot_of(self._estate), "failover")

    @property
    def now(self) -> datetime:
        return self.running.clock.now()

    def control(self, path: str, body: Any = None) -> Any:
        import requests

        method = "GET" if body is None else "POST"
        url, ca = f"{self.endpoint}/_simulator/{path}", self.running.told["ca_bundle"]
        answer = requests.request(method, url, json=body, verify=ca, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("advance", {"seconds": seconds})

    def fault(self, **fault: Any) -> None:
        self.control("faults", fault)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return list(self.control(f"log?kind={kind}")["events"])

    def accepted(self, action: str) -> int:
        return sum(one["action"].endswith(action) for one in self.events("operation.accepted"))

    def writes(self, resource: str) -> list[str]:
        """The verbs that Azure has accepted on a resource: ``write`` or ``delete``, in order."""
        accepted = [one for one in self.events("operation.accepted") if one["resource"].lower() == resource.lower()]
        return [str(one["action"]).rsplit("/", 1)[-1] for one in accepted]

    def document(self, resource: str) -> dict[str, Any] | None:
        found = self.control(f"state?id={resource}")["documents"]
        return next((one for one in found if one["id"].lower() == resource.lower()), None)

    def step(self, kind: str, name: str = "") -> Step:
        """The runbook's first step of a kind whose name holds ``name``."""
        return next(one for one in self.runbook.steps if one.kind == kind and name in one.name)

    def call(
        self, step: Step, *, attempt: int = 1, intent_at: datetime | None = None, operation: Operation | None = None
    ) -> StepCall:
        now = self.now.isoformat()
        return StepCall(RUN, RUN, step, attempt, (intent_at or self.now).isoformat(), now, operation)

    def begin(self, step: Step, **named: Any) -> Outcome:
        return self._run(names.BEGIN_STEP, self.call(step, **named))

    def poll(self, step: Step, operation: Operation | None, **named: Any) -> Outcome:
        return self._run(names.POLL_OPERATION, self.call(step, operation=operation, **named))

    def verify(self, step: Step, **named: Any) -> Outcome:
        return self._run(names.VERIFY_STEP, self.call(step, **named))

    def walk(self, step: Step, *, seconds: float = 20, turns: int = 60) -> Outcome:
        """Begin, poll and verify as an orchestrator would, until an outcome is final."""
        phase, attempt, intent = KINDS[step.kind].first_phase, 1, self.now
        outcome = self.begin(step) if phase == "begin" else self.verify(step)
        operation = outcome.operation
        for _ in range(turns):
            if outcome.status == "succeeded" and phase != "verify":
                phase = "verify"
            elif outcome.is_final:
                return outcome
            elif outcome.status == "running":
                phase = "poll"
                self.advance(seconds)
            else:
                self.advance(outcome.retry_after_seconds or 5)
                if phase == "begin" or outcome.code == "NotAccepted":
                    phase, attempt, intent, operation = "begin", attempt + 1, self.now, None
            act = {"begin": self.begin, "verify": self.verify}.get(phase)
            named = {"attempt": attempt, "intent_at": intent}
            act = act or self.poll
            outcome = act(step, operation=operation, **named)
            operation = outcome.operation or operation
        return outcome

    def _run(self, name: str, call: StepCall) -> Outcome:
        wire = json.loads(json.dumps(to_wire(call)))
        return from_wire(Outcome, json.loads(json.dumps(ACTIVITIES[name](wire))))


def _of_the_clients(name: str) -> Any:
    """The wire of the clients' tests, for those traps that a whole simulated Azure only shows by chance."""
    path = ROOT / "tests" / "azure_clients" / "conftest.py"
    spec = importlib.util.spec_from_file_location("bridgehead_wire", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault("bridgehead_wire", importlib.util.module_from_spec(spec))
    if not hasattr(module, name):
        spec.loader.exec_module(module)
    return getattr(module, name)


certificate, wire, clients, said = map(_of_the_clients, ("certificate", "wire", "clients", "said"))

Start = Callable[..., Azure]


@pytest.fixture
def azure(start_azure: Start) -> Azure:
    """Company B, no faults."""
    return start_azure()


@pytest.fixture
def start_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``start_azure(scenario={...}, plan=text -> text, name=estate, more=documents)``; all stop when the test ends."""
    from clock import create

    stops: list[Callable[[], None]] = []

    def start(
        scenario: dict[str, Any] | None = None,
        plan: Callable[[str], str] = str,
        name: str = "company-b",
        more: Sequence[dict[str, Any]] = (),
    ) -> Azure:
        folder = tmp_path / f"azure-{len(stops)}"
        folder.mkdir()
        estate = [*json.loads((ROOT / "estates" / f"{name}.json").read_text()), *more]
        (folder / "estate.json").write_text(json.dumps(estate))
        scenario_file = None
        if scenario is not None:
            scenario_file = folder / "scenario.yaml"
            scenario_file.write_text(yaml.safe_dump(scenario))
        create(folder / "clock.json", speed="max", start=START)
        options = SimulatorOptions(folder / "estate.json", scenario_file, folder / "clock.json", folder / "state")
        running = prepare(options)
        thread = threading.Thread(target=lambda: asyncio.run(running.server.serve([running.socket])), daemon=True)
        thread.start()
        while not running.server.started:
            time.sleep(0.005)
        documents = folder / "documents"
        environment = {
            **running.told["environment"],
            "BRIDGEHEAD_CLOCK_FILE": str(folder / "clock.json"),
            "BRIDGEHEAD_DOCUMENTS": str(documents),
        }
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)

        def stop() -> None:
            running.server.should_exit = True
            running.server.force_exit = True
            thread.join(5)
            running.close()

        stops.append(stop)
        return Azure(running, plan((ROOT / "plans" / f"{name}.yaml").read_text()), estate, documents)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def step() -> Callable[..., Step]:
    """A step made by hand: ``step("put-resource", target, body={...})``; ``stage`` and the like by their names."""

    def make(kind: str, target: str, *, stage: str = "any", timeout_seconds: int = 600, **settings: Any) -> Step:
        return Step("aaaa0001", f"{kind} it", kind, target, stage, settings, timeout_seconds=timeout_seconds)

    return make


@pytest.fixture
def later() -> Callable[[Step], Step]:
    """A step whose settings differ: ``later(step, recovery_point="Latest")``."""

    def change(step: Step, **settings: Any) -> Step:
        return replace(step, settings={**step.settings, **settings})

    return change
