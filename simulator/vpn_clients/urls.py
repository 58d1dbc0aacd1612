"""The one path of this room."""

from __future__ import annotations

from simulator.core import errors
from simulator.core.web import Request, Response, Url
from simulator.core.world import World
from simulator.network.readings import read, target_of
from simulator.vpn_clients.models import health

_GATEWAY = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworkGateways/{gateway}"
)


def connection_health(world: World, request: Request) -> Response:
    """202, and the clients at the Location, like the gateway's other readings."""
    gateway = world.documents.get(target_of(request))
    if gateway is None:
        return errors.resource_not_found(target_of(request))
    return read(world, request, gateway, "getVpnClientConnectionHealth", lambda: health(world, gateway))


URLS = [Url("POST", f"{_GATEWAY}/getVpnClientConnectionHealth", connection_health)]
