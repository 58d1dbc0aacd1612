"""What the bench prints: Markdown on standard output, for docs/performance.md, and progress on standard error."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the last table: what was measured, against the goal it has."""

    what: str
    measured: str
    goal: str
    kept: bool


def machine() -> str:
    return f"Python {platform.python_version()} on {platform.system()} ({platform.machine()}), {os.cpu_count()} cores"


def load() -> str:
    """Processes that wanted a core in the last minute, ours among them."""
    return f"load {os.getloadavg()[0]:.1f}"


def progress(text: str) -> None:
    print(f"{text} ({load()})", file=sys.stderr, flush=True)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
    """A table under its heading; columns of numbers stand to the right."""
    cells = [list(columns), *map(list, rows)]
    widths = [max(3, *(len(row[at]) for row in cells)) for at in range(len(columns))]
    right = [all(row[at][:1].isdigit() or not row[at] for row in rows) for at in range(len(columns))]
    rule = [f"{'-' * (width - 1)}{':' if numbers else '-'}" for width, numbers in zip(widths, right, strict=True)]
    print(f"\n## {title}\n")
    for row in (cells[0], rule, *cells[1:]):
        padded = [cell.rjust(width) if numbers else cell.ljust(width)
                  for cell, width, numbers in zip(row, widths, right, strict=True)]  # fmt: skip
        print(f"| {' | '.join(padded)} |")
    if note:
        print(f"\n{note}")
    sys.stdout.flush()


def show_goals(figures: Sequence[Figure]) -> None:
    rows = [(one.what, one.measured, one.goal, "yes" if one.kept else "NO") for one in figures]
    show("Goals", ("figure", "measured", "goal", "kept"), rows)
