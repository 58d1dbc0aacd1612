"""How the room hears of the rest: documents, dark regions and machines all move tunnels or routes."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.world import World
from simulator.on_premises import azure_side
from simulator.on_premises.router import Routing
from simulator.on_premises.site import LNG, load_sites, shared_key, site_at, sites
from simulator.on_premises.tunnels import Tunnels

_MOVES_TUNNELS = {kind.lower() for kind in (azure_side.CONNECTION, azure_side.GATEWAY, LNG)}
_MOVES_ROUTES = {kind.lower() for kind in (azure_side.NETWORK, azure_side.PEERING)}
DEFAULT_CONVERGENCE = (8.0, 20.0)


def begin(world: World) -> None:
    """Load the sites, give connections the key that the device has, bring up what the estate calls connected."""
    load_sites(world)
    for site in sites(world).values():
        particular = world.scenario.on_premises.get(site.name)
        world.declare({f"bgp/{site.name}": particular.bgp_convergence if particular else DEFAULT_CONVERGENCE})
        _know_secrets(world, site.properties.get("automationSecret"), site.properties.get("sharedKey"))
    _fill_in_keys(world)
    routing = Routing(world)
    tunnels = Tunnels(world, routing.session)
    routing.tunnels = tunnels
    world.state["tunnels"] = tunnels
    world.state["routing"] = routing
    tunnels.evaluate(at_start=True)
    world.documents.on_change(lambda resource_id: _document_changed(world, resource_id))
    world.faults.on_region_change(lambda _: _region_changed(world))
    world.machines.on_change(routing.machine_changed)


def tunnels_of(world: World) -> Tunnels:
    found: Tunnels = world.state["tunnels"]
    return found


def routing_of(world: World) -> Routing:
    found: Routing = world.state["routing"]
    return found


def _know_secrets(world: World, *references: object) -> None:
    for reference in references:
        if isinstance(reference, dict):
            world.secrets.value(str(reference["vault"]), str(reference["secret"]))


def _fill_in_keys(world: World) -> None:
    """An estate holds no secrets, so the key of a connection that it lists is the device's own."""
    for connection in world.documents.of_type(azure_side.CONNECTION):
        properties = connection["properties"]
        local = world.documents.get((properties.get("localNetworkGateway2") or {}).get("id") or "")
        site = site_at(world, str(local["properties"].get("gatewayIpAddress", ""))) if local else None
        if site is not None and not isinstance(properties.get("sharedKey"), str):
            properties["sharedKey"] = shared_key(world, site) or world.guid("shared-key", connection["id"])


def _document_changed(world: World, resource_id: str) -> None:
    if not resource_id.lower().startswith("/subscriptions/"):
        return
    kind = ids.parse(resource_id).type.lower()
    if kind in _MOVES_TUNNELS:
        tunnels_of(world).evaluate()
    elif kind in _MOVES_ROUTES:
        routing_of(world).refresh()


def _region_changed(world: World) -> None:
    tunnels_of(world).evaluate()
    for site in sites(world).values():
        for address in sorted(world.machines.addresses()):
            routing_of(world).look(site, address)
