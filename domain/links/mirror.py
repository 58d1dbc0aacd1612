"""The halves that come: derived from the old ones like for like, but where the plan says otherwise."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.links.halves import Half
from domain.plans.links import Connect, LinkKind
from domain.snapshot import Document, properties
from domain.topology import CONNECTION_TYPE

MIRRORED = (
    "connectionType",
    "connectionProtocol",
    "routingWeight",
    "enableBgp",
    "usePolicyBasedTrafficSelectors",
    "ipsecPolicies",
    "trafficSelectorPolicies",
    "dpdTimeoutSeconds",
    "connectionMode",
    "useLocalAzureIpAddress",
    "expressRouteGatewayBypass",
    "enablePrivateLinkFastPath",
)
"""What a new connection takes over from the old one."""
MIRRORED_PEERING = (
    "allowVirtualNetworkAccess",
    "allowForwardedTraffic",
    "allowGatewayTransit",
    "useRemoteGateways",
    "doNotVerifyRemoteGateways",
)
TYPE_OF_KIND = {"site-to-site": "IPsec", "vnet-to-vnet": "Vnet2Vnet", "expressroute": "ExpressRoute"}
_OF_CIRCUITS = frozenset({"expressRouteGatewayBypass", "enablePrivateLinkFastPath"})
ONLY_OF_KIND: dict[str, frozenset[str]] = {
    "expressroute": _OF_CIRCUITS | {"connectionType", "routingWeight"},
    "site-to-site": frozenset(MIRRORED) - _OF_CIRCUITS,
    "vnet-to-vnet": frozenset(MIRRORED) - _OF_CIRCUITS,
}


def connection_half(
    kind: LinkKind, old: Half | None, name: str, gateway: Document, network: str, end: dict[str, Any], wish: Connect
) -> Half:
    """A connection on ``gateway``. ``end`` is the property that names the other side.

    When the plan asks for another kind than the old link's, only what both kinds know is taken over.
    """
    kept = {
        field: properties(old.document)[field]
        for field in MIRRORED
        if old and field in ONLY_OF_KIND[kind] and properties(old.document).get(field) is not None
    }
    details: dict[str, Any] = {**kept, "connectionType": TYPE_OF_KIND[kind]}
    if wish.routing_weight is not None:
        details["routingWeight"] = wish.routing_weight
    if wish.enable_bgp is not None and kind != "expressroute":
        details["enableBgp"] = wish.enable_bgp
    details |= {"virtualNetworkGateway1": {"id": gateway["id"]}, **end}
    body = {"location": gateway.get("location"), "tags": _tags(old), "properties": details}
    target = f"{arm_ids.resource_group_id(gateway['id'])}/providers/{CONNECTION_TYPE}/{name}"
    return Half(target, body, gateway["id"], network)


def peering_half(
    old: Half | None,
    name: str,
    network: str,
    remote: str,
    transit: bool | None,
    use: bool | None,
    forwarded: bool | None,
) -> Half:
    """A peering of ``network`` towards ``remote``."""
    before = properties(old.document) if old and old.is_peering else {}
    details: dict[str, Any] = {"allowVirtualNetworkAccess": True}
    details |= {field: before[field] for field in MIRRORED_PEERING if before.get(field) is not None}
    wishes = {"allowGatewayTransit": transit, "useRemoteGateways": use, "allowForwardedTraffic": forwarded}
    details |= {field: wish for field, wish in wishes.items() if wish is not None}
    details["remoteVirtualNetwork"] = {"id": remote}
    return Half(f"{network}/virtualNetworkPeerings/{name}", {"properties": details}, network, network)


def in_order(halves: tuple[Half, ...]) -> tuple[Half, ...]:
    """Halves in the order in which Azure takes them: who offers a gateway before who uses it (sources: Peerings)."""
    return tuple(sorted(halves, key=lambda half: bool(properties(half.document).get("useRemoteGateways"))))


def _tags(old: Half | None) -> dict[str, Any]:
    return {} if old is None or old.is_peering else dict(old.document.get("tags") or {})
