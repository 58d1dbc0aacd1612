"""Activities at their own doors against a simulated Azure: dicts in, dicts out, the real SDK clients at the wire."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
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
from domain.plan import parse_plan
from domain.runbook import Runbook, Step
from domain.snapshot import snapshot_of
from simulator.company_b import company_b
from simulator.server import Running, SimulatorOptions, prepare

START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
RUN = "company-b-1234567890"
ROOT = Path(__file__).parents[2]


class Azure:
    """Company B in a simulated Azure on virtual time, and the activities of its runbook."""

    def __init__(self, running: Running, runbook: Runbook, documents: Path) -> None:
        self.running, self.runbook, self.documents = running, runbook, documents
        self.endpoint: str = running.told["endpoint"]

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
        phase, attempt, intent = "begin", 1, self.now
        outcome = self.begin(step)
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
    """``start_azure(scenario={...}, change=plan -> plan)``; every simulator is stopped when the test ends."""
    from clock import create

    stops: list[Callable[[], None]] = []

    def start(scenario: dict[str, Any] | None = None, plan: Callable[[str], str] = str) -> Azure:
        folder = tmp_path / f"azure-{len(stops)}"
        folder.mkdir()
        estate = company_b()
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
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        def stop() -> None:
            running.server.should_exit = True
            running.server.force_exit = True
            thread.join(5)
            running.close()

        stops.append(stop)
        text = plan((ROOT / "plans" / "company-b.yaml").read_text())
        runbook = compile_runbook(parse_plan(text), snapshot_of(estate), "failover")
        return Azure(running, runbook, documents)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def later() -> Callable[[Step], Step]:
    """A step whose settings differ: ``later(step, recovery_point="Latest")``."""

    def change(step: Step, **settings: Any) -> Step:
        return replace(step, settings={**step.settings, **settings})

    return change
