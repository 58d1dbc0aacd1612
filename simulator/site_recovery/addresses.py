"""Which address a failed-over machine gets: the one it should have, or silently the next free one of the subnet."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from simulator.core.world import World
from simulator.network import occupancy

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
        prefix = occupancy.range_of(subnet)
        if isinstance(prefix, IPv4Network):
            found[str(subnet["name"]).lower()] = prefix
    return found


def choose(
    world: World,
    network_id: str,
    subnet_name: str,
    wanted: str | None,
    *,
    free_for_it: Collection[str] = (),
    besides: Collection[str] = (),
) -> str | None:
    """``wanted`` if it lies in the subnet and is free, else the lowest free address; None when there is none.

    Documented (azure-to-azure-common-questions): the failover does not fail for a taken address. That it goes the same
    way for one outside the subnet, and for one of the five that Azure keeps, is a guess. ``free_for_it`` are its own
    from before, ``besides`` those that the same machine has just been given.
    """
    prefix = subnets(world, network_id).get(subnet_name.lower())
    if prefix is None:
        return None
    used = {*occupancy.holders(world, f"{network_id}/subnets/{subnet_name}")} - {*free_for_it} | {*besides}

    def free(address: IPv4Address) -> bool:
        if occupancy.is_reserved(address, prefix) or str(address) in used:
            return False
        return not world.faults.address_is_taken(str(address), network_id)

    if wanted and IPv4Address(wanted) in prefix and free(IPv4Address(wanted)):
        return wanted
    first, last = int(prefix.network_address), int(prefix.broadcast_address)
    return next((str(IPv4Address(n)) for n in range(first, last) if free(IPv4Address(n))), None)


def fitting_subnet(world: World, network_id: str, name: str) -> str | None:
    """A drill's subnet: the one of the same name, else the first by alphabet (documented)."""
    found = subnets(world, network_id)
    if name.lower() in found:
        return name
    return min((subnet for subnet in found if subnet != "gatewaysubnet"), default=None)
