"""Virtual networks with their subnets and peerings, security groups and route tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.estates.place import Document, Place, child, told
from simulator.network.groups import RULE_DEFAULTS, default_rules

GATEWAY_SUBNET = "GatewaySubnet"


def virtual_network(
    place: Place,
    name: str,
    space: str | Sequence[str],
    subnets: Mapping[str, str],
    *,
    guards: Mapping[str, Document] | None = None,
    tables: Mapping[str, Document] | None = None,
    dns_servers: Sequence[str] = (),
) -> Document:
    """``subnets`` is name to prefix; ``guards`` and ``tables`` say which have a security group or a route table."""
    document = place.network_resource("virtualNetworks", name)
    document["properties"]["addressSpace"] = {"addressPrefixes": [space] if isinstance(space, str) else list(space)}
    if dns_servers:
        document["properties"]["dhcpOptions"] = {"dnsServers": list(dns_servers)}
    document["properties"] |= {
        "subnets": [
            _subnet(document, subnet, prefix, (guards or {}).get(subnet), (tables or {}).get(subnet))
            for subnet, prefix in subnets.items()
        ],
        "virtualNetworkPeerings": [],
        "enableDdosProtection": False,
    }
    return document


def _subnet(network: Document, name: str, prefix: str, guard: Document | None, table: Document | None) -> Document:
    properties: Document = {"addressPrefix": prefix}
    subnet = child(network, "subnets", name, properties)
    for field, used in (("networkSecurityGroup", guard), ("routeTable", table)):
        if used is not None:
            subnet["properties"][field] = {"id": used["id"]}
            told(subnet, used, "subnets")
    subnet["properties"] |= {
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    return subnet


def subnet_id(network: Document, name: str) -> str:
    return f"{network['id']}/subnets/{name}"


@dataclass(frozen=True)
class Rule:
    """One rule of a security group, its prefixes and port as Azure writes them."""

    name: str
    priority: int
    source: str
    destination: str
    port: str
    access: str = "Allow"
    direction: str = "Inbound"
    protocol: str = "Tcp"


def security_group(place: Place, name: str, rules: Sequence[Rule]) -> Document:
    document = place.network_resource("networkSecurityGroups", name)
    document["properties"] |= {
        "securityRules": [_rule(document, rule) for rule in rules],
        "defaultSecurityRules": default_rules(document),
    }
    return document


def _rule(group: Document, rule: Rule) -> Document:
    properties: Document = {
        "protocol": rule.protocol,
        "sourcePortRange": "*",
        "destinationPortRange": rule.port,
        "sourceAddressPrefix": rule.source,
        "destinationAddressPrefix": rule.destination,
        "access": rule.access,
        "priority": rule.priority,
        "direction": rule.direction,
        **{field: list(none) for field, none in RULE_DEFAULTS.items()},
    }
    return child(group, "securityRules", rule.name, properties)


def route_table(place: Place, name: str, routes: Mapping[str, tuple[str, str]], *, propagates: bool = True) -> Document:
    """``routes`` is name to (prefix, address of the appliance); ``propagates``: it takes the gateway's routes."""
    document = place.network_resource("routeTables", name)
    document["properties"] |= {
        "disableBgpRoutePropagation": not propagates,
        "routes": [_route(document, route, *ends) for route, ends in routes.items()],
    }
    return document


def _route(table: Document, name: str, prefix: str, appliance: str) -> Document:
    properties: Document = {
        "addressPrefix": prefix,
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": appliance,
        "hasBgpOverride": False,
    }
    return child(table, "routes", name, properties)


@dataclass(frozen=True)
class Half:
    """One half of a peering, and what it allows. ``name`` defaults to ``to-`` and the other network."""

    network: Document
    name: str | None = None
    gateway_transit: bool = False
    remote_gateways: bool = False
    forwarded: bool = False


def peer(one: Half, other: Half, gateways: Sequence[Document] = ()) -> None:
    """Join two networks: each shows its half. ``gateways`` are those that a half with ``remote_gateways`` uses."""
    guid = None
    for near, far in ((one, other), (other, one)):
        half = _half(near, far.network)
        if near.remote_gateways:
            half["properties"]["remoteGateways"] = [{"id": gateway["id"]} for gateway in gateways]
        guid = guid or half["properties"]["resourceGuid"]
        half["properties"]["resourceGuid"] = guid
        near.network["properties"]["virtualNetworkPeerings"].append(half)


def _half(near: Half, far: Document) -> Document:
    space = far["properties"]["addressSpace"]["addressPrefixes"]
    properties: Document = {
        "resourceGuid": far["properties"]["resourceGuid"],
        "peeringState": "Connected",
        "peeringSyncLevel": "FullyInSync",
        "remoteVirtualNetwork": {"id": far["id"]},
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": near.forwarded,
        "allowGatewayTransit": near.gateway_transit,
        "useRemoteGateways": near.remote_gateways,
        "doNotVerifyRemoteGateways": False,
        "remoteAddressSpace": {"addressPrefixes": list(space)},
        "remoteVirtualNetworkAddressSpace": {"addressPrefixes": list(space)},
        "routeServiceVips": {},
    }
    return child(near.network, "virtualNetworkPeerings", near.name or f"to-{far['name']}", properties)
