"""The marker documents of intents: made once, noted on best effort, never deleted.

A marker that says nothing of its end is *open*: it may have begun a job. Only creating one decides anything; what is
noted later merely spares somebody a wait.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from activities.work import Work, moment
from azure_clients.errors import CallFailed
from domain.codec import canonical
from domain.step_kinds import SETTLING_TIME

SEND_WINDOW = timedelta(seconds=30)
"""How long after its claim a marker's owner may still send; the settling time begins only then."""

NOT_SEEN = "not-seen"
"""The settling time passed without a job: most likely nothing was begun, and a late job is still looked for."""


@dataclass(frozen=True)
class Marker:
    """One intent. ``came_to`` is empty while it is open."""

    run: str
    step: str
    attempt: int
    target: str
    intent_at: datetime
    claimed_at: datetime
    claim: str
    job: str | None = None
    came_to: str = ""

    @property
    def is_open(self) -> bool:
        return not self.came_to

    @property
    def may_have_begun(self) -> bool:
        return self.came_to in ("", NOT_SEEN)

    @property
    def settles_at(self) -> datetime:
        """When a job that this intent has begun must show."""
        return self.claimed_at + SEND_WINDOW + SETTLING_TIME


def new(work: Work, claim_token: str) -> Marker:
    call = work.call
    return Marker(call.run, call.step.id, call.attempt, call.step.target, moment(call.intent_at), work.now, claim_token)


def claim(work: Work, marker: Marker) -> bool | None:
    """Make the marker. True: it is ours. None: somebody else's. False: the store does not say; nothing may be sent.

    A write whose answer was lost is looked at again: the token in it tells whose it is.
    """
    try:
        if work.documents.create(_name(work, marker.attempt), _content(marker)):
            return True
    except CallFailed:
        pass
    try:
        found = work.documents.read(_name(work, marker.attempt))
    except CallFailed:
        return False
    if found is None:
        return False
    return True if _parsed(found[0]).claim == marker.claim else None


def read_all(work: Work) -> list[Marker]:
    """Every marker of this step over all its attempts, in order. Raises CallFailed."""
    names = work.documents.list(f"intents/{work.call.lineage}/{work.call.step.id}-")
    found = [work.documents.read(name) for name in names]
    return sorted((_parsed(one[0]) for one in found if one), key=lambda one: one.attempt)


def note_job(work: Work, marker: Marker, job: str) -> None:
    _note(work, replace(marker, job=job))


def close(work: Work, marker: Marker, came_to: str, *, job: str | None = None) -> None:
    """The intent is known to have come to nothing (more)."""
    _note(work, replace(marker, came_to=came_to, job=marker.job or job))


def bury(work: Work, attempt: int, came_to: str, job: str | None) -> None:
    """A closed marker for an attempt that made none: it only watched a job of another's, and that has ended."""
    tomb = replace(new(work, ""), attempt=attempt, came_to=came_to, job=job)
    with contextlib.suppress(CallFailed):
        work.documents.create(_name(work, attempt), _content(tomb))


def _note(work: Work, marker: Marker) -> None:
    with contextlib.suppress(CallFailed):
        work.documents.write(_name(work, marker.attempt), _content(marker))


def _name(work: Work, attempt: int) -> str:
    return f"intents/{work.call.lineage}/{work.call.step.id}-{attempt}.json"


def _content(marker: Marker) -> bytes:
    document: dict[str, Any] = {
        **marker.__dict__,
        "intent_at": marker.intent_at.isoformat(),
        "claimed_at": marker.claimed_at.isoformat(),
    }
    return canonical(document).encode()


def _parsed(content: bytes) -> Marker:
    found = json.loads(content)
    return Marker(
        run=str(found["run"]),
        step=str(found["step"]),
        attempt=int(found["attempt"]),
        target=str(found["target"]),
        intent_at=moment(found["intent_at"]),
        claimed_at=moment(found["claimed_at"]),
        claim=str(found["claim"]),
        job=found.get("job"),
        came_to=str(found.get("came_to") or ""),
    )
