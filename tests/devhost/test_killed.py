"""Killed anywhere, the host resumes: the same end, nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import clock
from devhost import HostError
from devhost.history import Status

ROOT = Path(__file__).parents[2]
APP = """
def note(line):
    with open("effects.txt", "a") as file:
        file.write(line + "\\n")

@app.orchestration_trigger(context_name="context")
def main(context):
    first = yield context.task_all([context.call_activity("double", n) for n in range(4)])
    child = yield context.call_sub_orchestrator("child", 5)
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    context.signal_entity(df.EntityId("counter", "k"), "add", 1)
    total = yield context.call_entity(df.EntityId("counter", "k"), "get")
    try:
        yield context.call_activity_with_retry("breaks", df.RetryOptions(60000, 2))
    except Exception as error:
        broken = "breaks" in str(error)
    rounds = yield context.call_sub_orchestrator("rounds", 3)
    return [first, child, total, broken, rounds]

@app.orchestration_trigger(context_name="context")
def child(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
    return (yield context.call_activity("double", context.get_input()))

@app.orchestration_trigger(context_name="context")
def rounds(context):
    left = context.get_input()
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
    if left:
        context.continue_as_new(left - 1)
        return
    return "round"

@app.activity_trigger(input_name="n")
def double(n):
    note(f"double {n}")
    return 2 * n

@app.activity_trigger(input_name="n")
def breaks(n):
    raise ValueError("always")

@app.entity_trigger(context_name="context")
def counter(context):
    if context.operation_name == "add":
        context.set_state(context.get_state(lambda: 0) + context.get_input())
    context.set_result(context.get_state(lambda: 0))
"""
END = [[0, 2, 4, 6], 10, 1, True, "round"]
RUNNER = """
import os, signal, sys
from pathlib import Path
from devhost import HostOptions, serve

folder, database, state, kill_at = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])

def after_commit(number):
    if number == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

serve(HostOptions(folder, database, state_file=state, after_commit=after_commit))
"""


class Process:
    """The host as a process of its own, to be killed."""

    def __init__(self, folder: Path, data: Path, kill_at: int = 0) -> None:
        self.state = data / "state.json"
        self.state.unlink(missing_ok=True)
        arguments = [str(folder), str(data / "hub.db"), str(self.state), str(kill_at)]
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RUNNER, *arguments], stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT), "BRIDGEHEAD_CLOCK_FILE": str(data / "clock.json")},
        )

    def url(self) -> str | None:
        """None when it was killed before it answered."""
        while self.process.poll() is None:
            if self.state.exists():
                return str(json.loads(self.state.read_text())["url"])
            time.sleep(0.01)
        return None

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0


def status_of(url: str) -> dict[str, Any] | None:
    try:
        answer = httpx.get(f"{url}/durabletask/instances/run", timeout=10)
    except httpx.HTTPError:
        return None
    return dict(answer.json()) if answer.content else {}


@pytest.mark.parametrize("seed", range(3))
def test_process_killed_at_random_commits_ends_the_same(seed: int, tmp_path: Path, app_folder: Any) -> None:
    """kill -9 at a random commit, again and again, and the run ends as if nothing had been."""
    folder, draw = app_folder(APP), random.Random(seed)
    clock.create(tmp_path / "clock.json", speed="max")
    kills, status = 0, None
    while status is None or status.get("runtimeStatus") not in ("Completed", "Failed"):
        process = Process(folder, tmp_path, kill_at=draw.randint(2, 25) if kills < 3 else 0)
        url = process.url()
        if url and kills == 0:
            _start(url)
        while url and process.process.poll() is None:
            status = status_of(url)
            if status and status.get("runtimeStatus") in ("Completed", "Failed"):
                break
            if status == {}:
                _start(url)
            time.sleep(0.01)
        if process.process.poll() is None:
            process.stop()
        kills += 1
        assert kills < 8
    assert (status["runtimeStatus"], status["output"]) == ("Completed", END)


def _start(url: str) -> None:
    try:
        httpx.post(f"{url}/durabletask/orchestrators/main/run", timeout=10)
    except httpx.HTTPError:
        return


def test_every_single_commit_is_a_safe_place_to_die(serve: Callable[..., Any], tmp_path: Path, app_folder: Any) -> None:
    """The database as it stood after each commit of a run leads another host to the same end."""
    folder, database, copies = app_folder(APP), tmp_path / "data" / "hub.db", tmp_path / "copies"
    copies.mkdir()

    def keep(number: int) -> None:
        for path in database.parent.glob("hub.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copies / f"{number:04d}-{path.name}")

    whole = serve(folder, database=database, after_commit=keep)
    assert whole.wait(whole.start("main", None, "run")).status is Status.COMPLETED
    whole.host.stop()
    numbers = sorted({path.name[:4] for path in copies.glob("*-hub.db")})
    assert len(numbers) >= 20
    for number in numbers[:: max(1, len(numbers) // 12)]:
        data = tmp_path / f"from{number}"
        data.mkdir()
        for path in copies.glob(f"{number}-*"):
            shutil.copy(path, data / path.name[5:])
        again = serve(folder, database=data / "hub.db")
        assert json.loads(again.wait("run").output) == END, number
        again.host.stop()


def test_activity_without_a_recorded_end_runs_again(serve: Callable[..., Any], tmp_path: Path, app_folder: Any) -> None:
    """At least once: a call that was under way when the process died is made again, a finished one is not."""
    folder = app_folder(
        """
        @app.orchestration_trigger(context_name="context")
        def main(context):
            yield context.call_activity("note", "first")
            return (yield context.call_activity("note", "second"))

        @app.activity_trigger(input_name="x")
        def note(x):
            with open("effects.txt", "a") as file:
                file.write(x + "\\n")
            while x == "second" and os.path.exists("hang"):
                time.sleep(0.01)
            return x
        """
    )
    (folder / "hang").touch()
    process = Process(folder, _with_clock(tmp_path))
    url = process.url()
    assert url
    _start(url)
    effects = folder / "effects.txt"
    while not effects.exists() or "second" not in effects.read_text():
        time.sleep(0.01)
    process.process.kill()
    process.process.wait()
    (folder / "hang").unlink()
    again = Process(folder, tmp_path)
    url = again.url()
    assert url
    while (status_of(url) or {}).get("runtimeStatus") != "Completed":
        time.sleep(0.01)
    again.stop()
    assert effects.read_text().split() == ["first", "second", "second"]


def test_sigterm_ends_the_process_while_a_call_hangs(tmp_path: Path, app_folder: Any) -> None:
    """A hanging activity does not keep the host alive; its call is made again next time."""
    folder = app_folder(
        """
        @app.orchestration_trigger(context_name="context")
        def main(context):
            yield context.call_activity("hangs")

        @app.activity_trigger(input_name="x")
        def hangs(x):
            open("hanging", "w").close()
            time.sleep(60)
        """
    )
    process = Process(folder, _with_clock(tmp_path))
    url = process.url()
    assert url
    _start(url)
    while not (folder / "hanging").exists():
        time.sleep(0.01)
    process.stop()


def test_one_database_is_served_by_one_process(serve: Callable[..., Any], app_folder: Any) -> None:
    """A second host on the file is refused while the first lives."""
    folder = app_folder(APP)
    first = serve(folder)
    with pytest.raises(HostError, match="is being served by another process"):
        serve(folder)
    first.host.stop()
    serve(folder)


def test_messages_kept_for_a_suspended_run_survive(serve: Callable[..., Any], app_folder: Any) -> None:
    """An event that waits for a resume is a row like any other."""
    folder = app_folder(
        """
        @app.orchestration_trigger(context_name="context")
        def waits(context):
            return (yield context.wait_for_external_event("go"))
        """
    )
    first = serve(folder)
    first.start("waits", None, "run")
    first.ask(first.client.suspend("run", "hold"))
    first.wait("run", Status.SUSPENDED)
    first.ask(first.client.raise_event("run", "go", 1))
    first.settle()
    first.host.stop()
    second = serve(folder)
    second.settle()
    assert second.record("run").status is Status.SUSPENDED
    second.ask(second.client.resume("run", "on"))
    assert json.loads(second.wait("run").output) == "1"


def _with_clock(folder: Path) -> Path:
    clock.create(folder / "clock.json", speed="max")
    return folder
