"""Which runs there are, newest first: one empty document a run, named so that a listing of names is in that order.

    run-index/{microseconds until the year 2286, 17 digits}.{run}

A run is entered when it is recorded at a door, and again, under the same name, when it reports. Nothing of a run need
be read to cut a page of the list.
"""

from __future__ import annotations

from datetime import datetime, timezone

from azure_clients.documents import Documents

PREFIX = "run-index/"
_LATEST = 10**16
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def position(run: str, at: str) -> str:
    """Where a run stands that began at this moment (ISO 8601): positions sort newest first."""
    microseconds = (datetime.fromisoformat(at) - _EPOCH).total_seconds() * 1_000_000
    return f"{max(0, _LATEST - int(microseconds)):017d}.{run}"


def run_at(place: str) -> str:
    """The run that stands at a position."""
    return place.partition(".")[2]


def enter(store: Documents, run: str, at: str) -> None:
    """Put a run in the list; nothing happens when it is there. Raises CallFailed."""
    store.create(PREFIX + position(run, at), b"{}")


def positions(store: Documents) -> list[str]:
    """All positions, newest first, each run's newest only. Raises CallFailed."""
    newest: dict[str, str] = {}
    for name in store.list(PREFIX):
        place = name.removeprefix(PREFIX)
        newest.setdefault(run_at(place), place)
    return list(newest.values())
