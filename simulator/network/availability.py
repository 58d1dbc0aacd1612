"""GETs below a virtual network that are no resources: is an address free, who else lives in a subnet."""

from __future__ import annotations

import ipaddress

from simulator.core import errors
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network.nets import RESERVED, SUBNET, configurations_in, free_addresses

SUGGESTED = 5


def check_address(world: World, request: Request) -> Response:
    """Recorded for a free address; for a taken one the next free ones are suggested (documented)."""
    network_id = request.path.rstrip("/").rsplit("/", 1)[0]
    if network_id not in world.documents:
        return errors.resource_not_found(network_id)
    try:
        address = ipaddress.ip_address(request.argument("ipAddress") or "")
    except ValueError as error:
        return errors.error(400, "InvalidIPAddress", str(error), [])
    for subnet in world.documents.children(network_id, SUBNET):
        net = ipaddress.ip_network(str(subnet["properties"]["addressPrefix"]))
        if address not in net:
            continue
        free = free_addresses(world, subnet)
        if str(address) in free:
            return Response(200, {"available": True, "isPlatformReserved": False})
        reserved = int(address) - int(net.network_address) < RESERVED or address == net.broadcast_address
        shown = {"available": False, "availableIPAddresses": free[:SUGGESTED], "isPlatformReserved": reserved}
        return Response(200, shown)
    return Response(200, {"available": False, "availableIPAddresses": [], "isPlatformReserved": False})


def usages(world: World, request: Request) -> Response:
    """How full each subnet is (recorded): of its addresses Azure keeps five."""
    network_id = request.path.rstrip("/").rsplit("/", 1)[0]
    if network_id not in world.documents:
        return errors.resource_not_found(network_id)
    value = []
    for subnet in world.documents.children(network_id, SUBNET):
        net = ipaddress.ip_network(str(subnet["properties"]["addressPrefix"]))
        used = len(configurations_in(world, subnet["id"]))
        name = {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"}
        limit = net.num_addresses - RESERVED - 1
        value.append({"currentValue": used, "id": subnet["id"], "limit": limit, "name": name, "unit": "Count"})
    return Response(200, {"value": value})


def check_name(world: World, request: Request) -> Response:
    """Whether a DNS label is free in a region (recorded for a free one)."""
    label = str(request.argument("domainNameLabel") or "").lower()
    taken = {
        str((address["properties"].get("dnsSettings") or {}).get("domainNameLabel", "")).lower()
        for address in world.documents.of_type("Microsoft.Network/publicIPAddresses")
    }
    return Response(200, {"available": label not in taken})


def no_links(world: World, request: Request) -> Response:
    """Nothing of another service lives in these subnets."""
    subnet_id = request.path.rstrip("/").rsplit("/", 1)[0]
    return Response(200, {"value": []}) if subnet_id in world.documents else errors.child_not_found(subnet_id)
