"""A VPN gateway's diagnostic rows, told from the event log, and the queries that are understood, by their very text.

Categories, operation names and columns: Microsoft's "Troubleshoot Azure VPN Gateway using diagnostic logs"
(documented). Rows arrive late, as logs do; how late is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.queries import QUERIES
from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.log import Event, iso
from simulator.core.web import Request
from simulator.core.world import World

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
INGESTION_SECONDS = 120.0
LOOKS_BACK = timedelta(hours=1)
Row = list[Any]


@dataclass(frozen=True)
class Table:
    """An answer: columns as (name, type), and rows."""

    columns: Sequence[tuple[str, str]]
    rows: list[Row]


def begin(world: World) -> None:
    world.state["logs-region"] = lambda request: _region(world, request)


def workspace(world: World, customer_id: str) -> Document | None:
    found = world.documents.of_type(WORKSPACE)
    return next((one for one in found if one["properties"].get("customerId", "").lower() == customer_id.lower()), None)


def answer(world: World, query: str) -> Table | None:
    """The table that a shipped query yields; None for any other text."""
    for name, template in QUERIES.items():
        found = _pattern(template).fullmatch(query.strip())
        if found:
            return _ANSWERS[name](world, found.groupdict().get("gateway", ""))
    return None


def _pattern(template: str) -> re.Pattern[str]:
    """A shipped text with its parameters open."""
    parts = re.split(r"\{(\w+)\}", template.strip())
    text = "".join(f'(?P<{part}>[^"\\n]*)' if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile(text)


def _tunnel_events(world: World, gateway: str) -> Table:
    names = {"Connected": "TunnelConnected", "NotConnected": "TunnelDisconnected"}
    rows: list[Row] = [
        [event["at"], names[event["state"]], "GatewayTenantWorker_IN_0", *_owner(event["gateway"])]
        for event in _of_gateway(world, "tunnel.changed", gateway)
        if event["state"] in names
    ]
    columns = ("TimeGenerated", "OperationName", "instance_s", "Resource", "ResourceGroup")
    return Table(_typed(columns), rows)


def _route_events(world: World, gateway: str) -> Table:
    rows: list[Row] = []
    for event in _of_gateway(world, "routes.changed", gateway):
        for home in event["homes"]:
            if ids.last(home["gateway"]).lower() == gateway.lower():
                message = f"Route {event['prefix']} advertised to BGP peer of site {event['site']}"
                rows.append([event["at"], "BgpRouteUpdate", message, *_owner(home["gateway"])])
    columns = ("TimeGenerated", "OperationName", "Message", "Resource", "ResourceGroup")
    return Table(_typed(columns), rows)


_ANSWERS: dict[str, Callable[[World, str], Table]] = {
    "tunnel-events": _tunnel_events,
    "route-events": _route_events,
}


def _of_gateway(world: World, kind: str, gateway: str) -> list[Event]:
    """Events that have been taken in by now and lie within the query's hour. A dark gateway logs nothing."""
    latest, earliest = world.now - timedelta(seconds=INGESTION_SECONDS), world.now - LOOKS_BACK
    return [
        event
        for event in world.log.of(kind)
        if iso(earliest) <= event["at"] <= iso(latest)
        and gateway.lower() in {ids.last(found).lower() for found in _gateways_in(event)}
    ]


def _gateways_in(event: Event) -> list[str]:
    return [event["gateway"]] if "gateway" in event else [home["gateway"] for home in event.get("homes", ())]


def _owner(gateway_id: str) -> tuple[str, str]:
    """AzureDiagnostics writes both names in capitals."""
    parsed = ids.parse(gateway_id)
    return parsed.name.upper(), parsed.resource_group.upper()


def _typed(columns: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, "datetime" if name == "TimeGenerated" else "string") for name in columns]


def _region(world: World, request: Request) -> str | None:
    parts = request.path.strip("/").split("/")
    found = workspace(world, parts[2]) if len(parts) > 2 else None
    return normalise_location(found["location"]) if found else None
