"""Never two ways home (rule 3), proven of every order that the graph allows.

At no moment may a site, or a network that stays, see overlapping prefixes of two different networks. What is seen only
grows with the links that are up. So of all moments only the worst count: for every set of new links that can be up
together, the one at which no old link is gone but those that had to be.

An old link has surely gone when the step that takes or fences it has ended well and a new link's step needs it,
directly or by way of others. Nothing else counts:

- what a step only comes ``after`` may have failed; so may what it ``needs`` on a condition (a fence begins just because
  its disconnect is unconfirmed), and so may a step that the plan lets fail (on_failure ``continue``);
- a new link may be up as soon as the last of its halves has begun, and stays up when that step fails;
- a step that a person has skipped counts as done: that is the person's word (rule 4).

Two ways that were there before are not the run's doing, and may last until its own disconnects end them; but it must
not end with two ways that only its own links keep up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from domain import arm_ids
from domain.decide import SATISFIED
from domain.findings import Findings
from domain.proof.doubles import Double, Preference, Watch
from domain.proof.reachability import Edge, Ground
from domain.proof.two_ways import refuse_doubles, warn_of_doubles
from domain.runbook import Step

STATE_LIMIT = 4096
"""Moments that are looked at; a plan that can have more of them is refused unproven."""


@dataclass(frozen=True)
class Coming:
    """A new link: where the plan asks for it, the steps that make its halves, and what it may lead to.

    It has more than one edge when a device may be that of several sites.
    """

    path: str
    steps: tuple[str, ...]
    edges: tuple[Edge, ...]


def needed_before(steps: Iterable[Step]) -> dict[str, set[str]]:
    """For each step, every step that must have ended well, or been skipped by a person, before it can begin."""
    by_id = {step.id: step for step in steps}
    closure: dict[str, set[str]] = {}
    for step_id in TopologicalSorter({step.id: step.needs for step in by_id.values()}).static_order():
        step = by_id.get(step_id)
        closure[step_id] = set()
        for need in step.needs if step else ():
            stands_in = set(step.when.statuses) if step and step.when and step.when.step == need else set()
            if stands_in <= SATISFIED:
                closure[step_id].add(need)
            if "not-run" not in stands_in:
                closure[step_id] |= closure[need]
    return closure


def prove(
    steps: Sequence[Step],
    ground: Ground,
    existing: Sequence[Edge],
    coming: Sequence[Coming],
    closed_by: Mapping[str, str],
    findings: Findings,
    *,
    failing: Iterable[str] = (),
    preferences: Iterable[Preference] = (),
) -> None:
    """Refuse every pair of ways that some order of the graph would hold open at once.

    closed_by    key of a half's id -> id of the step after whose success that half is gone or fenced
    failing      keys of networks that are no observers: what they see is of no matter any more
    preferences  pairs of connections to two circuits of one site, which prefers one of them
    """
    watch = Watch(ground, frozenset(failing), tuple(preferences))
    closers = [_closers(edge, closed_by, steps) for edge in existing]
    stays = [edge for edge, gone in zip(existing, closers, strict=True) if not gone]
    already = watch.doubles(stays)
    warn_of_doubles(ground, stays, already, findings)
    if not coming:
        return
    before = watch.doubles(existing)
    new = _paths(coming)
    if watch.doubles([*existing, *new]) - before:
        told: frozenset[Double] = frozenset()
        for gone, comes in _moments(steps, coming, closers, findings):
            up = [edge for edge, by in zip(existing, closers, strict=True) if not by & gone]
            fresh = _paths(comes)
            found = watch.doubles([*up, *fresh]) - before - told
            refuse_doubles(watch, up, fresh, found, findings)
            told |= found
    refuse_doubles(watch, stays, new, watch.doubles([*stays, *new]) - already, findings)


def _paths(coming: Iterable[Coming]) -> dict[Edge, str]:
    return {edge: one.path for one in coming for edge in one.edges}


def _closers(edge: Edge, closed_by: Mapping[str, str], steps: Sequence[Step]) -> frozenset[str]:
    """The steps after whose success an old link is gone: with one half gone or fenced, nothing passes.

    Where a fence stands in for a disconnect, either of them does; but not one whose failure nobody would notice.
    """
    by_id = {step.id: step for step in steps}
    named = {closed_by[key] for half in edge.halves if (key := arm_ids.key(half)) in closed_by}
    found: set[str] = set()
    for step in (by_id[one] for one in named if one in by_id):
        first = by_id.get(step.when.step) if step.when else None
        found |= {one.id for one in (step, first) if one and one.on_failure != "continue"}
        if first and step.when and first.on_failure == "continue" and "tolerated" not in step.when.statuses:
            found.discard(step.id)
    return frozenset(found)


def _moments(
    steps: Sequence[Step], coming: Sequence[Coming], closers: Sequence[frozenset[str]], findings: Findings
) -> Iterator[tuple[frozenset[str], list[Coming]]]:
    """The worst moments: which closing steps have ended by then at the least, and every new link that can be up.

    New links that wait for the same old ones come together; of all others every combination is a moment of its own.
    """
    before = needed_before(steps)
    closing = frozenset().union(*closers)
    waits = [closing & frozenset().union(*(before.get(step, set()) for step in one.steps)) for one in coming]
    reached: set[frozenset[str]] = set()
    for own in dict.fromkeys(waits):
        reached |= {own} | {own | other for other in reached}
        if len(reached) > STATE_LIMIT:
            findings.refuse(
                "links",
                f"{len(set(waits))} links that each wait for old links of their own",
                f"at most {STATE_LIMIT} combinations: nobody proves more of them in time",
                "let several new links wait for the same old ones",
            )
            return
    for gone in sorted(reached, key=lambda one: (len(one), sorted(one))):
        yield gone, [one for one, own in zip(coming, waits, strict=True) if own <= gone]
