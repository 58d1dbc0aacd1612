"""A rehearsal without a spectator: simulated Azure and the bench's own host, as little else running as possible."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from cli.publishing import publish_plan
from cli.rehearsal.processes import Child, children
from cli.rehearsal.stage import Speed, Stage
from simulator.company_b import company_b

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
PATIENCE_WALL_SECONDS = 1800.0
TICKS = 100.0


@dataclass
class Scene:
    """What a bench plays on."""

    stage: Stage
    folder: Path
    plan: Path
    estate: Path
    started: list[Child]
    host: Child | None = None

    def raise_host(self, *, advised: bool = False) -> None:
        """Start the host, or start it again after a kill."""
        (self.folder / "host.json").unlink(missing_ok=True)
        if self.host is None:
            told = json.loads((self.folder / "azure" / "simulator.json").read_text())
            settings = {
                **told["environment"],
                "BRIDGEHEAD_CLOCK_FILE": str(self.folder / "clock.json"),
                "BRIDGEHEAD_REGION": "koreacentral",
            }
            self.host = Child("host", [], settings, self.folder)
            arguments = [sys.executable, str(ROOT / "benchmarks/host.py"), "--folder", str(self.folder)]
            self.host._arguments = [*arguments, "--advised"] if advised else arguments
            self.started.append(self.host)
        self.stage._host_process = self.host
        self.stage._await_host()

    def serve(self) -> None:
        """Start the host as its users do, with ``bridgehead serve``; ``raise_host`` starts it again after a kill."""
        self.stage.start_host(set())
        self.host = self.stage._host_process

    def start_run(self, key: str) -> str:
        body = {"plan": "company-b", "mode": "failover", "idempotencyKey": key, "by": "bench"}
        return str(self.stage.host.post("failovers", body)["run"])

    def play(self, run: str) -> dict[str, Any]:
        """Let time run until the run has left its report."""
        until = time.monotonic() + PATIENCE_WALL_SECONDS
        while (report := self.stage.report(run)) is None:
            if time.monotonic() > until or (self.host is not None and not self.host.alive):
                raise SystemExit(f"the run did not end: {self.host.last_words() if self.host else ''}")
            self.stage.time.rest(self.stage.time.now() + timedelta(seconds=120), lambda: False, timedelta(seconds=120))
        return report

    @property
    def pid(self) -> int:
        return int(json.loads((self.folder / "host.json").read_text())["pid"])

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def activities_cpu_seconds(self) -> float:
        """Told by the host just after it wrote the report."""
        assert self.host is not None
        return float(self.host.await_file(self.folder / "spent.json")["activities_cpu_seconds"])

    def peak_megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def history_events(self) -> int:
        with sqlite3.connect(f"file:{self.folder / 'host.db'}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM history").fetchone()[0])

    def events(self) -> list[dict[str, Any]]:
        lines = (self.folder / "azure" / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def scene(machines: int, seed: int, *, speed: Speed = "max", changes: dict[str, Any] | None = None) -> Iterator[Scene]:
    """Company B with so many machines, published, its Azure up; the host is not. ``changes`` by plan section."""
    with tempfile.TemporaryDirectory(prefix="bridgehead-bench-") as name, children() as started:
        folder = Path(name)
        estate, plan = folder / "estate.json", folder / "company-b.yaml"
        estate.write_text(json.dumps(company_b(machines)), encoding="utf-8")
        document = yaml.safe_load((ROOT / "plans/company-b.yaml").read_text(encoding="utf-8"))
        for section, values in (changes or {}).items():
            document[section].update(values)
        plan.write_text(yaml.safe_dump(document), encoding="utf-8")
        stage = Stage(folder, started, speed=speed, start=START)
        try:
            stage.start_azure(estate, None, seed)
            publish_plan(plan, estate, str(stage.documents), by="bench", now=stage.time.now())
            yield Scene(stage, folder, plan, estate, started)
        finally:
            stage.leave()
