"""Cold import of the app beside what any Durable Functions app in Python pays."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.scene import ROOT
from benchmarks.tables import Figure, progress, show

TIMES = 15
GOAL = 1.3
ALONE = "azure.functions, azure.durable_functions"
OURS = "function_app"
CODE = """
import sys, time
began = time.process_time()
import {names}
print(time.process_time() - began, len(sys.modules))
"""


def milliseconds(names: str, cache: str, *, write: bool = False) -> tuple[float, int]:
    """CPU time of an import in a fresh process, and how many modules it left: one that others work beside does not
    lengthen it by waiting. ``cache`` is where bytecode is looked for."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": "" if write else "1"}
    command = [sys.executable, "-c", CODE.format(names=names)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    seconds, modules = done.stdout.split()
    return float(seconds) * 1000, int(modules)


def main() -> list[Figure]:
    progress("cold import")
    with tempfile.TemporaryDirectory() as theirs, tempfile.TemporaryDirectory() as everything:
        milliseconds(ALONE, theirs, write=True)
        milliseconds(OURS, everything, write=True)
        ways = {
            f"`{ALONE}`": (ALONE, everything),
            f"`{OURS}`, all bytecode there": (OURS, everything),
            f"`{OURS}`, ours compiled first, as from a read-only package": (OURS, theirs),
        }
        found: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
        for _ in range(TIMES):
            for way, (names, cache) in ways.items():
                found[way].append(milliseconds(names, cache))
    least = {way: min(times)[0] for way, times in found.items()}
    alone = next(iter(least.values()))
    rows = [
        (way, f"{ms:.0f}", f"{statistics.median(one for one, _ in found[way]):.0f}", str(found[way][0][1]),
         f"{ms / alone:.2f}")
        for way, ms in least.items()
    ]  # fmt: skip
    show(f"Cold import, CPU time, {TIMES} each in turns", ("import", "least ms", "median ms", "modules", "times"), rows)
    worst = max(least.values()) / alone
    return [Figure("cold import, times that of the two libraries alone", f"{worst:.2f}", f"{GOAL}", worst <= GOAL)]
