"""What the device can tell of Azure from outside: gateways, their addresses, and the prefixes they advertise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.world import World

CONNECTION = "Microsoft.Network/connections"
GATEWAY = "Microsoft.Network/virtualNetworkGateways"
NETWORK = "Microsoft.Network/virtualNetworks"
PEERING = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"


@dataclass(frozen=True)
class Gateway:
    """A virtual network gateway as its peers see it. ``addresses`` are all by which a device may know it."""

    id: str
    name: str
    region: str
    network: str
    asn: int
    neighbor: str
    addresses: frozenset[str]
    bgp: bool


def gateway(world: World, gateway_id: str) -> Gateway | None:
    document = world.documents.get(gateway_id)
    if document is None:
        return None
    properties = document["properties"]
    bgp = properties.get("bgpSettings") or {}
    known = {str(bgp.get("bgpPeeringAddress", ""))}
    for entry in bgp.get("bgpPeeringAddresses", ()):
        known |= {*entry.get("defaultBgpIpAddresses", ()), *entry.get("customBgpIpAddresses", ())}
        known |= set(entry.get("tunnelIpAddresses", ()))
    for configuration in properties.get("ipConfigurations", ()):
        known.add(_public_address(world, configuration))
    return Gateway(
        id=document["id"],
        name=document["name"],
        region=normalise_location(document["location"]),
        network=network_of(document) or "",
        asn=int(bgp.get("asn") or 65515),
        neighbor=str(bgp.get("bgpPeeringAddress", "")),
        addresses=frozenset(known - {""}),
        bgp=bool(properties.get("enableBgp")),
    )


def network_of(gateway_document: Document) -> str | None:
    """The id of the virtual network whose GatewaySubnet a gateway sits in."""
    for configuration in gateway_document["properties"].get("ipConfigurations", ()):
        subnet = configuration.get("properties", {}).get("subnet", {}).get("id")
        if subnet:
            return ids.parent_of(subnet)
    return None


def advertised(world: World, found: Gateway) -> dict[str, str]:
    """Prefixes that a gateway advertises -> the network each belongs to: its own, and those in gateway transit."""
    prefixes = dict.fromkeys(space_of(world, found.network), found.network)
    for peering in world.documents.children(found.network, PEERING):
        properties = peering["properties"]
        remote = (properties.get("remoteVirtualNetwork") or {}).get("id")
        in_transit = properties.get("allowGatewayTransit") and properties.get("peeringState") == "Connected"
        if in_transit and remote and _uses_remote_gateways(world, remote, found.network):
            prefixes |= dict.fromkeys(space_of(world, remote), remote)
    return prefixes


def space_of(world: World, network_id: str) -> list[str]:
    document = world.documents.get(network_id)
    return list(document["properties"]["addressSpace"]["addressPrefixes"]) if document else []


def _uses_remote_gateways(world: World, network_id: str, hub_id: str) -> bool:
    return any(
        peering["properties"].get("useRemoteGateways")
        and ids.same((peering["properties"].get("remoteVirtualNetwork") or {}).get("id"), hub_id)
        for peering in world.documents.children(network_id, PEERING)
    )


def _public_address(world: World, configuration: dict[str, Any]) -> str:
    public = (configuration.get("properties", {}).get("publicIPAddress") or {}).get("id")
    document = world.documents.get(public) if public else None
    return str(document["properties"].get("ipAddress", "")) if document else ""
