"""Who sees overlapping prefixes of two different networks, and over which links (rule 3)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain import arm_ids
from domain.proof.reachability import SITE, Edge, Ground, Item, Reach


@dataclass(frozen=True, order=True)
class Double:
    """Two ways home: ``observer`` sees both prefixes, which overlap and are of two networks."""

    observer: str
    one: Item
    other: Item


@dataclass(frozen=True)
class Preference:
    """Two connections to two circuits, which both stay joined: the site prefers one (ids of the connections)."""

    loses: str
    gains: str


@dataclass(frozen=True)
class Watch:
    """Who is watched: every site, and every network but those that fail (by key)."""

    ground: Ground
    failing: frozenset[str] = frozenset()
    preferences: tuple[Preference, ...] = ()

    def doubles(self, edges: Sequence[Edge]) -> frozenset[Double]:
        """Every double that is there when ``edges`` are up. It only grows with them."""
        reach = Reach(self.ground, edges)
        return frozenset(
            Double(observer, one, other)
            for observer in reach.observers()
            if observer not in self.failing
            for one, other in overlapping_items(reach.seen(observer))
            if not self._prefers(reach, observer, one, other, frozenset())
        )

    def has(self, edges: Sequence[Edge], double: Double) -> bool:
        reach = Reach(self.ground, edges)
        found = reach.seen(double.observer)
        both = double.one in found and double.other in found
        return both and not self._prefers(reach, double.observer, double.one, double.other, frozenset())

    def witness(self, edges: Sequence[Edge], double: Double) -> list[Edge]:
        """As few of ``edges`` as show the double."""
        kept, size = list(edges), len(edges)
        while size:
            place = 0
            while place < len(kept):
                fewer = kept[:place] + kept[place + size :]
                if self.has(fewer, double):
                    kept = fewer
                else:
                    place += size
            size //= 2
        return kept

    def ways(self, edges: Sequence[Edge], observer: str, item: Item) -> list[Edge]:
        """Those of a witness's edges without which ``observer`` does not see ``item``."""
        return [
            edge
            for edge in edges
            if item not in Reach(self.ground, [one for one in edges if one is not edge]).seen(observer)
        ]

    def _prefers(self, reach: Reach, observer: str, one: Item, other: Item, asked: frozenset[str]) -> bool:
        """Whether the two come in over the two circuits of a declared preference, and over nothing else.

        Who hears both from one neighbor only hears the one that the neighbor prefers.
        """
        if not self.preferences or observer in asked:
            return False
        found = reach.seen(observer)
        over = [found.get(item, frozenset()) for item in (one, other)]
        if any(len(entries) != 1 for entries in over):
            return False
        first, second = (reach.edges[next(iter(entries))] for entries in over)
        if first is not second:
            ends = {arm_ids.key(edge.halves[0]) for edge in (first, second)}
            told = [{arm_ids.key(each.loses), arm_ids.key(each.gains)} for each in self.preferences]
            return observer.startswith(SITE) and ends in told
        if first.kind == "expressroute":
            return False
        return self._prefers(reach, first.other_end(observer), one, other, asked | {observer})


def overlapping_items(items: Iterable[Item]) -> Iterator[tuple[Item, Item]]:
    """Pairs of different networks whose prefixes overlap. Of two prefixes that do, one lies in the other."""
    around: list[tuple[int, int, Item]] = []
    for version, first, size, item in sorted((*_bounds(item[1]), item) for item in items):
        last = first - size
        while around and (around[-1][0] != version or around[-1][1] < first):
            around.pop()
        for _, _, outer in around:
            if outer[0] != item[0]:
                yield (outer, item) if outer < item else (item, outer)
        around.append((version, last, item))


@lru_cache(maxsize=4096)
def _bounds(prefix: str) -> tuple[int, int, int]:
    """Version, first address, and how far the last one lies beyond it, negative: sorted, wider prefixes come first."""
    network = ipaddress.ip_network(prefix, strict=False)
    first = int(network.network_address)
    return network.version, first, first - int(network.broadcast_address)
