"""Clients of a gateway: who is connected, since when, and what the gateway tells of each.

A client comes to any gateway that is up and trusts its certificate's root; of several, to the one that was made last.
What a person enters on a device's screen is not simulated: a device knows a new gateway as soon as there is one.
Source of the rows: REST virtualNetworkGateways, Get VPN client connection health (the example of its specification).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from simulator.core.documents import Document
from simulator.core.world import World

TYPE = "Bridgehead.OnPremises/vpnClients"
GATEWAY = "Microsoft.Network/virtualNetworkGateways"
BYTES_A_SECOND = 4_000


def health(world: World, gateway: Document) -> list[dict[str, Any]]:
    """One row for each client that is connected to ``gateway``."""
    own = [client for client in world.documents.of_type(TYPE) if _gateway_of(world, client) is gateway]
    addresses = _addresses(gateway, len(own))
    return [_row(world, client, address) for client, address in zip(own, addresses, strict=False)]


def _gateway_of(world: World, client: Document) -> Document | None:
    root = str(client["properties"].get("rootCertificate") or "")
    return next((one for one in reversed(world.documents.of_type(GATEWAY)) if _takes(world, one, root)), None)


def _takes(world: World, gateway: Document, root: str) -> bool:
    """Provisioned, not dark, with a pool of addresses and the root certificate."""
    details = gateway["properties"]
    clients = details.get("vpnClientConfiguration") or {}
    roots = {str(one.get("name")) for one in clients.get("vpnClientRootCertificates") or ()}
    dark = world.faults.data_plane_is_dark(world.documents.location_of(gateway["id"]))
    return details.get("provisioningState") == "Succeeded" and not dark and bool(_pool(gateway)) and root in roots


def _pool(gateway: Document) -> list[str]:
    clients = gateway["properties"].get("vpnClientConfiguration") or {}
    return list((clients.get("vpnClientAddressPool") or {}).get("addressPrefixes") or ())


def _addresses(gateway: Document, count: int) -> list[str]:
    """The pool's first addresses that a client may have; a pool that is too small leaves clients outside."""
    found: list[str] = []
    for prefix in _pool(gateway):
        for address in ipaddress.ip_network(prefix).hosts():
            if len(found) == count:
                return found
            found.append(str(address))
    return found


def _row(world: World, client: Document, address: str) -> dict[str, Any]:
    name = str(client["properties"].get("clientName") or client["name"])
    chance = world.random("vpn-client", name)
    seconds = int(world.seconds) + chance.randint(60, 3600)
    carried = seconds * BYTES_A_SECOND
    return {
        "vpnConnectionId": f"IKEv2_{world.guid('vpn-client', name)}",
        "vpnConnectionDuration": seconds,
        "vpnConnectionTime": world.now.isoformat(timespec="seconds").removesuffix("+00:00"),
        "publicIpAddress": f"203.0.113.{chance.randint(1, 254)}:{chance.randint(1024, 65535)}",
        "privateIpAddress": address,
        "vpnUserName": name,
        "maxBandwidth": 240_000_000,
        "egressPacketsTransferred": carried // 1200,
        "egressBytesTransferred": carried,
        "ingressPacketsTransferred": carried // 600,
        "ingressBytesTransferred": carried // 2,
        "maxPacketsPerSecond": 4,
    }
