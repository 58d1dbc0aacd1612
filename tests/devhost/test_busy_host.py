"""A pool full of hanging activities keeps nobody else from being served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import httpx
import pytest

from devhost.history import Status

APP = """
@app.orchestration_trigger(context_name="context")
def hangs(context):
    yield context.task_all([context.call_activity("hang", n) for n in range(context.get_input())])

@app.orchestration_trigger(context_name="context")
def quick(context):
    return (yield context.call_entity(df.EntityId("flag", "k"), "set"))

@app.orchestration_trigger(context_name="context")
def calls_async(context):
    return (yield context.call_activity("async_one", 1))

@app.activity_trigger(input_name="x")
def hang(x):
    with open("running.txt", "a") as file:
        file.write("+\\n")
    while not os.path.exists("released"):
        time.sleep(0.02)
    return x

@app.activity_trigger(input_name="x")
@app.durable_client_input(client_name="client")
async def async_one(x, client):
    return [x, await client.start_new("quick")]

@app.entity_trigger(context_name="context")
def flag(context):
    context.set_state(True)
    context.set_result("set")

@app.route(route="abort", auth_level=func.AuthLevel.ANONYMOUS)
@app.durable_client_input(client_name="client")
async def abort(req: func.HttpRequest, client) -> func.HttpResponse:
    await client.signal_entity(df.EntityId("flag", "k"), "set")
    run = await client.start_new("quick")
    return await client.wait_for_completion_or_create_check_status_response(req, run, 2000, 10)
"""
LIMITS = {"version": "2.0", "extensions": {"durableTask": {"maxConcurrentActivityFunctions": 30}}}


@pytest.fixture
def folder(app_folder: Callable[..., Path]) -> Iterator[Path]:
    made = app_folder(APP, LIMITS)
    yield made
    (made / "released").touch()


def running(folder: Path) -> int:
    path = folder / "running.txt"
    return len(path.read_text().split()) if path.exists() else 0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_door_entity_and_orchestrator_answer_while_fifty_activities_hang(
    serve: Callable[..., Any], folder: Path, monkeypatch: Any
) -> None:
    """At once, with every thread of the pool taken."""
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "8")
    served = serve(folder, speed=None)
    served.start("hangs", 50)
    until(lambda: running(folder) == 8)
    began = time.monotonic()
    answer = httpx.post(f"{served.host.url}/api/abort", timeout=5)
    assert (answer.status_code, answer.text) == (200, "set")
    assert time.monotonic() - began < 3, "a second on an idle machine"
    assert served.ask(served.client.read_entity_state(df.EntityId("flag", "k"))).entity_state is True
    (folder / "released").touch()


def test_pool_and_host_json_bound_what_runs_at_once(
    serve: Callable[..., Any], folder: Path, monkeypatch: Any
) -> None:
    """No more than threads of the pool, and no more than maxConcurrentActivityFunctions."""
    monkeypatch.setenv("PYTHON_THREADPOOL_THREAD_COUNT", "40")
    served = serve(folder, speed=None)
    run = served.start("hangs", 50)
    until(lambda: running(folder) == 30)
    time.sleep(0.1)
    assert running(folder) == 30
    (folder / "released").touch()
    assert served.wait(run).status is Status.COMPLETED
    assert running(folder) == 50


def test_activity_with_a_client_runs_on_the_worker_loop(serve: Callable[..., Any], folder: Path) -> None:
    """An activity may start what outlives its run."""
    served = serve(folder)
    value, started = served.run("calls_async")
    assert value == 1
    assert served.wait(started).status is Status.COMPLETED


def test_async_doors_share_one_long_lived_loop(serve: Callable[..., Any], folder: Path) -> None:
    """Many calls of the SDK's client from many doors at once, on one session."""
    served = serve(folder)
    statuses: list[int] = []

    def post() -> None:
        statuses.append(httpx.post(f"{served.host.url}/api/abort", timeout=10).status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
