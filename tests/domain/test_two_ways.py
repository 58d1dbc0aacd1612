"""Never two ways home, for sites and for networks that stay: the proof against a judge that knows nothing of it.

The judge follows every route on foot, path by path, and walks the steps with failures. It shares no line with
``domain.proof.reachability``, which spreads sets, nor with ``domain.proof.proving``, which looks at the worst moments
only.
"""

from __future__ import annotations

import ipaddress
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.findings import Findings
from domain.proof.doubles import Watch
from domain.proof.proving import Coming, prove
from domain.proof.reachability import Edge, Ground, Reach
from domain.runbook import Step, When
from domain.snapshot import snapshot_of

SPACES = ("10.1.0.0/16", "10.2.0.0/16", "10.1.128.0/17", "10.3.0.0/16", "10.0.0.0/8", "fd00:1::/48", "fd00:1::/64")


class Walker:
    """Who sees what over ``edges``: every route is followed step by step, never over one node twice."""

    def __init__(self, ground: Ground, edges: Iterable[Edge]) -> None:
        self.ground, self.edges = ground, list(edges)
        self.home = {e.near_gateway: e.near for e in self.edges} | {e.far_gateway: e.far for e in self.edges}
        self.home.pop("", None)
        self.hears: dict[str, set[tuple[str, str]]] = {}
        for gateway, network in self.home.items():
            for one in [network, *self._transit(network)]:
                for prefix in ground.prefixes[one]:
                    self._at_gateway(gateway, (one, prefix), None, [gateway])
        for edge in self.edges:
            for gateway, by_hand in ((edge.near_gateway, edge.near_routes), (edge.far_gateway, edge.far_routes)):
                for item in by_hand:
                    self._learn(gateway, item, edge, [gateway])

    def _transit(self, hub: str) -> list[str]:
        return [
            spoke
            for e in self.edges
            if e.kind == "peering"
            for one, spoke, offers in ((e.near, e.far, e.near_hub), (e.far, e.near, e.far_hub))
            if one == hub and offers
        ]

    def _learn(self, gateway: str, item: tuple[str, str], edge: Edge, path: list[str]) -> None:
        if self.home[gateway] != item[0]:
            self.hears.setdefault(gateway, set()).add(item)
            self._at_gateway(gateway, item, edge, path)

    def _at_gateway(self, here: str, item: tuple[str, str], by: Edge | None, path: list[str]) -> None:
        for edge in self.edges:
            if edge is by or edge.kind == "peering" or here not in (edge.near_gateway, edge.far_gateway):
                continue
            if edge.kind == "expressroute":
                if by is None:
                    self._at_circuit(edge.far, item, None, [*path, edge.far])
                continue
            if by is not None and not by.bgp and by.kind != "site-to-site":
                continue
            if edge.far.startswith("site:"):
                if edge.far not in path:
                    self._at_site(edge.far, item, edge, None, [*path, edge.far])
            elif edge.bgp:
                there = edge.far_gateway if edge.near_gateway == here else edge.near_gateway
                if there not in path:
                    self._learn(there, item, edge, [*path, there])

    def _at_circuit(self, here: str, item: tuple[str, str], told_by_asn: int | None, path: list[str]) -> None:
        for edge in self.edges:
            there = edge.kind == "expressroute" and edge.far == here and edge.near_gateway not in path
            if there and told_by_asn != self.ground.asn(edge.near_gateway):
                self._learn(edge.near_gateway, item, edge, [*path, edge.near_gateway])
        for site in self.ground.sites[here] if told_by_asn is None else ():
            if site not in path:
                self._at_site(site, item, None, here, [*path, site])

    def _at_site(self, here: str, item: tuple[str, str], by: Edge | None, circuit: str | None, path: list[str]) -> None:
        self.hears.setdefault(here, set()).add(item)
        if by is not None and not by.bgp:
            return
        teller = self.ground.asn(by.near_gateway) if by else None
        for edge in self.edges:
            there = edge.far == here and edge is not by and edge.bgp and edge.near_gateway not in path
            if there and teller != self.ground.asn(edge.near_gateway):
                self._learn(edge.near_gateway, item, edge, [*path, edge.near_gateway])
        for other, sites in self.ground.sites.items():
            if here in sites and teller is not None and not any(one in self.ground.sites for one in path):
                self._at_circuit(other, item, teller, [*path, other])

    def sees(self, observer: str) -> set[tuple[str, str]]:
        found = set(self.hears.get(observer, ()))
        left_by = [observer]
        for e in self.edges:
            if e.kind == "peering" and observer in (e.near, e.far):
                other = e.far if e.near == observer else e.near
                found |= {(other, prefix) for prefix in self.ground.prefixes[other]}
                left_by += [other] if observer in self._transit(other) else []
        for gateway, network in self.home.items():
            found |= self.hears.get(gateway, set()) if network in left_by else set()
        return {item for item in found if item[0] != observer}

    def torn(self, failing: Iterable[str] = ()) -> set[Any]:
        sites = {site for named in self.ground.sites.values() for site in named} | {
            e.far for e in self.edges if e.far.startswith("site:")
        }
        return {
            (observer, one, other)
            for observer in (sites | set(self.ground.prefixes)) - set(failing)
            for items in [sorted(self.sees(observer))]
            for at, one in enumerate(items)
            for other in items[at + 1 :]
            if one[0] != other[0] and _overlap(one[1], other[1])
        }


def _overlap(one: str, other: str) -> bool:
    a, b = ipaddress.ip_network(one), ipaddress.ip_network(other)
    return a.version == b.version and a.overlaps(b)


class World:
    """Networks, links and a plan's steps, drawn from a seed."""

    def __init__(self, seed: int, networks: int, edges: int, extra: int) -> None:
        self.chance = random.Random(seed)
        draw, few = self.chance, max(1, networks // 3)
        self.networks = [f"n{n}" for n in range(draw.randint(2, networks))]
        sites = [f"site:s{n}" for n in range(draw.randint(1, few))]
        circuits = {f"c{n}": tuple(draw.sample(sites, draw.randint(0, 1))) for n in range(draw.randint(1, few))}
        self.ground = Ground(
            {one: tuple(draw.sample(SPACES, draw.choice([1, 1, 1, 2]))) for one in self.networks},
            {f"{kind}-{one}": draw.choice([65515, 65515, 65010]) for one in self.networks for kind in ("v", "x")},
            circuits,
        )
        self.halves = 0
        self.known: dict[frozenset[Edge], set[Any]] = {}
        made = [self._edge(sites, list(circuits)) for _ in range(draw.randint(2, edges))]
        cut = draw.randint(0, len(made) - 1)
        self.existing, new = made[:cut], made[cut:]
        self.failing = draw.sample(self.networks, draw.choice([0, 0, 1]))
        self.steps: list[Step] = []
        self.closed_by: dict[str, str] = {}
        self.gone_by: dict[str, str] = {}
        """Half -> the step that takes it; ``closed_by`` names the one that stands behind it."""
        self.coming: list[Coming] = []
        self._draw_steps(new, extra)

    def _edge(self, sites: list[str], circuits: list[str]) -> Edge:
        draw = self.chance
        near, far = draw.sample(self.networks, 2)
        kind = draw.choice(["site", "site", "site-to-site", "vnet-to-vnet", "peering", "peering", "expressroute"])
        bgp, first, second = draw.random() < 0.8, f"h{self.halves}", f"h{self.halves + 1}"
        self.halves += 2
        if kind == "site":
            return Edge((first,), "site-to-site", near, draw.choice(sites), bgp, f"v-{near}")
        if kind == "expressroute":
            return Edge((first,), kind, near, draw.choice(circuits), True, f"x-{near}")
        if kind == "peering":
            hub = draw.choice(["near", "far", ""])
            return Edge((first, second), kind, near, far, near_hub=hub == "near", far_hub=hub == "far")
        hands = [
            tuple((one, prefix) for prefix in self.ground.prefixes[one] if not bgp or draw.random() < 0.2)
            for one in (far, near)
        ]
        return Edge((first, second), kind, near, far, bgp, f"v-{near}", f"v-{far}", hands[0], hands[1])  # type: ignore[arg-type]

    def _step(self, kind: str = "wait-person", **more: Any) -> Step:
        draw, known = self.chance, [step.id for step in self.steps]
        needs = [one for one in known if draw.random() < 0.35] + list(more.pop("needs", ()))
        after = [one for one in known if one not in needs and draw.random() < 0.1]
        step = Step(f"t{len(known)}", kind, kind, "", "", needs=tuple(dict.fromkeys(needs)), after=tuple(after), **more)
        self.steps.append(step)
        return step

    def _draw_steps(self, new: list[Edge], extra: int) -> None:
        draw = self.chance
        closing = [edge for edge in self.existing if draw.random() < 0.75]
        for edge in closing:
            half = draw.choice(edge.halves)
            taken = self._step("disconnect-connection", on_failure="continue" if draw.random() < 0.2 else "ask")
            self.gone_by[half] = self.closed_by[half] = taken.id
            if draw.random() < 0.5:
                when = When(taken.id, ("unconfirmed",))
                fence = self._step("fence-site", needs=[taken.id], when=when)
                if draw.random() < 0.6:
                    self.closed_by[half] = fence.id
        for _ in range(draw.randint(0, extra)):
            self._step(on_failure=draw.choice(["ask", "continue"]))
        for number, edge in enumerate(new):
            steps = [self._step("connect-connection") for _ in edge.halves[: draw.randint(1, 2)]]
            self.coming.append(Coming(f"links[{number}].connect", tuple(step.id for step in steps), (edge,)))

    def refusals(self) -> list[str]:
        findings = Findings(snapshot_of([]))
        prove(self.steps, self.ground, self.existing, self.coming, self.closed_by, findings, failing=self.failing)
        return [str(error) for error in findings.errors]

    def torn(self, up: Iterable[Edge]) -> set[Any]:
        edges = frozenset(up)
        if edges not in self.known:
            ordered = sorted(edges, key=lambda edge: edge.halves)
            self.known[edges] = Walker(self.ground, ordered).torn(self.failing)
        return self.known[edges]

    def up(self, ends: dict[str, str]) -> set[Edge]:
        """What is up, or may be, when steps have ended or begun (``begun``)."""
        gone = {half for half, step in self.gone_by.items() if ends.get(step) == "succeeded"}
        for half, step in self.closed_by.items():
            stood_in = step != self.gone_by[half] and ends.get(step) == "succeeded"
            gone |= {half} if stood_in else set()
        begun = {step for step, end in ends.items() if end != "not-run"}
        come = {edge for one in self.coming if begun.issuperset(one.steps) for edge in one.edges}
        return come | {edge for edge in self.existing if not gone.intersection(edge.halves)}

    def ready(self, step: Step, ends: dict[str, str]) -> bool:
        fine = {"succeeded", "not-needed", "tolerated"}
        covered = step.when.step if step.when else None
        return step.id not in ends and all(
            ends.get(need) in fine or (need == covered and ends.get(need) in step.when.statuses)  # type: ignore[union-attr]
            for need in step.needs
        ) and all(ends.get(one, "begun") != "begun" for one in step.after)  # fmt: skip

    def ways_to_end(self, step: Step, ends: dict[str, str]) -> list[str]:
        if step.when is not None and ends[step.when.step] not in step.when.statuses:
            return ["not-needed"]
        bad = "tolerated" if step.on_failure == "continue" else "failed"
        return ["succeeded", bad, *(["unconfirmed"] if step.kind == "disconnect-connection" else [])]

    def dead(self, step: Step, ends: dict[str, str]) -> bool:
        """It can never begin: what it needs has failed. Who comes after it need not wait for it."""
        fine = {"succeeded", "not-needed", "tolerated", "begun"}
        covered = step.when.step if step.when else None
        return step.id not in ends and any(
            ends.get(need, "begun") not in fine and not (need == covered and ends[need] in step.when.statuses)  # type: ignore[union-attr]
            for need in step.needs
        )

    def moves(self, ends: dict[str, str]) -> Iterator[dict[str, str]]:
        for step in self.steps:
            if self.ready(step, ends):
                yield ends | {step.id: "begun"}
            elif self.dead(step, ends):
                yield ends | {step.id: "not-run"}
            elif ends.get(step.id) == "begun":
                yield from (ends | {step.id: end} for end in self.ways_to_end(step, ends))


def _well(ends: dict[str, str], steps: list[Step]) -> bool:
    return all(ends.get(step.id) in ("succeeded", "not-needed", "tolerated") for step in steps)


def _is_safe(world: World) -> bool:
    """Every moment that the steps allow, by trying all of them."""
    before = world.torn(world.existing)
    states, waiting = {frozenset[Any]()}, [dict[str, str]()]
    stays: set[Edge] = set()
    lasting: set[Any] = set()
    while waiting:
        ends = waiting.pop()
        up = world.up(ends)
        if world.torn(up) - before:
            return False
        if _well(ends, world.steps):
            stays |= up.intersection(world.existing)
            lasting |= world.torn(up)
        for after in (_plain(world, one) for one in world.moves(ends)):
            if frozenset(after.items()) not in states:
                states.add(frozenset(after.items()))
                waiting.append(after)
    return not lasting - world.torn(stays)


def _plain(world: World, ends: dict[str, str]) -> dict[str, str]:
    """The same for all that follows: of a step that opens nothing, whether it failed or was not run does not matter."""
    opens = {step for one in world.coming for step in one.steps}
    return {one: "not-run" if end == "failed" and one not in opens else end for one, end in ends.items()}


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**40))
def test_what_everybody_sees_is_what_routes_on_foot_bring(seed: int) -> None:
    """Sets that spread and paths that are walked end at the same places."""
    world = World(seed, 12, 14, 0)
    edges = [*world.existing, *(edge for one in world.coming for edge in one.edges)]
    reach, walker = Reach(world.ground, edges), Walker(world.ground, edges)
    for observer in reach.observers():
        assert set(reach.seen(observer)) == walker.sees(observer), observer
    found = {(one.observer, one.one, one.other) for one in Watch(world.ground).doubles(edges)}
    assert found == walker.torn()


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_no_order_with_failures_ever_shows_two_ways(seed: int, order: int) -> None:
    """Whatever is not refused may run in any order, and fail anywhere."""
    world, chance = World(seed, 12, 12, 6), random.Random(order)
    if world.refusals():
        return
    before = world.torn(world.existing)
    for _ in range(4):
        ends: dict[str, str] = {}
        while moves := list(world.moves(ends)):
            ends = chance.choice(moves)
            assert not world.torn(world.up(ends)) - before, ends


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**40))
def test_a_small_estate_is_refused_exactly_when_some_moment_shows_two_ways(seed: int) -> None:
    """Every moment of five links or fewer is tried: no plan is refused that is safe, none is taken that is not."""
    world = World(seed, 4, 5, 1)
    if len(world.steps) <= 7:
        assert bool(world.refusals()) != _is_safe(world)


def test_both_answers_are_drawn() -> None:
    """The draws are neither all refusals nor none."""
    for size in ((12, 12, 6), (4, 5, 1)):
        answers = Counter(bool(World(seed, *size).refusals()) for seed in range(150))
        assert min(answers[True], answers[False]) >= 25, (size, answers)
