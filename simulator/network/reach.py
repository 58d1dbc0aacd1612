"""Next hop and connectivity check: would a machine reach an address, and by which way.

Recorded: VirtualNetwork as next hop, "Reachable" and "Unreachable" as connection status, whatever the OpenAPI lists.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from simulator.compute.extensions import watcher_agent
from simulator.core import errors
from simulator.core.machines import Machine
from simulator.core.operations import Failure
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network import routing
from simulator.network.guesses import chosen
from simulator.network.readings import no_target, watch
from simulator.on_premises.wiring import routing_of
from simulator.routes.walk import End, is_public

PROBES = {"Reachable": 66, "Unreachable": 30}


def next_hop(world: World, request: Request) -> Response:
    content = request.json or {}
    machine = world.machines.get(str(content.get("targetResourceId", "")))
    destination = str(content.get("destinationIPAddress", ""))
    if machine is None or not destination:
        return no_target(content.get("targetResourceId"))
    return watch(world, request, "nextHop", lambda: routing.next_hop(world, machine, destination))


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
    address, port = _resolved(world, destination), int(target.get("port") or 0)
    failure = None if watcher_agent(world, machine.id) else _no_agent(machine)
    if failure is not None and chosen(world, "no_watcher_agent") == "refused":
        return errors.error(400, failure["code"], failure["message"], [])

    def result() -> dict[str, Any]:
        return _connectivity(world, machine, address, port)

    outcome = result()["connectionStatus"].lower()
    duration = world.draw(f"connectivityCheck/{outcome}", machine.id)
    return watch(world, request, "connectivityCheck", result, duration, failure)


def _no_agent(machine: Machine) -> Failure:
    """The need is documented, code and sentence are guesses."""
    message = (
        f"Network Watcher Agent extension is not installed on virtual machine {machine.id}. Install it and run the "
        "check again."
    )
    return {"code": "NetworkWatcherAgentNotInstalled", "message": message, "details": []}


def _resolved(world: World, destination: str) -> str:
    """An address as it is; a name has some public address."""
    try:
        return str(ipaddress.ip_address(destination))
    except ValueError:
        drawn = world.random("name", destination)
        return f"198.51.100.{drawn.randint(1, 39)}"


def _connectivity(world: World, machine: Machine, destination: str, port: int) -> dict[str, Any]:
    end = routing_of(world).ways.between(machine, destination, port)
    answered = end.reached and (end.machine is not None or bool(end.site) or is_public(destination))
    status = "Reachable" if answered else "Unreachable"
    sent = PROBES[status]
    probes = {"probesSent": sent, "probesFailed": 0 if answered else sent}
    latency = {"avgLatencyInMs": 34, "minLatencyInMs": 33, "maxLatencyInMs": 41} if answered else {}
    hops = _hops(world, machine, destination, end if answered else None)
    return {"hops": hops, "connectionStatus": status, **latency, **probes}


def _hops(world: World, machine: Machine, destination: str, end: End | None) -> list[dict[str, Any]]:
    """Source and destination, with the link between them told at both ends (recorded)."""
    answered = end is not None
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
