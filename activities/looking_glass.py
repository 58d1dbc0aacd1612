"""The site's own view: which way home its router has for a prefix, and whether an address answers from there.

Shapes as documented for owners: ``routes`` with prefix, neighbor and best; ``peers`` with neighbor, state and blocked;
``reach`` when an address was asked for. What an owner's page says is read leniently and bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from activities.work import Work
from azure_clients import owner_http
from azure_clients.errors import CallFailed, NotUnderstood
from domain.addresses import overlapping

ROUTE_LIMIT = 40


@dataclass(frozen=True)
class Route:
    """One way home. ``neighbor`` is the BGP peering address of the gateway that it leads through."""

    prefix: str
    neighbor: str
    best: bool = True


@dataclass(frozen=True)
class Glass:
    """What a site's looking glass showed."""

    routes: tuple[Route, ...]
    blocked: frozenset[str] = frozenset()
    peers: frozenset[str] = frozenset()
    reach: dict[str, Any] = field(default_factory=dict)

    def through(self, neighbor: str, prefixes: Iterable[str]) -> list[Route]:
        """Routes through a neighbor that overlap any of the prefixes."""
        wanted = list(prefixes)
        return [one for one in self.routes if one.neighbor == neighbor and overlapping([one.prefix], wanted)]

    def shown(self) -> list[dict[str, Any]]:
        """As evidence."""
        return [{"prefix": one.prefix, "neighbor": one.neighbor, "best": one.best} for one in self.routes[:ROUTE_LIMIT]]


def look(work: Work, url: str, *, address: str | None = None, port: int | None = None) -> Glass:
    """Read a looking glass once. Raises CallFailed."""
    arguments = {"address": address, "port": str(port or 443)} if address else None
    answer = owner_http.get(work.clients, url, arguments, doing="reading the site's looking glass")
    if not isinstance(answer.body, dict) or not isinstance(answer.body.get("routes"), list):
        raise NotUnderstood("the looking glass answered without a list of routes", code="LookingGlass")
    return _read(answer.body)


def routes_before(work: Work) -> dict[str, Any]:
    """The routes as they are now, as evidence, where the step knows a looking glass; never a failure."""
    url = work.settings.get("looking_glass_url")
    if not url or work.call.attempt > 1:
        return {}
    try:
        return {"routes_before": look(work, url).shown()}
    except CallFailed as failure:
        return {"routes_before_unread": failure.reason}


def _read(body: dict[str, Any]) -> Glass:
    routes = [_route(one) for one in body["routes"] if isinstance(one, dict)]
    peers = [one for one in body.get("peers") or () if isinstance(one, dict)]
    reach = body.get("reach")
    return Glass(
        routes=tuple(one for one in routes if one is not None),
        blocked=frozenset(str(one.get("neighbor")) for one in peers if one.get("blocked") is True),
        peers=frozenset(str(one.get("neighbor")) for one in peers),
        reach=reach if isinstance(reach, dict) else {},
    )


def _route(found: dict[str, Any]) -> Route | None:
    prefix, neighbor = str(found.get("prefix") or ""), str(found.get("neighbor") or "")
    try:
        overlapping([prefix], [prefix])
    except ValueError:
        return None
    return Route(prefix, neighbor, found.get("best") is not False)
