"""What an activity returns: expected failure is a value, never an exception (rule 2).

A Python orchestrator sees a raised activity error as a bare ``Exception`` whose type is lost, so everything that a
caller is to tell apart is said in an ``Outcome``.

    succeeded     the desired state was read; nothing is left to do
    running       Azure works on it: poll ``operation`` again after ``poll_after_seconds``
    unconfirmed   we did what we could and Azure has not confirmed it (a dark region): somebody else must stand in
    retryable     it did not happen, and trying again is right, after ``retry_after_seconds`` when Azure said so
    failed        it did not happen, and trying again unchanged will not help
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["succeeded", "running", "unconfirmed", "retryable", "failed"]

REASON_LIMIT = 600


@dataclass(frozen=True)
class Operation:
    """A long operation of Azure's, so recorded that any later process can go on watching it.

    kind         ``network`` (poll URL), ``site-recovery-job`` (job id), ``resource`` (poll the resource itself),
                 ``settling`` (we do not know whether Azure accepted: look for the job until ``settles_at``) or
                 ``readings`` (several at once, kept as a document)
    resource_id  the ARM id that it works on
    poll_url     Azure-AsyncOperation or Location; signed: it never reaches a log or report
    job          the ARM id of the Site Recovery job
    started_at   ISO 8601 UTC, when it was begun
    """

    kind: str
    resource_id: str
    poll_url: str | None = None
    final_url: str | None = None
    job: str | None = None
    started_at: str | None = None
    settles_at: str | None = None
    attempt: int = 1

    @property
    def id(self) -> str:
        """What a report may show: the job's or operation's own id, without the signature in its URL; else empty."""
        source = self.job or (self.poll_url or "").split("?")[0]
        return source.rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Outcome:
    """See the module's docstring. ``code`` is Azure's error code or ours; ``evidence`` small JSON for the report."""

    status: Status
    reason: str = ""
    code: str | None = None
    retry_after_seconds: float | None = None
    poll_after_seconds: float | None = None
    operation: Operation | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.status not in ("running", "retryable")


def succeeded(reason: str = "", *, operation: Operation | None = None, **evidence: Any) -> Outcome:
    return Outcome("succeeded", _short(reason), operation=operation, evidence=evidence)


def running(operation: Operation, *, poll_after_seconds: float | None = None, reason: str = "") -> Outcome:
    return Outcome("running", _short(reason), operation=operation, poll_after_seconds=poll_after_seconds)


def unconfirmed(reason: str, *, code: str | None = None, **evidence: Any) -> Outcome:
    return Outcome("unconfirmed", _short(reason), code=code, evidence=evidence)


def retryable(
    reason: str, *, code: str | None = None, retry_after_seconds: float | None = None, **evidence: Any
) -> Outcome:
    return Outcome("retryable", _short(reason), code=code, retry_after_seconds=retry_after_seconds, evidence=evidence)


def failed(reason: str, *, code: str, **evidence: Any) -> Outcome:
    return Outcome("failed", _short(reason), code=code, evidence=evidence)


def _short(reason: str) -> str:
    return reason if len(reason) <= REASON_LIMIT else reason[: REASON_LIMIT - 1] + "…"
