"""What each observer sees of networks: a site by its device's table, a network by its peerings and gateways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain import addresses
from simulator.core import ids
from simulator.core.world import World
from simulator.routes import azure_side
from simulator.routes.site import Site, sites
from simulator.routes.tables import Path, Tables, site_key


@dataclass(frozen=True, slots=True)
class Sight:
    """One way to ``prefix`` of the network ``owner``: by a gateway over a connection, or by a peering (both its id)."""

    prefix: str
    owner: str
    gateway: str
    connection: str
    weight: int = 0

    def home(self) -> dict[str, Any]:
        return {"gateway": self.gateway, "connection": self.connection, "network": self.owner, "preferred": True}


def of_network(world: World, tables: Tables, network_id: str) -> list[Sight]:
    """Other networks' prefixes that a network has a way to. A site's are no matter of two ways home."""
    seen = []
    for half in azure_side.peerings_of(world, network_id):
        remote = azure_side.remote_of(half)
        seen += [Sight(prefix, remote, half["id"], half["id"]) for prefix in reached_by(world, half)]
    seen += [
        Sight(path.prefix, path.owner, path.gateway, path.connection, path.weight)
        for path in learned(world, tables, network_id)
        if is_network(path.owner)
    ]
    return seen


def learned(world: World, tables: Tables, network_id: str) -> list[Path]:
    """What the gateways that a network leaves by have learned, but for its own space."""
    own = azure_side.space_of(world, network_id)
    return [
        path
        for gateway in azure_side.gateways_for(world, network_id)
        for path in tables.of(gateway.id)
        if not addresses.covers(own, path.prefix)
    ]


def reached_by(world: World, half: dict[str, Any]) -> list[str]:
    """The remote prefixes that a half of a peering leads to: those it knew when it was last in sync."""
    if half["properties"].get("allowVirtualNetworkAccess", True) is False:
        return []
    known = (half["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes")
    return list(known if known is not None else azure_side.space_of(world, azure_side.remote_of(half)))


def torn(sights: Iterable[Sight]) -> list[tuple[Sight, Sight]]:
    """Pairs that lead to two networks under overlapping prefixes; declared weights make one way of one prefix."""
    seen = list(sights)
    return [
        (one, other)
        for at, one in enumerate(seen)
        for other in seen[at + 1 :]
        if not ids.same(one.owner, other.owner)
        and addresses.overlap(one.prefix, other.prefix)
        and not (one.prefix == other.prefix and one.weight != other.weight)
    ]


def of_site(tables: Tables, site: Site) -> list[Sight]:
    """A device's table; a declared preference counts as a weight."""
    return [
        Sight(path.prefix, path.owner, path.gateway, path.connection, site.preference_of(path.neighbor))
        for path in tables.of(site_key(site))
        if is_network(path.owner)
    ]


def observed(world: World, tables: Tables, but: Iterable[str] = ()) -> dict[str, tuple[str, list[Sight]]]:
    """Observer -> (site or network, what it sees): every site by name, every network by id except those in ``but``."""
    left_out = {ids.key(one) for one in but}
    found = {site.name: ("site", of_site(tables, site)) for site in sites(world).values()}
    for document in world.documents.of_type(azure_side.NETWORK):
        if ids.key(document["id"]) not in left_out:
            found[document["id"]] = "network", of_network(world, tables, document["id"])
    return found


def is_network(owner: str) -> bool:
    """Of the owners of addresses, sites are the others."""
    return owner.lower().startswith("/subscriptions/")
