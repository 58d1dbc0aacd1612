"""Standard output for what was asked, standard error for everything else; colours only on a terminal.

rich keeps the rules of NO_COLOR, TERM=dumb and of pipes. With ``--json`` standard output carries one JSON document
(or, for what goes on, one a line) and nothing besides.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any, TextIO

from rich.console import Console

PIPE_WIDTH = 140
"""Columns where there is no terminal to ask: a table in a file should not be folded at 80."""


def stdout() -> Console:
    return _console(sys.stdout)


def stderr() -> Console:
    return _console(sys.stderr)


def _console(file: TextIO) -> Console:
    width = None if file.isatty() else PIPE_WIDTH
    return Console(file=file, highlight=False, width=width)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def duration(seconds: float | None) -> str:
    """``17 s``, ``4 min 05 s``, ``2 h 10 min``; a dash for none."""
    if seconds is None:
        return "-"
    whole = round(timedelta(seconds=max(0.0, seconds)).total_seconds())
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
