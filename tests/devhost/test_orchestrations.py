"""Orchestrations on a running host: calls, children, events, entities, and what people do to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.history import Status, parse_iso

APP = """
@app.orchestration_trigger(context_name="context")
def parent(context):
    total = 0
    for n in range(3):
        total += yield context.call_sub_orchestrator("child", n)
    return total

@app.orchestration_trigger(context_name="context")
def child(context):
    return (yield context.call_activity("double", context.get_input()))

@app.orchestration_trigger(context_name="context")
def fan(context):
    return sum((yield context.task_all([context.call_activity("double", n) for n in range(context.get_input())])))

@app.orchestration_trigger(context_name="context")
def counts_down(context):
    left = context.get_input()
    context.set_custom_status({"left": left})
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
    if left:
        context.continue_as_new(left - 1)
        return
    return context.instance_id

@app.orchestration_trigger(context_name="context")
def collects(context):
    state = context.get_input()
    got = yield context.wait_for_external_event("item")
    state["got"].append(got)
    if len(state["got"]) < state["want"]:
        context.continue_as_new(state)
        return
    return state["got"]

@app.orchestration_trigger(context_name="context")
def waits(context):
    got = yield context.wait_for_external_event("go")
    after = yield context.call_activity("double", 4)
    return [got, after]

@app.orchestration_trigger(context_name="context")
def uses_entity(context):
    counter = df.EntityId("Counter", context.get_input())
    context.signal_entity(counter, "add", 5)
    context.signal_entity(counter, "add", 6)
    total = yield context.call_entity(counter, "get")
    try:
        yield context.call_entity(counter, "break")
    except Exception as error:
        return [total, str(error)]

@app.orchestration_trigger(context_name="context")
def fails(context):
    yield context.call_activity("double", 1)
    raise ValueError("no good")

@app.orchestration_trigger(context_name="context")
def fails_at_once(context):
    raise ValueError("no good")

@app.orchestration_trigger(context_name="context")
def parent_of_failure(context):
    try:
        yield context.call_sub_orchestrator("fails", None, "kid")
    except Exception as error:
        return str(error)

@app.orchestration_trigger(context_name="context")
def calls_unknown(context):
    yield context.call_activity("nobody")

@app.orchestration_trigger(context_name="context")
def calls_flaky(context):
    yield context.call_sub_orchestrator("flaky_child", None, "flaky-kid")
    return "fine"

@app.orchestration_trigger(context_name="context")
def flaky_child(context):
    return (yield context.call_activity("flaky"))

@app.activity_trigger(input_name="x")
def double(x):
    return 2 * x

@app.activity_trigger(input_name="x")
def flaky(x):
    if not os.path.exists("mended"):
        raise RuntimeError("broken")
    return "mended"

@app.entity_trigger(context_name="context")
def counter(context):
    if context.operation_name == "add":
        context.set_state(context.get_state(lambda: 0) + context.get_input())
    elif context.operation_name == "get":
        context.set_result(context.get_state(lambda: 0))
    elif context.operation_name == "delete":
        context.destruct_on_exit()
    else:
        raise ValueError(f"no operation {context.operation_name}")
"""


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve(APP)


def test_children_give_their_results(served: Any) -> None:
    """Sub-orchestrations run as instances of their own and answer their parent."""
    assert served.run("parent") == 6


def test_wide_fan_out_gathers_everything(served: Any) -> None:
    """Two hundred activities, all results, in order."""
    assert served.run("fan", 200) == 2 * sum(range(200))


def test_continue_as_new_keeps_the_id_and_starts_a_new_history(served: Any) -> None:
    """Generations run on under one id; time passed is the sum of their timers."""
    before = served.time_line.now()
    run = served.start("counts_down", 3)
    assert json.loads(served.wait(run).output) == run
    assert served.shape(run) == "OS ES TMC(0) OC | OS TMF[0] EC(1) OC"
    assert served.time_line.now() - before == timedelta(minutes=4)


def test_events_that_arrive_during_continue_as_new_are_not_lost(served: Any) -> None:
    """Events wait in the inbox while generations change."""
    run = served.start("collects", {"got": [], "want": 5})
    served.wait(run, Status.RUNNING)
    for number in range(5):
        served.ask(served.client.raise_event(run, "item", number))
        served.settle()
    assert json.loads(served.wait(run).output) == ["0", "1", "2", "3", "4"]


def test_event_for_a_pending_instance_is_kept(served: Any) -> None:
    """An event raised right after the start reaches the first wait."""
    run = served.start("waits")
    served.ask(served.client.raise_event(run, "go", 1))
    assert json.loads(served.wait(run).output) == ["1", 8]


def test_entity_is_called_signalled_and_fails_by_value(served: Any) -> None:
    """Signals are in order before the call, and a failing operation raises its text in the orchestrator."""
    assert served.run("uses_entity", "k") == [11, "no operation break"]
    state = served.ask(served.client.read_entity_state(df.EntityId("counter", "k")))
    assert (state.entity_exists, state.entity_state) == (True, 11)


def test_entity_is_signalled_and_deleted_by_a_client(served: Any) -> None:
    """Keys may hold further @ signs; a deleted entity is a 404."""
    entity = df.EntityId("counter", "a@b")
    served.ask(served.client.signal_entity(entity, "add", 3))
    served.settle()
    assert served.ask(served.client.read_entity_state(entity)).entity_state == 3
    served.ask(served.client.signal_entity(entity, "delete"))
    served.settle()
    assert not served.ask(served.client.read_entity_state(entity)).entity_exists


@pytest.mark.parametrize(("name", "error"), [("fails", "no good"), ("fails_at_once", "ValueError: no good")])
def test_failure_has_the_extensions_words(served: Any, name: str, error: str) -> None:
    """The output names the function and the error; without a yield the error comes with its type."""
    record = served.wait(served.start(name))
    assert (record.status, record.output) == (Status.FAILED, f"Orchestrator function '{name}' failed: {error}")


def test_failed_child_raises_in_its_parent(served: Any) -> None:
    """The parent sees the child's output text."""
    assert served.run("parent_of_failure") == "Orchestrator function 'fails' failed: no good \n "


def test_unknown_function_fails_the_run_naming_it(served: Any) -> None:
    """Loud here, a hang in Azure."""
    record = served.wait(served.start("calls_unknown"))
    assert record.status is Status.FAILED
    assert "The function 'nobody' doesn't exist" in record.output


def test_terminated_run_ends_with_its_reason(served: Any) -> None:
    """Terminate does not wait for open tasks."""
    run = served.start("waits")
    served.ask(served.client.terminate(run, "enough"))
    record = served.wait(run)
    assert (record.status, record.output) == (Status.TERMINATED, "enough")
    assert served.shape(run).endswith("ET EC(0) OC")


def test_terminating_a_parent_leaves_its_children(served: Any) -> None:
    """As in Azure, children know nothing of it."""
    run = served.start("waits", None, "kid")
    parent = served.start("parent")
    served.ask(served.client.terminate(parent, "stop"))
    served.wait(parent)
    assert served.record(run).status in (Status.PENDING, Status.RUNNING)


def test_suspended_run_keeps_its_messages_until_resumed(served: Any) -> None:
    """Nothing happens while suspended; then everything in order."""
    run = served.start("waits")
    served.ask(served.client.suspend(run, "hold"))
    served.wait(run, Status.SUSPENDED)
    served.ask(served.client.raise_event(run, "go", 7))
    served.settle()
    assert served.record(run).status is Status.SUSPENDED
    served.ask(served.client.resume(run, "on"))
    assert json.loads(served.wait(run).output) == ["7", 8]
    assert served.shape(run).endswith("SUSP OC | OS RES ER TS(0) OC | OS TC[0] EC(1) OC")


def test_suspended_run_can_be_terminated(served: Any) -> None:
    """Terminate gets through."""
    run = served.start("waits")
    served.ask(served.client.suspend(run, "hold"))
    served.wait(run, Status.SUSPENDED)
    served.ask(served.client.terminate(run, "enough"))
    assert served.wait(run).status is Status.TERMINATED


def test_suspending_twice_and_resuming_a_running_one_are_errors(served: Any) -> None:
    """The SDK raises on both."""
    run = served.start("waits")
    served.wait(run, Status.RUNNING)
    with pytest.raises(Exception, match="500"):
        served.ask(served.client.resume(run, "on"))
    served.ask(served.client.suspend(run, "hold"))
    served.wait(run, Status.SUSPENDED)
    with pytest.raises(Exception, match="500"):
        served.ask(served.client.suspend(run, "hold"))


def test_child_under_the_id_of_a_running_instance_fails_in_its_parent(served: Any) -> None:
    """The running instance is left alone; the parent is told."""
    served.start("waits", None, "kid")
    served.wait("kid", Status.RUNNING)
    assert "already exists: 'kid'" in served.run("parent_of_failure")
    assert served.record("kid").status is Status.RUNNING


def test_failed_run_is_rewound_through_its_child(served: Any, tmp_path: Any) -> None:
    """The failed activity of the failed child runs again; what succeeded stays."""
    run = served.start("calls_flaky")
    assert served.wait(run).status is Status.FAILED
    (tmp_path / "app0" / "mended").touch()
    served.ask(served.client.rewind(run, "mended"))
    assert json.loads(served.wait(run, Status.COMPLETED).output) == "fine"


def test_restart_runs_the_same_input_again(served: Any) -> None:
    """A new id by default, with links as the answer."""
    first = served.start("fan", 3)
    served.wait(first)
    links = served.ask(served.client.restart(first))
    assert links["id"] != first
    assert served.wait(links["id"]).output == "6"
    served.ask(served.client.restart(first, restart_with_new_instance_id=False))
    assert served.wait_for(first, lambda r: r.status is Status.COMPLETED).output == "6"


def test_purged_instance_is_gone(served: Any) -> None:
    """Purging counts, and a second time finds nothing."""
    run = served.start("fan", 1)
    served.wait(run)
    assert served.ask(served.client.purge_instance_history(run)).instances_deleted == 1
    assert served.ask(served.client.purge_instance_history(run)).instances_deleted == 0
    assert not served.ask(served.client.get_status(run))


def test_history_timestamps_never_run_backwards(served: Any) -> None:
    """Each episode is at or after the one before, and after the timers that woke it."""
    run = served.start("counts_down", 0)
    served.wait(run)
    stamps = [parse_iso(e["Timestamp"]) for e in served.events(run) if e["EventType"] == 12]
    fired = [parse_iso(e["FireAt"]) for e in served.events(run) if e["EventType"] == 11]
    assert stamps == sorted(stamps)
    assert stamps[-1] >= fired[-1]
