"""The sequence as a table: what is called, in which order, what it should show, what it needs and how long it takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

TAG = "bridgehead-verify"
NETWORKS, ITEM = "networks", "protected-item"
"""The recordings that the steps go to, by the name of their files."""

DEVICE = "203.0.113.77"
"""The local network gateway's address: documentation only (RFC 5737), so that no tunnel ever comes up."""


@dataclass(frozen=True)
class Order:
    """What the owner asked for. ``gateway`` and ``item`` are resource ids that exist; they are never deleted."""

    subscription: str
    location: str
    gateway: str | None = None
    item: str | None = None

    @property
    def id(self) -> str:
        """The same for the same subscription and location: a later run finds what an earlier one left."""
        return hashlib.sha256(f"{self.subscription}/{self.location}".lower().encode()).hexdigest()[:8]

    @property
    def group_name(self) -> str:
        return f"rg-{TAG}-{self.id}"

    @property
    def group(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group_name}"

    @property
    def tags(self) -> dict[str, str]:
        return {TAG: self.id}

    def network(self, kind: str, name: str) -> str:
        return f"{self.group}/providers/Microsoft.Network/{kind}/{name}"


@dataclass(frozen=True)
class Step:
    """One call, waited for. ``shows`` is a path into the answer's body and what the simulator says stands there.

    seconds  how long it takes as recorded or assumed; for the estimate
    rights   the actions that a role must allow
    essential  what it shows must be so, or the sequence ends; otherwise a difference is a finding
    """

    what: str
    method: str
    path: str
    expect: tuple[int, ...]
    body: dict[str, Any] | None = None
    shows: tuple[str, str] | None = None
    essential: bool = False
    seconds: int = 1
    rights: tuple[str, ...] = ()
    part: str = NETWORKS


def steps(order: Order, shared_key: str) -> list[Step]:
    """Everything but the resource group, which the engine makes first and deletes last."""
    table = _gateway_first(order) + _peering(order) + _local_gateway(order)
    if order.gateway:
        table += _connection(order, order.gateway, shared_key)
    return table + (_item(order.item) if order.item else [])


def _gateway_first(order: Order) -> list[Step]:
    """A gateway elsewhere would let the connection fail only at the end."""
    if not order.gateway:
        return []
    needs, where = ("Microsoft.Network/virtualNetworkGateways/read",), ("location", order.location)
    return [Step("read the gateway", "GET", order.gateway, (200,), shows=where, essential=True, rights=needs)]


def _peering(order: Order) -> list[Step]:
    a, b = order.network("virtualNetworks", "verify-a"), order.network("virtualNetworks", "verify-b")
    ab, ba = f"{a}/virtualNetworkPeerings/a-to-b", f"{b}/virtualNetworkPeerings/b-to-a"
    state = "properties.peeringState"
    networks = tuple(f"Microsoft.Network/virtualNetworks/{verb}" for verb in ("read", "write", "delete", "peer/action"))
    peerings = tuple(
        f"Microsoft.Network/virtualNetworks/virtualNetworkPeerings/{verb}" for verb in ("read", "write", "delete")
    )
    return [
        _put("make network a", a, _network(order, "10.250.0.0/24"), 10, networks),
        _shown("read network a", a, "properties.provisioningState", "Succeeded"),
        _put("make network b", b, _network(order, "10.250.1.0/24"), 10, networks),
        _shown("read network b", b, "properties.provisioningState", "Succeeded"),
        _put("peer a with b", ab, _peer(b), 10, peerings),
        _shown("a waits for the other side", ab, state, "Initiated"),
        _put("peer b with a", ba, _peer(a), 10, peerings),
        _shown("b is connected", ba, state, "Connected"),
        _shown("a is connected too", ab, state, "Connected"),
        Step("delete a's side", "DELETE", ab, (200, 202, 204), seconds=10, rights=peerings),
        Step("a's side is gone", "GET", ab, (404,)),
        _shown("b sees it", ba, state, "Disconnected"),
    ]


def _local_gateway(order: Order) -> list[Step]:
    gateway = order.network("localNetworkGateways", "verify-site")
    body = {
        "location": order.location,
        "tags": order.tags,
        "properties": {
            "gatewayIpAddress": DEVICE,
            "localNetworkAddressSpace": {"addressPrefixes": ["10.251.0.0/24"]},
        },
    }
    rights = tuple(f"Microsoft.Network/localNetworkGateways/{verb}" for verb in ("read", "write", "delete"))
    return [
        _put("make a local network gateway", gateway, body, 10, rights),
        _shown("read it", gateway, "properties.provisioningState", "Succeeded"),
    ]


def _connection(order: Order, gateway: str, shared_key: str) -> list[Step]:
    connection = order.network("connections", "verify-connection")
    body = {
        "location": order.location,
        "tags": order.tags,
        "properties": {
            "connectionType": "IPsec",
            "virtualNetworkGateway1": {"id": gateway},
            "localNetworkGateway2": {"id": order.network("localNetworkGateways", "verify-site")},
            "enableBgp": False,
            "routingWeight": 0,
            "sharedKey": shared_key,
        },
    }
    rights = (
        *(f"Microsoft.Network/connections/{verb}" for verb in ("read", "write", "delete")),
        "Microsoft.Network/virtualNetworkGateways/join/action",
        "Microsoft.Network/localNetworkGateways/join/action",
    )
    return [
        _put("connect the gateway with it", connection, body, 60, rights),
        _shown("read the connection", connection, "properties.provisioningState", "Succeeded"),
        Step("delete the connection", "DELETE", connection, (200, 202, 204), seconds=60, rights=rights),
        Step("the connection is gone", "GET", connection, (404,)),
    ]


def _item(item: str) -> list[Step]:
    """Only reads, of what the owner protects already."""
    vault, kind = "/".join(item.split("/")[:9]), "Microsoft.RecoveryServices/vaults"
    rights = (f"{kind}/replicationFabrics/*/read", f"{kind}/replicationJobs/read")
    rows = [
        ("read the protected item", item),
        ("read its recovery points", f"{item}/recoveryPoints"),
        ("read the vault's jobs", f"{vault}/replicationJobs"),
    ]
    return [Step(what, "GET", path, (200,), rights=rights, part=ITEM) for what, path in rows]


def _put(what: str, path: str, body: dict[str, Any], seconds: int, rights: tuple[str, ...]) -> Step:
    return Step(what, "PUT", path, (200, 201, 202), body, seconds=seconds, rights=rights)


def _shown(what: str, path: str, where: str, value: str) -> Step:
    return Step(what, "GET", path, (200,), shows=(where, value))


def _network(order: Order, prefix: str) -> dict[str, Any]:
    subnet = {"name": "default", "properties": {"addressPrefix": prefix}}
    properties = {"addressSpace": {"addressPrefixes": [prefix]}, "subnets": [subnet]}
    return {"location": order.location, "tags": order.tags, "properties": properties}


def _peer(other: str) -> dict[str, Any]:
    return {"properties": {"remoteVirtualNetwork": {"id": other}, "allowVirtualNetworkAccess": True}}
