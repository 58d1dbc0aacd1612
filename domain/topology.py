"""Gateways, connections, devices and circuits as a snapshot has them, and which of the plan's sites they lead to."""

from __future__ import annotations

from domain import arm_ids
from domain.addresses import overlapping
from domain.plans.reading import Plan
from domain.snapshot import Document, Snapshot, properties

GATEWAY_TYPE = "Microsoft.Network/virtualNetworkGateways"
CONNECTION_TYPE = "Microsoft.Network/connections"
LOCAL_GATEWAY_TYPE = "Microsoft.Network/localNetworkGateways"
NETWORK_TYPE = "Microsoft.Network/virtualNetworks"
PEERING_TYPE = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
PUBLIC_ADDRESS_TYPE = "Microsoft.Network/publicIPAddresses"


def network_of_gateway(gateway: Document | None) -> str | None:
    """The id of the virtual network that a gateway stands in."""
    for configuration in properties(gateway).get("ipConfigurations") or []:
        subnet = (properties(configuration).get("subnet") or {}).get("id")
        if subnet:
            return arm_ids.parent_of(subnet)
    return None


def prefixes_of(network: Document | None) -> tuple[str, ...]:
    return tuple((properties(network).get("addressSpace") or {}).get("addressPrefixes") or ())


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


def circuit_sites(plan: Plan, snapshot: Snapshot, circuit: str) -> tuple[str, ...]:
    """The plan's sites at which an ExpressRoute circuit ends; one that the plan does not know is a site of its own.

    What ``sites`` say themselves comes first, then the links to a site that name the circuit or a connection to it.
    """
    told = [name for name, site in plan.sites.items() if any(_means(circuit, one) for one in site.circuits)]
    for link in plan.links if not told else ():
        named = [link.disconnect, link.like, *((link.prefer.from_, link.prefer.to) if link.prefer else ())]
        found = [one for name in named if name for one in snapshot.named(CONNECTION_TYPE, name)]
        wanted = link.connect.circuit if link.connect else None
        leads = any(arm_ids.same(reference(one, "peer"), circuit) for one in found)
        if link.site and (leads or (wanted and _means(circuit, wanted))):
            told.append(link.site)
    return tuple(dict.fromkeys(told)) or (f"circuit {arm_ids.name_of(circuit)}",)


def _means(resource_id: str, named: str) -> bool:
    """Whether a plan's reference, an id or a name, means a resource."""
    return arm_ids.same(resource_id, named) or arm_ids.name_of(resource_id).lower() == named.lower()
