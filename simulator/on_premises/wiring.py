"""How tunnels and routes hear of the rest: documents, dark regions and machines all move them."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.routes import azure_side
from simulator.routes.routing import Routing
from simulator.routes.site import PUBLIC_ADDRESS, load_sites, secret_called, shared_key, sites
from simulator.routes.tunnels import Tunnels
from simulator.routes.wishes import PAIR, SITE, Wish, of_connection, other_half

AUTHORIZATION = f"{azure_side.CIRCUIT}/authorizations"
_MOVES_TUNNELS = {
    kind.lower()
    for kind in (
        azure_side.CONNECTION,
        azure_side.GATEWAY,
        azure_side.LOCAL,
        azure_side.CIRCUIT,
        azure_side.CIRCUIT_PEERING,
        AUTHORIZATION,
        PUBLIC_ADDRESS,
    )
}
_MOVES_ROUTES = {kind.lower() for kind in (azure_side.NETWORK, azure_side.PEERING)}
_MOVES_PACKETS = {
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.network/routetables",
    "microsoft.network/routetables/routes",
    "microsoft.network/networksecuritygroups",
    "microsoft.network/networksecuritygroups/securityrules",
    "microsoft.network/azurefirewalls",
    "microsoft.network/loadbalancers",
}
DEFAULT_CONVERGENCE = (8.0, 20.0)


def begin(world: World) -> None:
    """Load the sites, give connections the keys that both ends have, bring up what the estate calls connected."""
    load_sites(world)
    for site in sites(world).values():
        particular = world.scenario.on_premises.get(site.name)
        world.declare({f"bgp/{site.name}": particular.bgp_convergence if particular else DEFAULT_CONVERGENCE})
        _know_secrets(world, site.properties.get("automationSecret"), site.properties.get("sharedKey"))
    for authorization in world.documents.of_type(AUTHORIZATION):
        _fill_in_authorization(world, authorization)
    for connection in world.documents.of_type(azure_side.CONNECTION):
        _fill_in_keys(world, connection)
    routing = Routing(world)
    tunnels = Tunnels(world, routing.refresh)
    routing.tunnels = tunnels
    world.state["tunnels"] = tunnels
    world.state["routing"] = routing
    tunnels.evaluate(at_start=True)
    routing.refresh()
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


def _fill_in_authorization(world: World, authorization: Document) -> None:
    """An estate holds no secrets: the key is the vault secret ``er-<authorization>``, where there is one."""
    known = secret_called(world, f"er-{authorization['name']}") or secret_called(world, authorization["name"])
    if known is not None or not isinstance(authorization["properties"].get("authorizationKey"), str):
        authorization["properties"]["authorizationKey"] = known or world.guid("authorization", authorization["id"])


def _fill_in_keys(world: World, connection: Document) -> None:
    """The key of a connection that an estate lists is that of its other end: a device's, or the other half's.

    Between two gateways it is the vault secret called ``psk-<name>`` after either half or either network
    (``vnet-azure`` or ``azure`` alone), where there is one.
    """
    properties = connection["properties"]
    for wish in of_connection(world, connection):
        if wish.kind == SITE and not isinstance(properties.get("sharedKey"), str):
            properties["sharedKey"] = shared_key(world, wish.site_in(world)) or world.guid(
                "shared-key", connection["id"]
            )
        elif wish.kind == PAIR and not isinstance(properties.get("sharedKey"), str):
            properties["sharedKey"] = _key_of_pair(world, connection, wish)
    held = properties.get("authorizationKey")
    if isinstance(held, dict) and "secret" in held:
        properties["authorizationKey"] = world.secrets.value(str(held["vault"]), str(held["secret"]))


def _key_of_pair(world: World, connection: Document, wish: Wish) -> str:
    other = other_half(world, wish)
    halves = sorted([connection, *([other] if other else [])], key=lambda half: str(half["id"]))
    networks = [azure_side.gateway(world, end) for end in (wish.gateway, wish.remote)]
    names = [str(half["name"]) for half in halves] + sorted(
        ids.last(one.network) for one in networks if one is not None
    )
    names += [name.partition("-")[2] for name in names[len(halves) :]]
    known = next((key for name in names if (key := secret_called(world, f"psk-{name}")) is not None), None)
    return known or world.guid("shared-key", *(half["id"] for half in halves))


def _document_changed(world: World, resource_id: str) -> None:
    if not resource_id.lower().startswith("/subscriptions/"):
        return
    kind = ids.parse(resource_id).type.lower()
    if kind in _MOVES_TUNNELS:
        tunnels_of(world).evaluate()
    if kind in _MOVES_ROUTES or kind == azure_side.GATEWAY.lower():
        routing_of(world).refresh()
    elif kind in _MOVES_PACKETS:
        routing_of(world).rules_changed()


def _region_changed(world: World) -> None:
    tunnels_of(world).evaluate()
    routing_of(world).look_at_all()
