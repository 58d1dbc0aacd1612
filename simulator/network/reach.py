"""Next hop and connectivity check: would a machine reach an address, and by which way.

Recorded: VirtualNetwork as next hop, "Reachable" and "Unreachable" as connection status, whatever the OpenAPI lists.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from simulator.core import ids
from simulator.core.machines import Machine
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network import routing
from simulator.network.readings import no_target, watch
from simulator.on_premises import router
from simulator.on_premises.site import sites

PROBES = {"Reachable": 66, "Unreachable": 30}


def next_hop(world: World, request: Request) -> Response:
    content = request.json or {}
    machine = world.machines.get(str(content.get("targetResourceId", "")))
    destination = str(content.get("destinationIPAddress", ""))
    if machine is None or not destination:
        return no_target(content.get("targetResourceId"))
    return watch(world, request, "nextHop", lambda: routing.next_hop(world, machine.network, destination))


def connectivity_check(world: World, request: Request) -> Response:
    """From a machine to an address or a name; to on-premises both ways must work."""
    content = request.json or {}
    machine = world.machines.get(str((content.get("source") or {}).get("resourceId", "")))
    target = content.get("destination") or {}
    destination = str(target.get("address") or "")
    if target.get("resourceId"):
        other = world.machines.get(str(target["resourceId"]))
        destination = other.address if other else destination
    if machine is None or not destination:
        return no_target((content.get("source") or {}).get("resourceId"))
    address = _resolved(world, destination)

    def result() -> dict[str, Any]:
        return _connectivity(world, machine, address)

    outcome = result()["connectionStatus"].lower()
    duration = world.draw(f"connectivityCheck/{outcome}", machine.id)
    return watch(world, request, "connectivityCheck", result, duration)


def _resolved(world: World, destination: str) -> str:
    """An address as it is; a name has some public address."""
    try:
        return str(ipaddress.ip_address(destination))
    except ValueError:
        drawn = world.random("name", destination)
        return f"198.51.100.{drawn.randint(1, 39)}"


def _is_public(address: str) -> bool:
    return not ipaddress.ip_address(address).is_private or address.startswith("198.51.100.")


def _connectivity(world: World, machine: Machine, destination: str) -> dict[str, Any]:
    hop = routing.next_hop(world, machine.network, destination)["nextHopType"]
    answered = False
    if world.machines.up(machine):
        if hop == "VirtualNetworkGateway":
            back = [router.routes_to(site, machine.address) for site in sites(world).values()]
            answered = any(ways and all(ids.same(way.network, machine.network) for way in ways) for ways in back)
        elif hop == "VirtualNetwork":
            answered = world.machines.at(machine.network, destination) is not None
        else:
            answered = _is_public(destination)
    status = "Reachable" if answered else "Unreachable"
    sent = PROBES[status]
    probes = {"probesSent": sent, "probesFailed": 0 if answered else sent}
    latency = {"avgLatencyInMs": 34, "minLatencyInMs": 33, "maxLatencyInMs": 41} if answered else {}
    return {"hops": _hops(world, machine, destination, answered), "connectionStatus": status, **latency, **probes}


def _hops(world: World, machine: Machine, destination: str, answered: bool) -> list[dict[str, Any]]:
    """Source and destination, with the link between them told at both ends (recorded)."""
    source, target = world.guid("hop", machine.id), world.guid("hop", destination)
    trip = {"roundTripTimeMin": 33, "roundTripTimeAvg": 34, "roundTripTimeMax": 41} if answered else {}
    lost = [
        {"origin": "Local", "severity": "Error", "type": "RouteMissing", "context": []},
        {
            "origin": "Outbound",
            "severity": "Error",
            "type": "UserDefinedRoute",
            "context": [{"key": "RouteType", "value": "Default"}],
        },
    ]
    named = {} if answered else {"linkType": "VirtualNetwork"}
    link = {"nextHopId": target, **named, "properties": {}, "context": {}, "issues": [], "resourceId": ""}
    return [
        {
            "type": "Source",
            "id": source,
            "address": machine.address,
            "resourceId": machine.id,
            "nextHopIds": [target],
            "links": [{**link, "properties": trip}],
            "previousHopIds": [],
            "previousLinks": [],
            "issues": [] if answered else lost,
        },
        {
            "type": "Destination",
            "id": target,
            "address": destination,
            "nextHopIds": [],
            "links": [],
            "previousHopIds": [source],
            "previousLinks": [{**link, "nextHopId": source}],
            "issues": [],
        },
    ]
