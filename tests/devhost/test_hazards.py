"""Traps that production has, reproduced: what goes wrong in Azure must go wrong here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from devhost.history import Status


def test_timer_cancelled_after_a_retry_is_non_deterministic(script: Any) -> None:
    """A retry raced against a timer that is then cancelled: the next action takes the retry timer's number."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        deadline = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
        call = context.call_activity_with_retry("A", df.RetryOptions(1000, 3))
        yield context.task_any([call, deadline])
        deadline.cancel()
        yield context.call_activity("B")

    run = script(orchestrator)
    run.tell(("TF", 0))
    run.tell(("TMF", 2))
    run.tell(("TC", 3))
    assert run.outcome.status is Status.FAILED
    assert run.outcome.output.startswith("Non-Deterministic workflow detected: ")


def test_failed_task_all_with_a_sibling_to_be_retried_mixes_up_numbers(script: Any) -> None:
    """The SDK goes on at the first failure, the host waits for all: the retry's timer takes the next task's number.

    The SDK takes the firing of that timer for the result of the next activity, whose own result is then lost.
    """

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        retried = context.call_activity_with_retry("A", df.RetryOptions(1000, 3))
        try:
            yield context.task_all([context.call_activity("fails"), retried])
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower
            return (yield context.call_activity("next"))

    run = script(orchestrator)
    run.tell(("TF", 0))
    assert run.outcome.decisions == []
    run.tell(("TF", 1))
    assert [(d.id, d.kind.name) for d in run.outcome.decisions] == [(2, "TIMER_CREATED")]
    run.tell(("TMF", 2))
    assert [(d.id, d.name) for d in run.outcome.decisions] == [(3, "A")]
    run.tell(("TC", 3, "retried"))
    assert [(d.id, d.name) for d in run.outcome.decisions] == [(4, "next")]
    run.tell(("TC", 4, "the result of next"))
    assert (run.outcome.status, run.output) == (Status.COMPLETED, None)


def test_cancelled_long_timer_still_keeps_the_run_open(script: Any) -> None:
    """Cancelling a timer of more than six days sets a flag that nobody sends: its first leg stays open."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        timer = context.create_timer(context.current_utc_datetime + timedelta(days=30))
        yield context.task_any([context.call_activity("A"), timer])
        timer.cancel()

    run = script(orchestrator)
    run.tell(("TC", 0))
    assert run.outcome.status is Status.RUNNING
    run.tell(("TMF", 1))
    assert run.outcome.status is Status.COMPLETED


def test_early_events_are_lost_with_their_generation(script: Any) -> None:
    """What was buffered and never waited for does not cross a continue-as-new; what came after the call does."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        if context.get_input() == "second":
            return (yield context.wait_for_external_event("early"))
        yield context.wait_for_external_event("go")
        context.continue_as_new("second")

    run = script(orchestrator, "first")
    run.tell(("ER", "early", "1"))
    run.tell(("ER", "go", "1"))
    assert (run.generations, run.outcome.status) == (1, Status.RUNNING)
    run.tell(("ER", "early", "2"))
    assert run.output == 2

    carried = script(orchestrator, "first")
    carried.tell(("ER", "go", "1"), ("ER", "early", "3"))
    assert (carried.generations, carried.output) == (1, 3)


def test_forgotten_timer_keeps_the_run_open(serve: Callable[..., Any]) -> None:
    """The function has returned, but the instance stays Running until its timer fires."""
    served = serve(
        """
        @app.orchestration_trigger(context_name="context")
        def forgetful(context):
            timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
            yield context.task_any([context.call_activity("quick"), timer])
            return "done"

        @app.activity_trigger(input_name="x")
        def quick(x):
            return x
        """
    )
    record = served.wait(served.start("forgetful"))
    assert served.shape(record.instance_id) == "OS ES TS(0) TMC(1) OC | OS TC[0] OC | OS TMF[1] EC(2) OC"
    assert (served.time_line.now() - _at(record.created)) >= timedelta(hours=1)


def _at(text: str) -> Any:
    from devhost.history import parse_iso

    return parse_iso(text)


EVENTS = """
@app.orchestration_trigger(context_name="context")
def waits(context):
    context.set_custom_status("waiting")
    got = []
    for _ in range(context.get_input()):
        got.append((yield context.wait_for_external_event("go")))
    return got

@app.orchestration_trigger(context_name="context")
def waits_late(context):
    yield context.wait_for_external_event("ready")
    first = yield context.wait_for_external_event("go")
    second = yield context.wait_for_external_event("go")
    return [first, second]

@app.orchestration_trigger(context_name="context")
def both(context):
    return (yield context.task_all([context.wait_for_external_event("go"), context.wait_for_external_event("go")]))
"""


def test_event_from_the_sdk_client_arrives_as_json_text(serve: Callable[..., Any]) -> None:
    """``client.raise_event`` encodes twice: user code gets the JSON text; from curl it gets the value."""
    served = serve(EVENTS)
    run = served.start("waits", 2)
    served.wait_for(run, lambda r: r.custom_status is not None)
    served.ask(served.client.raise_event(run, "go", {"a": 1}))
    served.settle()
    served.http.post(f"/runtime/webhooks/durabletask/instances/{run}/raiseEvent/go", json={"a": 1})
    assert json.loads(served.wait(run).output) == ['{"a": 1}', {"a": 1}]


def test_early_events_of_one_name_collapse(serve: Callable[..., Any]) -> None:
    """Of two early events the SDK keeps the last and gives it to every later wait."""
    served = serve(EVENTS)
    run = served.start("waits_late")
    for number in (1, 2):
        served.ask(served.client.raise_event(run, "go", number))
    served.settle()
    served.ask(served.client.raise_event(run, "ready"))
    assert json.loads(served.wait(run).output) == ["2", "2"]


def test_two_waits_of_one_name_are_served_newest_first(serve: Callable[..., Any]) -> None:
    """Two open waits for one name get their events in reverse."""
    served = serve(EVENTS)
    run = served.start("both")
    served.wait(run, Status.RUNNING)
    for number in (1, 2):
        served.ask(served.client.raise_event(run, "go", number))
    assert json.loads(served.wait(run).output) == ["2", "1"]


def test_event_name_in_another_case_never_arrives(serve: Callable[..., Any]) -> None:
    """The host compares event names without case, the SDK with: the wait goes on until the exact name comes."""
    served = serve(EVENTS)
    run = served.start("waits", 1)
    served.wait(run, Status.RUNNING)
    served.ask(served.client.raise_event(run, "GO", 1))
    served.settle()
    assert served.record(run).status is Status.RUNNING
    served.ask(served.client.raise_event(run, "go", 2))
    assert json.loads(served.wait(run).output) == ["2"]


def test_waiting_for_nothing_yields_none(script: Any) -> None:
    """``task_all([])`` and ``task_any([])`` give None, not an empty list."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        first = yield context.task_all([])
        second = yield context.task_any([])
        return [first, second]

    assert script(orchestrator).output == [None, None]


def test_single_yield_of_a_compounds_child_schedules_it_twice(script: Any) -> None:
    """A compound built before its child is yielded alone keeps that child's action: the host runs it twice."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        first, second = context.call_activity("A"), context.call_activity("B")
        both = context.task_all([first, second])
        one = yield first
        return [one, (yield both)]

    run = script(orchestrator)
    run.tell(("TC", 0, "a"))
    assert [(d.id, d.name) for d in run.outcome.decisions] == [(1, "A"), (2, "B")]
    run.tell(("TC", 1, "a again"))
    run.tell(("TC", 2, "b"))
    assert run.output == ["a", ["a", "a again"]]


STARTS = """
@app.orchestration_trigger(context_name="context")
def say(context):
    yield context.call_activity("note", context.get_input())
    yield context.wait_for_external_event("end")
    return context.get_input()

@app.orchestration_trigger(context_name="context")
def done(context):
    return context.get_input()

@app.activity_trigger(input_name="x")
def note(x):
    return x
"""


def test_two_starts_of_one_id_both_get_202(serve: Callable[..., Any]) -> None:
    """Starting a known id is not a lock: both callers are told yes, one execution is left."""
    served = serve(STARTS)

    async def both() -> list[str]:
        starts = [served.client.start_new("say", "one", number) for number in (1, 2)]
        return list(await asyncio.gather(*starts))

    assert served.ask(both()) == ["one", "one"]
    served.settle()
    served.ask(served.client.raise_event("one", "end"))
    assert json.loads(served.wait("one").output) in (1, 2)
    assert served.shape("one").count("ES") == 1


def test_start_of_a_running_id_is_refused_when_there_is_no_race(serve: Callable[..., Any]) -> None:
    """One after the other, the second caller is told that the instance exists."""
    served = serve(STARTS)
    served.start("say", 1, "one")
    answer = served.http.post("/runtime/webhooks/durabletask/orchestrators/say/one")
    assert (answer.status_code, "already exists" in answer.json()["ExceptionMessage"]) == (500, True)


def test_finished_instance_is_overwritten(serve: Callable[..., Any]) -> None:
    """A finished id may be started again and its history is gone."""
    served = serve(STARTS)
    served.wait(served.start("done", 1, "one"))
    served.wait_for(served.start("done", 2, "one"), lambda r: r.output == "2")
    assert served.shape("one") == "OS ES EC(0) OC"


def test_list_input_from_curl_breaks_get_input(serve: Callable[..., Any]) -> None:
    """An object works, a list does not: ``get_input`` raises in the SDK."""
    served = serve(STARTS)
    for body, status in (({"a": 1}, Status.COMPLETED), ([1], Status.FAILED)):
        started = served.http.post("/runtime/webhooks/durabletask/orchestrators/done", json=body)
        assert served.wait(started.json()["id"]).status is status


def test_failed_activity_arrives_as_a_bare_exception(serve: Callable[..., Any]) -> None:
    """Type and attributes are lost; what is left is the extension's text."""
    served = serve(
        """
        @app.orchestration_trigger(context_name="context")
        def tries(context):
            try:
                yield context.call_activity("breaks")
            except Exception as error:
                return [type(error).__name__, str(error)]

        @app.activity_trigger(input_name="x")
        def breaks(x):
            raise LookupError("not there")
        """
    )
    name, text = served.run("tries")
    assert name == "Exception"
    assert text.startswith("Activity function 'breaks' failed:  LookupError: not there \n {")
