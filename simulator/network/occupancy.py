"""Who has which private address of a subnet: interfaces, gateways, firewalls, load balancers, private endpoints.

Also of kinds that no room models: whatever document of an estate says that a configuration of its own has an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World

AZURE_KEEPS_FIRST = 4
"""Addresses at the beginning of each subnet that Azure keeps; the last one is its fifth (documented)."""
CONFIGURATIONS = ("ipConfigurations", "frontendIPConfigurations", "gatewayIPConfigurations")
HOLDERS = (
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/privateEndpoints",
)


def holders(world: World, subnet_id: str) -> dict[str, str]:
    """Address -> id of the resource that has it in this subnet."""
    return {
        address: owner["id"]
        for kind in HOLDERS
        for owner in world.documents.of_type(kind)
        for address in _addresses(owner, subnet_id)
    }


def _addresses(owner: Document, subnet_id: str) -> Iterator[str]:
    properties = owner.get("properties") or {}
    own = (properties.get("subnet") or {}).get("id")
    for name in CONFIGURATIONS:
        for configuration in properties.get(name) or ():
            told = configuration.get("properties") or {}
            subnet = (told.get("subnet") or {}).get("id") or own
            if not ids.same(subnet, subnet_id):
                continue
            if told.get("privateIPAddress"):
                yield str(told["privateIPAddress"])
            yield from _peering_addresses(properties, configuration)
    if ids.same(own, subnet_id):
        for told in properties.get("customDnsConfigs") or ():
            yield from (str(address) for address in told.get("ipAddresses") or ())


def _peering_addresses(properties: Document, configuration: Document) -> Iterator[str]:
    """What a VPN gateway speaks BGP from is an address of its subnet."""
    settings = properties.get("bgpSettings") or {}
    for entry in settings.get("bgpPeeringAddresses") or ():
        if ids.same(entry.get("ipconfigurationId"), configuration.get("id")):
            yield from (str(address) for address in entry.get("defaultBgpIpAddresses") or ())
    if settings.get("bgpPeeringAddress"):
        yield from str(settings["bgpPeeringAddress"]).split(",")


def is_reserved(address: IPv4Address, prefix: IPv4Network) -> bool:
    """One of the five of a subnet that nobody gets."""
    return int(address) - int(prefix.network_address) < AZURE_KEEPS_FIRST or address == prefix.broadcast_address


def range_of(subnet: Document) -> IPv4Network | IPv6Network | None:
    """A subnet's (first) range; None where a document says none."""
    properties = subnet.get("properties") or {}
    prefix = properties.get("addressPrefix") or next(iter(properties.get("addressPrefixes") or ()), None)
    return ip_network(str(prefix), strict=False) if prefix else None
