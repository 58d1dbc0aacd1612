"""RTO over what Azure itself needs, by size, and what the orchestration costs in CPU, memory and history."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.azure_log import Seen, read
from benchmarks.scene import ROOT, scene

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


def measure(machines: int, seed: int, *, drive: str, advised: bool) -> tuple[Seen, Cost]:
    changes = {"workload": {"drive": "plan"}} if drive == "plan" else {}
    with scene(machines, seed, changes=changes) as on:
        on.raise_host(advised=advised)
        before, at_rest, began = on.cpu_seconds(), on.peak_megabytes(), time.perf_counter()
        run = on.start_run(f"bench-{machines}")
        report = on.play(run)
        if report["outcome"] != "completed":
            raise SystemExit(f"{machines} machines, {drive}: {report['outcome']}: {report.get('reason')}")
        activities = json.loads((on.folder / "spent.json").read_text())["activities_cpu_seconds"]
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


def main(console: Console, sizes: list[int], seed: int) -> None:
    table = Table(title=f"RTO over the longest path of Azure's own durations (seed {seed}; goal {GOAL} at 300)")
    for column in ("VMs", "how", "polls", "RTO s", "Azure's own s", "ratio", "read back s", "ratio ", "calls",
                   "of it polls", "429"):  # fmt: skip
        table.add_column(column, justify="left" if column in ("how", "polls") else "right")
    costs: list[Cost] = []
    for machines in sizes:
        ours, cost = measure(machines, seed, drive="items", advised=False)
        costs.append(cost)
        rows = [("Bridgehead", False, ours)]
        rows += [("Bridgehead", True, measure(machines, seed, drive="items", advised=True)[0])]
        if machines <= PLAN_LIMIT:
            rows += [("one recovery-plan job", how, measure(machines, seed, drive="plan", advised=how)[0])
                     for how in (False, True)]  # fmt: skip
        rows += [("sequential runbook", how, one_after_another(machines, seed, advised=how)) for how in (False, True)]
        for how, advised, seen in rows:
            table.add_row(
                str(machines), how, POLLING[advised], f"{seen.rto:,.1f}", f"{ours.shortest:,.1f}",
                f"{seen.rto / ours.shortest:.3f}", f"{seen.proof:,.1f}", f"{seen.proof / ours.proof_shortest:.3f}",
                f"{seen.calls:,}", f"{seen.polls:,}", str(seen.throttled), end_section=how == rows[-1][0] and advised,
            )  # fmt: skip
            console.print(
                f"[dim]{machines} VMs, {how}, {POLLING[advised]}: RTO {seen.rto:.1f} s, {seen.calls} calls[/]"
            )
    table.caption = f"A recovery plan takes at most {PLAN_LIMIT} items: beyond, there is no such job to compare with."
    console.print(table)
    console.print(_costs(costs))


def _costs(costs: list[Cost]) -> Table:
    table = Table(title="The host's process for one run (replay at its price in Azure: no timestamps memoised)")
    for column in ("VMs", "orchestration CPU s", "ms a VM", "activities CPU s", "peak MB", "at rest MB",
                   "history events", "a VM", "wall s"):  # fmt: skip
        table.add_column(column, justify="right")
    for cost in costs:
        own = cost.cpu - cost.activities
        table.add_row(
            str(cost.machines), f"{own:.2f}", f"{1000 * own / cost.machines:.0f}", f"{cost.activities:.2f}",
            f"{cost.peak:.0f}", f"{cost.at_rest:.0f}", f"{cost.events:,}", f"{cost.events / cost.machines:.1f}",
            f"{cost.wall:.0f}",
        )  # fmt: skip
    return table
