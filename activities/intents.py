"""Intents: how a call that Azure must never accept twice is sent at most once at a time (rule 1).

One marker document stands for one intent: ``intents/{lineage}/{step}-{attempt}.json``, made by create-if-absent.
Whoever creates it, and only he, may send. Everything else is told from what is there:

    1. The item is read first. Done: done. Under way: attached to.
    2. A marker of this attempt is there: somebody sent, or was about to. Its job is watched, or looked for until the
       settling time has passed; then the intent came to nothing and the orchestrator makes a new one.
    3. A marker of an earlier attempt is open: its job may turn up late. It is looked for; nothing is sent until it has
       settled.
    4. The marker is claimed; afterwards the markers are read once more, so that of two attempts that claim at the same
       moment one sees the other and stands back.
    5. The claim is good for SEND_WINDOW: a process that was frozen since then does not send any more.
    6. The answer. 202: the job is noted. A definite no, or a call that never left: the intent is closed. Anything
       else (time-out, cut connection, 5xx): perhaps accepted, so it settles.

A read that fails is never taken for absence. A store that does not answer means that nothing is sent.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from activities import markers
from activities.markers import SEND_WINDOW, Marker
from activities.work import Work, advised, moment, with_evidence
from azure_clients import site_recovery
from azure_clients.answers import Answer
from azure_clients.errors import CallFailed, certainty
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Operation, Outcome, retryable, running, succeeded
from domain.step_kinds import SETTLING_TIME

STALL_SECONDS = 1.0
"""In rehearsals virtual time may run fast: a claim is only stale when real time has passed as well."""


@dataclass(frozen=True)
class Standing:
    """What a reading of the target says.

    state     done, running (``job`` is its id), blocked (``outcome`` says why nothing can be sent) or ready
    evidence  kept whatever comes of it
    """

    state: str
    reason: str = ""
    job: str | None = None
    outcome: Outcome | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


class Guarded(Protocol):
    """An operation that must not be accepted twice."""

    def read(self) -> Standing:
        """Read the target. Raises CallFailed."""

    def is_ours(self, job: dict[str, Any]) -> bool:
        """Whether a job of the vault's list is this operation on this target."""

    def send(self) -> Answer:
        """The one call. Raises CallFailed."""


def begin(work: Work, guarded: Guarded) -> Outcome:
    """Bring the operation about: steps 1 to 6 above."""
    standing = guarded.read()
    if standing.state != "ready":
        return _with(_known(work, standing), standing)
    found = markers.read_all(work)
    mine = next((one for one in found if one.attempt == work.call.attempt), None)
    if mine is not None:
        return _with(_of_marker(work, mine), standing)
    earlier = [one for one in found if one.may_have_begun]
    if earlier:
        waiting = _wait_for_earlier(work, guarded, earlier, found)
        if waiting is not None:
            return _with(waiting, standing)
    return _with(_claim_and_send(work, guarded, {one.attempt for one in found}), standing)


def settle(work: Work, guarded: Guarded) -> Outcome:
    """Look for what an intent may have begun, until its settling time has passed."""
    operation = work.call.operation
    assert operation is not None
    now = work.now
    standing = guarded.read()
    if standing.state in ("done", "running"):
        return _with(_known(work, standing), standing)
    found = markers.read_all(work)
    noted = next((one for one in found if one.is_open and one.job and one.attempt == operation.attempt), None)
    if noted is not None:
        return running(_watching(work, str(noted.job), noted.attempt))
    job = _late_job(work, guarded, found, since=operation.started_at)
    if job is not None:
        return running(_watching(work, job, operation.attempt), reason="its job has turned up")
    until = max([moment(operation.settles_at or work.call.now), *(one.settles_at for one in found if one.is_open)])
    if now < until:
        return running(
            replace(operation, settles_at=until.isoformat()), reason="looking for a job that Azure may have begun"
        )
    for one in found:
        if one.is_open and one.settles_at <= now:
            markers.close(work, one, markers.NOT_SEEN)
    return retryable("the settling time has passed and Azure shows no job", code=NOT_ACCEPTED)


def ended_badly(work: Work, code: str) -> None:
    """The job that was watched has failed: later intents need not wait for it, nor mistake it for theirs."""
    operation = work.call.operation
    attempt = operation.attempt if operation else work.call.attempt
    job = operation.job if operation else None
    mine = next((one for one in markers.read_all(work) if one.attempt == attempt), None)
    if mine is None:
        markers.bury(work, attempt, f"ended:{code}", job)
    elif mine.may_have_begun:
        markers.close(work, mine, f"ended:{code}", job=job)


def _known(work: Work, standing: Standing) -> Outcome:
    if standing.state == "done":
        return succeeded(standing.reason)
    if standing.state == "running":
        return running(_watching(work, str(standing.job), work.call.attempt), reason=standing.reason)
    assert standing.outcome is not None
    return standing.outcome


def _of_marker(work: Work, mine: Marker) -> Outcome:
    if mine.came_to:
        return retryable(f"this intent came to nothing ({mine.came_to})", code=NOT_ACCEPTED)
    if mine.job:
        return running(_watching(work, mine.job, mine.attempt))
    return _settling(
        work, mine.settles_at, since=mine.intent_at, why="this intent was made before; its job is looked for"
    )


def _wait_for_earlier(work: Work, guarded: Guarded, earlier: list[Marker], found: list[Marker]) -> Outcome | None:
    """None when every earlier intent has settled and come to nothing."""
    now = work.now
    since = min(one.intent_at for one in earlier)
    job = _late_job(work, guarded, found, since=since.isoformat())
    if job is not None:
        return running(_watching(work, job, work.call.attempt), reason="the job of an earlier intent has turned up")
    until = max((one.settles_at for one in earlier if one.is_open), default=now)
    if now < until:
        return _settling(work, until, since=since, why="an earlier intent has not settled yet")
    return None


def _claim_and_send(work: Work, guarded: Guarded, seen: set[int]) -> Outcome:
    wall, token = time.monotonic(), uuid.uuid4().hex
    marker = markers.new(work, token)
    claimed = markers.claim(work, marker)
    if claimed is None:
        return _settling(work, marker.settles_at, since=marker.intent_at, why="the same intent is being sent elsewhere")
    if not claimed:
        return retryable("the intent could not be recorded, so nothing was sent", code="IntentNotRecorded")
    for other in markers.read_all(work):
        newer = other.attempt > marker.attempt
        if newer or (other.attempt not in seen and other.attempt != marker.attempt and other.is_open):
            markers.close(work, marker, "stood-back")
            return _settling(work, other.settles_at, since=other.intent_at, why="another intent was made just now")
    if _is_stale(work, marker, wall):
        return _settling(
            work, marker.settles_at, since=marker.intent_at, why="this process was held up; nothing was sent"
        )
    return _send(work, guarded, marker)


def _send(work: Work, guarded: Guarded, marker: Marker) -> Outcome:
    try:
        answer = guarded.send()
    except CallFailed as failure:
        if certainty(failure) == "unknown":
            until = max(marker.settles_at, work.now + SETTLING_TIME)
            return _settling(work, until, since=marker.intent_at, why=f"perhaps accepted: {failure.reason}")
        markers.close(work, marker, f"refused:{failure.code}")
        return _refused(work, guarded, failure)
    operation = site_recovery.accepted(answer, work.target, work.call.now, marker.attempt)
    if operation.job is None:
        return _settling(
            work, marker.settles_at, since=marker.intent_at, why="accepted, but without the name of its job"
        )
    markers.note_job(work, marker, operation.job)
    return with_evidence(running(operation, reason="Azure has accepted it"), **advised(answer))


def _refused(work: Work, guarded: Guarded, failure: CallFailed) -> Outcome:
    """A no may mean that an earlier intent is at work after all: the target is read again before it counts."""
    try:
        standing = guarded.read()
    except CallFailed:
        standing = Standing("ready")
    if standing.state in ("done", "running"):
        return _known(work, standing)
    outcome = failure.outcome()
    if outcome.status == "failed" and work.call.attempt > 1:
        return retryable(failure.reason, code=failure.code)
    return outcome


def _late_job(work: Work, guarded: Guarded, found: list[Marker], *, since: str | None) -> str | None:
    """The id of a job of this operation since then that no closed intent has accounted for. Raises CallFailed."""
    closed = {one.job.rsplit("/", 1)[-1].lower() for one in found if one.job and one.came_to}
    starts = [one.intent_at for one in found if one.may_have_begun] + ([moment(since)] if since else [])
    if not starts:
        return None
    for job in site_recovery.jobs_since(work.clients, work.target, min(starts)):
        name = str(job.get("name") or "").lower()
        if name and name not in closed and guarded.is_ours(job):
            return site_recovery.job_id(work.target, str(job["name"]))
    return None


def _watching(work: Work, job: str, attempt: int) -> Operation:
    return Operation("site-recovery-job", work.target, job=job, started_at=work.call.now, attempt=attempt)


def _settling(work: Work, until: datetime, *, since: datetime, why: str) -> Outcome:
    operation = Operation(
        "settling",
        work.target,
        started_at=since.isoformat(),
        settles_at=until.isoformat(),
        attempt=work.call.attempt,
    )
    return running(operation, reason=why)


def _is_stale(work: Work, marker: Marker, wall: float) -> bool:
    """Real time decides unless it is virtual; then both must have passed."""
    real = time.monotonic() - wall
    return real > SEND_WINDOW.total_seconds() or (work.now - marker.claimed_at > SEND_WINDOW and real > STALL_SECONDS)


def _with(outcome: Outcome, standing: Standing) -> Outcome:
    return replace(outcome, evidence={**standing.evidence, **outcome.evidence})
