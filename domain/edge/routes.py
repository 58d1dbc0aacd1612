"""Counting a route table before anything is written, and choosing what to do when the new routes do not fit.

A route table holds 400 routes, of which 25 may name a service tag (sources: Route tables).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from domain import arm_ids
from domain.edge.model import Edge, EdgeHop
from domain.edge.ranges import ServiceTag, aggregate, family_of
from domain.findings import Findings
from domain.snapshot import Document, properties

ROUTE_LIMIT = 400
TAG_ROUTE_LIMIT = 25
TABLE_TYPE = "Microsoft.Network/routeTables"

How = Literal["prefixes", "service-tags", "move-region"]
Route = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """How the fleet's traffic gets its routes, and why. ``routes`` are those to be added, as ARM has them."""

    how: How
    why: str
    existing: int
    routes: tuple[Route, ...]
    prefixes: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.existing + len(self.routes)


@dataclass(frozen=True)
class Table:
    """A route table as it is: what it routes where."""

    id: str
    routes: tuple[Route, ...]

    @property
    def by_prefix(self) -> dict[str, Route]:
        return {str(properties(route).get("addressPrefix")).lower(): route for route in self.routes}

    @property
    def tag_routes(self) -> int:
        return sum(not _is_address(str(properties(route).get("addressPrefix") or "")) for route in self.routes)


def table_of(document: Document) -> Table:
    return Table(document["id"], tuple(properties(document).get("routes") or ()))


def fits(existing: int, new: int) -> bool:
    """Whether a table with ``existing`` routes takes ``new`` ones."""
    return existing + new <= ROUTE_LIMIT


def choose(edge: Edge, table: Table, tags: Iterable[ServiceTag], region: str, findings: Findings) -> Choice | None:
    """Routes by prefix where they fit; else what the plan's ``onLimit`` says, or a refusal with the count."""
    tags = tuple(tags)
    wanted = [prefix for tag in tags for prefix in tag.prefixes if family_of(prefix) in edge.address_families]
    prefixes = aggregate(wanted)
    hops = _hops(edge, table, {family_of(prefix) for prefix in prefixes}, findings)
    routes = _new_routes(table, prefixes, hops, region, findings)
    existing, name = len(table.routes), arm_ids.name_of(table.id)
    sum_ = f"{name} with {existing} routes, and {len(routes)} more = {existing + len(routes)}"
    if fits(existing, len(routes)):
        return Choice("prefixes", f"{sum_}: at most {ROUTE_LIMIT}", existing, routes, prefixes)
    over = f"{sum_}: more than {ROUTE_LIMIT}"
    if edge.on_limit == "refuse":
        findings.refuse(
            "edge.routeTable",
            sum_,
            f"at most {ROUTE_LIMIT} routes in one table",
            f"onLimit: service-tag-routes needs {len(tags)} routes, onLimit: move-region a new gateway",
        )
        return None
    if edge.on_limit == "move-region":
        why = f"{over}, so the fleet moves to {region} (edge.onLimit: move-region)"
        findings.warn(why)
        return Choice("move-region", why, existing, (), prefixes)
    return _by_tags(table, tags, hops, f"{over}, so routes name service tags (edge.onLimit)", prefixes, findings)


def _by_tags(
    table: Table,
    tags: tuple[ServiceTag, ...],
    hops: dict[str, EdgeHop],
    why: str,
    prefixes: tuple[str, ...],
    findings: Findings,
) -> Choice | None:
    unable = [tag.name for tag in tags if not tag.offers("UDR")]
    if unable:
        findings.refuse(
            "edge.onLimit",
            f"service-tag-routes for {', '.join(unable)}",
            "tags that a route may name (UDR)",
            "onLimit: move-region",
        )
        return None
    known = table.by_prefix
    hop = hops.get("ipv4") or next(iter(hops.values()), None)
    fresh = [tag for tag in tags if tag.name.lower() not in known]
    routes = tuple(_route(f"edge-{tag.name.lower().replace('.', '-')}", tag.name, hop) for tag in fresh if hop)
    counted = table.tag_routes + len(routes)
    if counted > TAG_ROUTE_LIMIT or not fits(len(table.routes), len(routes)):
        found = f"{arm_ids.name_of(table.id)} with {table.tag_routes} service-tag routes, and {len(routes)} more"
        found += f" = {counted}; {len(table.routes) + len(routes)} routes in all"
        expected = f"at most {TAG_ROUTE_LIMIT} service-tag routes and {ROUTE_LIMIT} routes in one table"
        findings.refuse("edge.onLimit", found, expected, "onLimit: move-region, or fewer services")
        return None
    findings.warn(why)
    return Choice("service-tags", why, len(table.routes), routes, prefixes)


def _new_routes(
    table: Table, prefixes: tuple[str, ...], hops: dict[str, EdgeHop], region: str, findings: Findings
) -> tuple[Route, ...]:
    """Routes for what the table does not route yet. A prefix that it routes elsewhere is refused."""
    known, routes = table.by_prefix, []
    for prefix in prefixes:
        hop, there = hops.get(family_of(prefix)), known.get(prefix)
        if hop is None:
            continue
        if there is None:
            routes.append(_route(route_name(region, prefix), prefix, hop))
        elif not _leads_to(there, hop):
            findings.refuse(
                "edge.routeTable",
                f"{prefix} by way of {properties(there).get('nextHopType')} in {arm_ids.name_of(table.id)} already",
                f"no route of its own for {prefix}, or one by way of {hop.type}",
            )
    return tuple(routes)


def route_name(region: str, prefix: str) -> str:
    """A name that says what it is: ``edge-westus-20.150.0.0-17``."""
    return f"edge-{region}-{prefix.replace('/', '-').replace(':', '_')}"


def _route(name: str, prefix: str, hop: EdgeHop) -> Route:
    details: dict[str, Any] = {"addressPrefix": prefix, "nextHopType": hop.type}
    if hop.address:
        details["nextHopIpAddress"] = hop.address
    return {"name": name, "properties": details}


def _leads_to(route: Route, hop: EdgeHop) -> bool:
    found = properties(route)
    return found.get("nextHopType") == hop.type and (found.get("nextHopIpAddress") or None) == hop.address


def _hops(edge: Edge, table: Table, families: set[str], findings: Findings) -> dict[str, EdgeHop]:
    """The next hop of each family: what the plan says, else the one that the table's routes of that family share."""
    said = {"ipv4": edge.next_hop, "ipv6": edge.next_hop_ipv6}
    found: dict[str, EdgeHop] = {}
    for family in sorted(families):
        hop = said[family] or shared_hop(table, family)
        if hop:
            found[family] = hop
            continue
        field = "edge.nextHop" if family == "ipv4" else "edge.nextHopIpv6"
        hint = "addressFamilies: [ipv4] leaves IPv6 outside the tunnel knowingly" if family == "ipv6" else None
        findings.refuse(
            field, "nothing", f"where {family} routes lead: those of {arm_ids.name_of(table.id)} do not say", hint
        )
    return found


def shared_hop(table: Table, family: str) -> EdgeHop | None:
    own = [one for one in table.routes if _family_of_route(one) == family]
    seen = {(properties(one).get("nextHopType"), properties(one).get("nextHopIpAddress") or None) for one in own}
    if len(seen) != 1:
        return None
    kind, address = seen.pop()
    if kind not in ("VirtualNetworkGateway", "Internet", "VirtualAppliance"):
        return None
    return EdgeHop.model_validate({"type": kind, "address": address} if address else {"type": kind})


def _family_of_route(route: Route) -> str | None:
    prefix = str(properties(route).get("addressPrefix") or "")
    return family_of(prefix) if _is_address(prefix) else None


def _is_address(prefix: str) -> bool:
    return "/" in prefix
