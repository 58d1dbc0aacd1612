"""When each call of a recording was made, and when the operations that it began had ended.

From the answers' ``Date`` where they have one; else a second for each call. An operation ended between the last poll
that says it runs and the first that says it does not; the simulator's is made to end just before the latter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from simulator.conformance.cassettes import Interaction

TICK = timedelta(milliseconds=1)
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NEVER_SECONDS = 10.0 * 365 * 24 * 3600
RUNNING = ("inprogress", "running", "notstarted", "accepted", "updating", "provisioning", "deleting", "creating")
POLL_HEADERS = ("azure-asyncoperation", "location")


@dataclass(frozen=True, slots=True)
class Ending:
    """How an operation that a call began ended, as its polls tell; ``at`` None when nobody saw it end."""

    at: datetime | None = None
    started: datetime | None = None
    error: dict[str, Any] | None = None


def moments(calls: Sequence[Interaction]) -> list[datetime]:
    """One moment for each call, strictly growing."""
    found: list[datetime] = []
    for call in calls:
        before = found[-1] if found else None
        moment = call.moment or (before + timedelta(seconds=1) if before else START)
        found.append(moment if before is None else max(moment, before + TICK))
    return found


def endings(calls: Sequence[Interaction], times: Sequence[datetime]) -> dict[int, Ending]:
    """By the index of the call that began it, how each operation ended."""
    found: dict[int, Ending] = {}
    for call in calls:
        if call.writes and call.ok:
            found[call.index] = _ending(call, calls, times)
    return found


def poll_paths(call: Interaction) -> set[str]:
    """The paths that a call's answer gives out for polling."""
    return {path_of(call.headers[name]) for name in POLL_HEADERS if name in call.headers}


def path_of(url: str) -> str:
    return "/" + unquote(urlsplit(url).path).strip("/").lower()


def paces(
    calls: Sequence[Interaction], times: Sequence[datetime], ends: Mapping[int, Ending]
) -> dict[tuple[str, str], list[float]]:
    """How long a protected machine's replication took to each of its states, by (action, item's id).

    It begins when the last operation before its first reading ended, and each state ends where another is first read.
    """
    found: dict[tuple[str, str], list[float]] = {}
    items: dict[str, list[tuple[int, str]]] = {}
    for call in calls:
        properties = call.body.get("properties") if isinstance(call.body, dict) else None
        if call.method == "GET" and isinstance(properties, dict) and "protectionState" in properties:
            items.setdefault(call.key, []).append((call.index, _item_state(properties)))
    for item, readings in items.items():
        began = max((end.at for at, end in ends.items() if end.at and at < readings[0][0]), default=times[0])
        for state, action in _PACED:
            reached = next((times[at] for at, said in readings if said in (state, _AFTER.get(state))), None)
            never = readings[-1][1] == "Protected" and state == "Validated"
            if reached is None and never:
                found[f"replicationProtectedItems/{action}", item] = [NEVER_SECONDS]
            if reached is not None and reached > began - TICK:
                seconds = (reached - TICK / 2 - began).total_seconds()
                found[f"replicationProtectedItems/{action}", item] = [max(0.0, seconds)]
                began = max(began, reached - TICK / 2)
    return found


_PACED = (
    ("InitialReplicationRecoveryCompletionPending", "initialReplication"),
    ("Protected", "finishReplication"),
    ("Validated", "firstValidation"),
)


_AFTER = {"Protected": "Validated"}


def _item_state(properties: Mapping[str, Any]) -> str:
    """An item's state, and whether what it says of its health was found out since."""
    state = str(properties["protectionState"])
    return "Validated" if state == "Protected" and properties.get("healthErrors") else state


def _ending(call: Interaction, calls: Sequence[Interaction], times: Sequence[datetime]) -> Ending:
    paths = poll_paths(call)
    started: datetime | None = None
    for later in calls[call.index + 1 :]:
        if later.method == "GET" and later.key in paths:
            state = _state(later)
            if state != "notstarted" and started is None:
                started = times[later.index]
            if state not in RUNNING:
                return Ending(times[later.index] - TICK / 2, started, _error(later))
            paths |= poll_paths(later)
    return Ending(_read_back(call, calls, times))


def _read_back(call: Interaction, calls: Sequence[Interaction], times: Sequence[datetime]) -> datetime | None:
    """Without polls: the first reading of the resource that no longer says it is being changed."""
    if _provisioning(call.body) not in RUNNING and call.method != "DELETE":
        return None
    for later in calls[call.index + 1 :]:
        if later.key != call.key:
            continue
        if later.method != "GET":
            return None
        if later.status == 404 or (later.ok and _provisioning(later.body) not in RUNNING):
            return times[later.index] - TICK / 2
    return None


def _state(poll: Interaction) -> str:
    """What a poll says: ``running`` for a 202, else its status; an operation without one has ended."""
    if poll.status == 202:
        return "running"
    if poll.status in (429, 500, 502, 503, 504):
        return "running"
    said = poll.body.get("status") if isinstance(poll.body, dict) else None
    return str(said or "ended").lower()


def _provisioning(body: Any) -> str:
    inner = body.get("properties") if isinstance(body, dict) else None
    return str(inner.get("provisioningState", "")).lower() if isinstance(inner, dict) else ""


def _error(poll: Interaction) -> dict[str, Any] | None:
    if not isinstance(poll.body, dict) or _state(poll) not in ("failed", "canceled", "cancelled"):
        return None
    error = poll.body.get("error")
    return error if isinstance(error, dict) else {"code": "OperationFailed", "message": "The operation failed."}
