"""Nothing is connected before its predecessor is disconnected or fenced (rule 3), seen at the moment of acceptance."""

from __future__ import annotations

from domain import addresses
from simulator.core import ids
from simulator.core.log import Event
from simulator.core.world import World
from simulator.on_premises import azure_side
from simulator.on_premises.tunnels import Tunnel
from simulator.on_premises.wiring import tunnels_of

RULE = "predecessor-still-joined"


def watch(world: World) -> None:
    world.log.on("operation.accepted", lambda event: _accepted(world, event))


def _accepted(world: World, event: Event) -> None:
    if event["action"] != "connections/write":
        return
    connection = world.documents.get(event["resource"])
    local = (connection["properties"].get("localNetworkGateway2") or {}).get("id") if connection else None
    device = world.documents.get(local) if local else None
    if connection is None or device is None:
        return
    gateway = azure_side.gateway(world, connection["properties"]["virtualNetworkGateway1"]["id"])
    if gateway is None:
        return
    for tunnel in tunnels_of(world).all():
        if ids.same(tunnel.connection, connection["id"]) or not tunnel.up:
            continue
        if tunnel.site.public_address == device["properties"].get("gatewayIpAddress"):
            _compare(world, gateway, tunnel, connection["id"])


def _compare(world: World, gateway: azure_side.Gateway, tunnel: Tunnel, connection_id: str) -> None:
    other = azure_side.gateway(world, tunnel.gateway)
    if other is None or ids.same(other.network, gateway.network):
        return
    site = tunnel.site
    if site.preference_of(other.neighbor) != site.preference_of(gateway.neighbor):
        return
    spaces = (azure_side.space_of(world, other.network), azure_side.space_of(world, gateway.network))
    shared = addresses.overlapping(*spaces)
    if shared:
        joined = ids.last(tunnel.connection)
        detail = f"{ids.last(connection_id)} was accepted while {joined} still joins {shared[0][0]} to {site.name}"
        world.violated(RULE, detail)
