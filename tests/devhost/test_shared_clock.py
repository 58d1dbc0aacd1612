"""The host on the shared clock: frozen while anybody works, jumping when everybody waits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clock import VirtualClock
from devhost.history import Status, parse_iso

APP = """
@app.orchestration_trigger(context_name="context")
def sleeps(context):
    for _ in range(context.get_input()):
        yield context.create_timer(context.current_utc_datetime + timedelta(minutes=10))

@app.orchestration_trigger(context_name="context")
def works(context):
    for n in range(context.get_input()):
        yield context.task_all([context.call_activity("quick", k) for k in range(4)])

@app.orchestration_trigger(context_name="context")
def naps(context):
    yield context.call_activity("nap", context.get_input())

@app.orchestration_trigger(context_name="context")
def cancels(context):
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=5))
    yield context.task_any([timer, context.call_activity("quick", 1)])
    timer.cancel()

@app.activity_trigger(input_name="x")
def quick(x):
    return x

@app.activity_trigger(input_name="x")
def nap(x):
    while not os.path.exists("enough"):
        time.sleep(0.01)
"""


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve(APP)


def test_a_week_of_timers_passes_in_no_time(served: Any) -> None:
    """Waits of ten minutes take that much virtual time each; a start may fall into the jump of another."""
    runs = [served.start("sleeps", 40) for _ in range(3)]
    for run in runs:
        record = served.wait(run)
        lasted = parse_iso(record.updated) - parse_iso(record.created)
        assert timedelta(minutes=400) <= lasted <= timedelta(minutes=410)


def test_work_adds_no_virtual_time(served: Any) -> None:
    """Episodes, messages and activities happen at one moment."""
    before = served.time_line.now()
    served.wait(served.start("works", 30))
    assert served.time_line.now() == before


def test_time_stands_still_while_an_activity_runs(served: Any, tmp_path: Path) -> None:
    """A timer due in ten minutes does not fire while a call is under way."""
    before = served.time_line.now()
    napping, sleeping = served.start("naps"), served.start("sleeps", 1)
    served.wait(sleeping, Status.RUNNING)
    time.sleep(0.3)
    assert served.time_line.now() == before
    assert served.record(sleeping).status is Status.RUNNING
    (tmp_path / "app0" / "enough").touch()
    served.wait(napping)
    served.wait(sleeping)
    assert served.time_line.now() - before == timedelta(minutes=10)


def test_time_stands_still_while_another_process_works(serve: Callable[..., Any], tmp_path: Path) -> None:
    """The clock belongs to all who joined it."""
    served = serve(APP)
    other = VirtualClock(tmp_path / "clock.json", "simulator")
    other.join()
    before = other.now()
    sleeping = served.start("sleeps", 1)
    time.sleep(0.3)
    assert (other.now(), served.record(sleeping).status) == (before, Status.RUNNING)
    other.report(next_due=before + timedelta(minutes=3))
    served.wait_for(sleeping, lambda _: other.now() >= before + timedelta(minutes=3))
    other.report()
    served.wait(sleeping)
    assert other.now() == before + timedelta(minutes=10)


def test_a_call_that_another_process_holds_lets_time_pass(
    serve: Callable[..., Any], tmp_path: Path
) -> None:
    """One call under way here, one held there until a virtual time: nobody can move but the clock."""
    served = serve(APP)
    other = VirtualClock(tmp_path / "clock.json", "simulator")
    other.join()
    before = other.now()
    napping = served.start("naps")
    served.wait(napping, Status.RUNNING)
    deadline = time.monotonic() + 5
    while other.now() == before:
        other.report(holding=1, next_due=before + timedelta(seconds=25))
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert other.now() == before + timedelta(seconds=25)
    other.report()
    (tmp_path / "app0" / "enough").touch()
    served.wait(napping)


def test_queued_activities_do_not_count_as_under_way(
    serve: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    """With one thread and three calls, one is under way: held there, it must not keep the clock from moving."""
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "1")
    served = serve(APP)
    other = VirtualClock(tmp_path / "clock.json", "simulator")
    other.join()
    before = other.now()
    runs = [served.start("naps") for _ in range(3)]
    deadline = time.monotonic() + 5
    while other.now() == before:
        other.report(holding=1, next_due=before + timedelta(seconds=25))
        assert time.monotonic() < deadline
        time.sleep(0.01)
    other.leave()
    (tmp_path / "app0" / "enough").touch()
    for run in runs:
        served.wait(run)


def test_timers_of_an_ended_run_do_not_move_the_clock(served: Any) -> None:
    """A cancelled timer goes with its instance."""
    before = served.time_line.now()
    served.wait(served.start("cancels"))
    served.settle()
    time.sleep(0.3)
    assert served.time_line.now() == before


def test_numeric_speed_runs_by_the_wall(serve: Callable[..., Any]) -> None:
    """At six thousand times, ten minutes are a tenth of a second."""
    served = serve(APP, speed=6000.0)
    began = time.monotonic()
    served.wait(served.start("sleeps", 2))
    assert 0.15 < time.monotonic() - began < 5


def test_clock_moved_by_hand_is_noticed(serve: Callable[..., Any]) -> None:
    """A person who rehearses a long wait may push the clock."""
    served = serve(APP, speed=1.0)
    run = served.start("sleeps", 1)
    served.wait(run, Status.RUNNING)
    served.time_line.advance(timedelta(minutes=11))
    assert served.wait(run).status is Status.COMPLETED


def test_nothing_runnable_is_ever_published_as_idle(serve: Callable[..., Any], tmp_path: Path) -> None:
    """Whoever reads the clock file never sees an idle host between a call's end and the episode it causes."""
    served = serve(APP)
    seen: set[tuple[int, int]] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            entry = json.loads((tmp_path / "clock.json").read_text())["participants"]["devhost0"]
            seen.add((entry["working"], entry["waiting"]))

    watcher = threading.Thread(target=watch)
    served.settle()
    run = served.start("works", 20)
    served.wait_for(run, lambda r: r.status is Status.RUNNING)
    watcher.start()
    served.wait(run)
    stop.set()
    watcher.join()
    assert (1, 0) in seen
