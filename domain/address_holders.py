"""Who has which private address of a network, as a snapshot tells it (sources: Addresses)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from domain import arm_ids
from domain.snapshot import Document, Snapshot, properties

KEPT_AT_THE_FRONT = 4
"""Addresses at the beginning of each subnet that Azure keeps; the last one is its fifth."""
SUBNET_TYPE = "Microsoft.Network/virtualNetworks/subnets"
_CONFIGURATIONS = ("ipConfigurations", "frontendIPConfigurations", "gatewayIPConfigurations")
_OWNERS = (
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/privateEndpoints",
)

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Held:
    """An address and who has it. ``subnet``: key of its subnet's id; ``machine``: the machine of an interface."""

    subnet: str
    address: str
    owner: str
    machine: str | None = None


def holders(snapshot: Snapshot) -> tuple[Held, ...]:
    """Every private address that the snapshot knows: interfaces, gateways, load balancers, firewalls, endpoints."""
    return tuple(held for kind in _OWNERS for owner in snapshot.of_type(kind) for held in _held(owner))


def _held(owner: Document) -> Iterator[Held]:
    told = properties(owner)
    own = str((told.get("subnet") or {}).get("id") or "")
    machine = (told.get("virtualMachine") or {}).get("id")
    for name in _CONFIGURATIONS:
        for configuration in told.get(name) or ():
            subnet = str((properties(configuration).get("subnet") or {}).get("id") or own)
            addresses = [properties(configuration).get("privateIPAddress"), *_bgp(told, configuration)]
            for address in filter(None, addresses) if subnet else ():
                yield Held(arm_ids.key(subnet), str(address), owner["id"], machine)
    for entry in told.get("customDnsConfigs") or () if own else ():
        for address in entry.get("ipAddresses") or ():
            yield Held(arm_ids.key(own), str(address), owner["id"])


def _bgp(told: Document, configuration: Document) -> list[str]:
    settings = told.get("bgpSettings") or {}
    found = [one for one in str(settings.get("bgpPeeringAddress") or "").split(",") if one]
    for entry in settings.get("bgpPeeringAddresses") or ():
        if arm_ids.same(entry.get("ipconfigurationId"), configuration.get("id")):
            found += list(entry.get("defaultBgpIpAddresses") or ())
    return found


def subnets_of(snapshot: Snapshot, network: str) -> dict[str, tuple[Range, ...]]:
    """A network's subnets by name in lower case, whether inside the network's document or documents of their own."""
    document = snapshot.get(network)
    inside = list(properties(document).get("subnets") or ())
    prefix = f"{arm_ids.key(network)}/subnets/"
    alone = [one for one in snapshot.of_type(SUBNET_TYPE) if arm_ids.key(one["id"]).startswith(prefix)]
    return {arm_ids.name_of(str(one.get("id") or one.get("name"))).lower(): _ranges(one) for one in (*inside, *alone)}


def _ranges(subnet: Document) -> tuple[Range, ...]:
    told = properties(subnet)
    prefixes = told.get("addressPrefixes") or [told.get("addressPrefix")]
    return tuple(ip_network(str(prefix), strict=False) for prefix in prefixes if prefix)


def is_reserved(address: str, ranges: tuple[Range, ...]) -> bool:
    """One of the five of a subnet that Azure keeps for itself."""
    host = ip_address(address)
    return any(
        host in one and (int(host) - int(one.network_address) < KEPT_AT_THE_FRONT or host == one.broadcast_address)
        for one in ranges
    )


def lies_in(address: str, ranges: tuple[Range, ...]) -> bool:
    host = ip_address(address)
    return any(host in one for one in ranges)
