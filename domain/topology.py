"""Who is joined to whom: gateways, connections and the prefixes that each way home carries, read from a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain import arm_ids
from domain.addresses import overlapping
from domain.plan import Plan
from domain.snapshot import Document, Snapshot, properties

GATEWAY_TYPE = "Microsoft.Network/virtualNetworkGateways"
CONNECTION_TYPE = "Microsoft.Network/connections"
LOCAL_GATEWAY_TYPE = "Microsoft.Network/localNetworkGateways"
NETWORK_TYPE = "Microsoft.Network/virtualNetworks"
PEERING_TYPE = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
PUBLIC_ADDRESS_TYPE = "Microsoft.Network/publicIPAddresses"


@dataclass(frozen=True)
class Way:
    """One way home: a network joined to a site by a connection, and the prefixes it announces there."""

    connection: str
    site: str
    network: str
    prefixes: tuple[tuple[str, str], ...]
    """(network id, prefix) pairs: the network's own and those it carries in transit."""


def network_of_gateway(gateway: Document | None) -> str | None:
    """The id of the virtual network that a gateway stands in."""
    for configuration in properties(gateway).get("ipConfigurations") or []:
        subnet = (properties(configuration).get("subnet") or {}).get("id")
        if subnet:
            return arm_ids.parent_of(subnet)
    return None


def prefixes_of(network: Document | None) -> tuple[str, ...]:
    return tuple((properties(network).get("addressSpace") or {}).get("addressPrefixes") or ())


def bgp_address(gateway: Document | None) -> str | None:
    """The address that a gateway's BGP speaks from; a custom (APIPA) one comes first."""
    settings = properties(gateway).get("bgpSettings") or {}
    for peering in settings.get("bgpPeeringAddresses") or []:
        custom = peering.get("customBgpIpAddresses") or []
        if custom:
            return str(custom[0])
    address = settings.get("bgpPeeringAddress")
    return str(address).split(",")[0] if address else None


def public_address(snapshot: Snapshot, gateway: Document | None) -> str | None:
    """The gateway's public address, from its own document or from that of the public IP."""
    for configuration in properties(gateway).get("ipConfigurations") or []:
        reference = (properties(configuration).get("publicIPAddress") or {}).get("id")
        address = properties(snapshot.get(reference)).get("ipAddress")
        if address:
            return str(address)
    for peering in (properties(gateway).get("bgpSettings") or {}).get("bgpPeeringAddresses") or []:
        for tunnel in peering.get("tunnelIpAddresses") or []:
            return str(tunnel)
    return None


def reference(document: Document | None, field: str) -> str | None:
    """The id in a property such as ``virtualNetworkGateway1: {id}``."""
    value = properties(document).get(field)
    return value.get("id") if isinstance(value, dict) else None


def sites_of(plan: Plan, snapshot: Snapshot, local_gateway: str | None) -> tuple[str, ...]:
    """The plan's sites that a local network gateway may stand for; an unknown device is a site of its own.

    What the plan says itself comes first, then the device's address, then its prefixes, then its ASN. Where several
    sites fit (one ASN for all of them is common) it is taken for each: a way too many is refused, never one too few.
    """
    document = snapshot.get(local_gateway)
    told = _told_devices(plan, snapshot)
    if document and arm_ids.key(document["id"]) in told:
        return (told[arm_ids.key(document["id"])],)
    address = device_address(document)
    same = dict.fromkeys(site for one, site in told.items() if address and device_address(snapshot.get(one)) == address)
    if same:
        return tuple(same)
    details = properties(document)
    asn = (details.get("bgpSettings") or {}).get("asn")
    spaces = (details.get("localNetworkAddressSpace") or {}).get("addressPrefixes") or []
    near = tuple(name for name, site in plan.sites.items() if overlapping(spaces, site.prefixes))
    speaks = tuple(name for name, site in plan.sites.items() if asn is not None and site.asn == asn)
    return near or speaks or (f"device {address or local_gateway}",)


def device_address(local_gateway: Document | None) -> str | None:
    """The address, or else the name, of the device that a local network gateway stands for."""
    details = properties(local_gateway)
    return details.get("gatewayIpAddress") or details.get("fqdn") or None


def _told_devices(plan: Plan, snapshot: Snapshot) -> dict[str, str]:
    """Local network gateways whose site the plan's own links tell: key of the id -> site."""
    told: dict[str, str] = {}
    for link in plan.links:
        named = link.connect.local_network_gateway if link.connect else None
        found = snapshot.named(LOCAL_GATEWAY_TYPE, named) if named else []
        for connection in snapshot.named(CONNECTION_TYPE, link.disconnect) if link.disconnect else []:
            local = snapshot.get(reference(connection, "localNetworkGateway2"))
            found += [local] if local else []
        told.update({arm_ids.key(one["id"]): link.site for one in found if link.site})
    return told


def ways_home(plan: Plan, snapshot: Snapshot) -> Iterator[Way]:
    """Every way home that the snapshot has."""
    for connection in snapshot.of_type(CONNECTION_TYPE):
        local = reference(connection, "localNetworkGateway2")
        network = network_of_gateway(snapshot.get(reference(connection, "virtualNetworkGateway1")))
        if local and network:
            for site in sites_of(plan, snapshot, local):
                yield Way(connection["id"], site, network, announced(snapshot, network))


def announced(snapshot: Snapshot, network: str) -> tuple[tuple[str, str], ...]:
    """What a gateway in ``network`` announces: its own space, spokes by gateway transit, and networks it carries."""
    seen: dict[str, None] = {}
    waiting = [network]
    while waiting:
        current = arm_ids.key(waiting.pop())
        if current not in seen:
            seen[current] = None
            waiting += [*_spokes(snapshot, current), *_joined_networks(snapshot, current)]
    return tuple((one, prefix) for one in seen for prefix in prefixes_of(snapshot.get(one)))


def _spokes(snapshot: Snapshot, network: str) -> Iterator[str]:
    for peering in properties(snapshot.get(network)).get("virtualNetworkPeerings") or []:
        details = properties(peering)
        remote = (details.get("remoteVirtualNetwork") or {}).get("id")
        if remote and details.get("allowGatewayTransit") and details.get("peeringState") == "Connected":
            yield remote


def _joined_networks(snapshot: Snapshot, network: str) -> Iterator[str]:
    """Networks joined by VNet-to-VNet connections; with BGP they are carried on."""
    for connection in snapshot.of_type(CONNECTION_TYPE):
        details = properties(connection)
        if details.get("connectionType") != "Vnet2Vnet" or not details.get("enableBgp"):
            continue
        ends = [network_of_gateway(snapshot.get(reference(connection, f"virtualNetworkGateway{n}"))) for n in (1, 2)]
        for one, other in (ends, ends[::-1]):
            if one and other and arm_ids.same(one, network):
                yield other
