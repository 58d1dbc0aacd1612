"""Keeps every table in step with tunnels and documents, logs what changed, and tells of two ways home (rule 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import addresses
from simulator.core import ids
from simulator.routes import azure_side, views, walk
from simulator.routes.site import Route, Site, sites
from simulator.routes.tables import Path, Tables, site_key
from simulator.routes.views import Sight

if TYPE_CHECKING:
    from simulator.core.log import Event
    from simulator.core.world import World
    from simulator.routes.tunnels import Tunnels

RULE = "never-two-ways-home"
FAILOVER = "replicationProtectedItems/unplannedFailover"


class Routing:
    """The tables as they are now; logs routes.changed, split.*, reachable.changed and crossing.changed.

    Observers are the sites, and the networks whose machines do not fail over: one that has begun to is no observer.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.tunnels: Tunnels | None = None
        self.tables = Tables(world, {})
        self.ways = walk.Ways(world, self.tables)
        self._networks: dict[str, list[Sight]] = {}
        self._splits: dict[tuple[str, str], float] = {}
        self.failing: set[str] = set()
        self._crossings: dict[tuple[str, str], tuple[bool, str | None]] = {}
        world.log.on("operation.accepted", self._accepted)

    def refresh(self) -> None:
        """Tunnels, gateways' prefixes or peerings may have changed: let everybody tell everybody again."""
        self._renew()
        changed = [self._site(site) for site in sites(self._world).values()]
        changed += [self._network(document["id"]) for document in self._world.documents.of_type(azure_side.NETWORK)]
        for gone in [key for key in self._networks if key not in self._world.documents]:
            del self._networks[gone]
        self._judge()
        if any(changed):
            self.look_at_all()

    def _renew(self) -> None:
        live = self.tunnels.carrying() if self.tunnels else {}
        self.tables = Tables(self._world, live)
        self.ways = walk.Ways(self._world, self.tables)

    def rules_changed(self) -> None:
        """A route table or a security group: tables stay, packets may go elsewhere."""
        self.ways = walk.Ways(self._world, self.tables)
        self.look_at_all()

    def _site(self, site: Site) -> bool:
        """Bring a device's table up to date; the prefixes whose ways changed are logged."""
        wanted = {(path.prefix, path.tunnel): path for path in self.tables.of(site_key(site))}
        changed = {key[0] for key in site.routes if key not in wanted}
        for key in [key for key in site.routes if key not in wanted]:
            del site.routes[key]
        for key, path in wanted.items():
            known = site.routes.get(key)
            route = _route(site, path, known.order if known else site.counter + 1)
            if known != route:
                site.counter += 0 if known else 1
                site.routes[key] = route
                changed.add(path.prefix)
        for prefix in sorted(changed):
            self._world.log.write("routes.changed", site=site.name, prefix=prefix, homes=homes(site, prefix))
        return bool(changed)

    def _network(self, network_id: str) -> bool:
        seen, before = views.of_network(self._world, self.tables, network_id), self._networks.get(network_id, [])
        self._networks[network_id] = seen
        changed = {one.prefix for one in set(seen) ^ set(before)}
        for prefix in sorted(changed):
            ways = [one.home() for one in seen if one.prefix == prefix]
            self._world.log.write(
                "routes.changed", site=ids.last(network_id), network=network_id, prefix=prefix, homes=ways
            )
        return bool(changed)

    def _judge(self) -> None:
        found = views.observed(self._world, self.tables, self.failing)
        torn: dict[tuple[str, str], tuple[str, list[Sight]]] = {}
        for observer, (kind, seen) in found.items():
            pairs = views.torn(seen)
            for prefix in {one.prefix for pair in pairs for one in pair}:
                meant = {one for pair in pairs for one in pair if prefix in (pair[0].prefix, pair[1].prefix)}
                torn[observer, prefix] = kind, sorted(meant, key=lambda one: (one.prefix, one.gateway))
        for (observer, prefix), (kind, ways) in sorted(torn.items()):
            if (observer, prefix) not in self._splits:
                self._started(observer, kind, prefix, ways)
        for observer, prefix in sorted(set(self._splits) - set(torn)):
            self._ended(observer, prefix)

    def _started(self, observer: str, kind: str, prefix: str, ways: list[Sight]) -> None:
        self._splits[observer, prefix] = self._world.seconds
        name, told = ids.last(observer), [one.home() for one in ways]
        self._world.log.write("split.started", site=name, observer=observer, of=kind, prefix=prefix, homes=told)
        named = " and ".join(ids.last(one.gateway) for one in ways)
        self._world.violated(RULE, f"{name} has two ways home for {prefix}: {named}")

    def _ended(self, observer: str, prefix: str) -> None:
        seconds = round(self._world.seconds - self._splits.pop((observer, prefix)), 3)
        fields = {"site": ids.last(observer), "observer": observer, "prefix": prefix, "split_seconds": seconds}
        _, seen = views.observed(self._world, self.tables).get(observer, ("", []))
        left = [one.home() for one in seen if one.prefix == prefix]
        self._world.log.write("split.ended", **fields, homes=left)

    def _accepted(self, event: Event) -> None:
        """The network of a machine that fails over is no longer asked what it sees."""
        if event["action"] != FAILOVER:
            return
        item = self._world.documents.get(event["resource"])
        details = (item["properties"].get("providerSpecificDetails") or {}) if item else {}
        machine = self._world.machines.get(str(details.get("fabricObjectId") or ""))
        if machine is not None and machine.network and ids.key(machine.network) not in self.failing:
            self.failing.add(ids.key(machine.network))
            self._judge()

    def look_at_all(self) -> None:
        for address in sorted(self._world.machines.addresses()):
            self.machine_changed(address)

    def machine_changed(self, address: str) -> None:
        """A machine came, went or moved; one whose interface nobody has seen has no address."""
        if not address:
            return
        for site in sites(self._world).values():
            self.look(site, address)
        for network_id, seen in self._networks.items():
            known = (network_id, address) in self._crossings
            if known or addresses.contains([one.prefix for one in seen], address):
                self._look_across(network_id, address)

    def _look_across(self, network_id: str, address: str) -> None:
        """Log it when machines of one network reach an address in another, or no longer do."""
        here = [machine for machine in self._world.machines.all() if ids.same(machine.network, network_id)]
        prober = next((machine for machine in here if self._world.machines.up(machine)), None)
        found = self.ways.between(prober, address) if prober is not None else None
        now = (found.reached, found.region) if found is not None else (False, None)
        if self._crossings.get((network_id, address), (False, None)) != now:
            self._crossings[network_id, address] = now
            name = ids.last(network_id)
            self._world.log.write("crossing.changed", network=name, address=address, reachable=now[0], region=now[1])

    def look(self, site: Site, address: str) -> None:
        """Log it when an address became reachable, or ceased to be."""
        found = self.ways.from_site(site, address)
        now = (found.reached, found.region)
        if site.reachable.get(address, (False, None)) != now:
            site.reachable[address] = now
            self._world.log.write("reachable.changed", site=site.name, address=address, reachable=now[0], region=now[1])


def homes(site: Site, prefix: str) -> list[dict[str, Any]]:
    """The ways home of one prefix, the preferred first; more than one preferred is a split."""
    best = site.best(prefix)
    return [route.home(preferred=route in best) for route in site.ranked(prefix)]


def _route(site: Site, path: Path, order: int) -> Route:
    return Route(
        prefix=path.prefix,
        neighbor=path.neighbor,
        gateway=path.gateway,
        connection=path.connection,
        network=path.owner,
        asn=path.as_path[0] if path.as_path else 0,
        as_path=path.as_path,
        preference=site.preference_of(path.neighbor),
        order=order,
    )


__all__ = ["Routing", "Sight", "homes"]
