"""What is particular about network security groups and their rules."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import copy
from typing import Any

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network import nets

GROUP = "Microsoft.Network/networkSecurityGroups"
INTERFACE = "Microsoft.Network/networkInterfaces"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"

RULE_DEFAULTS: dict[str, Any] = {
    "sourcePortRanges": [],
    "destinationPortRanges": [],
    "sourceAddressPrefixes": [],
    "destinationAddressPrefixes": [],
}
RULE_WORDS = {
    "access": ("Allow", "Deny"),
    "direction": ("Inbound", "Outbound"),
    "protocol": ("Tcp", "Udp", "Icmp", "Esp", "Ah"),
}
_SERVICES = (
    ("AllowVnetInBound", "inbound traffic from all VMs in VNET", "VirtualNetwork", "VirtualNetwork", "Inbound", 65000),
    (
        "AllowAzureLoadBalancerInBound",
        "inbound traffic from azure load balancer",
        "AzureLoadBalancer",
        "*",
        "Inbound",
        65001,
    ),
    ("DenyAllInBound", "all inbound traffic", "*", "*", "Inbound", 65500),
    (
        "AllowVnetOutBound",
        "outbound traffic from all VMs to all VMs in VNET",
        "VirtualNetwork",
        "VirtualNetwork",
        "Outbound",
        65000,
    ),
    ("AllowInternetOutBound", "outbound traffic from all VMs to Internet", "*", "Internet", "Outbound", 65001),
    ("DenyAllOutBound", "all outbound traffic", "*", "*", "Outbound", 65500),
)


def shape_group(world: World, document: Document) -> None:
    """The six rules that every group has (recorded)."""
    document["properties"]["defaultSecurityRules"] = default_rules(document)


def default_rules(document: Document) -> list[Document]:
    """Of a group with id and etag."""
    rules = []
    for name, what, source, destination, direction, priority in _SERVICES:
        access = "Deny" if name.startswith("Deny") else "Allow"
        rules.append(
            _default_rule(document, name, f"{access} {what}", (source, destination), (access, priority, direction))
        )
    return rules


def _default_rule(
    document: Document, name: str, description: str, ends: tuple[str, str], way: tuple[str, int, str]
) -> Document:
    return {
        "name": name,
        "id": f"{document['id']}/defaultSecurityRules/{name}",
        "etag": document["etag"],
        "type": f"{GROUP}/defaultSecurityRules",
        "properties": {
            "provisioningState": "Succeeded",
            "description": description,
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "sourceAddressPrefix": ends[0],
            "destinationAddressPrefix": ends[1],
            "access": way[0],
            "priority": way[1],
            "direction": way[2],
            **copy.deepcopy(RULE_DEFAULTS),
        },
    }


def show_group(world: World, body: Document, verb: str) -> None:
    """Whom it guards; an estate's word stands where it does not hold them."""
    for name, users in (
        ("networkInterfaces", interfaces_of(world, body["id"])),
        ("subnets", subnets_of(world, body["id"])),
    ):
        shown = body["properties"].pop(name, None) or []
        held = {ids.key(user) for user in users}
        users += [user["id"] for user in shown if ids.key(user["id"]) not in held and user["id"] not in world.documents]
        if users:
            body["properties"][name] = [{"id": user} for user in users]


def interfaces_of(world: World, group_id: str) -> list[str]:
    return _users(world, INTERFACE, group_id)


def subnets_of(world: World, group_id: str) -> list[str]:
    return _users(world, SUBNET, group_id)


def _users(world: World, kind: str, group_id: str) -> list[str]:
    return [
        user["id"]
        for user in nets.living(world, kind)
        if ids.same((user["properties"].get("networkSecurityGroup") or {}).get("id"), group_id)
    ]


def group_in_use(world: World, group: Document) -> Response | None:
    """400, not 409 (recorded)."""
    users = interfaces_of(world, group["id"]) + subnets_of(world, group["id"])
    if not users:
        return None
    message = (
        f"Network security group {group['id']} cannot be deleted because it is in use by the following resources: "
        f"{', '.join(users)}. In order to delete the Network security group, remove the association with the "
        "resource(s). To learn how to do this, see aka.ms/deletensg."
    )
    return errors.error(400, "InUseNetworkSecurityGroupCannotBeDeleted", message, [])
