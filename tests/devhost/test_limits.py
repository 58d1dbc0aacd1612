"""32 KB is the limit of everything that crosses: exactly, and each refusal says where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.history import Status

APP = """
@app.orchestration_trigger(context_name="context")
def gives(context):
    return "x" * context.get_input()

@app.orchestration_trigger(context_name="context")
def takes(context):
    yield context.wait_for_external_event("go")
    return len(context.get_input())

@app.orchestration_trigger(context_name="context")
def sends(context):
    kind, size = context.get_input()
    text = "x" * size
    if kind == "activity":
        yield context.call_activity("echo_size", text)
    elif kind == "child":
        yield context.call_sub_orchestrator("takes_at_once", text)
    elif kind == "entity":
        yield context.call_entity(df.EntityId("box", "k"), "put", text)
    elif kind == "generation":
        context.continue_as_new([kind, size] if False else text)
        return
    elif kind == "result":
        yield context.call_activity("give", size)
    elif kind == "operation result":
        yield context.call_entity(df.EntityId("box", "k"), "get", size)

@app.orchestration_trigger(context_name="context")
def takes_at_once(context):
    return len(context.get_input())

@app.activity_trigger(input_name="x")
def echo_size(x):
    return len(x)

@app.activity_trigger(input_name="x")
def give(x):
    return "x" * x

@app.entity_trigger(context_name="context")
def box(context):
    value = context.get_input()
    context.set_result("x" * value if context.operation_name == "get" else None)
"""
FITS = 32 * 1024 - 2  # two quotes


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve(APP)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("activity", "the input of activity 'echo_size' (called by orchestrator 'sends') is 32769 bytes"),
        ("child", "the input of sub-orchestration 'takes_at_once'"),
        ("entity", "the input of operation 'put' of entity '@box@k'"),
        ("generation", "the continue-as-new input of orchestrator 'sends'"),
        ("result", "the result of activity 'give'"),
        ("operation result", "the result of operation 'get' of entity '@box@k'"),
    ],
)
def test_one_byte_too_much_fails_naming_the_place(served: Any, kind: str, words: str) -> None:
    """What does not fit ends the orchestration with the place, the size and the limit."""
    record = served.wait(served.start("sends", [kind, FITS + 1]))
    assert record.status is Status.FAILED
    assert words in record.output
    assert "32768" in record.output


@pytest.mark.parametrize("kind", ["activity", "child", "entity", "result", "operation result"])
def test_exactly_the_limit_fits(served: Any, kind: str) -> None:
    """32,768 bytes of JSON text are allowed."""
    assert served.wait(served.start("sends", [kind, FITS])).status is Status.COMPLETED


@pytest.mark.parametrize(("size", "status"), [(FITS, Status.COMPLETED), (FITS + 1, Status.FAILED)])
def test_output_has_the_same_limit(served: Any, size: int, status: Status) -> None:
    """An orchestration whose output is too large fails instead of completing."""
    assert served.wait(served.start("gives", size)).status is status


def test_start_input_is_refused_with_a_clean_message(served: Any) -> None:
    """The Python client raises the message itself; the extra string layer it adds does not count."""
    served.ask(served.client.start_new("takes", "fits", "x" * FITS))
    with pytest.raises(Exception, match="the input of orchestrator 'takes' is 32769 bytes"):
        served.ask(served.client.start_new("takes", None, "x" * (FITS + 1)))


def test_event_and_signal_are_refused(served: Any) -> None:
    """An event over the limit is a 413 that says so; nothing reaches the instance."""
    served.start("takes", "a", "one")
    answer = served.http.post("/runtime/webhooks/durabletask/instances/one/raiseEvent/go", json="x" * (FITS + 1))
    assert (answer.status_code, "the event 'go'" in answer.json()["ExceptionMessage"]) == (413, True)
    with pytest.raises(Exception, match="413"):
        served.ask(served.client.signal_entity(df.EntityId("box", "k"), "put", "x" * (FITS + 1)))


def test_letters_outside_ascii_count_as_the_sdk_writes_them(served: Any) -> None:
    """The SDK escapes them, six bytes each; that text is what crosses."""
    served.ask(served.client.start_new("takes", None, "é" * ((FITS) // 6)))
    with pytest.raises(Exception, match="the input of orchestrator"):
        served.ask(served.client.start_new("takes", None, "é" * (FITS // 6 + 1)))
