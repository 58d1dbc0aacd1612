"""What is particular about virtual networks, subnets, peerings, public addresses and interfaces."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network import occupancy

PEERING = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
INTERFACE = "Microsoft.Network/networkInterfaces"
GATEWAY = "Microsoft.Network/virtualNetworkGateways"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
RESERVED = 4


def lock_parent(world: World, document: Document) -> Sequence[str]:
    parent = ids.parent_of(document["id"])
    return [parent] if parent else []


def lock_both_networks(world: World, document: Document) -> Sequence[str]:
    return [*lock_parent(world, document), *filter(None, [remote_of(document)])]


def shape_network(world: World, document: Document) -> None:
    if isinstance(document["properties"].get("dhcpOptions"), dict):
        document["properties"]["dhcpOptions"].setdefault("dnsServers", [])


def check_network(world: World, wanted: Document, existing: Document | None) -> Response | None:
    if not (wanted["properties"].get("addressSpace") or {}).get("addressPrefixes"):
        message = "Address space of the virtual network has to be specified."
        return errors.error(400, "InvalidRequestFormat", message, [])
    return None


def network_in_use(world: World, network: Document) -> Response | None:
    for subnet in world.documents.children(network["id"], SUBNET):
        refusal = subnet_in_use(world, subnet)
        if refusal is not None:
            return refusal
    return None


def subnet_in_use(world: World, subnet: Document) -> Response | None:
    """400, not 409 (recorded)."""
    users = configurations_in(world, subnet["id"])
    if not users:
        return None
    message = (
        f"Subnet {subnet['name']} is in use by {users[0]} and cannot be deleted. In order to delete the subnet, "
        "delete all the resources within the subnet. See aka.ms/deletesubnet."
    )
    return errors.error(400, "InUseSubnetCannotBeDeleted", message, [])


def configurations_in(world: World, subnet_id: str) -> list[str]:
    """Ids of the IP configurations that sit in a subnet: interfaces and gateways."""
    wanted = ids.key(subnet_id)
    return [
        configuration["id"]
        for kind in (INTERFACE, GATEWAY)
        for owner in living(world, kind)
        for configuration in owner["properties"].get("ipConfigurations", ())
        if ids.key((configuration["properties"].get("subnet") or {}).get("id") or "-") == wanted
    ]


def living(world: World, kind: str) -> list[Document]:
    """All of a type but those that are being deleted: they hold nothing in use any more (recorded)."""
    found = world.documents.of_type(kind)
    return [document for document in found if document["properties"].get("provisioningState") != "Deleting"]


def shape_subnet(world: World, document: Document) -> None:
    """A delegation is a part of its own (recorded); its actions are its service's and are not known here."""
    for delegation in document["properties"].get("delegations", ()):
        delegation["id"] = f"{document['id']}/delegations/{delegation['name']}"
        delegation["etag"], delegation["type"] = document["etag"], f"{SUBNET}/delegations"
        inner = delegation.setdefault("properties", {})
        inner.setdefault("provisioningState", "Succeeded")
        inner.setdefault("actions", ["Microsoft.Network/virtualNetworks/subnets/join/action"])


def show_subnet(world: World, body: Document, verb: str) -> None:
    """Who lives in it. An estate may name users that it does not hold: those stay."""
    for delegation in body["properties"].get("delegations", ()):
        delegation["etag"] = body["etag"]
    shown = body["properties"].pop("ipConfigurations", None) or []
    users = configurations_in(world, body["id"])
    held = {ids.key(user) for user in users}
    users += [user["id"] for user in shown if ids.key(user["id"]) not in held and not _is_held(world, user["id"])]
    if users:
        body["properties"]["ipConfigurations"] = [{"id": user} for user in users]


def _is_held(world: World, configuration_id: str) -> bool:
    return configuration_id.rsplit("/", 2)[0] in world.documents


def shape_peering(world: World, document: Document) -> None:
    properties = document["properties"]
    remote = world.documents.get(remote_of(document) or "")
    prefixes = space_of(remote) if remote else []
    before = world.documents.get(document["id"])
    known = before["properties"].get("remoteAddressSpace") if before else None
    properties["remoteAddressSpace"] = known or {"addressPrefixes": prefixes}
    properties["remoteVirtualNetworkAddressSpace"] = {"addressPrefixes": prefixes}
    other = other_side(world, document)
    properties["peeringState"] = "Initiated"
    if other is not None:
        properties["resourceGuid"] = other["properties"].get("resourceGuid", properties.get("resourceGuid"))
        properties["peeringState"] = "Connected"
    if properties.get("useRemoteGateways") and remote is not None:
        found = [gateway["id"] for gateway in gateways_of(world, remote["id"])]
        properties["remoteGateways"] = [{"id": gateway} for gateway in found]


def show_peering(world: World, body: Document, verb: str) -> None:
    """How far both sides know each other's address space; half a peering is RemoteNotInSync (recorded)."""
    properties = body["properties"]
    remote, local = world.documents.get(remote_of(body) or ""), world.documents.get(ids.parent_of(body["id"]) or "")
    other = other_side(world, body)
    if remote is None or local is None:
        return
    properties["remoteVirtualNetworkAddressSpace"] = {"addressPrefixes": space_of(remote)}
    if other is None:
        properties["peeringSyncLevel"] = "RemoteNotInSync"
        return
    stale = _seen_by(body) != space_of(remote), _seen_by(other) != space_of(local)
    properties["peeringSyncLevel"] = _LEVELS[stale]


_LEVELS = {
    (False, False): "FullyInSync",
    (True, False): "LocalNotInSync",
    (False, True): "RemoteNotInSync",
    (True, True): "LocalAndRemoteNotInSync",
}


def _seen_by(peering: Document) -> list[str]:
    return list((peering["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes") or ())


def sync_peering(world: World, peering: Document) -> None:
    """Take the remote network's address space as it is now (documented: syncRemoteAddressSpace)."""
    remote = world.documents.get(remote_of(peering) or "")
    if remote is not None:
        peering["properties"]["remoteAddressSpace"] = {"addressPrefixes": space_of(remote)}


def join_peering(world: World, document: Document) -> None:
    """The first side flips to Connected with no write to it, as soon as the second is accepted (recorded)."""
    other = other_side(world, document)
    if other is not None:
        other["properties"]["peeringState"] = "Connected"
        world.documents.changed(other["id"])


def part_peering(world: World, document: Document) -> None:
    """Deleting one side leaves the other Disconnected, its provisioningState Succeeded (recorded)."""
    other = other_side(world, document)
    if other is not None:
        other["properties"]["peeringState"] = "Disconnected"
        world.documents.changed(other["id"])


def other_side(world: World, peering: Document) -> Document | None:
    local, remote = ids.parent_of(peering["id"]), remote_of(peering)
    for other in world.documents.children(remote, PEERING) if remote else ():
        if ids.same(remote_of(other), local):
            return other
    return None


def show_public_address(world: World, body: Document, verb: str) -> None:
    """Which configuration has it."""
    for kind in (INTERFACE, GATEWAY):
        for owner in world.documents.of_type(kind):
            for configuration in owner["properties"].get("ipConfigurations", ()):
                if ids.same((configuration["properties"].get("publicIPAddress") or {}).get("id"), body["id"]):
                    body["properties"]["ipConfiguration"] = {"id": configuration["id"]}


def give_public_address(world: World, document: Document) -> None:
    """A static address is drawn at once; a dynamic one when a machine takes it into use."""
    properties = document["properties"]
    if properties.get("publicIPAllocationMethod") == "Static":
        properties.setdefault("ipAddress", f"198.51.100.{world.random('address', document['id']).randint(40, 250)}")


def public_address_in_use(world: World, document: Document) -> Response | None:
    for kind in (INTERFACE, GATEWAY):
        for owner in living(world, kind):
            for configuration in owner["properties"].get("ipConfigurations", ()):
                public = (configuration["properties"].get("publicIPAddress") or {}).get("id")
                if ids.same(public, document["id"]):
                    message = (
                        f"Public IP address {document['id']} can not be deleted since it is still allocated to "
                        f"resource {configuration['id']}. In order to delete the public IP, disassociate/detach the "
                        "Public IP address from the resource.  To learn how to do this, see "
                        "aka.ms/deletepublicip."
                    )
                    return errors.error(400, "PublicIPAddressCannotBeDeleted", message, [])
    return None


def shape_interface(world: World, document: Document) -> None:
    for at, configuration in enumerate(document["properties"].get("ipConfigurations", ())):
        name = configuration.get("name", f"ipconfig{at}")
        configuration["id"] = f"{document['id']}/ipConfigurations/{name}"
        configuration["etag"], configuration["type"] = document["etag"], f"{INTERFACE}/ipConfigurations"
        inner = configuration.setdefault("properties", {})
        inner.setdefault("provisioningState", "Succeeded")
        inner.setdefault("privateIPAllocationMethod", "Dynamic")
        inner.setdefault("primary", at == 0)
        inner.setdefault("privateIPAddressVersion", "IPv4")
        subnet = (inner.get("subnet") or {}).get("id")
        if subnet and not inner.get("privateIPAddress"):
            inner["privateIPAddress"] = free_address(world, subnet)
    suffix = world.guid("dns-suffix", document["location"]).replace("-", "")[:26]
    document["properties"]["dnsSettings"] = {
        "dnsServers": [],
        "appliedDnsServers": [],
        "internalDomainNameSuffix": f"{suffix}.bx.internal.cloudapp.net",
        **(document["properties"].get("dnsSettings") or {}),
    }


def free_address(world: World, subnet_id: str, wanted: str | None = None) -> str:
    """``wanted`` if it is free in the subnet, else the next free address, without failing (documented for ASR)."""
    subnet = world.documents.get(subnet_id)
    if subnet is None:
        return wanted or ""
    free = free_addresses(world, subnet)
    return wanted if wanted in free else next(iter(free), "")


def free_addresses(world: World, subnet: Document) -> list[str]:
    """The addresses of a subnet that nobody has and no fault takes, in order."""
    network_id, taken = ids.parent_of(subnet["id"]) or "", occupancy.holders(world, subnet["id"])
    hosts = [str(host) for host in ipaddress.ip_network(str(subnet["properties"]["addressPrefix"]))][RESERVED:-1]
    return [host for host in hosts if host not in taken and not world.faults.address_is_taken(host, network_id)]


def interface_in_use(world: World, document: Document) -> Response | None:
    machine = (document["properties"].get("virtualMachine") or {}).get("id")
    if not machine or machine not in world.documents:
        return None
    message = (
        f"Network Interface {document['id']} is used by existing resource {machine}. In order to delete the network "
        "interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
    )
    return errors.error(400, "NicInUse", message, [])


def remote_of(peering: Document) -> str | None:
    return (peering["properties"].get("remoteVirtualNetwork") or {}).get("id")


def space_of(network: Document) -> list[str]:
    return list((network["properties"].get("addressSpace") or {}).get("addressPrefixes") or ())


def gateways_of(world: World, network_id: str) -> list[Document]:
    prefix = ids.key(network_id) + "/"
    return [
        gateway
        for gateway in world.documents.of_type(GATEWAY)
        for configuration in gateway["properties"].get("ipConfigurations", ())
        if ids.key((configuration["properties"].get("subnet") or {}).get("id") or "-").startswith(prefix)
    ]
