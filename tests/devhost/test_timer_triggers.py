"""Timer triggers on virtual time: on schedule, past due once, never overlapping."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost import AppLoadError

TICKS = """
@app.timer_trigger(arg_name="timer", schedule="{schedule}"{options})
def tick(timer: func.TimerRequest) -> None:
    with open("ticks.jsonl", "a") as file:
        file.write(json.dumps({{"past_due": timer.past_due, "status": timer.schedule_status}}) + "\\n")
    time.sleep({sleep})

@app.orchestration_trigger(context_name="context")
def sleeps(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=context.get_input()))
"""


def source(schedule: str, *, options: str = "", sleep: float = 0) -> str:
    return TICKS.format(schedule=schedule, options=options, sleep=sleep)


def ticks(folder: Path) -> list[dict[str, Any]]:
    path = folder / "ticks.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_ticks_come_on_virtual_time(serve: Callable[..., Any], tmp_path: Path) -> None:
    """While an orchestration sleeps 31 virtual minutes, a five-minute schedule ticks at least six times."""
    served = serve(source("0 */5 * * * *"))
    served.wait(served.start("sleeps", 31))
    assert len(ticks(tmp_path / "app0")) >= 6
    assert not any(tick["past_due"] for tick in ticks(tmp_path / "app0"))


def test_status_tells_last_and_next(serve: Callable[..., Any], tmp_path: Path) -> None:
    """A monitored schedule hands over when it last ran and when it runs next."""
    served = serve(source("0 */5 * * * *"))
    served.wait(served.start("sleeps", 11))
    second = ticks(tmp_path / "app0")[1]["status"]
    assert second["Last"] < second["Next"]


def test_missed_ticks_run_once_as_past_due(serve: Callable[..., Any], tmp_path: Path, app_folder: Any) -> None:
    """A host that was away for hours catches up with one run, not with one for each missed tick."""
    folder = app_folder(source("0 0 3 * * *"))
    first = serve(folder, speed=1.0)
    first.host.stop()
    first.time_line.advance(timedelta(days=3))
    second = serve(folder, speed=1.0)
    _until(lambda: len(ticks(folder)) == 1)
    second.settle()
    assert [tick["past_due"] for tick in ticks(folder)] == [True]


def test_no_tick_was_missed_no_run_on_start(serve: Callable[..., Any], app_folder: Any) -> None:
    """Restarting before the next tick runs nothing."""
    folder = app_folder(source("0 0 3 * * *"))
    serve(folder, speed=1.0).host.stop()
    second = serve(folder, speed=1.0)
    second.settle()
    assert ticks(folder) == []


def test_run_on_startup_runs_at_once(serve: Callable[..., Any], tmp_path: Path) -> None:
    """``run_on_startup`` is an immediate run that is not past due."""
    serve(source("0 0 3 * * *", options=", run_on_startup=True"), speed=1.0)
    _until(lambda: len(ticks(tmp_path / "app0")) == 1)
    assert ticks(tmp_path / "app0")[0]["past_due"] is False


def test_schedule_by_the_second_is_not_monitored(serve: Callable[..., Any], tmp_path: Path) -> None:
    """More often than once a minute there is no stored status, as in Azure."""
    served = serve(source("*/10 * * * * *"))
    served.wait(served.start("sleeps", 1))
    assert served.host.store.schedule("tick") is None
    assert ticks(tmp_path / "app0")[0]["status"] == {}


def test_timer_runs_by_hand_through_the_admin_door(serve: Callable[..., Any], tmp_path: Path) -> None:
    """With the master key only."""
    served = serve(source("0 0 3 * * *"), speed=1.0)
    assert served.http.post("/admin/functions/tick", json={"input": ""}).status_code == 202
    _until(lambda: len(ticks(tmp_path / "app0")) == 1)
    keyless = {"x-functions-key": served.host.keys.function}
    assert served.http.post("/admin/functions/tick", headers=keyless).status_code == 401
    assert served.http.post("/admin/functions/nobody").status_code == 404


def test_a_tick_never_overlaps_itself(serve: Callable[..., Any], tmp_path: Path) -> None:
    """While a run is under way another is not begun."""
    served = serve(source("0 0 3 * * *", sleep=1), speed=1.0)
    for _ in range(3):
        assert served.http.post("/admin/functions/tick").status_code == 202
    _until(lambda: served.host.engine.in_flight() == 0)
    assert len(ticks(tmp_path / "app0")) == 1


@pytest.mark.parametrize(
    ("schedule", "message"),
    [("0 0 25 * * *", "hour '25'"), ("00:05:00", "TimeSpan"), ("%NOT_SET%", "setting 'NOT_SET'")],
)
def test_schedule_that_cannot_be_served_is_refused(serve: Callable[..., Any], schedule: str, message: str) -> None:
    """The error names the function and the reason."""
    with pytest.raises(AppLoadError, match="tick") as refused:
        serve(source(schedule))
    assert message in str(refused.value)


def test_schedule_may_come_from_a_setting(serve: Callable[..., Any], monkeypatch: Any, tmp_path: Path) -> None:
    """``%NAME%`` is read from the environment."""
    monkeypatch.setenv("TICK_SCHEDULE", "0 */5 * * * *")
    served = serve(source("%TICK_SCHEDULE%"))
    served.wait(served.start("sleeps", 6))
    assert ticks(tmp_path / "app0")


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
