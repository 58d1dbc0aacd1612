"""A gateway as an on-premises device knows it: one peer an instance, so two where it is active-active."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from domain import arm_ids
from domain.snapshot import Document, Snapshot, properties

Peer = dict[str, Any]

MICROSOFT_ASN = 12076
"""Of every ExpressRoute circuit's Azure side."""


def peers(snapshot: Snapshot, gateway: Document | None, device: Document | None = None) -> list[Peer]:
    """``{"bgpPeeringAddress", "publicAddress", "asn"}`` of each instance; what is not known is None.

    ``device`` is the local network gateway at the other end: a gateway speaks from a custom (APIPA) address to a
    device that has one itself, and from that of its GatewaySubnet to any other (sources: Links between networks).
    """
    if gateway is None:
        return []
    details = properties(gateway)
    settings = details.get("bgpSettings") or {}
    plain = [one.strip() for one in str(settings.get("bgpPeeringAddress") or "").split(",") if one.strip()]
    told = settings.get("bgpPeeringAddresses") or []
    configurations = details.get("ipConfigurations") or []
    instances = max(2 if details.get("activeActive") else 1, len(plain))
    found = []
    for number in range(instances):
        configuration = configurations[number] if number < len(configurations) else {}
        own = _told_of(told, configuration, number)
        custom = own.get("customBgpIpAddresses") or ()
        default = [*plain[number : number + 1], *(own.get("defaultBgpIpAddresses") or ())]
        default = default or (_default_address(snapshot, configuration) if settings else [])
        addresses = [*custom, *default] if device is None or _is_apipa(device) else default
        peer = {
            "bgpPeeringAddress": str(addresses[0]) if addresses else None,
            "publicAddress": _public(snapshot, configuration, own),
            "asn": settings.get("asn"),
        }
        if number == 0 or addresses or peer["publicAddress"]:
            found.append(peer)
    return found


def neighbors(snapshot: Snapshot, gateway: Document | None, device: Document | None = None) -> list[str]:
    """How the site's own table names a gateway: by its BGP addresses, or where it has none by its public ones."""
    named = [one["bgpPeeringAddress"] or one["publicAddress"] for one in peers(snapshot, gateway, device)]
    return [str(one) for one in named if one]


def circuit_peers(snapshot: Snapshot, circuit: str | None) -> list[Peer]:
    """A circuit as the site's device knows it: Microsoft's two edges, at the second usable address of each link.

    Source: sources, Routing.
    """
    found = []
    for peering in properties(snapshot.get(circuit)).get("peerings") or []:
        details = properties(peering)
        if str(details.get("peeringType") or peering.get("name")).lower() != "azureprivatepeering":
            continue
        for name in ("primaryPeerAddressPrefix", "secondaryPeerAddressPrefix"):
            if details.get(name):
                address = str(ip_network(details[name], strict=False)[2])
                found.append({"bgpPeeringAddress": address, "publicAddress": None, "asn": MICROSOFT_ASN})
    return found


def _is_apipa(device: Document) -> bool:
    address = (properties(device).get("bgpSettings") or {}).get("bgpPeeringAddress")
    return str(address).startswith("169.254.")


def _default_address(snapshot: Snapshot, configuration: Document) -> list[str]:
    """Of a gateway that is not made yet and speaks BGP: the last address but one of its GatewaySubnet."""
    subnet = (properties(configuration).get("subnet") or {}).get("id")
    network = snapshot.get(arm_ids.parent_of(subnet)) if subnet else None
    for one in properties(network).get("subnets") or []:
        prefix = properties(one).get("addressPrefix")
        if str(one.get("name")).lower() == "gatewaysubnet" and prefix:
            return [str(ip_network(prefix, strict=False)[-2])]
    return []


def _told_of(told: list[Document], configuration: Document, number: int) -> Document:
    """The entry of bgpPeeringAddresses that is about an IP configuration: by its id, else by its place."""
    for one in told:
        if arm_ids.same(one.get("ipconfigurationId"), configuration.get("id")):
            return one
    unnamed = not any(one.get("ipconfigurationId") and configuration.get("id") for one in told)
    return told[number] if unnamed and number < len(told) else {}


def _public(snapshot: Snapshot, configuration: Document, own: Document) -> str | None:
    reference = (properties(configuration).get("publicIPAddress") or {}).get("id")
    address = properties(snapshot.get(reference)).get("ipAddress")
    tunnels = own.get("tunnelIpAddresses") or []
    return str(address or tunnels[0]) if address or tunnels else None
