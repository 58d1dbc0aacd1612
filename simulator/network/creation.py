"""What must be there, and in order, when a network is made from nothing: subnets, what they refer to, the gateway.

The codes are those that NRP answers in public reports and troubleshooting pages; where a message is not quoted in full
there, its words are ours (sources: Networks made in a run).
"""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network import nets
from simulator.network.kind import Check

GATEWAY_SUBNET = "gatewaysubnet"
SMALLEST = {"Vpn": 29, "ExpressRoute": 28}
"""The longest prefix that a GatewaySubnet may have (documented: about VPN Gateway settings)."""

Net = ipaddress.IPv4Network | ipaddress.IPv6Network


def all_of(*checks: Check) -> Check:
    """The first refusal of several."""

    def check(world: World, wanted: Document, existing: Document | None) -> Response | None:
        return next(filter(None, (one(world, wanted, existing) for one in checks)), None)

    return check


def check_subnets(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """The subnets in a network's body: within its space, apart from each other, none taken away that is in use."""
    space = list(_nets((wanted["properties"].get("addressSpace") or {}).get("addressPrefixes") or ()))
    shown = wanted["properties"].get("subnets")
    held = world.documents.children(wanted["id"], nets.SUBNET)
    for at, subnet in enumerate(held if shown is None else shown):
        refusal = _misplaced(wanted, subnet, space, (held if shown is None else shown)[:at])
        if shown is not None:
            there = world.documents.get(f"{wanted['id']}/subnets/{subnet.get('name')}")
            refusal = refusal or _dangling(world, subnet, wanted) or _moved(world, there, subnet)
        if refusal is not None:
            return refusal
    named = {str(subnet.get("name", "")).lower() for subnet in held if shown is None} | {
        str(subnet.get("name", "")).lower() for subnet in shown or ()
    }
    gone = [subnet for subnet in held if subnet["name"].lower() not in named]
    return next(filter(None, (nets.subnet_in_use(world, subnet) for subnet in gone)), None)


def check_subnet(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """One subnet, written by itself."""
    network = world.documents.get(ids.parent_of(wanted["id"]) or "")
    if network is None:
        return None
    space = list(_nets((network["properties"].get("addressSpace") or {}).get("addressPrefixes") or ()))
    held = world.documents.children(network["id"], nets.SUBNET)
    others = [other for other in held if not ids.same(other["id"], wanted["id"])]
    refusal = _misplaced(network, wanted, space, others) or _dangling(world, wanted, network)
    return refusal or _moved(world, existing, wanted)


def check_gateway(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """Its subnet and public addresses: there, of the right name and size, in its region, and, for one that is new, not
    somebody else's."""
    properties = wanted["properties"]
    if not properties.get("ipConfigurations"):
        message = f"Virtual network gateway {wanted['id']} has no IP configuration."
        return errors.error(400, "VirtualNetworkGatewayIpConfigurationsMissing", message, [])
    for configuration in properties["ipConfigurations"]:
        for name, kind in (("subnet", "virtualNetworks/subnets"), ("publicIPAddress", "publicIPAddresses")):
            reference = str((configuration["properties"].get(name) or {}).get("id") or "")
            if reference not in world.documents and (reference or name == "subnet"):
                return _missing(reference or f"of type {kind}", wanted)
            if reference and world.documents.location_of(reference) != wanted.get("location"):
                return _missing(reference, wanted)
        refusal = _unfit_subnet(world, wanted, configuration)
        if existing is None:
            refusal = refusal or _taken_address(world, wanted, configuration)
        if refusal is not None:
            return refusal
    return _second_gateway(world, wanted) if existing is None else None


def table_in_use(world: World, table: Document) -> Response | None:
    """400 (documented with the other InUse codes)."""
    users = subnets_with(world, table["id"])
    if not users:
        return None
    message = (
        f"Route table {table['name']} is in use and cannot be deleted. It is associated with {', '.join(users)}. In "
        "order to delete the route table, remove the association with the subnet(s)."
    )
    return errors.error(400, "InUseRouteTableCannotBeDeleted", message, [])


def show_table(world: World, body: Document, verb: str) -> None:
    """Which subnets use it; an estate's word stands where it does not hold them."""
    users = subnets_with(world, body["id"])
    held = {ids.key(user) for user in users}
    shown = body["properties"].pop("subnets", None) or []
    users += [user["id"] for user in shown if ids.key(user["id"]) not in held and user["id"] not in world.documents]
    if users:
        body["properties"]["subnets"] = [{"id": user} for user in users]


def subnets_with(world: World, table_id: str) -> list[str]:
    return [
        subnet["id"]
        for subnet in world.documents.of_type(nets.SUBNET)
        if ids.same((subnet["properties"].get("routeTable") or {}).get("id"), table_id)
    ]


def _misplaced(network: Document, subnet: Document, space: list[Net], others: list[Document]) -> Response | None:
    try:
        mine = list(_nets(_prefixes(subnet)))
    except ValueError:
        mine = []
    name = subnet.get("name")
    if space and (not mine or not all(any(_within(one, whole) for whole in space) for one in mine)):
        message = f"Subnet '{name}' is not valid in virtual network '{network['name']}'."
        return errors.error(400, "NetcfgInvalidSubnet", message, [])
    for other in others:
        theirs = list(_nets(_prefixes(other)))
        if any(one.version == two.version and one.overlaps(two) for one in mine for two in theirs):
            message = (
                f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing subnet "
                f"in virtual network '{network['name']}'."
            )
            return errors.error(400, "NetcfgSubnetRangesOverlap", message, [])
    return None


def _moved(world: World, existing: Document | None, wanted: Document) -> Response | None:
    """The addresses of a subnet that somebody lives in stay as they are."""
    if existing is None or _prefixes(existing) == _prefixes(wanted):
        return None
    users = nets.configurations_in(world, existing["id"])
    if not users:
        return None
    message = f"Subnet {existing['name']} is in use by {users[0]} and cannot be updated."
    return errors.error(400, "InUseSubnetCannotBeUpdated", message, [])


def _within(one: Net, whole: Net) -> bool:
    return (
        one.version == whole.version
        and int(one.network_address) >= int(whole.network_address)
        and int(one.broadcast_address) <= int(whole.broadcast_address)
    )


def _dangling(world: World, subnet: Document, network: Document) -> Response | None:
    """What a subnet refers to must be there, in its network's region."""
    for name in ("networkSecurityGroup", "routeTable", "natGateway"):
        reference = ((subnet.get("properties") or {}).get(name) or {}).get("id")
        if not reference or name == "natGateway":
            continue
        if reference not in world.documents or world.documents.location_of(reference) != network.get("location"):
            return _missing(reference, network)
    return None


def _missing(reference: str, user: Document) -> Response:
    message = (
        f"Resource {reference} referenced by resource {user['id']} was not found. Please make sure that the referenced "
        "resource exists, and that both resources are in the same region."
    )
    return errors.error(400, "InvalidResourceReference", message, [])


def _unfit_subnet(world: World, gateway: Document, configuration: Document) -> Response | None:
    subnet = world.documents.get(configuration["properties"]["subnet"]["id"])
    assert subnet is not None
    if subnet["name"].lower() != GATEWAY_SUBNET:
        message = (
            f"The subnet {subnet['id']} of virtual network gateway {gateway['id']} must be named 'GatewaySubnet', not "
            f"'{subnet['name']}'."
        )
        return errors.error(400, "SubnetNotGatewaySubnet", message, [])
    longest = SMALLEST.get(str(gateway["properties"].get("gatewayType")), 29)
    sizes = [net.prefixlen for net in _nets(_prefixes(subnet)) if net.version == 4]
    if not sizes or min(sizes) > longest:
        message = (
            f"The gateway subnet {subnet['id']} has the prefix length /{min(sizes, default=0)}; virtual network "
            f"gateway {gateway['id']} needs /{longest} or larger."
        )
        return errors.error(400, "GatewaySubnetTooSmall", message, [])
    return None


def _taken_address(world: World, gateway: Document, configuration: Document) -> Response | None:
    public = (configuration["properties"].get("publicIPAddress") or {}).get("id")
    for kind in (nets.INTERFACE, nets.GATEWAY):
        for owner in nets.living(world, kind) if public else ():
            for used in owner["properties"].get("ipConfigurations", ()):
                other = (used["properties"].get("publicIPAddress") or {}).get("id")
                if ids.same(other, public) and not ids.same(owner["id"], gateway["id"]):
                    message = (
                        f"Resource {configuration['id']} is referencing public IP address {public} that is already "
                        f"allocated to resource {used['id']}."
                    )
                    return errors.error(400, "PublicIPAddressInUse", message, [])
    return None


def _second_gateway(world: World, wanted: Document) -> Response | None:
    """One VPN and one ExpressRoute gateway for each network (documented)."""
    subnets = {ids.key(one["properties"]["subnet"]["id"]) for one in wanted["properties"]["ipConfigurations"]}
    for other in nets.living(world, nets.GATEWAY):
        same = other["properties"].get("gatewayType") == wanted["properties"].get("gatewayType")
        theirs = {
            ids.key((one["properties"].get("subnet") or {}).get("id") or "-")
            for one in other["properties"].get("ipConfigurations", ())
        }
        if same and theirs & subnets and not ids.same(other["id"], wanted["id"]):
            message = (
                f"Virtual network gateway {wanted['id']} cannot be created because {other['id']} of the same type "
                "exists in its virtual network."
            )
            return errors.error(400, "VirtualNetworkAlreadyHasGateway", message, [])
    return None


def _prefixes(subnet: Document) -> list[str]:
    properties = subnet.get("properties") or {}
    several = list(properties.get("addressPrefixes") or ())
    return several or [prefix for prefix in (properties.get("addressPrefix"),) if prefix]


def _nets(prefixes: Iterable[str]) -> Iterator[Net]:
    for prefix in prefixes:
        yield ipaddress.ip_network(str(prefix))
