"""What is particular about virtual network gateways, their connections, and local network gateways."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network import joins
from simulator.network.guesses import chosen
from simulator.on_premises.wiring import tunnels_of
from simulator.routes.tunnels import Tunnel, state_of

GATEWAY = "Microsoft.Network/virtualNetworkGateways"
CONNECTION = "Microsoft.Network/connections"
LOCAL = "Microsoft.Network/localNetworkGateways"
ENDS = ("virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2", "peer")
BYTES_A_SECOND = 125_000
DEFAULT_ASN = 65515
_CLIENT_CONFIGURATION: Document = {
    "vpnAuthenticationTypes": [],
    "vpnClientRootCertificates": [],
    "vpnClientRevokedCertificates": [],
    "radiusServers": [],
    "vpnClientIpsecPolicies": [],
}


def shape_gateway(world: World, document: Document) -> None:
    properties = document["properties"]
    properties.setdefault("sku", {"name": "VpnGw1", "tier": "VpnGw1"}).setdefault("capacity", 2)
    for configuration in properties.get("ipConfigurations", ()):
        configuration["id"] = f"{document['id']}/ipConfigurations/{configuration['name']}"
        configuration["etag"] = document["etag"]
        configuration["type"] = f"{GATEWAY}/ipConfigurations"
        configuration["properties"].setdefault("provisioningState", "Updating")
        configuration["properties"].setdefault("privateIPAllocationMethod", "Dynamic")
    bgp = properties.setdefault("bgpSettings", {})
    before = world.documents.get(document["id"])
    known = before["properties"].get("bgpSettings") or {} if before else {}
    bgp.setdefault("asn", known.get("asn", 0))
    bgp.setdefault("peerWeight", 0)
    if known.get("bgpPeeringAddress"):
        bgp.setdefault("bgpPeeringAddress", known["bgpPeeringAddress"])
    entries = {ids.key(str(one.get("ipconfigurationId"))): one for one in known.get("bgpPeeringAddresses") or ()}
    wanted = {
        ids.key(str(one.get("ipconfigurationId"))): {"customBgpIpAddresses": one["customBgpIpAddresses"]}
        for one in bgp.get("bgpPeeringAddresses") or ()
        if one.get("customBgpIpAddresses") is not None
    }
    bgp["bgpPeeringAddresses"] = [
        {
            "ipconfigurationId": configuration["id"],
            "defaultBgpIpAddresses": [],
            "customBgpIpAddresses": [],
            **entries.get(ids.key(configuration["id"]), {}),
            **wanted.get(ids.key(configuration["id"]), {}),
        }
        for configuration in properties.get("ipConfigurations", ())
    ]


def _peering_address(world: World, properties: Document) -> str:
    """The last address but one of the GatewaySubnet, as every recorded gateway has it."""
    for configuration in properties.get("ipConfigurations", ()):
        subnet = world.documents.get((configuration["properties"].get("subnet") or {}).get("id") or "")
        if subnet is not None:
            return str(ipaddress.ip_network(str(subnet["properties"]["addressPrefix"]))[-2])
    return ""


def finish_gateway(world: World, document: Document) -> None:
    """Addresses and the default ASN are known when the gateway is provisioned, not before (recorded)."""
    properties = document["properties"]
    bgp = properties.get("bgpSettings")
    if bgp is None or properties.get("gatewayType") == "ExpressRoute":
        return
    bgp["asn"] = bgp.get("asn") or DEFAULT_ASN
    bgp.setdefault("bgpPeeringAddress", _peering_address(world, properties))
    for configuration, entry in zip(
        properties.get("ipConfigurations", ()), bgp.get("bgpPeeringAddresses", ()), strict=False
    ):
        if not entry.get("defaultBgpIpAddresses"):
            entry["defaultBgpIpAddresses"] = [bgp["bgpPeeringAddress"]]
        if not entry.get("tunnelIpAddresses"):
            public = world.documents.get((configuration["properties"].get("publicIPAddress") or {}).get("id") or "")
            address = public["properties"].get("ipAddress") if public else None
            drawn = world.random("gateway-address", document["id"]).randint(40, 250)
            entry["tunnelIpAddresses"] = [address or f"198.51.100.{drawn}"]


def show_gateway(world: World, body: Document, verb: str) -> None:
    """The answer to a write shows a client configuration that no GET shows (recorded)."""
    properties = body["properties"]
    if verb in ("PUT", "PATCH") and properties.get("gatewayType") == "Vpn":
        basic = (properties.get("sku") or {}).get("name") == "Basic"
        protocols = ["SSTP"] if basic else ["OpenVPN", "IkeV2"]
        properties.setdefault("vpnClientConfiguration", {"vpnClientProtocols": protocols, **_CLIENT_CONFIGURATION})


def gateway_in_use(world: World, document: Document) -> Response | None:
    """Which code it is was never recorded."""
    for connection in connections_of(world, document["id"]):
        message = (
            f"Virtual network gateway {document['id']} is in use by {connection['id']} and cannot be deleted. "
            "Delete the connection first."
        )
        return errors.error(400, "VirtualNetworkGatewayCannotBeDeleted", message, [])
    return None


def local_gateway_in_use(world: World, document: Document) -> Response | None:
    for connection in world.documents.of_type(CONNECTION):
        if ids.same((connection["properties"].get("localNetworkGateway2") or {}).get("id"), document["id"]):
            message = f"Local network gateway {document['id']} is in use by {connection['id']} and cannot be deleted."
            return errors.error(400, "LocalNetworkGatewayCannotBeDeleted", message, [])
    return None


def connections_of(world: World, gateway_id: str) -> list[Document]:
    return [
        connection
        for connection in world.documents.of_type(CONNECTION)
        if any(
            ids.same((connection["properties"].get(end) or {}).get("id"), gateway_id)
            for end in ("virtualNetworkGateway1", "virtualNetworkGateway2")
        )
    ]


def shape_connection(world: World, document: Document) -> None:
    """References come back as ids alone, whatever was sent with them (recorded)."""
    properties = document["properties"]
    for end in ENDS:
        if isinstance(properties.get(end), dict):
            properties[end] = {"id": properties[end].get("id", "")}
        elif end in properties:
            del properties[end]
    properties.pop("connectionStatus", None)
    if not properties.get("sharedKey") and properties.get("connectionType") != "ExpressRoute":
        before = world.documents.get(document["id"])
        kept = before["properties"].get("sharedKey") if before else None
        properties["sharedKey"] = kept or world.guid("shared-key", document["id"])
    if properties.get("connectionType") == "IPsec":
        properties.setdefault("connectionProtocol", "IKEv2")


def check_connection(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """Documented: both ends must exist. A gateway still being made holds its lock, so that comes back as 429."""
    properties = wanted["properties"]
    for end in ENDS[:3]:
        reference = properties.get(end)
        if reference and reference.get("id") not in world.documents:
            message = (
                f"Resource {reference.get('id')} referenced by resource {wanted['id']} was not found. Please make sure "
                "that the referenced resource exists, and that both resources are in the same region."
            )
            return errors.error(400, "InvalidResourceReference", message, [])
    needed = {"IPsec": "localNetworkGateway2", "Vnet2Vnet": "virtualNetworkGateway2", "ExpressRoute": "peer"}
    kind = str(properties.get("connectionType", ""))
    if kind not in needed or not properties.get("virtualNetworkGateway1") or not properties.get(needed[kind]):
        message = f"Connection {wanted['name']} of type {kind!r} lacks a gateway that its type needs."
        return errors.error(400, "InvalidRequestFormat", message, [])
    refusal = joins.check_gateway(world, wanted)
    return refusal or (joins.check_join(world, wanted, existing) if kind == "ExpressRoute" else None)


def lock_gateways(world: World, document: Document) -> Sequence[str]:
    """Gateways serialise the operations on their connections (reported)."""
    properties = document["properties"]
    return [
        properties[end]["id"]
        for end in ("virtualNetworkGateway1", "virtualNetworkGateway2")
        if isinstance(properties.get(end), dict)
    ]


def _status(world: World, properties: Document, tunnels: list[Tunnel]) -> str:
    """Of ExpressRoute a status was never recorded."""
    told = state_of(tunnels)
    express = properties.get("connectionType") == "ExpressRoute"
    return chosen(world, "circuit_status") if express and told == "Connected" else told


def show_connection(world: World, body: Document, verb: str) -> None:
    """connectionStatus: absent while Updating and in what a write or a list answers; else the tunnel's state."""
    properties = body["properties"]
    properties.pop("connectionStatus", None)
    tunnels = tunnels_of(world).of(body["id"])
    tells = ("GET", "LIST") if chosen(world, "list_tells_tunnels") == "yes" else ("GET",)
    if verb in tells and properties["provisioningState"] not in ("Updating", "Deleting"):
        properties["connectionStatus"] = _status(world, properties, tunnels)
    since = [tunnel.up_since for tunnel in tunnels if tunnel.up_since is not None]
    if since:
        flowed = int((world.seconds - min(since)) * BYTES_A_SECOND)
        for name in ("ingressBytesTransferred", "egressBytesTransferred"):
            properties[name] = int(properties.get(name) or 0) + flowed
