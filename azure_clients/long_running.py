"""Long operations of Azure Resource Manager: recorded when begun, looked at once per call, never waited for.

What was recorded (sources: Long operations): network writes answer with Azure-AsyncOperation, whose body holds only
``status`` and perhaps ``error``; reading actions answer 202 with Location alone, 202 again while they run, then 200
with the result. Failed and Canceled come over HTTP 200. A poll that fails says nothing of the operation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from azure_clients.answers import Answer, request
from azure_clients.errors import CallFailed, NotUnderstood, is_retryable, read_error
from domain.outcomes import Operation, Outcome, failed, retryable, succeeded

POLL_URL_LIMIT = 16_000
"""Recorded Site Recovery URLs have 3,111 characters; a step's input has room for this (sources: Traps 16)."""


@dataclass(frozen=True)
class Polled:
    """One look at a long operation. ``state``: running, succeeded, failed, or gone (Azure has forgotten it)."""

    state: str
    reason: str = ""
    code: str = ""
    poll_after: float | None = None
    advised: float | None = None
    warning: str | None = None
    result: Any = field(default=None)


def begun(answer: Answer, resource_id: str, now: str, *, attempt: int = 1) -> Operation | None:
    """The operation that an answer has begun; None when it was done at once."""
    status_url, location = answer.headers.get("azure-asyncoperation"), answer.headers.get("location")
    url = status_url or (location if answer.status == 202 else None)
    if url is None:
        return None
    if len(url) > POLL_URL_LIMIT:
        raise NotUnderstood(f"the poll URL of {resource_id} has {len(url)} characters, more than {POLL_URL_LIMIT}")
    return Operation("network", resource_id, poll_url=url, final_url=location, started_at=now, attempt=attempt)


def poll(client: Any, endpoint: str, operation: Operation, doing: str) -> Polled:
    """Look once. A throttled, refused or unanswered poll is ``running``: it says nothing of the operation."""
    url = operation.poll_url or ""
    if not _is_ours(url, endpoint):
        return Polled("gone", f"{doing}: the operation's URL is not {urlsplit(endpoint).hostname}'s")
    try:
        answer = request(doing, client, "GET", url, absent_is_fine=True)
    except CallFailed as failure:
        return Polled("running", f"the poll failed, which says nothing of the operation: {failure.reason}",
                      code=failure.code, poll_after=failure.retry_after)  # fmt: skip
    if answer.status in (404, 410):
        return Polled("gone", f"{doing}: Azure no longer knows the operation")
    return read_status(answer, doing)


def read_status(answer: Answer, doing: str) -> Polled:
    """What a poll's answer says. Unknown statuses are not the end."""
    status = answer.document.get("status")
    advised = answer.retry_after
    if not isinstance(status, str):
        if answer.status == 202:
            return Polled("running", f"{doing}: under way", advised=advised)
        return Polled("succeeded", advised=advised, result=answer.body)
    word = status.lower()
    error = read_error(answer.document.get("error")) if answer.document.get("error") else None
    if word == "succeeded":
        warning = f"{error.code}: {error.message}".strip(": ") if error else None
        return Polled("succeeded", advised=advised, warning=warning, result=answer.document.get("properties"))
    if word in ("failed", "canceled", "cancelled"):
        code = (error.code if error else "") or ("Canceled" if word != "failed" else "OperationFailed")
        said = error.message if error and error.message else status
        return Polled("failed", f"{doing}: {said} ({code})", code=code)
    return Polled("running", f"{doing}: {status}", advised=advised)


def outcome_of(polled: Polled, operation: Operation) -> Outcome:
    """The outcome of a poll. Whoever began it reads the desired state afterwards."""
    evidence: dict[str, Any] = {"advised": polled.advised} if polled.advised is not None else {}
    if polled.state == "running":
        return Outcome(
            "running", polled.reason, operation=operation, poll_after_seconds=polled.poll_after, evidence=evidence
        )
    if polled.state == "gone":
        return succeeded(f"{polled.reason}; the resource itself is read instead")
    if polled.state == "succeeded":
        done = succeeded("Azure says it is done")
        return replace(done, evidence={"warning": polled.warning}) if polled.warning else done
    if is_retryable(polled.code):
        return retryable(polled.reason, code=polled.code)
    return failed(polled.reason, code=polled.code)


def _is_ours(url: str, endpoint: str) -> bool:
    """A token goes out with each poll: only to the endpoint itself, or to a host of its domain."""
    there, ours = urlsplit(url), urlsplit(endpoint)
    host, own = (there.hostname or "").lower(), (ours.hostname or "").lower()
    return there.scheme == "https" and (there.netloc.lower() == ours.netloc.lower() or host.endswith(f".{own}"))
