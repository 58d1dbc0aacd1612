"""What on-premises sees, read from the simulator's log: whose routes it follows, and which addresses answer it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cli.board import Sight
from cli.progress import BAD, GOOD, NOTABLE, Happening
from cli.rehearsal.azure_log import AzureLog


def sights_of(azure: AzureLog, watch: Sequence[str]) -> list[Sight]:
    """The way home of each prefix, then each watched address."""
    seen = [
        Sight(f"{site}: way to {prefix}", _ways(homes), len(homes) == 1) for (site, prefix), homes in azure.routes.items()
    ]
    for (site, address), event in azure.reachable.items():
        if not watch or address in watch:
            how = f"reachable in {event['region']}" if event["reachable"] else "not reachable"
            seen.append(Sight(f"{site}: {address}", how, bool(event["reachable"])))
    return seen


def told_by_azure(events: Iterable[dict[str, Any]]) -> list[Happening]:
    """The events of Azure's log that a spectator wants to hear of."""
    return [told for event in events if (told := _told(event))]


def _told(event: dict[str, Any]) -> Happening | None:
    at = datetime.fromisoformat(event["at"].replace("Z", "+00:00"))
    match event["kind"]:
        case "fault.started":
            return Happening(at, f"fault: {event.get('region') or event.get('what', 'injected')} {event.get('dark', '')}".rstrip(), BAD)
        case "fault.ended":
            return Happening(at, f"fault over: {event.get('region') or event.get('what', 'injected')}")
        case "routes.changed" if event["seconds"] > 0:
            return Happening(at, f"{event['site']} routes {event['prefix']} to {_ways(event['homes'])}", NOTABLE)
        case "reachable.changed" if event["seconds"] > 0:
            where = f" in {event['region']}" if event["reachable"] and event.get("region") else ""
            said = "reachable" if event["reachable"] else "not reachable"
            return Happening(at, f"{event['address']} is {said} from {event['site']}{where}", GOOD if event["reachable"] else BAD)
        case "split.started":
            return Happening(at, f"SPLIT: {event['site']} has two ways home for {event['prefix']}", BAD)
        case "split.ended":
            return Happening(at, f"split over after {event.get('split_seconds')} s", NOTABLE)
        case "invariant.violated":
            return Happening(at, f"VIOLATED: {event['rule']}: {event['detail']}", BAD)
    return None


def _ways(homes: Sequence[dict[str, Any]]) -> str:
    names = [str(home["gateway"]).rstrip("/").rsplit("/", 1)[-1] for home in homes]
    return " and ".join(names) or "nowhere"
