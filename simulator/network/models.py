"""How long network operations take (recorded where a recording has them), and how an estate is taken in."""

from __future__ import annotations

from simulator.core.chance import Duration
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.network import guesses, joins
from simulator.network.kinds import ENGINE

DURATIONS: dict[str, Duration] = {
    "virtualNetworkGateways/write": (1182.0, 2203.0),
    "virtualNetworkGateways/rewrite": 2540.0,
    "virtualNetworkGateways/update": 130.0,
    "virtualNetworkGateways/delete": (381.0, 790.0),
    "virtualNetworkGateways/reset": (822.0, 831.0),
    "connections/write": 41.0,
    "connections/rewrite": (10.0, 11.0),
    "connections/update": 1.0,
    "connections/delete": 41.0,
    "connections/sharedkey/write": 40.0,
    "connections/sharedkey/reset": 39.0,
    "localNetworkGateways/write": (9.0, 10.0),
    "localNetworkGateways/delete": (9.0, 10.0),
    "virtualNetworks/write": (3.0, 13.0),
    "virtualNetworks/delete": (3.0, 13.0),
    "subnets/write": (3.0, 13.0),
    "subnets/delete": (3.0, 13.0),
    "virtualNetworkPeerings/write": (9.0, 10.0),
    "virtualNetworkPeerings/delete": (9.0, 10.0),
    "publicIPAddresses/write": 1.0,
    "publicIPAddresses/delete": (9.0, 10.0),
    "networkInterfaces/write": 1.0,
    "networkInterfaces/delete": (9.0, 10.0),
    "routeTables/write": (9.0, 10.0),
    "routeTables/delete": (9.0, 10.0),
    "routes/write": (9.0, 10.0),
    "routes/delete": (9.0, 10.0),
    "networkSecurityGroups/write": (9.0, 10.0),
    "networkSecurityGroups/delete": (9.0, 10.0),
    "securityRules/write": (9.0, 10.0),
    "securityRules/delete": (9.0, 10.0),
    "expressRouteCircuits/write": (10.0, 21.0),
    "expressRouteCircuits/delete": (9.0, 12.0),
    "authorizations/write": (9.0, 10.0),
    "authorizations/delete": (9.0, 12.0),
    "peerings/write": (9.0, 30.0),
    "peerings/delete": (9.0, 12.0),
    "routeFilters/write": (9.0, 10.0),
    "routeFilters/delete": (9.0, 10.0),
    "routeFilterRules/write": (9.0, 10.0),
    "routeFilterRules/delete": (9.0, 10.0),
    "firewallPolicies/write": (5.0, 12.0),
    "firewallPolicies/delete": (5.0, 12.0),
    "ruleCollectionGroups/write": (5.0, 12.0),
    "ruleCollectionGroups/delete": (5.0, 12.0),
    "azureFirewalls/write": (240.0, 420.0),
    "azureFirewalls/delete": (240.0, 420.0),
    "networkWatchers/write": 0.0,
    "networkWatchers/delete": 1.0,
    "reading": (10.0, 12.0),
    "troubleshoot": (145.0, 150.0),
    "connectivityCheck/reachable": 42.0,
    "connectivityCheck/unreachable": 124.0,
}


def begin(world: World) -> None:
    """Make documents of the subnets, peerings, routes and rules that an estate shows inside their parents."""
    guesses.check(world)
    world.faults.on_region_change(lambda _: joins.sweep(world))
    for kind in ENGINE.kinds.values():
        for document in world.documents.of_type(kind.type):
            adopt(world, document)


def adopt(world: World, document: Document) -> None:
    """Take one document in; documents of other rooms are left alone."""
    if document["type"].lower() in ENGINE.kinds:
        document.setdefault("properties", {}).setdefault("provisioningState", "Succeeded")
        document.setdefault("etag", world.etag())
        ENGINE.bodies.take_apart(world, document, settled=True)
