"""Who sees whom: what each site and each network learns of every other network over the links that are up (rule 3).

Pure: links in, routes out. It finds every way that the rules below allow, not only the one that a router would
prefer: a way too many is refused, never one too few. What is seen only grows with the links that are up, and ``proof``
builds on that (sources: Who sees whom).

- A gateway tells over BGP its network's prefixes, those of spokes in gateway transit, what its local network gateways
  say, and what it learned over its other BGP links; an ExpressRoute gateway tells the first two only.
- A site hears its gateways, by BGP or by hand; by hand it is taken to know all that the gateway could tell it. What it
  heard by BGP from one gateway it tells to one of another ASN, and what it heard from a circuit to any.
- A circuit tells its sites and every other network on it. No route passes two circuits, one site twice, or the gateway
  that it comes from.
- A peering shows two networks each other's prefixes and no further, but for a spoke that uses its hub's gateways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.plans.links import LinkKind

Item = tuple[str, str]
"""(key of a network's id, one of its prefixes)"""

DEFAULT_ASN = 65515
SITE = "site:"
_CIRCUIT = "a circuit"
_OWN = -1
_FROM_SITE = -2
_Passed = frozenset[str | int]


@dataclass(frozen=True)
class Edge:
    """A link that is up when every one of its halves is there.

    halves       ARM ids: one of a link to a site or circuit, two of a link between networks
    near         key of a network's id; ``near_gateway`` that of its gateway (none of a peering)
    far          key of a network's or a circuit's id, or ``site:NAME``
    bgp          routes travel by themselves; both ends say so
    near_routes  what near's side sends into it by hand, as (network behind it, prefix); ``far_routes`` the other way
    near_hub     of a peering: far uses near's gateways; ``far_hub`` the other way round
    """

    halves: tuple[str, ...]
    kind: LinkKind
    near: str
    far: str
    bgp: bool = False
    near_gateway: str = ""
    far_gateway: str = ""
    near_routes: tuple[Item, ...] = ()
    far_routes: tuple[Item, ...] = ()
    near_hub: bool = False
    far_hub: bool = False

    def other_end(self, one: str) -> str:
        return self.near if self.far == one else self.far

    @property
    def is_peering(self) -> bool:
        return self.kind == "peering"

    @property
    def leads_to_site(self) -> bool:
        return self.far.startswith(SITE)


@dataclass(frozen=True)
class Ground:
    """What links stand on: prefixes by network, ASN by gateway, sites by circuit, all by key; names as people write."""

    prefixes: Mapping[str, tuple[str, ...]]
    asns: Mapping[str, int] = field(default_factory=dict)
    sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def items(self, network: str) -> tuple[Item, ...]:
        return tuple((network, prefix) for prefix in self.prefixes.get(network, ()))

    def asn(self, gateway: str) -> int:
        return self.asns.get(gateway, DEFAULT_ASN)

    def name(self, one: str) -> str:
        """A network, site or circuit in people's words."""
        return self.names.get(one) or (one.removeprefix(SITE) if one.startswith(SITE) else one.rsplit("/", 1)[-1])


@dataclass(frozen=True)
class _Hop:
    """One direction of a link, between two nodes that keep a table. ``edge`` is its number."""

    source: str
    target: str
    edge: int


class Reach:
    """What everybody sees over ``edges``, computed once."""

    def __init__(self, ground: Ground, edges: Sequence[Edge]) -> None:
        self.ground = ground
        self.edges = edges
        self._tables: dict[str, dict[tuple[Item, int], list[_Passed]]] = defaultdict(dict)
        self._network_of: dict[str, str] = {}
        self._gateways: dict[str, set[str]] = defaultdict(set)
        self._spokes: dict[str, set[str]] = defaultdict(set)
        self._peerings: dict[str, list[int]] = defaultdict(list)
        self._hops: dict[str, list[_Hop]] = defaultdict(list)
        self._read()
        self._spread()

    def observers(self) -> list[str]:
        """Every site, then every network, that a link leads to."""
        ends = {end for edge in self.edges for end in (edge.near, edge.far)}
        found = {end for end in ends if end.startswith(SITE)} | {one for one in self._hops if one.startswith(SITE)}
        return sorted(found) + sorted(end for end in ends if end in self.ground.prefixes)

    def seen(self, observer: str) -> dict[Item, frozenset[int]]:
        """What ``observer`` sees of other networks, and over which links (by number) it comes in.

        At a site, what comes over a circuit comes in over the connection that joins its network to the circuit.
        """
        found: dict[Item, set[int]] = {}
        if observer.startswith(SITE):
            self._gather(found, observer, observer, None)
        for gateway in self._gateways.get(observer, ()):
            self._gather(found, gateway, observer, None)
        for number in self._peerings.get(observer, ()):
            edge = self.edges[number]
            other = edge.other_end(observer)
            for item in self.ground.items(other):
                found.setdefault(item, set()).add(number)
            if edge.near_hub if edge.near == other else edge.far_hub:
                for gateway in self._gateways.get(other, ()):
                    self._gather(found, gateway, observer, number)
        return {item: frozenset(entries) for item, entries in found.items()}

    def _gather(self, found: dict[Item, set[int]], node: str, observer: str, entry: int | None) -> None:
        for item, via in self._tables.get(node, ()):
            if via != _OWN and item[0] != observer:
                found.setdefault(item, set()).add(via if entry is None else entry)

    def _read(self) -> None:
        """Nodes, and the directions in which they tell each other."""
        for number, edge in enumerate(self.edges):
            for network, gateway in ((edge.near, edge.near_gateway), (edge.far, edge.far_gateway)):
                if gateway:
                    self._network_of[gateway] = network
                    self._gateways[network].add(gateway)
            if edge.is_peering:
                self._peerings[edge.near].append(number)
                self._peerings[edge.far].append(number)
                if edge.near_hub:
                    self._spokes[edge.near].add(edge.far)
                if edge.far_hub:
                    self._spokes[edge.far].add(edge.near)
            elif edge.kind == "expressroute":
                self._join(edge.near_gateway, edge.far, number)
                for site in self.ground.sites.get(edge.far, ()):
                    self._join(edge.far, site, _FROM_SITE)
            elif edge.leads_to_site:
                self._join(edge.near_gateway, edge.far, number)
            elif edge.bgp:
                self._join(edge.near_gateway, edge.far_gateway, number)

    def _join(self, one: str, other: str, number: int) -> None:
        for hop in (_Hop(one, other, number), _Hop(other, one, number)):
            if hop not in self._hops[hop.source]:
                self._hops[hop.source].append(hop)

    def _spread(self) -> None:
        """Let everybody tell everybody until nobody hears anything new."""
        waiting: list[tuple[str, Item, int, _Passed]] = []
        for gateway, network in self._network_of.items():
            for one in (network, *sorted(self._spokes.get(network, ()))):
                waiting += [(gateway, item, _OWN, frozenset((gateway,))) for item in self.ground.items(one)]
        for number, edge in enumerate(self.edges):
            if not edge.is_peering and not edge.leads_to_site:
                waiting += [(edge.near_gateway, item, number, frozenset()) for item in edge.near_routes]
                waiting += [(edge.far_gateway, item, number, frozenset()) for item in edge.far_routes]
        while waiting:
            node, item, via, passed = waiting.pop()
            if not self._is_news(node, item, via, passed):
                continue
            for hop in self._hops.get(node, ()):
                waiting += self._told(hop, item, via, passed)

    def _is_news(self, node: str, item: Item, via: int, passed: _Passed) -> bool:
        """Whether a table gains: a route that has passed no more than a known one may go wherever that one may."""
        known = self._tables[node].setdefault((item, via), [])
        if any(one <= passed for one in known):
            return False
        known[:] = [one for one in known if not passed <= one] + [passed]
        return True

    def _told(self, hop: _Hop, item: Item, via: int, passed: _Passed) -> Iterator[tuple[str, Item, int, _Passed]]:
        """What ``hop.source`` tells ``hop.target`` of a route that it has over ``via``."""
        if via == hop.edge or hop.target in passed:
            return
        if hop.source in self._network_of:
            if self._gateway_tells(hop, via):
                more: Iterable[str] = (hop.target,) if hop.target not in self._network_of else ()
                more = (*more, _CIRCUIT) if self.edges[hop.edge].kind == "expressroute" else more
                yield hop.target, item, hop.edge, passed.union(more)
        elif hop.source.startswith(SITE):
            yield from self._site_tells(hop, item, via, passed)
        elif hop.target.startswith(SITE):
            if via != _FROM_SITE:
                yield hop.target, item, via, passed.union((hop.target,))
        elif self.ground.asn(hop.target) not in passed:
            yield hop.target, item, hop.edge, passed

    def _gateway_tells(self, hop: _Hop, via: int) -> bool:
        if self.edges[hop.edge].kind == "expressroute":
            return via == _OWN
        # Of a VNet-to-VNet connection without BGP only the two gateways themselves know (sources: Who sees whom).
        return via == _OWN or self.edges[via].bgp or self.edges[via].kind == "site-to-site"

    def _site_tells(self, hop: _Hop, item: Item, via: int, passed: _Passed) -> Iterator[tuple[str, Item, int, _Passed]]:
        """A site carries on what it heard by BGP: to a gateway of another ASN, to a circuit, from a circuit to any."""
        heard = self.edges[via]
        from_circuit = heard.kind == "expressroute"
        if not (heard.bgp or from_circuit):
            return
        teller = self.ground.asn(heard.near_gateway)
        if hop.edge == _FROM_SITE:
            if _CIRCUIT not in passed:
                yield hop.target, item, _FROM_SITE, passed.union((_CIRCUIT, hop.target, teller))
        elif self.edges[hop.edge].bgp and (from_circuit or teller != self.ground.asn(hop.target)):
            yield hop.target, item, hop.edge, passed


def seen(ground: Ground, edges: Sequence[Edge], observer: str) -> dict[Item, frozenset[Edge]]:
    """What ``observer`` (a network's key or ``site:NAME``) sees over ``edges``, and over which of its own links."""
    reach = Reach(ground, edges)
    return {item: frozenset(edges[number] for number in via) for item, via in reach.seen(observer).items()}
