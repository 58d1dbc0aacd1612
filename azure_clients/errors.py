"""What can go wrong with a call, told apart by what it means for the caller; every foreign exception ends up here.

    CallFailed
    ├── NotSent            it never left: no connection, no name, no token        retryable, surely not done
    ├── Unanswered         it left, and nobody knows: time-out, cut, 408, 5xx      retryable, perhaps done
    ├── Refused            Azure said no, with a code                              retryable or failed, by code
    │   ├── Missing        404: it is not there
    │   ├── Throttled      429: too many calls, or another operation holds a lock  retryable, after what Azure says
    │   └── Changed        409/412 of a condition: somebody else wrote first       retryable after reading again
    └── NotUnderstood      an answer that Azure does not give                      failed

Classification is by ARM error *code*, not by status (sources: Errors). Bodies may be plain text, and
may lack the outer ``error``. No text that leaves here holds a secret or a signed URL.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from azure_clients.retry_after import retry_after_seconds
from azure_clients.scrubbing import SCRUBBER
from domain.outcomes import Outcome, failed, retryable

RETRYABLE_CODES = frozenset(
    code.lower()
    for code in (
        "RetryableError",
        "RetryableErrorDueToAnotherOperation",
        "AnotherOperationInProgress",
        "ReferencedResourceNotProvisioned",
        "CanceledAndSupersededDueToAnotherOperation",
        "OperationPreempted",
        "ResourceNotReady",
        "ServerTimeout",
        "RequestTimeout",
        "GatewayTimeout",
        "GwmOperationTimeOut",
        "InternalServerError",
        "InternalError",
        "ServiceUnavailable",
        "ServerBusy",
        "OperationTimedOut",
        "TooManyRequests",
        "SubscriptionRequestsThrottled",
        "ResourceGroupRequestsThrottled",
        "PreconditionFailed",
        "ConditionNotMet",
        "InvalidAuthenticationToken",
        "ExpiredAuthenticationToken",
        "AuthenticationFailed",
    )
)
"""Codes after which the same call may well succeed. Everything else that Azure refuses is permanent."""

VAGUE_CODES = frozenset(
    {"retryableerror", "canceled", "cancelled", "badrequest", "conflict", "notfound", "operationfailed", ""}
)
"""Codes that say nothing: the first detail's code is the one to look at."""


class CallFailed(Exception):
    """A call that did not do what was asked. ``code`` is Azure's error code or ours; ``reason`` is safe to show."""

    default_code = "CallFailed"

    def __init__(
        self, reason: str, *, code: str | None = None, status: int | None = None, retry_after: float | None = None
    ) -> None:
        self.reason = SCRUBBER.scrub(reason)
        super().__init__(self.reason)
        self.code = code or self.default_code
        self.status = status
        self.retry_after = retry_after

    @property
    def retries(self) -> bool:
        """Whether the same call may well succeed later."""
        return True

    def outcome(self, **evidence: Any) -> Outcome:
        """This failure as an activity returns it."""
        if self.retries:
            return retryable(self.reason, code=self.code, retry_after_seconds=self.retry_after, **evidence)
        return failed(self.reason, code=self.code, **evidence)


class NotSent(CallFailed):
    """The call never left this machine, or nobody was there to take it."""

    default_code = "NotReached"


class Unanswered(CallFailed):
    """The call left; whether it was carried out is not known."""

    default_code = "Unanswered"


class NotUnderstood(CallFailed):
    """The answer is none that the service gives."""

    default_code = "NotUnderstood"

    @property
    def retries(self) -> bool:
        return False


class Refused(CallFailed):
    """The service said no. It did nothing."""

    default_code = "Refused"

    @property
    def retries(self) -> bool:
        """By code: what Azure refuses is permanent unless the code says otherwise."""
        return is_retryable(self.code)


class Missing(Refused):
    """404."""

    default_code = "NotFound"


class Throttled(Refused):
    """429: retryable whatever its code says."""

    default_code = "TooManyRequests"

    @property
    def retries(self) -> bool:
        return True


class Changed(Refused):
    """What was to be written has been written by somebody else since it was read, or exists already."""

    default_code = "PreconditionFailed"

    @property
    def retries(self) -> bool:
        return True


Certainty = Literal["not-done", "unknown"]


def certainty(failure: CallFailed) -> Certainty:
    """Whether a write that failed like this can have been carried out all the same."""
    return "not-done" if isinstance(failure, NotSent | Refused) else "unknown"


def is_retryable(code: str) -> bool:
    return code.lower() in RETRYABLE_CODES


@dataclass(frozen=True)
class AzureError:
    """An ARM error body, read leniently. ``code`` is the most telling one."""

    code: str = ""
    message: str = ""
    details: tuple[str, ...] = field(default=())


def read_error(body: Any) -> AzureError:
    """Read ``{"error": {...}}``, a bare ``{"code", "message"}``, a job's service error, or plain text."""
    if isinstance(body, str | bytes):
        text = body.decode(errors="replace") if isinstance(body, bytes) else body
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            return AzureError(message=" ".join(text.split())[:400])
    if not isinstance(body, dict):
        return AzureError()
    inner = body.get("error") if isinstance(body.get("error"), dict) else body
    assert isinstance(inner, dict)
    details = [detail for detail in inner.get("details") or () if isinstance(detail, dict)]
    codes = tuple(str(detail.get("code") or "") for detail in details)
    code, message = str(inner.get("code") or ""), str(inner.get("message") or "")
    if code.lower() in VAGUE_CODES and details and codes[0]:
        code, message = codes[0], str(details[0].get("message") or message)
    return AzureError(code, message, codes)


def refusal(status: int, body: Any, headers: dict[str, str], doing: str) -> CallFailed:
    """The failure that an HTTP answer of 4xx or 5xx means."""
    found = read_error(body)
    code, said = found.code or None, found.message or f"HTTP {status}"
    reason = f"{doing}: {said}" + (f" ({code})" if code else "")
    named: dict[str, Any] = {"code": code, "status": status, "retry_after": retry_after_seconds(headers, said)}
    if status == 429:
        return Throttled(reason, **named)
    if status >= 500 or status == 408:
        return Unanswered(reason, **named)
    if status == 404:
        return Missing(reason, **named)
    if status == 412:
        return Changed(reason, **named)
    if status >= 400:
        return Refused(reason, **named)
    return NotUnderstood(f"{doing}: unexpected answer {status}", **named)


@contextlib.contextmanager
def calling(doing: str) -> Iterator[None]:
    """Turn whatever an SDK or HTTP library raises inside into a CallFailed that says what was being done."""
    try:
        yield
    except CallFailed:
        raise
    except Exception as error:  # noqa: BLE001
        raise translate(error, doing) from None


def translate(error: Exception, doing: str) -> CallFailed:
    """The one map from foreign exceptions to ours. Anything that is no failure of a call is raised again as it is."""
    from azure.core import exceptions as core

    if isinstance(error, core.ClientAuthenticationError):
        return _no_token(error, doing)
    if isinstance(error, core.DecodeError) and (error.status_code or 0) < 400:
        return NotUnderstood(f"{doing}: the answer is not readable ({type(error).__name__})")
    if isinstance(error, core.HttpResponseError):
        return _answered(error, doing)
    if isinstance(error, core.AzureError):
        return _no_answer(error, doing)
    return _plain(error, doing)


def _no_answer(error: Exception, doing: str) -> CallFailed:
    """Failures of azure-core's without an answer of the service's."""
    from azure.core import exceptions as core

    if isinstance(error, core.ServiceRequestError):
        never_left = _never_left(error)
        kind = NotSent if never_left else Unanswered
        return kind(f"{doing}: {'no connection' if never_left else 'the connection broke'} ({_short(error)})")
    if isinstance(error, core.ServiceResponseTimeoutError):
        return Unanswered(f"{doing}: no answer in time")
    if isinstance(error, core.ServiceResponseError):
        return Unanswered(f"{doing}: the connection was cut before the answer came")
    if isinstance(error, core.SerializationError | core.DeserializationError):
        return NotUnderstood(f"{doing}: the answer is not readable ({type(error).__name__})")
    return Unanswered(f"{doing}: {_short(error)}", code=type(error).__name__)


def _no_token(error: Exception, doing: str) -> CallFailed:
    """No token, or one that the service does not take: a region's identity endpoint can be down with it."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        answer = getattr(error, "response", None)
        return refusal(status, _text_of(answer), _headers_of(answer), doing)
    return NotSent(f"{doing}: no token could be had ({_short(error)})", code="NoToken")


def _answered(error: Any, doing: str) -> CallFailed:
    answer, status = error.response, error.status_code
    if status is None:
        return Unanswered(f"{doing}: {_short(error)}")
    return refusal(int(status), _text_of(answer), _headers_of(answer), doing)


def _plain(error: Exception, doing: str) -> CallFailed:
    import requests

    if isinstance(error, requests.exceptions.ConnectionError) and _never_left(error):
        return NotSent(f"{doing}: no connection")
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered(f"{doing}: no answer in time")
    if isinstance(error, requests.exceptions.RequestException):
        return Unanswered(f"{doing}: the connection broke ({type(error).__name__})")
    raise error


def _never_left(error: BaseException) -> bool:
    """True only when the connection itself could not be made. A TLS or protocol error may follow a sent request."""
    from urllib3 import exceptions as urllib3

    never = (urllib3.NewConnectionError, urllib3.ConnectTimeoutError, urllib3.NameResolutionError)
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        one = pending.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, never):
            return True
        pending += [one.__cause__, one.__context__, getattr(one, "inner_exception", None), getattr(one, "reason", None)]
        pending += list(one.args)
    return False


def _text_of(answer: Any) -> str:
    try:
        return str(answer.text()) if callable(getattr(answer, "text", None)) else str(getattr(answer, "text", "") or "")
    except Exception:  # noqa: BLE001
        return ""


def _headers_of(answer: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(getattr(answer, "headers", None) or {}).items()}


def _short(error: BaseException) -> str:
    said = " ".join(str(getattr(error, "message", None) or error).split())
    return f"{type(error).__name__}: {said[:160]}"
