"""A simulated Azure in this process, for ``verify-azure``."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from clock import create
from simulator.company_b import company_b
from simulator.server import Running, SimulatorOptions, prepare


class Azure:
    """The simulator: what is in it, what was asked of it, and how it is made to fail."""

    def __init__(self, running: Running) -> None:
        self.world = running.world
        self.environment: dict[str, str] = dict(running.told["environment"])
        self._endpoint, self._trusted = running.told["endpoint"], running.told["ca_bundle"]

    def resources(self) -> list[str]:
        return sorted(document["id"] for document in self.world.documents.all())

    def requests(self) -> list[dict[str, Any]]:
        return list(self.world.log.of("request"))

    def fault(self, method: str, path: str, **then: Any) -> None:
        fault = {"match": {"method": method, "path": path, **then.pop("match", {})}, "then": then}
        url = f"{self._endpoint}/_simulator/faults"
        requests.post(url, json=fault, verify=self._trusted, timeout=10).raise_for_status()


@pytest.fixture
def start_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Azure]]:
    """Company B at a speed (``max`` unless told), with the settings of a client of it."""
    stops: list[Callable[[], None]] = []

    def start(speed: Any = "max") -> Azure:
        estate, clock = tmp_path / "estate.json", tmp_path / "clock.json"
        estate.write_text(json.dumps(company_b(virtual_machines=3)))
        create(clock, speed=speed, start=datetime(2026, 3, 14, 2, 0, tzinfo=UTC))
        running = prepare(SimulatorOptions(estate, None, clock, tmp_path / "state"))

        def live() -> None:
            try:
                asyncio.run(running.server.serve([running.socket]))
            finally:
                running.close()

        threading.Thread(target=live, daemon=True).start()
        while not running.server.started:
            time.sleep(0.005)
        for name, value in running.told["environment"].items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("BRIDGEHEAD_CLOCK_FILE", str(clock))
        stops.append(lambda: setattr(running.server, "should_exit", True))
        return Azure(running)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def azure(start_azure: Callable[..., Azure]) -> Azure:
    return start_azure()
