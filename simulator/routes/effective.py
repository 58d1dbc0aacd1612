"""The routes of one subnet: its network's own, peerings', what gateways learned, the owner's table, and the defaults.

Documented (sources: Routing): the longest prefix decides; of one prefix the owner's route comes before a gateway's, a
gateway's before Azure's; but to a network's own space or a peered one Azure's route stands even when a gateway has
learned a longer prefix. ExpressRoute comes before VPN.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from domain import addresses
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.routes import azure_side, views
from simulator.routes.tables import Tables

LOCAL, PEER, GLOBAL_PEER, GATEWAY = "VnetLocal", "VNetPeering", "VNetGlobalPeering", "VirtualNetworkGateway"
APPLIANCE, INTERNET, NOTHING = "VirtualAppliance", "Internet", "None"
NOWHERE = ("10.0.0.0/8", "100.64.0.0/10", "192.168.0.0/16", "25.33.80.0/20", "25.41.3.0/25")
"""Prefixes that go nowhere unless a network has them (recorded; Microsoft's page names the first three)."""
SUBNET = f"{azure_side.NETWORK}/subnets"
ROUTE = "Microsoft.Network/routeTables/routes"


net = lru_cache(maxsize=4096)(addresses.network)
"""Prefixes are read once: every packet asks for the same ones."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One route of a subnet. ``where``: the peered network, the gateway, or the appliance's address."""

    prefix: str
    source: str
    kind: str
    where: str = ""
    name: str = ""
    table: str = ""
    active: bool = True


def subnet_at(world: World, network_id: str, address: str) -> Document | None:
    """The subnet of a network that an address lies in."""
    for subnet in world.documents.children(network_id, SUBNET):
        if addresses.contains([str(subnet["properties"].get("addressPrefix"))], address):
            return subnet
    return None


def gateway_subnet(world: World, network_id: str) -> Document | None:
    found = (one for one in world.documents.children(network_id, SUBNET) if one["name"].lower() == "gatewaysubnet")
    return next(found, None)


def table_of(world: World, subnet: Document | None) -> Document | None:
    named = (subnet["properties"].get("routeTable") or {}).get("id") if subnet else None
    return world.documents.get(named or "")


def hops_of(world: World, tables: Tables, network_id: str, subnet: Document | None) -> list[Hop]:
    """All routes of a subnet; those that the owner's own stand before are not active."""
    table = table_of(world, subnet)
    found = [Hop(prefix, "Default", LOCAL) for prefix in azure_side.space_of(world, network_id)]
    for half in azure_side.peerings_of(world, network_id):
        remote = azure_side.remote_of(half)
        near, far = world.documents.location_of(network_id), world.documents.location_of(remote)
        kind = PEER if near == far else GLOBAL_PEER
        found += [Hop(prefix, "Default", kind, remote) for prefix in views.reached_by(world, half)]
    if table is None or not table["properties"].get("disableBgpRoutePropagation"):
        best: dict[str, Hop] = {}
        for path in views.learned(world, tables, network_id):
            gateway = azure_side.gateway(world, path_gateway(world, tables, network_id, path.prefix))
            if gateway is not None:
                best.setdefault(path.prefix, Hop(path.prefix, GATEWAY, GATEWAY, gateway.id))
        found += best.values()
    found += [Hop("0.0.0.0/0", "Default", INTERNET), *(Hop(prefix, "Default", NOTHING) for prefix in NOWHERE)]
    own = _own(world, table) if table is not None else []
    said = {hop.prefix for hop in own}
    return [*(_struck(hop) if hop.prefix in said else hop for hop in found), *own]


def path_gateway(world: World, tables: Tables, network_id: str, prefix: str) -> str | None:
    """Which of its gateways a network uses for a prefix: ExpressRoute before VPN."""
    knowing = [
        gateway
        for gateway in azure_side.gateways_for(world, network_id)
        if any(path.prefix == prefix for path in tables.of(gateway.id))
    ]
    return min(knowing, key=lambda one: not one.express).id if knowing else None


def chosen(hops: list[Hop], destination: str) -> Hop | None:
    """The route that a packet takes."""
    host = ipaddress.ip_address(destination)
    fitting = [hop for hop in hops if hop.active and host in net(hop.prefix)]
    if any(hop.kind in (LOCAL, PEER, GLOBAL_PEER) for hop in fitting):
        fitting = [hop for hop in fitting if hop.source != GATEWAY]
    return max(fitting, key=lambda hop: (net(hop.prefix).prefixlen, _ORDER[hop.source]), default=None)


_ORDER = {"User": 2, GATEWAY: 1, "Default": 0}


def _own(world: World, table: Document) -> list[Hop]:
    found = []
    for route in world.documents.children(table["id"], ROUTE):
        said = route["properties"]
        prefix, kind = str(said.get("addressPrefix") or ""), str(said.get("nextHopType") or NOTHING)
        if "/" in prefix:
            where = str(said.get("nextHopIpAddress") or "")
            found.append(Hop(prefix, "User", kind, where, route["name"], table["id"]))
    return found


def _struck(hop: Hop) -> Hop:
    return Hop(hop.prefix, hop.source, hop.kind, hop.where, hop.name, hop.table, active=False)
