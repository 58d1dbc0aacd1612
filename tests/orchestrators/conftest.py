"""Doubles of this room: our orchestrators and entities in the embedded host, over activities that a test scripts.

A test says what the activities answer (``stage.on``), what people answer (``stage.people``) and what happens while a
step is under way. Time is virtual and jumps; while somebody is about to act it stands still.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

import clock
from clock import VirtualClock
from devhost import Host, HostOptions

sys.path.insert(0, str(Path(__file__).parent))
from scripted_stage import ACTIVITIES, Person, Stage, lane_of, padded, request, runbook, step
from served_host import APP, Served

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _left_as_it_was() -> Iterator[None]:
    """The SDK warns of early events; the host changes folder and path: none of it may reach other tests."""
    folder, path, variables = Path.cwd(), list(sys.path), dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    os.chdir(folder)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(variables)
    for module in ("function_app", "bridgehead_test_stage"):
        sys.modules.pop(module, None)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Stage], Served]]:
    """``serve(stage)``: the host over a scripted stage."""
    running: list[Served] = []

    def start(stage: Stage) -> Served:
        folder = tmp_path / f"app{len(running)}"
        folder.mkdir()
        (folder / "function_app.py").write_text(APP)
        (folder / "host.json").write_text('{"version": "2.0"}')
        module = type(sys)("bridgehead_test_stage")
        module.current, module.ACTIVITIES = stage, ACTIVITIES  # type: ignore[attr-defined]
        sys.modules["bridgehead_test_stage"] = module
        line = tmp_path / f"clock{len(running)}.json"
        clock.create(line, speed="max", start=START)
        time_line = VirtualClock(line, "devhost")
        host = Host(HostOptions(folder, tmp_path / f"hub{len(running)}.db", clock=time_line)).start()
        stage.served = Served(host, time_line, stage)
        running.append(stage.served)
        return stage.served

    yield start
    for served in running:
        served.close()


class Kit:
    """What tests of this room build their stories from."""

    Stage, Person = Stage, Person
    step, padded, runbook, lane_of, request = (
        staticmethod(step), staticmethod(padded), staticmethod(runbook), staticmethod(lane_of), staticmethod(request),
    )  # fmt: skip


@pytest.fixture
def kit() -> type[Kit]:
    return Kit
