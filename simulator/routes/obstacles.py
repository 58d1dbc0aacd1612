"""Why a tunnel cannot be, although somebody set it up; nothing when both ends want it and can."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.routes import azure_side
from simulator.routes.site import shared_key
from simulator.routes.wishes import CIRCUIT, EDGE, PAIR, Wish, other_half

BLOCKED, DELETED, GATEWAY_GONE = "peer blocked", "connection deleted", "gateway deleted"
NO_HALF, NOT_PREPARED = "no connection answers at the other end", "peer not prepared"
NO_CIRCUIT, REVOKED = "circuit carries no private peering", "authorization revoked"
REVOKED_CONNECTIONS = "routes.revoked"
SILENT, KEYS = "gateway does not answer", "pre-shared keys differ"
AT_ONCE = (BLOCKED, DELETED, GATEWAY_GONE, NO_HALF, NOT_PREPARED, NO_CIRCUIT, REVOKED)
"""Those that bring a tunnel down at once: an end says so. The others are noticed when the peer is found dead."""


def obstacle(world: World, wish: Wish) -> str | None:
    if wish.kind == EDGE:
        return _edge(world, wish)
    connection = world.documents.get(wish.connection)
    if connection is None or _goes_at_once(world, connection):
        return DELETED
    gateway = azure_side.gateway(world, wish.gateway)
    if gateway is None:
        return GATEWAY_GONE
    if wish.kind == CIRCUIT:
        return _circuit(world, wish, connection) or _dark(world, gateway)
    if wish.kind == PAIR:
        return _pair(world, wish, connection) or _dark(world, gateway)
    return _site(world, wish, gateway) or _dark(world, gateway) or _key(world, wish, connection)


def _goes_at_once(world: World, connection: Document) -> bool:
    deleting = connection["properties"].get("provisioningState") == "Deleting"
    return deleting and world.variant("network.disconnect_takes_effect", "at-end") == "at-once"


def _dark(world: World, gateway: azure_side.Gateway) -> str | None:
    return SILENT if world.faults.data_plane_is_dark(gateway.region) else None


def _site(world: World, wish: Wish, gateway: azure_side.Gateway) -> str | None:
    site, instance = wish.site_in(world), gateway.instances[wish.instance]
    if site.refuses(instance.addresses):
        return BLOCKED
    return None if site.is_prepared_for(instance.addresses) else NOT_PREPARED


def _key(world: World, wish: Wish, connection: Document) -> str | None:
    expected = shared_key(world, wish.site_in(world))
    return KEYS if expected is not None and connection["properties"].get("sharedKey") != expected else None


def _pair(world: World, wish: Wish, connection: Document) -> str | None:
    other = other_half(world, wish)
    if other is None or _goes_at_once(world, other):
        return NO_HALF
    remote = azure_side.gateway(world, wish.remote)
    if remote is None:
        return GATEWAY_GONE
    if connection["properties"].get("sharedKey") != other["properties"].get("sharedKey"):
        return KEYS
    return _dark(world, remote)


def _circuit(world: World, wish: Wish, connection: Document) -> str | None:
    if azure_side.private_peering(world, wish.remote) is None:
        return NO_CIRCUIT
    revoked = ids.key(connection["id"]) in world.state.get(REVOKED_CONNECTIONS, ())
    return REVOKED if revoked else None


def authorization_of(world: World, circuit_id: str, key: str) -> Document | None:
    """The circuit's authorization with this key."""
    for document in world.documents.children(circuit_id, f"{azure_side.CIRCUIT}/authorizations"):
        if document["properties"].get("authorizationKey") == key:
            return document
    return None


def _edge(world: World, wish: Wish) -> str | None:
    peering = azure_side.private_peering(world, wish.remote)
    if peering is None:
        return NO_CIRCUIT
    site = wish.site_in(world)
    return BLOCKED if site.refuses({azure_side.edge_addresses(peering)[1], ids.last(wish.remote)}) else None
