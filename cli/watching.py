"""Following one run through a host's doors until it ends."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timezone
from typing import Any

from cli.board import Frame, Stage, display
from cli.failing import Code, Problem
from cli.host_client import Host
from cli.progress import Happening, Progress, differences, moment
from cli.reading import read_progress
from cli.terminal import stderr, stdout

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 120.0


def follow(host: Host, run: str, *, as_json: bool) -> Progress:
    """Show the run until it has ended. With ``as_json`` each change is one JSON line on standard output."""
    view = host.run(run)
    progress = Progress(run)
    start = moment(view.get("createdAt")) or datetime.now(timezone.utc)
    console = stderr() if as_json else stdout()
    stages = [] if as_json else _stages(host, view)
    with display(console, run, start, stages, plain=as_json) as shown:
        while True:
            before, progress = progress, read_progress(view, progress)
            now = moment(view.get("updatedAt")) or datetime.now(timezone.utc)
            new = differences(before, progress, now)
            if as_json:
                _write(new)
            shown.show(Frame(progress, now, new))
            if progress.has_ended:
                return progress
            time.sleep(LOOK_SECONDS)
            view = _patiently(host, run)


def _stages(host: Host, view: dict[str, Any]) -> list[Stage]:
    """The published runbook's stages; none where it cannot be read or is another one by now."""
    try:
        runbook = host.get(f"plans/{view.get('plan')}/runbook?mode={view.get('mode')}")["runbook"]
    except Problem:
        return []
    names = {step["id"]: step["name"] for step in runbook["steps"]}
    return [Stage(lane["title"], {step: names[step] for step in lane["steps"]}) for lane in runbook["lanes"]]


def _patiently(host: Host, run: str) -> dict[str, Any]:
    """A host that restarts is waited for: a run outlives it."""
    gives_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return host.run(run)
        except Problem as problem:
            if problem.code is not Code.UNREACHABLE or time.monotonic() > gives_up:
                raise
            time.sleep(LOOK_SECONDS)


def _write(happenings: list[Happening]) -> None:
    for one in happenings:
        sys.stdout.write(json.dumps({"at": one.at.isoformat(), "text": one.text}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
