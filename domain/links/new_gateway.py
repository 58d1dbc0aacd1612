"""The gateway of a network that a run makes, like the source's: planned as ARM documents.

Azure takes its BGP address from the GatewaySubnet, so a gateway in a network of the same space gets the same one; a
device tells the two apart only by an APIPA address (sources: Gateways).
"""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.findings import Findings
from domain.plans.links import NewGateway
from domain.plans.reading import Plan
from domain.snapshot import Document, properties
from domain.topology import GATEWAY_TYPE, PUBLIC_ADDRESS_TYPE, network_of_gateway

_KEEPS = ("gatewayType", "vpnType", "vpnGatewayGeneration", "enableBgp", "sku", "enablePrivateIpAddress")
CREATION_SECONDS = 1700
"""Recorded: 1,182 to 2,203 s (sources: Durations)."""
DEADLINE_SECONDS = 2 * 3600


def plan_gateway(
    plan: Plan, path: str, wish: NewGateway, source: Document, network: Document, findings: Findings
) -> list[Document]:
    """Public address and gateway, in the order in which Azure takes them; nothing, with the reason, if not."""
    where = f"{path}.create.gateway"
    like = next(
        (one for one in findings.snapshot.of_type(GATEWAY_TYPE) if arm_ids.same(network_of_gateway(one), source["id"])),
        None,
    )
    if like is None:
        findings.refuse(where, f"no gateway in {arm_ids.name_of(source['id'])}", "a source gateway to make it like")
        return []
    subnets = [one["name"].lower() for one in properties(network)["subnets"]]
    if "gatewaysubnet" not in subnets:
        findings.refuse(where, f"{arm_ids.name_of(source['id'])} without a GatewaySubnet", "one, to make it like")
        return []
    if properties(like).get("activeActive"):
        findings.warn(f"{where}: the new gateway has one instance, where {arm_ids.name_of(like['id'])} has two")
    group = arm_ids.resource_group_id(network["id"])
    name = wish.name or f"{arm_ids.name_of(like['id'])}-recovery"
    address = {
        "id": f"{group}/providers/{PUBLIC_ADDRESS_TYPE}/{wish.public_address or f'pip-{name}'}",
        "type": PUBLIC_ADDRESS_TYPE,
        "location": plan.recovery.region,
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"},
    }
    gateway_id = f"{group}/providers/{GATEWAY_TYPE}/{name}"
    configuration = {
        "name": "default",
        "properties": {
            "privateIPAllocationMethod": "Dynamic",
            "subnet": {"id": f"{network['id']}/subnets/GatewaySubnet"},
            "publicIPAddress": {"id": address["id"]},
        },
    }
    details = {name: properties(like)[name] for name in _KEEPS if name in properties(like)}
    details["ipConfigurations"] = [configuration]
    details["bgpSettings"] = _bgp(like, wish, gateway_id)
    gateway = {
        "id": gateway_id,
        "type": GATEWAY_TYPE,
        "location": plan.recovery.region,
        "properties": details,
    }
    return [address, gateway]


def _bgp(like: Document, wish: NewGateway, gateway_id: str) -> dict[str, Any]:
    settings = properties(like).get("bgpSettings") or {}
    told: dict[str, Any] = {"asn": settings.get("asn", 65515)}
    if wish.bgp_address:
        configuration = f"{gateway_id}/ipConfigurations/default"
        told["bgpPeeringAddresses"] = [{"ipconfigurationId": configuration, "customBgpIpAddresses": [wish.bgp_address]}]
    elif settings.get("bgpPeeringAddress"):
        told["bgpPeeringAddress"] = str(settings["bgpPeeringAddress"]).split(",")[0]
    return told
