"""Every foreign exception becomes one of ours, and codes rather than statuses decide what follows."""

from __future__ import annotations

import contextlib
import inspect
import socket
from typing import Any

import pytest
import requests
from azure.core import exceptions as core

from azure_clients.errors import (
    CallFailed,
    Changed,
    Missing,
    NotSent,
    NotUnderstood,
    Refused,
    Throttled,
    Unanswered,
    calling,
    certainty,
    read_error,
    refusal,
    translate,
)

FOREIGN = sorted(
    (one for _, one in inspect.getmembers(core, inspect.isclass) if issubclass(one, core.AzureError)),
    key=lambda one: one.__name__,
)


class Answer:
    """As much of an HTTP answer as azure-core's errors want."""

    def __init__(self, status: int, text: str = "", **headers: str) -> None:
        self.status_code, self.reason, self.headers, self._text = status, "reason", headers, text
        self.content_type, self.request = "application/json", None

    def text(self) -> str:
        return self._text


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda one: one.__name__)
def test_every_exception_of_azure_core_is_mapped(foreign: Any) -> None:
    """None of them passes unknown, with or without an answer."""
    answer = Answer(409, '{"error": {"code": "Conflict", "message": "m"}}')
    made = []
    for arguments, named in (
        (("it failed",), {}),
        (("it failed",), {"response": answer}),
        ((answer,), {}),
        (([],), {}),
    ):
        with contextlib.suppress(AttributeError, TypeError):
            made.append(foreign(*arguments, **named))
    assert made
    for error in made:
        assert isinstance(translate(error, "testing"), CallFailed)
        assert translate(error, "testing").reason.startswith("testing: ")


@pytest.mark.parametrize(
    "foreign",
    [
        one
        for _, one in inspect.getmembers(requests.exceptions, inspect.isclass)
        if issubclass(one, requests.RequestException)
    ],
)
def test_every_exception_of_requests_is_mapped(foreign: Any) -> None:
    """The owner's URLs go through requests itself."""
    error = foreign("boom", "{}", 0) if foreign is requests.exceptions.JSONDecodeError else foreign("boom")
    assert isinstance(translate(error, "testing"), CallFailed)


def test_a_bug_is_no_failed_call() -> None:
    """What is no failure of a call is raised as it is."""
    with pytest.raises(KeyError), calling("testing"):
        raise KeyError("bug")


def error(code: str, message: str = "m", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "retries"),
    [
        (429, {"error": {"code": "RetryableError", "message": "A retryable error occurred.", "details": [
            {"code": "RetryableErrorDueToAnotherOperation", "message": "The call can be retried in 11 seconds."}]}},
         Throttled, "RetryableErrorDueToAnotherOperation", True),
        (429, {"error": {"code": "SubscriptionRequestsThrottled", "message": "try again after '6' seconds"}},
         Throttled, "SubscriptionRequestsThrottled", True),
        (429, "You have reached the limit of allowed 'GetOperationStatus' calls.", Throttled, "TooManyRequests", True),
        (409, error("AnotherOperationInProgress"), Refused, "AnotherOperationInProgress", True),
        (400, error("ReferencedResourceNotProvisioned"),
         Refused, "ReferencedResourceNotProvisioned", True),
        (400, error("InUseSubnetCannotBeDeleted"), Refused, "InUseSubnetCannotBeDeleted", False),
        (400, error("RemotePeeringIsDisconnected"), Refused, "RemotePeeringIsDisconnected", False),
        (409, error("ScopeLocked"), Refused, "ScopeLocked", False),
        (403, error("LinkedAuthorizationFailed"), Refused, "LinkedAuthorizationFailed", False),
        (403, error("RequestDisallowedByPolicy"), Refused, "RequestDisallowedByPolicy", False),
        (404, error("ResourceNotFound"), Missing, "ResourceNotFound", False),
        (404, {"error": {"code": "NotFound", "message": "m", "details": [{"code": "ArmResourceDoesNotExist"}]}},
         Missing, "ArmResourceDoesNotExist", False),
        (412, {"code": "PreconditionFailed", "message": "(etag mismatch)."}, Changed, "PreconditionFailed", True),
        (503, error("ServerTimeout"), Unanswered, "ServerTimeout", True),
        (500, error("InternalServerError"), Unanswered, "InternalServerError", True),
        (502, "<html>Bad gateway</html>", Unanswered, "Unanswered", True),
        (408, None, Unanswered, "Unanswered", True),
        (302, None, NotUnderstood, "NotUnderstood", False),
    ],
)  # fmt: skip
def test_codes_decide(status: int, body: Any, kind: type, code: str, retries: bool) -> None:
    """The table of sources: Errors: 429 may be a lock, 400 may be a matter of time, bodies may be text."""
    import json

    text = body if isinstance(body, str) else json.dumps(body) if body else ""
    failure = refusal(status, text, {}, "testing")
    assert (type(failure), failure.code, failure.retries) == (kind, code, retries)
    assert failure.outcome().status == ("retryable" if retries else "failed")


def test_what_may_have_been_done_is_told_apart() -> None:
    """Only a call that never left, or was refused, was surely not carried out."""
    assert certainty(refusal(400, "", {}, "t")) == "not-done"
    assert certainty(refusal(429, "", {}, "t")) == "not-done"
    assert certainty(NotSent("t")) == "not-done"
    assert certainty(refusal(503, "", {}, "t")) == "unknown"
    assert certainty(Unanswered("t")) == "unknown"


def test_a_refused_connection_never_left(clients: Any) -> None:
    """Nobody listens there: the SDK's own error, through the real client."""
    from dataclasses import replace

    from azure_clients import resources
    from azure_clients.factory import Clients

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"https://127.0.0.1:{taken.getsockname()[1]}"
    elsewhere = Clients(replace(clients.settings, arm_endpoint=nowhere))
    with pytest.raises(NotSent) as caught:
        resources.read(elsewhere, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/connections/c")
    assert certainty(caught.value) == "not-done"


def test_a_cut_connection_may_have_been_carried_out(clients: Any, wire: Any, said: Any) -> None:
    """The request left; the answer never came."""
    from azure_clients import resources

    wire.answer("DELETE", "/connections/c", said(cut=True))
    with pytest.raises(Unanswered) as caught:
        resources.begin_delete(
            clients, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/connections/c", "now"
        )
    assert certainty(caught.value) == "unknown"
    assert len(wire.of("DELETE")) == 1


def test_error_bodies_are_read_leniently() -> None:
    """Lists, numbers, deep nonsense and nothing at all are an error without a code."""
    for body in (None, "", "[]", "7", b"\xff\xfe", {"error": "text"}, {"error": {"details": "x"}}, "[" * 100_000):
        assert read_error(body).code == "", body
