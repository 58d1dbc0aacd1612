"""What Azure's side of a link knows: learned and advertised routes, BGP peers, a machine's next hop.

No recording has a live BGP peer; the rows are shaped after Microsoft's page on BGP diagnostics (documented), and that a
gateway whose region is dark answers with nothing is a guess.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import addresses
from simulator.core.world import World
from simulator.on_premises import azure_side
from simulator.on_premises.tunnels import Tunnel
from simulator.on_premises.wiring import tunnels_of

Row = dict[str, Any]
DEFAULT_WEIGHT = 32768


def sessions(world: World, gateway_id: str) -> list[Tunnel]:
    """The tunnels of a gateway in which BGP is up, as long as the gateway itself lives."""
    gateway = azure_side.gateway(world, gateway_id)
    if gateway is None or world.faults.data_plane_is_dark(gateway.region):
        return []
    return [tunnel for tunnel in tunnels_of(world).of_gateway(gateway_id) if tunnel.bgp_since is not None]


def learned(world: World, gateway_id: str) -> list[Row]:
    gateway = azure_side.gateway(world, gateway_id)
    if gateway is None or not gateway.bgp or world.faults.data_plane_is_dark(gateway.region):
        return []
    rows: list[Row] = [
        {
            "localAddress": gateway.neighbor,
            "network": prefix,
            "sourcePeer": gateway.neighbor,
            "origin": "Network",
            "asPath": "",
            "weight": DEFAULT_WEIGHT,
        }
        for prefix in azure_side.advertised(world, gateway)
    ]
    for tunnel in sessions(world, gateway_id):
        peer = tunnel.site.peering_address
        rows += [
            {
                "localAddress": gateway.neighbor,
                "network": prefix,
                "nextHop": peer,
                "sourcePeer": peer,
                "origin": "EBgp",
                "asPath": str(tunnel.site.asn),
                "weight": DEFAULT_WEIGHT,
            }
            for prefix in tunnel.site.prefixes
        ]
    return rows


def advertised(world: World, gateway_id: str, peer: str | None) -> list[Row]:
    """To a peer with a live session its BGP rows; to any other address what the recording shows."""
    gateway = azure_side.gateway(world, gateway_id)
    if gateway is None:
        return []
    live = [tunnel for tunnel in sessions(world, gateway_id) if peer in (None, tunnel.site.peering_address)]
    if not live:
        return [
            {"localAddress": "", "network": prefix, "nextHop": "Virtual Network", "origin": "Network", "weight": 0}
            for prefix in azure_side.space_of(world, gateway.network)
        ]
    return [
        {
            "localAddress": gateway.neighbor,
            "network": prefix,
            "nextHop": gateway.neighbor,
            "origin": "Igp",
            "asPath": str(gateway.asn),
            "weight": 0,
        }
        for prefix in azure_side.advertised(world, gateway)
    ]


def peers(world: World, gateway_id: str, peer: str | None) -> list[Row]:
    gateway = azure_side.gateway(world, gateway_id)
    if gateway is None or not gateway.bgp or world.faults.data_plane_is_dark(gateway.region):
        return []
    rows: list[Row] = []
    for tunnel in tunnels_of(world).of_gateway(gateway_id):
        neighbor = tunnel.site.peering_address
        if peer not in (None, neighbor):
            continue
        row: Row = {"localAddress": gateway.neighbor, "neighbor": neighbor, "asn": tunnel.site.asn}
        if tunnel.bgp_since is None:
            rows.append({**row, "state": "Connecting", "routesReceived": 0, "messagesSent": 0, "messagesReceived": 0})
            continue
        up = world.seconds - tunnel.bgp_since
        rows.append(
            {
                **row,
                "state": "Connected",
                "connectedDuration": _duration(up),
                "routesReceived": len(tunnel.site.prefixes),
                "messagesSent": int(up // 60) + 3,
                "messagesReceived": int(up // 60) + 2,
            }
        )
    return rows


def next_hop(world: World, network_id: str, destination: str) -> Row:
    """Where a machine's packet goes: its own network, a gateway that learned the prefix, the internet."""
    if addresses.contains(azure_side.space_of(world, network_id), destination):
        return {"nextHopType": "VirtualNetwork", "routeTableId": "System Route"}
    for gateway_document in world.documents.of_type(azure_side.GATEWAY):
        gateway = azure_side.gateway(world, gateway_document["id"])
        if gateway is None or gateway.network.lower() != network_id.lower():
            continue
        for row in learned(world, gateway.id):
            if row["origin"] == "EBgp" and addresses.contains([row["network"]], destination):
                hop = min(gateway.addresses - {gateway.neighbor}, default=gateway.neighbor)
                return {
                    "nextHopType": "VirtualNetworkGateway",
                    "nextHopIpAddress": hop,
                    "routeTableId": "System Route",
                }
    return {"nextHopType": "Internet", "routeTableId": "System Route"}


NOWHERE = ("10.0.0.0/8", "100.64.0.0/10", "192.168.0.0/16", "25.33.80.0/20", "25.41.3.0/25")
"""Prefixes that go nowhere unless a network has them (recorded; Microsoft's page names the first three)."""


def effective(world: World, network_id: str) -> list[Row]:
    """An interface's effective routes: the network, what gateways learned, the internet, and what goes nowhere."""
    rows = [_effective("Default", prefix, "VnetLocal") for prefix in azure_side.space_of(world, network_id)]
    for gateway_document in world.documents.of_type(azure_side.GATEWAY):
        gateway = azure_side.gateway(world, gateway_document["id"])
        if gateway is not None and gateway.network.lower() == network_id.lower():
            hop = min(gateway.addresses - {gateway.neighbor}, default=gateway.neighbor)
            rows += [
                _effective("VirtualNetworkGateway", row["network"], "VirtualNetworkGateway", hop)
                for row in learned(world, gateway.id)
                if row["origin"] == "EBgp"
            ]
    rows.append(_effective("Default", "0.0.0.0/0", "Internet"))
    return [*rows, *(_effective("Default", prefix, "None") for prefix in NOWHERE)]


def _effective(source: str, prefix: str, hop_type: str, hop: str | None = None) -> Row:
    """One row with all its keys (recorded)."""
    return {
        "disableBgpRoutePropagation": False,
        "source": source,
        "state": "Active",
        "hasBgpOverride": False,
        "addressPrefix": [prefix],
        "nextHopType": hop_type,
        "nextHopIpAddress": [hop] if hop else [],
        "destinationServiceTags": [],
        "tagMap": {},
    }


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds, 3))).zfill(8)
