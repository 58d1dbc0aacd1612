"""What Microsoft.Network takes its time to tell: begun here through its SDK, looked at once a call.

Gateways read their peers and routes in about ten seconds, interfaces theirs; a Network Watcher says where a packet
would go, and tries whether an address answers, which takes up to two minutes (sources: Durations).
"""

from __future__ import annotations

from typing import Any

from azure_clients.answers import Answer, call
from azure_clients.errors import Missing, calling
from azure_clients.factory import Clients
from azure_clients.long_running import Polled, begun
from domain import arm_ids
from domain.outcomes import Operation

Document = dict[str, Any]

GATEWAY_READINGS = ("learned-routes", "advertised-routes", "bgp-peer")


def begin_gateway_reading(
    clients: Clients, reading: str, gateway_id: str, peer: str | None, now: str
) -> Polled | Operation:
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
    return _begun(answer, gateway_id, now)


def begin_effective_routes(clients: Clients, interface_id: str, now: str) -> Polled | Operation:
    """The routes that an interface's packets take; only of a machine that runs."""
    at = arm_ids.parse(interface_id)
    interfaces = clients.network(at.subscription).network_interfaces
    doing = f"reading effective routes of {at.name}"
    answer = call(doing, interfaces.begin_get_effective_route_table, at.resource_group, at.name)
    return _begun(answer, interface_id, now)


def begin_next_hop(
    clients: Clients, watcher_id: str, machine_id: str, source: str, destination: str, now: str
) -> Polled | Operation:
    """Where a packet of a machine's would go next. ``source`` and ``destination`` are addresses."""
    at = arm_ids.parse(watcher_id)
    watchers = clients.network(at.subscription).network_watchers
    body: Any = {"targetResourceId": machine_id, "sourceIPAddress": source, "destinationIPAddress": destination}
    doing = f"asking for the next hop of {arm_ids.name_of(machine_id)}"
    return _begun(call(doing, watchers.begin_get_next_hop, at.resource_group, at.name, body), watcher_id, now)


def begin_connectivity(
    clients: Clients, watcher_id: str, machine_id: str, address: str, port: int, now: str
) -> Polled | Operation:
    """Try from inside a machine whether an address answers on a port. It needs the watcher's extension there."""
    at = arm_ids.parse(watcher_id)
    watchers = clients.network(at.subscription).network_watchers
    body: Any = {"source": {"resourceId": machine_id}, "destination": {"address": address, "port": port}}
    doing = f"checking connectivity from {arm_ids.name_of(machine_id)}"
    return _begun(call(doing, watchers.begin_check_connectivity, at.resource_group, at.name, body), watcher_id, now)


def watcher_of(clients: Clients, subscription: str, location: str) -> str:
    """The id of the region's Network Watcher; there is one a subscription and region. Raises CallFailed."""
    doing = f"looking for the Network Watcher of {location}"
    with calling(doing):
        listed = [(str(one.location), str(one.id)) for one in clients.network(subscription).network_watchers.list_all()]
    found = [watcher_id for where, watcher_id in listed if _plain(where) == _plain(location)]
    if not found:
        raise Missing(f"{doing}: there is none", code="NoNetworkWatcher", status=404)
    return found[0]


def _plain(location: str) -> str:
    return location.replace(" ", "").lower()


def _begun(answer: Answer, resource_id: str, now: str) -> Polled | Operation:
    operation = begun(answer, resource_id, now)
    return operation if operation is not None else Polled("succeeded", result=answer.body)
