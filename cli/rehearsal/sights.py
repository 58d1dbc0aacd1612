"""What on-premises sees, read from the simulator's log: whose routes it follows, and which addresses answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from cli.board import Sight
from cli.progress import BAD, GOOD, NOTABLE, Happening
from cli.rehearsal.azure_log import AzureLog


def sights_of(azure: AzureLog, watch: Sequence[str]) -> list[Sight]:
    """The way home of each prefix, then each watched address."""
    seen = [
        Sight(f"{site}: way to {prefix}", _ways(homes), len(homes) == 1)
        for (site, prefix), homes in azure.routes.items()
    ]
    for (site, address), event in azure.reachable.items():
        if not watch or address in watch:
            how = f"reachable in {event['region']}" if event["reachable"] else "not reachable"
            seen.append(Sight(f"{site}: {address}", how, bool(event["reachable"])))
    return seen


def told_by_azure(events: Iterable[dict[str, Any]], watch: Sequence[str] = ()) -> list[Happening]:
    """The events of Azure's log that a spectator wants to hear of; of addresses only those in ``watch``, if any."""
    told = (event for event in events if _matters(event) and (not watch or event.get("address", watch[0]) in watch))
    return [Happening(datetime.fromisoformat(event["at"]), *TOLD[event["kind"]](event)) for event in told]


def _matters(event: dict[str, Any]) -> bool:
    """How things stand at second 0 is no news."""
    return event["kind"] in TOLD and (event["seconds"] > 0 or event["kind"].startswith("fault"))


def _fault(event: dict[str, Any]) -> str:
    return f"{event.get('region') or 'one injected'} {event.get('dark', '')}".rstrip()


def _routes(event: dict[str, Any]) -> tuple[str, str]:
    return f"{event['site']} routes {event['prefix']} to {_ways(event['homes'])}", NOTABLE


def _reach(event: dict[str, Any]) -> tuple[str, str]:
    if not event["reachable"]:
        return f"{event['address']} is not reachable from {event['site']}", BAD
    return f"{event['address']} is reachable from {event['site']} in {event['region']}", GOOD


def _split(event: dict[str, Any]) -> tuple[str, str]:
    return f"SPLIT: {event['site']} has two ways home for {event['prefix']}", BAD


TOLD: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "fault.started": lambda event: (f"fault: {_fault(event)}", BAD),
    "fault.ended": lambda event: (f"fault over: {_fault(event)}", NOTABLE),
    "routes.changed": _routes,
    "reachable.changed": _reach,
    "split.started": _split,
    "split.ended": lambda event: (f"split over after {event['split_seconds']} s", NOTABLE),
    "invariant.violated": lambda event: (f"VIOLATED: {event['rule']}: {event['detail']}", BAD),
}
"""Kind of event -> what is said of it, and how it is set."""


def _ways(homes: Sequence[dict[str, Any]]) -> str:
    names = [str(home["gateway"]).rstrip("/").rsplit("/", 1)[-1] for home in homes]
    return " and ".join(names) or "nowhere"
