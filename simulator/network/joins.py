"""What Azure asks of a connection to an ExpressRoute circuit, and what an authorization's end does to it.

Documented: a circuit of another subscription needs an authorization, an authorization serves one connection, revoking
it deletes the connection; across geopolitical regions the circuit must be Premium; networks of overlapping space are
not joined to one circuit. With which codes Azure refuses was never recorded: they are guesses, and so is the order.
"""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from domain import addresses
from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network.geographies import area_of_place, area_of_region
from simulator.network.guesses import chosen
from simulator.routes import azure_side
from simulator.routes.obstacles import REVOKED_CONNECTIONS, authorization_of

AUTHORIZATION = f"{azure_side.CIRCUIT}/authorizations"
AVAILABLE, IN_USE = "Available", "InUse"


def check_gateway(world: World, wanted: Document) -> Response | None:
    """An ExpressRoute connection starts at an ExpressRoute gateway, any other at a VPN gateway."""
    gateway = azure_side.gateway(world, wanted["properties"]["virtualNetworkGateway1"]["id"])
    express = wanted["properties"].get("connectionType") == azure_side.EXPRESS_ROUTE
    if gateway is None or gateway.express == express:
        return None
    message = f"Connection {wanted['id']} does not fit gateway {gateway.id}, which is of type {gateway.kind}."
    return errors.error(400, "GatewayTypeNotSupportedForConnection", message, [])


def check_join(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """A connection of type ExpressRoute, before it is accepted; one that is there already is only written again."""
    circuit = world.documents.get(wanted["properties"]["peer"]["id"])
    gateway = azure_side.gateway(world, wanted["properties"]["virtualNetworkGateway1"]["id"])
    if existing is not None or gateway is None:
        return None
    if circuit is None:
        message = f"Resource {wanted['properties']['peer']['id']} referenced by resource {wanted['id']} was not found."
        return errors.error(400, "InvalidResourceReference", message, [])
    return (
        _authorized(world, wanted, circuit)
        or _premium(world, gateway, circuit)
        or _overlapping(world, wanted, gateway, circuit)
    )


def _authorized(world: World, wanted: Document, circuit: Document) -> Response | None:
    key = wanted["properties"].get("authorizationKey")
    if not key:
        if ids.parse(circuit["id"]).subscription.lower() == ids.parse(wanted["id"]).subscription.lower():
            return None
        message = (
            f"Connection {wanted['id']} to circuit {circuit['id']} of another subscription needs an authorization key."
        )
        return errors.error(400, "AuthorizationKeyRequired", message, [])
    authorization = authorization_of(world, circuit["id"], str(key))
    if authorization is None:
        message = f"The authorization key of connection {wanted['id']} is none of circuit {circuit['id']}."
        return errors.error(400, "InvalidAuthorizationKey", message, [])
    if authorization["properties"].get("authorizationUseStatus") == IN_USE:
        message = f"Authorization {authorization['id']} is already in use by another connection."
        return errors.error(400, "AuthorizationAlreadyInUse", message, [])
    return None


def _premium(world: World, gateway: azure_side.Gateway, circuit: Document) -> Response | None:
    tier = str((circuit.get("sku") or {}).get("tier") or "Standard")
    place = (circuit["properties"].get("serviceProviderProperties") or {}).get("peeringLocation")
    here, there = area_of_region(gateway.region), area_of_place(place) or area_of_region(circuit.get("location"))
    if tier.lower() == "premium" or None in (here, there) or here == there:
        return None
    message = (
        f"Gateway {gateway.id} in {gateway.region} is outside the geopolitical region of circuit {circuit['id']} "
        f"({place or circuit.get('location')}), which is of tier {tier}. The Premium add-on is needed."
    )
    return errors.error(400, "ExpressRouteCircuitPremiumRequired", message, [])


def _overlapping(world: World, wanted: Document, gateway: azure_side.Gateway, circuit: Document) -> Response | None:
    if chosen(world, "circuit_overlap") == "accepted":
        return None
    mine = azure_side.served_by(world, gateway)
    for other in connections_to(world, circuit["id"]):
        far = azure_side.gateway(world, other["properties"]["virtualNetworkGateway1"]["id"])
        if far is None or ids.same(far.network, gateway.network) or is_revoked(world, other["id"]):
            continue
        shared = addresses.overlapping(mine, azure_side.served_by(world, far))
        if shared:
            message = (
                f"Connection {wanted['id']} cannot be created: the address space {shared[0][0]} of virtual network "
                f"{gateway.network} overlaps with {shared[0][1]} of virtual network {far.network}, which connection "
                f"{other['id']} links to the same circuit {circuit['id']}."
            )
            return errors.error(400, "ExpressRouteCircuitVnetAddressSpaceOverlap", message, [])
    return None


def connections_to(world: World, circuit_id: str) -> list[Document]:
    found = world.documents.of_type(azure_side.CONNECTION)
    return [one for one in found if ids.same((one["properties"].get("peer") or {}).get("id"), circuit_id)]


def is_revoked(world: World, connection_id: str) -> bool:
    return ids.key(connection_id) in world.state.get(REVOKED_CONNECTIONS, ())


def redeem(world: World, connection: Document) -> None:
    """An accepted connection uses its authorization."""
    properties = connection["properties"]
    circuit, key = (properties.get("peer") or {}).get("id"), properties.get("authorizationKey")
    authorization = authorization_of(world, circuit, str(key)) if circuit and key else None
    if authorization is not None:
        authorization["properties"]["authorizationUseStatus"] = IN_USE
        authorization["properties"]["connectionResourceUri"] = connection["id"]


def release(world: World, connection: Document) -> None:
    """A deleted connection's authorization can be used again, unless the variant says that it is spent."""
    world.state.setdefault(REVOKED_CONNECTIONS, set()).discard(ids.key(connection["id"]))
    for authorization in world.documents.of_type(AUTHORIZATION):
        if ids.same(authorization["properties"].get("connectionResourceUri"), connection["id"]):
            del authorization["properties"]["connectionResourceUri"]
            if chosen(world, "authorization_reuse") == "yes":
                authorization["properties"]["authorizationUseStatus"] = AVAILABLE


def revoke(world: World, authorization: Document) -> None:
    """The circuit drops an authorization's connections with it; Azure deletes them when it can write there."""
    user, key = (
        authorization["properties"].get("connectionResourceUri"),
        authorization["properties"]["authorizationKey"],
    )
    circuit = ids.parent_of(authorization["id"]) or ""
    for connection in connections_to(world, circuit):
        if ids.same(connection["id"], user) or connection["properties"].get("authorizationKey") == key:
            world.state.setdefault(REVOKED_CONNECTIONS, set()).add(ids.key(connection["id"]))
            world.documents.changed(connection["id"])
    sweep(world)


def sweep(world: World) -> None:
    """Delete revoked connections whose region lets itself be written to."""
    for key in sorted(world.state.get(REVOKED_CONNECTIONS, ())):
        connection = world.documents.get(key)
        if connection is None:
            world.state[REVOKED_CONNECTIONS].discard(key)
        elif not world.faults.control_plane_is_dead(world.documents.location_of(key)):
            world.documents.delete(key)
            world.log.write("resource.deleted", resource=connection["id"])
            release(world, connection)
