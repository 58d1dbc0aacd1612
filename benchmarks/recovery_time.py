"""RTO over what Azure itself needs, by size, and what the orchestration costs in CPU, memory and history."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.azure_log import Seen, read
from benchmarks.scene import ROOT, scene
from benchmarks.tables import Figure, progress, show

POLLING = {False: "placed", True: "Retry-After"}
GOAL = 1.03
PLAN_LIMIT = 100
"""Protected items that Azure takes in one recovery plan; the compiler refuses ``drive: plan`` above it."""


@dataclass(frozen=True)
class Cost:
    """Of the host's process, from its first answer to the run's report."""

    machines: int
    cpu: float
    activities: float
    peak: float
    at_rest: float
    events: int
    wall: float

    @property
    def own(self) -> float:
        """CPU seconds without those of activities."""
        return self.cpu - self.activities

    @property
    def own_a_machine(self) -> float:
        return self.own / self.machines


def measure(machines: int, seed: int, *, drive: str, advised: bool) -> tuple[Seen, Cost]:
    changes = {"workload": {"drive": "plan"}} if drive == "plan" else {}
    with scene(machines, seed, changes=changes) as on:
        on.raise_host(advised=advised)
        before, at_rest, began = on.cpu_seconds(), on.peak_megabytes(), time.perf_counter()
        run = on.start_run(f"bench-{machines}")
        report = on.play(run)
        if report["outcome"] != "completed":
            raise SystemExit(f"{machines} machines, {drive}: {report['outcome']}: {report.get('reason')}")
        activities = on.activities_cpu_seconds()
        cost = Cost(machines, on.cpu_seconds() - before, activities, on.peak_megabytes(), at_rest,
                    on.history_events(), time.perf_counter() - began)  # fmt: skip
        return read(on.events(), on.stage.verdict()), cost


def one_after_another(machines: int, seed: int, *, advised: bool) -> Seen:
    with scene(machines, seed) as on:
        told = json.loads((on.folder / "azure" / "simulator.json").read_text())
        settings = {**os.environ, **told["environment"], "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1",
                    "BRIDGEHEAD_CLOCK_FILE": str(on.folder / "clock.json"),
                    "BRIDGEHEAD_REGION": "koreacentral"}  # fmt: skip
        command = [sys.executable, str(ROOT / "benchmarks/sequential.py"), on.folder, on.plan, on.estate]
        on.stage.time.leave()
        subprocess.run([*map(str, command), *(["--advised"] if advised else [])], env=settings, cwd=ROOT, check=True)
        return read(on.events(), on.stage.verdict())


def main(sizes: list[int], seed: int) -> list[Figure]:
    costs: list[Cost] = []
    rows: list[tuple[str, ...]] = []
    figures: list[Figure] = []
    for machines in sizes:
        progress(f"{machines} VMs, Bridgehead")
        ours, cost = measure(machines, seed, drive="items", advised=False)
        costs.append(cost)
        rows += [_row(machines, how, advised, seen, ours) for how, advised, seen in _ways(machines, seed, ours)]
        figures = [Figure(f"RTO over Azure's own longest path, {machines} VMs", f"{ours.ratio:.3f}", str(GOAL),
                          ours.ratio <= GOAL)]  # fmt: skip
    show(
        f"RTO over the longest path of Azure's own durations (seed {seed})",
        ("VMs", "how", "polls", "RTO s", "Azure's own s", "ratio", "read back s", "ratio", "calls", "of it polls",
         "429"),
        rows,
        f"A recovery plan takes at most {PLAN_LIMIT} items: beyond, there is no such job to compare with.",
    )  # fmt: skip
    _show_costs(costs)
    if len(costs) > 1:
        grows = costs[-1].own_a_machine / costs[-2].own_a_machine
        figures.append(Figure(
            f"orchestration CPU a VM, {costs[-1].machines} VMs over {costs[-2].machines}", f"{grows:.2f}", "1.0",
            grows <= 1.0,
        ))  # fmt: skip
    return figures


def _ways(machines: int, seed: int, ours: Seen) -> Iterator[tuple[str, bool, Seen]]:
    yield "Bridgehead", False, ours
    yield "Bridgehead", True, measure(machines, seed, drive="items", advised=True)[0]
    if machines <= PLAN_LIMIT:
        for advised in (False, True):
            progress(f"{machines} VMs, recovery plan, polls {POLLING[advised]}")
            yield "one recovery-plan job", advised, measure(machines, seed, drive="plan", advised=advised)[0]
    for advised in (False, True):
        progress(f"{machines} VMs, sequential, polls {POLLING[advised]}")
        yield "sequential runbook", advised, one_after_another(machines, seed, advised=advised)


def _row(machines: int, how: str, advised: bool, seen: Seen, ours: Seen) -> tuple[str, ...]:
    return (
        str(machines), how, POLLING[advised], f"{seen.rto:,.1f}", f"{ours.shortest:,.1f}",
        f"{seen.rto / ours.shortest:.3f}", f"{seen.proof:,.1f}", f"{seen.proof / ours.proof_shortest:.3f}",
        f"{seen.calls:,}", f"{seen.polls:,}", str(seen.throttled),
    )  # fmt: skip


def _show_costs(costs: list[Cost]) -> None:
    rows = [
        (str(cost.machines), f"{cost.own:.2f}", f"{1000 * cost.own_a_machine:.0f}", f"{cost.activities:.2f}",
         f"{cost.peak:.0f}", f"{cost.at_rest:.0f}", f"{cost.events:,}", f"{cost.events / cost.machines:.1f}",
         f"{cost.wall:.0f}")
        for cost in costs
    ]  # fmt: skip
    show(
        "The host's process for one run (replay at its price in Azure: no timestamps memoised)",
        ("VMs", "orchestration CPU s", "ms a VM", "activities CPU s", "peak MB", "at rest MB", "history events", "a VM",
         "wall s"),
        rows,
    )  # fmt: skip
