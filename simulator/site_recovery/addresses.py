"""Which address a failed-over machine gets: the one it should have, or silently the next free one of the subnet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Any

from simulator.compute.bodies import NIC_TYPE
from simulator.core import ids
from simulator.core.world import World

AZURE_KEEPS_FIRST = 4

Document = dict[str, Any]


def subnets(world: World, network_id: str) -> dict[str, IPv4Network]:
    """A network's subnets by name in lower case, whether they are documents of their own or inside the network's."""
    network = world.documents.get(network_id)
    if network is None:
        return {}
    inside = network["properties"].get("subnets") or []
    children = world.documents.children(network_id, "Microsoft.Network/virtualNetworks/subnets")
    found = {}
    for subnet in [*inside, *children]:
        properties = subnet.get("properties", {})
        prefix = properties.get("addressPrefix") or next(iter(properties.get("addressPrefixes") or []), None)
        if prefix:
            found[str(subnet["name"]).lower()] = IPv4Network(ip_network(prefix, strict=False))
    return found


def taken(world: World, subnet_id: str) -> set[str]:
    """Addresses that interfaces of this subnet have."""
    return {
        configuration["properties"]["privateIPAddress"]
        for nic in world.documents.of_type(NIC_TYPE)
        for configuration in nic["properties"].get("ipConfigurations") or []
        if ids.same((configuration["properties"].get("subnet") or {}).get("id"), subnet_id)
        and configuration["properties"].get("privateIPAddress")
    }


def choose(world: World, network_id: str, subnet_name: str, wanted: str | None) -> str | None:
    """``wanted`` if it lies in the subnet and is free, else the lowest free address; None when there is none.

    Documented (azure-to-azure-common-questions): the failover does not fail for a taken address.
    """
    prefix = subnets(world, network_id).get(subnet_name.lower())
    if prefix is None:
        return None
    used = taken(world, f"{network_id}/subnets/{subnet_name}")

    def free(address: IPv4Address) -> bool:
        return str(address) not in used and not world.faults.address_is_taken(str(address), network_id)

    if wanted and IPv4Address(wanted) in prefix and free(IPv4Address(wanted)):
        return wanted
    first, last = int(prefix.network_address) + AZURE_KEEPS_FIRST, int(prefix.broadcast_address)
    return next((str(IPv4Address(n)) for n in range(first, last) if free(IPv4Address(n))), None)


def fitting_subnet(world: World, network_id: str, name: str) -> str | None:
    """A drill's subnet: the one of the same name, else the first by alphabet (documented)."""
    found = subnets(world, network_id)
    if name.lower() in found:
        return name
    return min((subnet for subnet in found if subnet != "gatewaysubnet"), default=None)
