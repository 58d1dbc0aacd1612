"""Would the security groups of an interface and of its subnet let a flow in or out?"""

from __future__ import annotations

from collections.abc import Callable

from domain import addresses
from simulator.core.documents import Document
from simulator.core.machines import Machine
from simulator.core.world import World

RULES = "Microsoft.Network/networkSecurityGroups/securityRules"
Space = Callable[[], list[str]]


def denied_by(world: World, machine: Machine, direction: str, ends: tuple[str, str], port: int, space: Space) -> str:
    """The name of the group that denies a flow (source, destination); empty when all allow it.

    Port 0 asks whether anything gets through: a rule that denies some ports or protocols does not deny that.
    ``space`` is what the tag VirtualNetwork stands for at this machine.
    """
    for group in guards_of(world, machine):
        for rule in _rules(world, group, direction):
            if _fits(rule["properties"], ends, port, space):
                if rule["properties"]["access"] == "Deny":
                    return str(group["name"])
                break
    return ""


def guards_of(world: World, machine: Machine) -> list[Document]:
    """The groups on a machine's interface with its address, and on the subnet of that."""
    document = world.documents.get(machine.id)
    references = (document["properties"].get("networkProfile") or {}).get("networkInterfaces") or () if document else ()
    found: list[Document] = []
    for reference in references:
        interface = world.documents.get(str(reference.get("id")))
        for configuration in interface["properties"].get("ipConfigurations", ()) if interface else ():
            inner = configuration["properties"]
            if interface is not None and inner.get("privateIPAddress") == machine.address:
                subnet = world.documents.get((inner.get("subnet") or {}).get("id") or "")
                found += [one for owner in (interface, subnet) if (one := _group_of(world, owner)) is not None]
    return found


def _group_of(world: World, owner: Document | None) -> Document | None:
    return (
        world.documents.get((owner["properties"].get("networkSecurityGroup") or {}).get("id") or "") if owner else None
    )


def _rules(world: World, group: Document, direction: str) -> list[Document]:
    rules = [*world.documents.children(group["id"], RULES), *group["properties"].get("defaultSecurityRules", ())]
    kept = [rule for rule in rules if str(rule["properties"]["direction"]).lower() == direction]
    return sorted(kept, key=lambda rule: int(rule["properties"]["priority"]))


def _fits(rule: Document, ends: tuple[str, str], port: int, space: Space) -> bool:
    deny, protocol = rule["access"] == "Deny", str(rule.get("protocol") or "*").lower()
    if protocol != "*" and (protocol != "tcp" if port else deny):
        return False
    ports = [rule.get("destinationPortRange") or "", *(rule.get("destinationPortRanges") or ())]
    if not any(_port_fits(str(one), port, deny) for one in ports if one):
        return False
    names = ("sourceAddressPrefix", "destinationAddressPrefix")
    return all(_address_fits(rule, name, end, space) for name, end in zip(names, ends, strict=True))


def _port_fits(ports: str, port: int, deny: bool) -> bool:
    if ports == "*" or (not port and not deny):
        return True
    low, _, high = ports.partition("-")
    return bool(port) and low.isdigit() and int(low) <= port <= int(high or low)


def _address_fits(rule: Document, name: str, address: str, space: Space) -> bool:
    said = [rule.get(name) or "", *(rule.get(f"{name}es") or ())]
    return any(_covers(str(prefix), address, space) for prefix in said if prefix)


def _covers(prefix: str, address: str, space: Space) -> bool:
    if prefix in ("*", address):
        return True
    if prefix in ("VirtualNetwork", "Internet"):
        return addresses.contains(space(), address) == (prefix == "VirtualNetwork")
    return "/" in prefix and addresses.contains([prefix], address)
