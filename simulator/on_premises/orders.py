"""What the owner's automation can be asked to do with the device; each order is carried out at once.

``block-peer``    drop a peer and ignore it, even while its tunnel is up; ``unblock-peer``, ``allow-peer``: take it back
``prefer-peer``   routes through ``peer`` come before those through ``over``
``prepare-peer``  know ``peers`` by their public addresses, with ``routes`` by hand where there is no BGP
``forget-peer``   know them no longer
"""

from __future__ import annotations

from typing import Any

from simulator.core.world import World
from simulator.on_premises.wiring import routing_of, tunnels_of
from simulator.routes import azure_side
from simulator.routes.site import Site

Order = dict[str, Any]
NEEDED: dict[str, tuple[str, ...]] = {
    "block-peer": ("peer",),
    "unblock-peer": ("peer",),
    "allow-peer": ("peer",),
    "prefer-peer": ("peer", "over"),
    "prepare-peer": ("peers",),
    "forget-peer": ("peers",),
}
"""Action -> what an order of it must name."""


def carry_out(world: World, site: Site, order: Order) -> Order:
    action = str(order["action"])
    if action == "block-peer":
        site.blocked |= _all_names(world, order["peer"])
    elif action in ("unblock-peer", "allow-peer"):
        site.blocked -= _all_names(world, order["peer"])
    elif action == "prefer-peer":
        _prefer(world, site, order)
    else:
        _prepare(site, order, known=action == "prepare-peer")
    named: Order = {name: order[name] for name in ("peer", "over", "peers", "prefixes", "routes") if name in order}
    world.log.write(
        "automation.done", site=site.name, action=action, **named, run=order.get("run"), step=order.get("step")
    )
    tunnels_of(world).evaluate()
    routing_of(world).refresh()
    return {"status": "done", "action": action, "site": site.name, **named, "at": world.now.isoformat()}


def known_addresses(said: object) -> set[str]:
    """The addresses that a peer, or a list of peers, is told by."""
    if isinstance(said, list):
        return {address for one in said for address in known_addresses(one)}
    if not isinstance(said, dict):
        return set()
    return {str(said[name]) for name in ("bgpPeeringAddress", "publicAddress") if said.get(name)}


def _all_names(world: World, peer: object) -> set[str]:
    """A peer is known by the addresses of its instance. One that speaks from an APIPA address is not known by the
    one from its GatewaySubnet, which a mirrored network's gateway has too."""
    addresses = known_addresses(peer)
    for gateway in azure_side.gateways(world):
        for instance in gateway.instances:
            if instance.addresses & addresses:
                addresses |= instance.addresses
    return addresses


def _prefer(world: World, site: Site, order: Order) -> None:
    """One above the other by ten, whatever both were."""
    preferred, over = (_neighbors(world, order[name]) for name in ("peer", "over"))
    above = max([100, *(site.preference_of(one) for one in over)]) + 10
    below = {one: min(site.preference_of(one), min(above, 200) - 10) for one in over}
    known = site.properties.get("localPreferences") or {}
    site.properties["localPreferences"] = {**known, **dict.fromkeys(sorted(preferred), min(above, 200)), **below}


def _neighbors(world: World, peer: object) -> set[str]:
    """The neighbors that a peer's addresses mean: as they are, or those of the gateway that has them."""
    addresses = known_addresses(peer)
    for gateway in azure_side.gateways(world):
        for instance in gateway.instances:
            if instance.addresses & addresses:
                addresses.add(instance.neighbor or instance.public)
    return addresses


def _prepare(site: Site, order: Order, *, known: bool) -> None:
    told = known_addresses(order["peers"])
    routes = [
        {"prefix": str(one["prefix"]), "nextHop": str(one.get("nextHop") or one.get("next_hop") or "")}
        for one in order.get("routes") or ()
        if isinstance(one, dict) and one.get("prefix")
    ]
    entered, prepared = site.static_routes, set(site.properties.get("preparedPeers") or ())
    if known:
        prepared |= told
        entered += [one for one in routes if one not in entered]
    else:
        prepared -= told
        entered = [one for one in entered if one not in routes and one["nextHop"] not in told]
    site.properties["preparedPeers"] = sorted(prepared)
    site.properties["staticRoutes"] = entered
