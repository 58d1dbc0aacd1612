"""Microsoft.Network through its SDK: connections, gateways and what they know of routes.

Bodies come back without secrets: ARM answers a connection's shared key in clear (sources: Traps 15), so every
document is redacted as it is read, and a key seen on the way is never shown in any text afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure_clients.answers import Answer, call
from azure_clients.errors import Missing
from azure_clients.factory import Clients
from azure_clients.long_running import Polled, begun, poll
from azure_clients.scrubbing import SCRUBBER
from domain import arm_ids
from domain.outcomes import Operation
from domain.redaction import redact

Document = dict[str, Any]

SECRET_NAMES = frozenset({"sharedkey", "presharedkey", "authorizationkey", "servicekey", "radiusserversecret"})


def read(clients: Clients, resource_id: str) -> Document | None:
    """A connection, gateway, local gateway, virtual network, public IP or interface; None when there is none."""
    at = arm_ids.parse(resource_id)
    client = clients.network(at.subscription)
    readers: dict[str, Callable[..., Any]] = {
        "connections": client.virtual_network_gateway_connections.get,
        "virtualnetworkgateways": client.virtual_network_gateways.get,
        "localnetworkgateways": client.local_network_gateways.get,
        "virtualnetworks": client.virtual_networks.get,
        "publicipaddresses": client.public_ip_addresses.get,
        "networkinterfaces": client.network_interfaces.get,
    }
    reader = readers[at.type.split("/", 1)[1].lower()]
    try:
        answer = call(f"reading {at.name}", reader, at.resource_group, at.name)
    except Missing:
        return None
    return without_secrets(answer.document)


def begin_delete_connection(clients: Clients, resource_id: str, now: str) -> tuple[Answer, Operation | None]:
    """DELETE: 202 with an operation, or 204 when there was none. Running it again is harmless."""
    at = arm_ids.parse(resource_id)
    connections = clients.network(at.subscription).virtual_network_gateway_connections
    answer = call(f"deleting {at.name}", connections.begin_delete, at.resource_group, at.name)
    return answer, begun(answer, resource_id, now)


def begin_put_connection(
    clients: Clients, resource_id: str, body: Document, now: str
) -> tuple[Answer, Operation | None]:
    """PUT: 201 or 200, and an operation. Running it again is harmless. The answer may echo the shared key."""
    at = arm_ids.parse(resource_id)
    connections = clients.network(at.subscription).virtual_network_gateway_connections
    answer = call(f"writing {at.name}", connections.begin_create_or_update, at.resource_group, at.name, body)
    _remember_secrets(answer.document)
    return answer, begun(answer, resource_id, now)


ROUTE_READINGS = ("learned-routes", "advertised-routes", "bgp-peer")


def begin_reading(clients: Clients, reading: str, gateway_id: str, peer: str | None, now: str) -> Polled | Operation:
    """Begin what a gateway takes about ten seconds to tell; its result when it comes at once.

    ``reading``: learned-routes, advertised-routes (of a peer) or bgp-peer.
    """
    at = arm_ids.parse(gateway_id)
    gateways = clients.network(at.subscription).virtual_network_gateways
    doing = f"reading {reading} of {at.name}"
    if reading == "learned-routes":
        answer = call(doing, gateways.begin_get_learned_routes, at.resource_group, at.name)
    elif reading == "advertised-routes":
        answer = call(doing, gateways.begin_get_advertised_routes, at.resource_group, at.name, peer=peer or "")
    else:
        named = {"peer": peer} if peer else {}
        answer = call(doing, gateways.begin_get_bgp_peer_status, at.resource_group, at.name, **named)
    operation = begun(answer, gateway_id, now)
    return operation if operation is not None else Polled("succeeded", result=answer.body)


def poll_operation(clients: Clients, operation: Operation) -> Polled:
    """Look once at a network operation."""
    at = arm_ids.parse(operation.resource_id)
    client = clients.network(at.subscription)
    return poll(client, clients.settings.arm_endpoint, operation, f"the operation on {at.name}")


def without_secrets(document: Document) -> Document:
    """The document redacted; what was taken out is remembered, so that no text can show it."""
    _remember_secrets(document)
    clean: Document = redact(document)[0]
    return clean


def _remember_secrets(value: Any) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            if name.lower() in SECRET_NAMES and isinstance(item, str):
                SCRUBBER.remember(item)
            else:
                _remember_secrets(item)
    elif isinstance(value, list):
        for item in value:
            _remember_secrets(item)
