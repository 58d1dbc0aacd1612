"""What Azure tells of routes: learned and advertised ones, BGP peers, a machine's next hop, effective routes.

No recording has a live BGP peer; the rows are shaped after Microsoft's page on BGP diagnostics (documented), and that a
gateway whose region is dark answers with nothing is a guess.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.core import ids
from simulator.core.machines import Machine
from simulator.core.world import World
from simulator.on_premises.wiring import routing_of, tunnels_of
from simulator.routes import azure_side, effective
from simulator.routes.azure_side import Gateway
from simulator.routes.effective import Hop
from simulator.routes.site import sites
from simulator.routes.tables import Path, Session
from simulator.routes.tunnels import Tunnel
from simulator.routes.wishes import CIRCUIT, PAIR

Row = dict[str, Any]
DEFAULT_WEIGHT = 32768


def _lit(world: World, gateway_id: str) -> Gateway | None:
    """A gateway that answers."""
    gateway = azure_side.gateway(world, gateway_id)
    return None if gateway is None or world.faults.data_plane_is_dark(gateway.region) else gateway


def learned(world: World, gateway_id: str) -> list[Row]:
    """Its own prefixes, and what its tunnels brought: by BGP, or entered by hand (``Network`` as well)."""
    gateway = _lit(world, gateway_id)
    if gateway is None or not gateway.bgp:
        return []
    rows: list[Row] = [
        {
            "localAddress": instance.neighbor,
            "network": prefix,
            "sourcePeer": instance.neighbor,
            "origin": "Network",
            "asPath": "",
            "weight": DEFAULT_WEIGHT,
        }
        for instance in gateway.instances
        for prefix in azure_side.served_by(world, gateway)
    ]
    return rows + [_learned(gateway, path) for path in routing_of(world).tables.of(gateway_id)]


def _learned(gateway: Gateway, path: Path) -> Row:
    local = gateway.instances[min(path.instance, len(gateway.instances) - 1)].neighbor
    return {
        "localAddress": local,
        "network": path.prefix,
        "nextHop": path.neighbor,
        "sourcePeer": local if path.static else path.neighbor,
        "origin": "Network" if path.static else "EBgp",
        "asPath": _told(path.as_path),
        "weight": DEFAULT_WEIGHT,
    }


def advertised(world: World, gateway_id: str, peer: str | None) -> list[Row]:
    """To a peer with a live session its BGP rows; to any other address what the recording shows."""
    gateway = azure_side.gateway(world, gateway_id)
    if gateway is None:
        return []
    told = {path.prefix: path for session in _to(world, gateway, peer) for path in _announced(world, session)}
    if _lit(world, gateway_id) is None or not told:
        return [
            {"localAddress": "", "network": prefix, "nextHop": "Virtual Network", "origin": "Network", "weight": 0}
            for prefix in azure_side.space_of(world, gateway.network)
        ]
    return [
        {
            "localAddress": gateway.neighbor,
            "network": path.prefix,
            "nextHop": gateway.neighbor,
            "origin": "Igp",
            "asPath": _told(path.as_path),
            "weight": 0,
        }
        for path in told.values()
    ]


def _to(world: World, gateway: Gateway, peer: str | None) -> list[Session]:
    """The live sessions towards a peer, whichever instance they start at."""
    found, here = routing_of(world).tables.sessions, ids.key(gateway.id)
    heard = {one.source for one in found if one.target == here and peer in (None, *_names(world, one))}
    return [one for one in found if one.bgp and one.source == here and one.target in heard]


def _names(world: World, session: Session) -> set[str]:
    """The addresses by which the target of a session knows its source."""
    source = azure_side.gateway(world, session.source)
    return {session.neighbor, *(one.neighbor for one in (source.instances if source is not None else ()))}


def _announced(world: World, session: Session) -> list[Path]:
    return routing_of(world).tables.announced(session)


def peers(world: World, gateway_id: str, peer: str | None) -> list[Row]:
    gateway = _lit(world, gateway_id)
    if gateway is None or not gateway.bgp:
        return []
    rows: list[Row] = []
    for tunnel in tunnels_of(world).of_gateway(gateway_id):
        for neighbor, asn in _far_ends(world, tunnel):
            if peer in (None, neighbor):
                rows.append(_peer(world, gateway, tunnel, neighbor, asn))
    return rows


def _far_ends(world: World, tunnel: Tunnel) -> list[tuple[str, int]]:
    """(address, ASN) of whom a tunnel speaks BGP with; nobody where its connection does not."""
    connection = world.documents.get(tunnel.wish.connection)
    if tunnel.wish.kind == CIRCUIT:
        sessions = routing_of(world).tables.sessions
        found = [
            one.neighbor for one in sessions if one.wish == tunnel.wish and one.target == ids.key(tunnel.wish.gateway)
        ]
        return [(one, azure_side.MICROSOFT_ASN) for one in found]
    if connection is None or not connection["properties"].get("enableBgp"):
        return []
    if tunnel.wish.kind == PAIR:
        remote = azure_side.gateway(world, tunnel.wish.remote)
        return [(one.neighbor, remote.asn) for one in remote.instances] if remote else []
    local = world.documents.get((connection["properties"].get("localNetworkGateway2") or {}).get("id") or "")
    told = (local["properties"].get("bgpSettings") or {}) if local else {}
    site = sites(world)[tunnel.wish.site]
    return [(str(told.get("bgpPeeringAddress") or site.peering_address), site.asn)]


def _peer(world: World, gateway: Gateway, tunnel: Tunnel, neighbor: str, asn: int) -> Row:
    tables, here = routing_of(world).tables, ids.key(gateway.id)
    live = [one for one in tables.sessions if one.wish == tunnel.wish and one.target == here and one.bgp]
    local = gateway.instances[min(tunnel.wish.instance, len(gateway.instances) - 1)].neighbor
    row: Row = {"localAddress": local, "neighbor": neighbor, "asn": asn}
    if not live:
        return {**row, "state": "Connecting", "routesReceived": 0, "messagesSent": 0, "messagesReceived": 0}
    up = world.seconds - live[0].since
    received = [path for path in tables.of(gateway.id) if path.tunnel.startswith(tunnel.wish.key) and not path.static]
    return {
        **row,
        "state": "Connected",
        "connectedDuration": str(timedelta(seconds=round(up, 3))).zfill(8),
        "routesReceived": len([path for path in received if path.instance == tunnel.wish.instance]),
        "messagesSent": int(up // 60) + 3,
        "messagesReceived": int(up // 60) + 2,
    }


def next_hop(world: World, machine: Machine, destination: str) -> Row:
    """Where a machine's packet goes next (types as documented; VirtualNetwork and Internet are recorded)."""
    hop = effective.chosen(routing_of(world).ways.hops(machine.network, machine.address), destination)
    if hop is None:
        return {"nextHopType": "None", "routeTableId": "System Route"}
    row = {"nextHopType": _NEXT_HOPS.get(hop.kind, hop.kind), "routeTableId": hop.table or "System Route"}
    address = _address(world, hop)
    return {**row, "nextHopIpAddress": address} if address else row


_NEXT_HOPS = {
    effective.LOCAL: "VirtualNetwork",
    effective.PEER: "VirtualNetworkPeering",
    effective.GLOBAL_PEER: "VirtualNetworkPeering",
}


def _address(world: World, hop: Hop) -> str:
    if hop.kind == effective.APPLIANCE:
        return hop.where
    gateway = azure_side.gateway(world, hop.where) if hop.kind == effective.GATEWAY else None
    return (gateway.instances[0].public or gateway.neighbor) if gateway else ""


def effective_routes(world: World, machine: Machine) -> list[Row]:
    """An interface's: the network, peers, what gateways learned, the internet, what goes nowhere, the owner's table."""
    return [_effective(world, hop) for hop in routing_of(world).ways.hops(machine.network, machine.address)]


def _effective(world: World, hop: Hop) -> Row:
    """One row with all its keys (recorded)."""
    address = _address(world, hop)
    return {
        **({"name": hop.name} if hop.name else {}),
        "disableBgpRoutePropagation": False,
        "source": hop.source,
        "state": "Active" if hop.active else "Invalid",
        "hasBgpOverride": False,
        "addressPrefix": [hop.prefix],
        "nextHopType": hop.kind,
        "nextHopIpAddress": [address] if address else [],
        "destinationServiceTags": [],
        "tagMap": {},
    }


def _told(as_path: tuple[int, ...]) -> str:
    return "-".join(str(asn) for asn in as_path)
