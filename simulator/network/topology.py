"""A resource group's network, as a watcher draws it (recorded twice): who contains whom, who is tied to whom."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World

MACHINE = "Microsoft.Compute/virtualMachines"
INTERFACE = "Microsoft.Network/networkInterfaces"
GROUP = "Microsoft.Network/networkSecurityGroups"
ADDRESS = "Microsoft.Network/publicIPAddresses"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
CONTAINS, ASSOCIATED = "Contains", "Associated"


def of_group(world: World, scope: str) -> Document:
    """Machines, interfaces, groups, public addresses and networks below ``scope``, in that order."""
    drawn: list[Document] = []
    for machine in world.documents.of_type(MACHINE, scope):
        references = machine["properties"].get("networkProfile", {}).get("networkInterfaces") or ()
        drawn.append(_drawn(world, machine, [_tie(str(one["id"]), CONTAINS) for one in references]))
    interfaces = world.documents.of_type(INTERFACE, scope)
    drawn += [_drawn(world, interface, _ties_of(interface)) for interface in interfaces]
    drawn += [_drawn(world, group, []) for group in world.documents.of_type(GROUP, scope)]
    addresses = world.documents.of_type(ADDRESS, scope)
    drawn += [_drawn(world, address, _user_of(world, address)) for address in addresses]
    for network in world.documents.of_type(NETWORK, scope):
        subnets = world.documents.children(network["id"], SUBNET)
        drawn.append(_drawn(world, network, [_tie(subnet["id"], CONTAINS) for subnet in subnets]))
        for subnet in subnets:
            guard = (subnet["properties"].get("networkSecurityGroup") or {}).get("id")
            drawn.append(_drawn(world, subnet, [_tie(guard, ASSOCIATED)] if guard else []))
    now = world.now.isoformat().replace("+00:00", "Z")
    return {
        "id": world.fresh_guid("topology", scope),
        "createdDateTime": now,
        "lastModified": now,
        "resources": drawn,
    }


def _drawn(world: World, document: Document, ties: list[Document]) -> Document:
    return {
        "name": document["name"],
        "id": document["id"],
        "location": world.documents.location_of(document["id"]) or "",
        "associations": ties,
        "properties": {},
    }


def _tie(resource_id: str, kind: str) -> Document:
    return {"name": ids.last(resource_id), "resourceId": resource_id, "associationType": kind}


def _ties_of(interface: Document) -> list[Document]:
    properties = interface["properties"]
    tied = [(properties.get(name) or {}).get("id") for name in ("virtualMachine", "networkSecurityGroup")]
    for configuration in properties.get("ipConfigurations", ()):
        inner = configuration["properties"]
        tied += [(inner.get(name) or {}).get("id") for name in ("subnet", "publicIPAddress")]
    return [_tie(one, ASSOCIATED) for one in tied if one]


def _user_of(world: World, address: Document) -> list[Document]:
    return [
        _tie(interface["id"], ASSOCIATED)
        for interface in world.documents.of_type(INTERFACE)
        for configuration in interface["properties"].get("ipConfigurations", ())
        if ids.same((configuration["properties"].get("publicIPAddress") or {}).get("id"), address["id"])
    ]
