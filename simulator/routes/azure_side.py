"""Gateways, peerings and circuits as whoever talks to them knows them, read from the documents as they are now."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.world import World

CONNECTION = "Microsoft.Network/connections"
GATEWAY = "Microsoft.Network/virtualNetworkGateways"
LOCAL = "Microsoft.Network/localNetworkGateways"
NETWORK = "Microsoft.Network/virtualNetworks"
PEERING = f"{NETWORK}/virtualNetworkPeerings"
CIRCUIT = "Microsoft.Network/expressRouteCircuits"
CIRCUIT_PEERING = f"{CIRCUIT}/peerings"
EXPRESS_ROUTE = "ExpressRoute"
PRIVATE = "AzurePrivatePeering"
MICROSOFT_ASN = 12076
DEFAULT_ASN = 65515


@dataclass(frozen=True)
class Instance:
    """One of a gateway's instances: the address that its BGP speaks from, and the one that its tunnels end at."""

    neighbor: str
    public: str

    @property
    def addresses(self) -> set[str]:
        return {self.neighbor, self.public} - {""}


@dataclass(frozen=True)
class Gateway:
    """A virtual network gateway as its peers see it."""

    id: str
    name: str
    region: str
    network: str
    kind: str
    asn: int
    bgp: bool
    instances: tuple[Instance, ...]

    @property
    def neighbor(self) -> str:
        return self.instances[0].neighbor or self.instances[0].public

    @property
    def express(self) -> bool:
        return self.kind == EXPRESS_ROUTE


def gateway(world: World, gateway_id: str | None) -> Gateway | None:
    """None for an id of something else: the other end of a session may be a site."""
    document = world.documents.get(gateway_id or "")
    if document is None or document["type"].lower() != GATEWAY.lower():
        return None
    properties = document["properties"]
    settings = properties.get("bgpSettings") or {}
    instances = _instances(world, properties, settings)
    return Gateway(
        id=document["id"],
        name=document["name"],
        region=normalise_location(document["location"]),
        network=network_of(document) or "",
        kind=str(properties.get("gatewayType") or "Vpn"),
        asn=int(settings.get("asn") or DEFAULT_ASN),
        bgp=bool(properties.get("enableBgp")) or properties.get("gatewayType") == EXPRESS_ROUTE,
        instances=instances,
    )


def gateways(world: World) -> list[Gateway]:
    found = (gateway(world, document["id"]) for document in world.documents.of_type(GATEWAY))
    return [one for one in found if one is not None]


def _instances(world: World, properties: Document, settings: Document) -> tuple[Instance, ...]:
    """Two where a gateway is active-active. A custom (APIPA) address comes first: it is what the device was told."""
    plain = [one.strip() for one in str(settings.get("bgpPeeringAddress") or "").split(",") if one.strip()]
    entries = {str(one.get("ipconfigurationId")).lower(): one for one in settings.get("bgpPeeringAddresses") or ()}
    configurations = properties.get("ipConfigurations") or [{}]
    found = []
    for at, configuration in enumerate(configurations[: 2 if properties.get("activeActive") else 1]):
        entry = entries.get(str(configuration.get("id")).lower(), {})
        spoken = [*entry.get("customBgpIpAddresses", ()), *plain[at : at + 1], *entry.get("defaultBgpIpAddresses", ())]
        public = _public_address(world, configuration) or next(iter(entry.get("tunnelIpAddresses", ())), "")
        found.append(Instance(str(spoken[0]) if spoken else "", str(public)))
    return tuple(found)


def network_of(gateway_document: Document) -> str | None:
    """The id of the virtual network whose GatewaySubnet a gateway sits in."""
    for configuration in gateway_document["properties"].get("ipConfigurations", ()):
        subnet = (configuration.get("properties", {}).get("subnet") or {}).get("id")
        if subnet:
            return ids.parent_of(subnet)
    return None


def gateway_at(world: World, public_address: str) -> Gateway | None:
    """The gateway one of whose instances has this public address."""
    found = (one for one in gateways(world) if any(end.public == public_address for end in one.instances))
    return next(found, None) if public_address else None


def space_of(world: World, network_id: str | None) -> list[str]:
    document = world.documents.get(network_id or "")
    return list((document["properties"].get("addressSpace") or {}).get("addressPrefixes") or ()) if document else []


def remote_of(peering: Document) -> str:
    return str((peering["properties"].get("remoteVirtualNetwork") or {}).get("id") or "")


def peerings_of(world: World, network_id: str) -> list[Document]:
    """The halves of a network that are Connected, to networks that are there."""
    return [
        half
        for half in world.documents.children(network_id, PEERING)
        if half["properties"].get("peeringState") == "Connected" and remote_of(half) in world.documents
    ]


def half_of(world: World, network_id: str, remote_id: str) -> Document | None:
    """The Connected half of a network that refers to another."""
    return next((half for half in peerings_of(world, network_id) if ids.same(remote_of(half), remote_id)), None)


def spokes_of(world: World, hub_id: str) -> list[str]:
    """The networks in gateway transit through a hub: it allows, and they use it."""
    found = []
    for half in peerings_of(world, hub_id):
        back = half_of(world, remote_of(half), hub_id)
        uses = back is not None and back["properties"].get("useRemoteGateways")
        if uses and half["properties"].get("allowGatewayTransit"):
            found.append(remote_of(half))
    return found


def hub_of(world: World, spoke_id: str) -> str | None:
    """The network whose gateways a spoke uses."""
    for half in peerings_of(world, spoke_id):
        back = half_of(world, remote_of(half), spoke_id)
        if half["properties"].get("useRemoteGateways") and back and back["properties"].get("allowGatewayTransit"):
            return remote_of(half)
    return None


def served_by(world: World, found: Gateway) -> dict[str, str]:
    """Prefixes that a gateway announces of its own -> the network of each: the gateway's, and those in its transit."""
    prefixes = dict.fromkeys(space_of(world, found.network), found.network)
    for spoke in spokes_of(world, found.network):
        prefixes |= dict.fromkeys(space_of(world, spoke), spoke)
    return prefixes


def gateways_for(world: World, network_id: str) -> list[Gateway]:
    """The gateways that a network's machines leave by: its own, or those of the hub that it uses."""
    hub = hub_of(world, network_id)
    return [one for one in gateways(world) if ids.same(one.network, network_id) or ids.same(one.network, hub)]


def private_peering(world: World, circuit_id: str) -> Document | None:
    """The private peering of a circuit that its provider has provisioned; None while there is none in use."""
    circuit = world.documents.get(circuit_id)
    if circuit is None or circuit["properties"].get("serviceProviderProvisioningState") != "Provisioned":
        return None
    for peering in world.documents.children(circuit_id, CIRCUIT_PEERING):
        named = str(peering["properties"].get("peeringType") or peering["name"])
        if named == PRIVATE and peering["properties"].get("state", "Enabled") == "Enabled":
            return peering
    return None


def edge_addresses(peering: Document) -> tuple[str, str]:
    """(the site's, Microsoft's) end of a circuit's primary link: first and second usable address (documented)."""
    net = ipaddress.ip_network(str(peering["properties"].get("primaryPeerAddressPrefix") or "169.254.255.0/30"))
    return str(net[1]), str(net[2])


def _public_address(world: World, configuration: dict[str, Any]) -> str:
    public = (configuration.get("properties", {}).get("publicIPAddress") or {}).get("id")
    document = world.documents.get(public) if public else None
    return str(document["properties"].get("ipAddress") or "") if document else ""
