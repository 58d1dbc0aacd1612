"""Cold import of the app beside what any Durable Functions app in Python pays."""

from __future__ import annotations

import statistics
import subprocess
import sys

from rich.console import Console
from rich.table import Table

from benchmarks.scene import ROOT

TIMES = 15
GOAL = 1.3
ALONE = "azure.functions, azure.durable_functions"
CODE = """
import sys, time
began = time.process_time()
import {names}
print(time.process_time() - began, len(sys.modules))
"""


def milliseconds(names: str) -> tuple[float, int]:
    """CPU time of an import in a fresh process, and how many modules it left: one that others work beside does not
    lengthen it by waiting."""
    command = [sys.executable, "-c", CODE.format(names=names)]
    seconds, modules = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds) * 1000, int(modules)


def main(console: Console) -> None:
    found: dict[str, list[tuple[float, int]]] = {ALONE: [], "function_app": []}
    for _ in range(TIMES):
        for names, times in found.items():
            times.append(milliseconds(names))
    medians = {names: statistics.median(one for one, _ in times) for names, times in found.items()}
    table = Table(title=f"Cold import, median of {TIMES}, taken in turns (goal: at most {GOAL} times)")
    for column in ("import", "CPU ms", "modules", "times"):
        table.add_column(column, justify="left" if column == "import" else "right")
    for names, median in medians.items():
        table.add_row(names, f"{median:.0f}", str(found[names][0][1]), f"{median / medians[ALONE]:.2f}")
    console.print(table)
