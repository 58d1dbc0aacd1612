"""Two ways home told to people: who would see what twice, by which links, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain import arm_ids
from domain.findings import Findings
from domain.proof.doubles import Double, Watch
from domain.proof.reachability import SITE, Edge, Ground, Item, Reach

TOLD = 20
TOLD_OF_ONE = 3
"""Doubles that are told at once, in all and of one observer; each takes a search for the links that show it."""
AT_A_SITE = "never two ways home to one site for the same addresses"
AT_A_NETWORK = "never two ways from one network to the same addresses"
EARLIER = "disconnect it in a link whose connect comes after"
ONLY_ONE = "join only one of them"
TAKE_OFF = "take one of them off the peerings and VNet-to-VNet connections of that network"


def refuse_doubles(
    watch: Watch,
    old: Sequence[Edge],
    new: Mapping[Edge, str],
    found: Iterable[Double],
    findings: Findings,
) -> None:
    """Refuse doubles that show when the links ``old`` and ``new`` (with the plan's path of each) are up together."""
    for double in _one_of_each(found):
        shown = watch.witness([*old, *new], double)
        latest = [edge for edge in new if edge in shown][-1]
        one, other = double.one, double.other
        ways = {item: watch.ways(shown, double.observer, item) for item in (one, other)}
        if latest not in ways[one]:
            one, other = other, one
        if latest in ways[other]:
            text, advice = _carried(watch.ground, latest, double), TAKE_OFF
        else:
            text = _joined(watch.ground, latest, ways, double.observer, one, other)
            advice = EARLIER if any(edge not in new for edge in ways[other]) else ONLY_ONE
        expected = AT_A_SITE if double.observer.startswith(SITE) else AT_A_NETWORK
        findings.refuse(new[latest], text, expected, advice)


def warn_of_doubles(ground: Ground, edges: Sequence[Edge], found: Iterable[Double], findings: Findings) -> None:
    """Two ways home that are there already are not this run's doing; whoever stays out of the plan is told."""
    reach = Reach(ground, edges)
    for double in _one_of_each(found):
        seen = reach.seen(double.observer)
        names = dict.fromkeys(_name(edges[min(seen[item])]) for item in (double.one, double.other))
        who, prefix = ground.name(double.observer), double.one[1]
        told = f"{' and '.join(names)} {'both join' if len(names) == 2 else 'joins'} {who}"
        if len(names) == 1:
            told += f" to {ground.name(double.one[0])} and {ground.name(double.other[0])}"
        findings.warn(f"{told} for {prefix} already; this plan leaves them as they are")


def _one_of_each(found: Iterable[Double]) -> list[Double]:
    """A few of each observer, each of two other networks; sites first."""
    chosen: dict[str, dict[tuple[str, str], Double]] = {}
    for double in sorted(found, key=lambda double: (not double.observer.startswith(SITE), double)):
        of_one = chosen.setdefault(double.observer, {})
        if len(of_one) < TOLD_OF_ONE:
            of_one.setdefault((double.one[0], double.other[0]), double)
    return [double for of_one in chosen.values() for double in of_one.values()][:TOLD]


def _joined(
    ground: Ground, latest: Edge, ways: Mapping[Item, list[Edge]], observer: str, one: Item, other: Item
) -> str:
    """One network comes by a new link while an old one, or another new one, still shows the other."""
    entry = _entry(ground, ways[one], observer)
    still = _entry(ground, ways[other], observer)
    through = "" if entry is latest else f" (by {_name(entry)})"
    return (
        f"{_shown(ground, entry, observer, one)} joined to {ground.name(observer)}{through} while {_name(still)} "
        f"still joins {_shown(ground, still, observer, other)}"
    )


def _shown(ground: Ground, entry: Edge, observer: str, item: Item) -> str:
    """The network at the other end of a link, and the prefix that it shows, of whichever network that is."""
    end, (network, prefix) = _end(entry, observer), item
    return f"{ground.name(end)} ({prefix if network == end else f'{prefix} of {ground.name(network)}'})"


def _carried(ground: Ground, edge: Edge, double: Double) -> str:
    """Both come over one link."""
    (network, mine), (other, theirs) = double.one, double.other
    return (
        f"{ground.name(network)} ({mine}) and {ground.name(other)} ({theirs}), both carried to "
        f"{ground.name(double.observer)} by the gateway of {ground.name(_end(edge, double.observer))}"
    )


def _entry(ground: Ground, way: Sequence[Edge], observer: str) -> Edge:
    """The link of a way by which it comes in."""
    return next(
        (edge for edge in way if observer in (edge.near, edge.far) or observer in ground.sites.get(edge.far, ())),
        way[0],
    )


def _end(edge: Edge, observer: str) -> str:
    """The end of a link at which the others are."""
    return edge.far if edge.near == observer and not edge.leads_to_site else edge.near


def _name(edge: Edge) -> str:
    return arm_ids.name_of(edge.halves[0])
