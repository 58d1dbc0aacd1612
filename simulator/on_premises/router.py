"""The device's routing: it learns over time, forgets at once, and can be torn between two ways home (rule 3)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from domain import addresses
from simulator.core import ids
from simulator.on_premises import azure_side
from simulator.on_premises.site import Route, Site, sites

if TYPE_CHECKING:
    from simulator.core.world import World
    from simulator.on_premises.tunnels import Tunnel, Tunnels

RULE = "never-two-ways-home"


class Routing:
    """Routes of every site, kept in step with its tunnels; logs routes.changed, split.* and reachable.changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.tunnels: Tunnels | None = None

    def session(self, tunnel: Tunnel, up: bool) -> None:
        """A tunnel came up (routes come after the drawn convergence time) or went down (they go at once)."""
        if not up:
            self.forget(tunnel)
        elif self._world.seconds == 0:
            self.learn(tunnel)
        else:
            seconds = self._world.draw(f"bgp/{tunnel.site.name}", tunnel.connection)
            self._world.after(seconds, lambda: self._converged(tunnel, tunnel.up_since))

    def _converged(self, tunnel: Tunnel, since: float | None) -> None:
        if tunnel.up and tunnel.up_since == since:
            self.learn(tunnel)

    def learn(self, tunnel: Tunnel) -> None:
        """Install what the gateway advertises, or what the owner entered by hand for it."""
        gateway = azure_side.gateway(self._world, tunnel.gateway)
        connection = self._world.documents.get(tunnel.connection)
        if gateway is None or connection is None:
            return
        site, found = tunnel.site, {}
        if connection["properties"].get("enableBgp") and gateway.bgp:
            tunnel.bgp_since = self._world.seconds
            found = azure_side.advertised(self._world, gateway)
        for entry in site.properties.get("staticRoutes", ()):
            if entry.get("nextHop") in gateway.addresses:
                found.setdefault(str(entry["prefix"]), gateway.network)
        wanted = {(prefix, ids.key(tunnel.connection)): network for prefix, network in found.items()}
        stale = [key for key in site.routes if key[1] == ids.key(tunnel.connection) and key not in wanted]
        for key, network in wanted.items():
            if key not in site.routes:
                site.counter += 1
                site.routes[key] = Route(
                    prefix=key[0],
                    neighbor=gateway.neighbor or min(gateway.addresses, default=""),
                    gateway=gateway.id,
                    connection=tunnel.connection,
                    network=network,
                    asn=gateway.asn,
                    as_path=(gateway.asn,),
                    preference=site.preference_of(gateway.neighbor),
                    order=site.counter,
                )
        for key in stale:
            del site.routes[key]
        self._after_change(site, {key[0] for key in (*wanted, *stale)})

    def forget(self, tunnel: Tunnel) -> None:
        site = tunnel.site
        gone = [key for key in site.routes if key[1] == ids.key(tunnel.connection)]
        for key in gone:
            del site.routes[key]
        self._after_change(site, {key[0] for key in gone})

    def refresh(self) -> None:
        """What gateways advertise may have changed (an address space, a peering): learn again."""
        for tunnel in self.tunnels.all() if self.tunnels else ():
            if tunnel.up and any(key[1] == ids.key(tunnel.connection) for key in tunnel.site.routes):
                self.learn(tunnel)

    def _after_change(self, site: Site, prefixes: set[str]) -> None:
        for prefix in sorted(prefixes):
            self._world.log.write("routes.changed", site=site.name, prefix=prefix, homes=homes(site, prefix))
        if prefixes:
            self._judge_splits(site)
            for address in sorted(self._world.machines.addresses()):
                self.look(site, address)

    def _judge_splits(self, site: Site) -> None:
        torn = split_prefixes(site)
        for prefix in sorted(torn - set(site.splits)):
            site.splits[prefix] = self._world.seconds
            found = _homes_overlapping(site, prefix)
            self._world.log.write("split.started", site=site.name, prefix=prefix, homes=found)
            named = " and ".join(ids.last(home["gateway"]) for home in found)
            self._world.violated(RULE, f"{site.name} has two ways home for {prefix}: {named}")
        for prefix in sorted(set(site.splits) - torn):
            seconds = round(self._world.seconds - site.splits.pop(prefix), 3)
            found = _homes_overlapping(site, prefix)
            self._world.log.write("split.ended", site=site.name, prefix=prefix, homes=found, split_seconds=seconds)

    def look(self, site: Site, address: str) -> None:
        """Log it when an address became reachable, or ceased to be."""
        found = reach(self._world, site, address)
        now = (found["reachable"], found["region"])
        if site.reachable.get(address, (False, None)) != now:
            site.reachable[address] = now
            self._world.log.write("reachable.changed", site=site.name, address=address, reachable=now[0], region=now[1])

    def machine_changed(self, address: str) -> None:
        for site in sites(self._world).values():
            self.look(site, address)


def homes(site: Site, prefix: str) -> list[dict[str, Any]]:
    """The ways home of one prefix, the preferred first; more than one preferred is a split."""
    best = site.best(prefix)
    return [route.home(preferred=route in best) for route in site.ranked(prefix)]


def split_prefixes(site: Site) -> set[str]:
    """Prefixes with more than one equally preferred way, or overlapping ones of different networks.

    A declared preference of one peer over another makes one way the preferred one: no split.
    """
    routes = list(site.routes.values())
    return {
        one.prefix
        for one in routes
        for other in routes
        if one is not other
        and not ids.same(one.network, other.network)
        and one.preference == other.preference
        and addresses.overlap(one.prefix, other.prefix)
    }


def _homes_overlapping(site: Site, prefix: str) -> list[dict[str, Any]]:
    found = [route for route in site.routes.values() if addresses.overlap(route.prefix, prefix)]
    return [route.home(preferred=route in site.best(route.prefix)) for route in sorted(found, key=lambda r: r.order)]


def routes_to(site: Site, address: str) -> list[Route]:
    """The routes that the device uses for an address: of the longest prefix, the best ones."""
    host = ipaddress.ip_address(address)
    matching = {route.prefix for route in site.routes.values() if host in addresses.network(route.prefix)}
    return site.best(max(matching, key=lambda prefix: addresses.network(prefix).prefixlen)) if matching else []


def reach(world: World, site: Site, address: str) -> dict[str, Any]:
    """Do packets from the site to ``address`` find a machine that is up, by whichever of the best routes they go?"""
    routes = routes_to(site, address)
    if not routes:
        return _unreachable(None, f"the device has no route to {address}")
    ways = [_by_way_of(world, route, address) for route in routes]
    return next((way for way in ways if not way["reachable"]), ways[0])


def _by_way_of(world: World, route: Route, address: str) -> dict[str, Any]:
    gateway = azure_side.gateway(world, route.gateway)
    if gateway is None or world.faults.data_plane_is_dark(gateway.region):
        return _unreachable(route, f"gateway {ids.last(route.gateway)} does not answer")
    machine = world.machines.at(route.network, address)
    if machine is None:
        return _unreachable(route, f"nothing answers at {address} in {ids.last(route.network)}")
    detail = f"{machine.name} answers by way of {gateway.name}"
    return {"reachable": True, "neighbor": route.neighbor, "region": machine.region, "detail": detail}


def _unreachable(route: Route | None, detail: str) -> dict[str, Any]:
    return {"reachable": False, "neighbor": route.neighbor if route else None, "region": None, "detail": detail}
