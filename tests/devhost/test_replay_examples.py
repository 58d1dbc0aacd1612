"""The worked examples of the replay algorithm, event for event."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.history import Status

RETRY_3 = df.RetryOptions(5000, 3)
RETRY_2 = df.RetryOptions(5000, 2)
RETRY_1 = df.RetryOptions(5000, 1)


def two_activities(context: Any) -> Generator[Any, Any, Any]:
    yield context.call_activity("A")
    yield context.call_activity("B")


def fan_out(context: Any) -> Generator[Any, Any, Any]:
    yield context.task_all([context.call_activity("A", n) for n in range(3)])
    yield context.call_activity("B")


def retried(options: df.RetryOptions) -> Callable[[Any], Any]:
    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        try:
            yield context.call_activity_with_retry("A", options)
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower
            yield context.call_activity("after")

    return orchestrator


def child_retried(context: Any) -> Generator[Any, Any, Any]:
    yield context.call_sub_orchestrator_with_retry("child", RETRY_3)


def race(*, cancel: bool) -> Callable[[Any], Any]:
    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        yield context.task_any([context.call_activity("A"), timer])
        if cancel:
            timer.cancel()
            yield context.call_activity("B")

    return orchestrator


EXAMPLES: list[tuple[str, Callable[[Any], Any], list[list[tuple[Any, ...]]], str]] = [
    (
        "two activities", two_activities, [[("TC", 0)], [("TC", 1)]],
        "OS ES TS(0) OC | OS TC[0] TS(1) OC | OS TC[1] EC(2) OC",
    ),
    (
        "fan-out and next", fan_out, [[("TC", 0)], [("TC", 1)], [("TC", 2)], [("TC", 3)]],
        "OS ES TS(0) TS(1) TS(2) OC | OS TC[0] OC | OS TC[1] OC | OS TC[2] TS(3) OC | OS TC[3] EC(4) OC",
    ),
    (
        "retry succeeds on the third try", retried(RETRY_3),
        [[("TF", 0)], [("TMF", 1)], [("TF", 2)], [("TMF", 3)], [("TC", 4)]],
        ("OS ES TS(0) OC | OS TF[0] TMC(1) OC | OS TMF[1] TS(2) OC | OS TF[2] TMC(3) OC | OS TMF[3] TS(4) OC | "
        "OS TC[4] EC(5) OC"),
    ),
    (
        "retry used up after two", retried(RETRY_2),
        [[("TF", 0)], [("TMF", 1)], [("TF", 2)], [("TMF", 3)], [("TC", 4)]],
        ("OS ES TS(0) OC | OS TF[0] TMC(1) OC | OS TMF[1] TS(2) OC | OS TF[2] TMC(3) OC | OS TMF[3] TS(4) OC | "
        "OS TC[4] EC(5) OC"),
    ),
    (
        "one try only still waits for its timer", retried(RETRY_1), [[("TF", 0)], [("TMF", 1)], [("TC", 2)]],
        "OS ES TS(0) OC | OS TF[0] TMC(1) OC | OS TMF[1] TS(2) OC | OS TC[2] EC(3) OC",
    ),
    (
        "sub-orchestration retried", child_retried, [[("SCF", 0)], [("TMF", 1)], [("SCC", 2)]],
        "OS ES SC(0) OC | OS SCF[0] TMC(1) OC | OS TMF[1] SC(2) OC | OS SCC[2] EC(3) OC",
    ),
    (
        "race with a timer left", race(cancel=False), [[("TC", 0)], [("TMF", 1)]],
        "OS ES TS(0) TMC(1) OC | OS TC[0] OC | OS TMF[1] EC(2) OC",
    ),
    (
        "race with the timer cancelled", race(cancel=True), [[("TC", 0)], [("TC", 2)]],
        "OS ES TS(0) TMC(1) OC | OS TC[0] TS(2) OC | OS TC[2] EC(3) OC",
    ),
]


@pytest.mark.parametrize(("name", "orchestrator", "batches", "expected"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_history_is_the_contracts(
    name: str, orchestrator: Callable[[Any], Any], batches: list[list[tuple[Any, ...]]], expected: str, script: Any
) -> None:
    """Each worked example gives exactly the events that the real host was modelled to give."""
    run = script(orchestrator)
    for batch in batches:
        assert run.outcome.status is Status.RUNNING
        run.tell(*batch)
    assert run.shape == expected
    assert run.outcome.status is Status.COMPLETED


def test_last_retry_timer_is_due_at_once(script: Any) -> None:
    """When the tries are used up the timer kept for old histories fires now, not after another delay."""
    run = script(retried(RETRY_1))
    run.tell(("TF", 0))
    assert run.outcome.decisions[0].fire_at == run.now


def test_retry_delay_is_constant(script: Any) -> None:
    """SDK 1.7 cannot say a coefficient, so each delay is the first one."""
    run = script(retried(RETRY_3))
    run.tell(("TF", 0))
    assert run.outcome.decisions[0].fire_at == run.now + timedelta(seconds=5)
    run.tell(("TMF", 1))
    run.tell(("TF", 2))
    assert run.outcome.decisions[0].fire_at == run.now + timedelta(seconds=5)


def test_unyielded_task_takes_no_number_and_sends_nothing(script: Any) -> None:
    """A task that is created and never yielded does not exist for the host."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        context.call_activity("never")
        yield context.call_activity("A")

    run = script(orchestrator)
    assert [decision.name for decision in run.outcome.decisions] == ["A"]


def test_child_id_comes_from_the_execution_and_the_number(script: Any) -> None:
    """An unnamed child is called after its parent's execution, so each generation has children of its own."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        yield context.call_sub_orchestrator("child", 1)

    assert script(orchestrator).outcome.decisions[0].instance_id == "e" * 32 + ":0"


def test_long_timer_goes_in_legs_of_three_days(script: Any) -> None:
    """Beyond six days the SDK splits a timer, and both sides number the legs alike."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        yield context.create_timer(context.current_utc_datetime + timedelta(days=10))

    run = script(orchestrator)
    due = [run.outcome.decisions[0].fire_at]
    for leg in range(3):
        run.tell(("TMF", leg))
        due += [decision.fire_at for decision in run.outcome.decisions]
    days = [round((moment - due[0]).total_seconds() / 86400, 3) + 3 for moment in due]
    assert days == [3.0, 6.0, 10.0]
    assert run.outcome.status is Status.COMPLETED


def test_timer_fired_twice_is_ignored(script: Any) -> None:
    """A completion for a number that is not open changes nothing."""
    run = script(two_activities)
    run.tell(("TC", 0), ("TC", 0))
    run.tell(("TC", 1))
    assert run.outcome.status is Status.COMPLETED


def test_unknown_activity_fails_the_orchestration_by_name(script: Any, known: Any) -> None:
    """Azure would hang for ever; here the run fails and says which function is missing."""
    run = script(two_activities, names=known("A"))
    assert run.outcome.status is Status.FAILED
    assert "The function 'A' doesn't exist, is disabled, or is not an activity function." in run.outcome.output


def test_call_http_is_refused_by_name(script: Any) -> None:
    """The SDK gets durable HTTP polling wrong, so the host does not serve it at all."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        yield context.call_http("GET", "http://127.0.0.1/")

    run = script(orchestrator)
    assert run.outcome.status is Status.FAILED
    assert "call_http is not served by this host" in run.outcome.output


def test_retry_interval_over_six_days_fails_loudly(script: Any) -> None:
    """Azure swallows the ArgumentException and hangs."""
    run = script(retried(df.RetryOptions(7 * 86_400_000, 2)))
    assert run.outcome.status is Status.FAILED
    assert "6 days" in run.outcome.output


def test_child_with_its_parents_id_fails_loudly(script: Any) -> None:
    """Azure swallows this one too."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        yield context.call_sub_orchestrator("child", None, "RUN")

    run = script(orchestrator)
    assert run.outcome.status is Status.FAILED
    assert "is the id of its caller or its parent" in run.outcome.output


@pytest.mark.parametrize(("length", "status"), [(8191, Status.COMPLETED), (8192, Status.FAILED)])
def test_custom_status_may_have_sixteen_kilobytes_of_utf16(script: Any, length: int, status: Status) -> None:
    """The limit is on the serialised JSON, two bytes a character, quotes included."""

    def orchestrator(context: Any) -> str:
        context.set_custom_status("x" * (length - 2 + (length == 8192)))
        return "done"

    assert script(orchestrator).outcome.status is status


def test_custom_status_is_cleared_when_falsy(script: Any) -> None:
    """The SDK leaves a falsy status out, and absent means null."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        context.set_custom_status({"phase": 1})
        yield context.call_activity("A")
        context.set_custom_status({})
        yield context.call_activity("B")

    run = script(orchestrator)
    assert run.outcome.custom_status == '{"phase":1}'
    run.tell(("TC", 0))
    assert run.outcome.custom_status is None
