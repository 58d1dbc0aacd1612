"""Never two ways home (rule 3), proven of every order that the graph allows.

For each site, a new way home must not begin before every other network that announces an overlapping prefix to that
site has lost its way, or has been fenced: the step that takes the old way must lie on every path to the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import TopologicalSorter

from domain import arm_ids
from domain.addresses import overlapping
from domain.findings import Findings
from domain.runbook import Step
from domain.topology import Way


def needed_before(steps: Iterable[Step]) -> dict[str, set[str]]:
    """For each step, every step that must have succeeded before it can begin."""
    needs = {step.id: step.needs for step in steps}
    closure: dict[str, set[str]] = {}
    for step_id in TopologicalSorter(needs).static_order():
        closure[step_id] = set().union(*({need} | closure[need] for need in needs.get(step_id, ())))
    return closure


def prove_one_way_home(
    steps: tuple[Step, ...],
    existing: list[Way],
    coming: dict[str, tuple[str, Way]],
    closed_by: dict[str, str],
    findings: Findings,
) -> None:
    """Refuse every pair of ways that some order of the graph would hold open at once.

    coming     step id of a connect -> (plan path, the way it opens)
    closed_by  key of an existing connection -> id of the step after whose success its way is closed or fenced
    """
    _warn_of_existing(existing, closed_by, findings)
    before = needed_before(steps)
    opened: list[Way] = []
    for step_id, (path, way) in coming.items():
        _check_itself(findings, path, way)
        for other in existing:
            pairs = _both(way, other)
            if pairs and closed_by.get(arm_ids.key(other.connection)) not in before[step_id]:
                _refuse(findings, path, way, other, pairs, "disconnect it in a link whose connect comes after")
        for other in opened:
            pairs = _both(way, other)
            if pairs:
                _refuse(findings, path, way, other, pairs, "join only one of them")
        opened.append(way)


def _warn_of_existing(existing: list[Way], closed_by: dict[str, str], findings: Findings) -> None:
    """Two ways home that are there already are not this run's doing; whoever stays out of the plan is told."""
    stays = [way for way in existing if arm_ids.key(way.connection) not in closed_by]
    for number, way in enumerate(stays):
        for other in stays[number + 1 :]:
            for mine, _ in _both(way, other)[:1]:
                findings.warn(
                    f"{arm_ids.name_of(way.connection)} and {arm_ids.name_of(other.connection)} both join {way.site} "
                    f"for {mine} already; this plan leaves them as they are"
                )


def _check_itself(findings: Findings, path: str, way: Way) -> None:
    """A way that carries two networks of one address space home splits their routes all by itself."""
    for number, (network, mine) in enumerate(way.prefixes):
        for other, theirs in way.prefixes[number + 1 :]:
            if not arm_ids.same(network, other) and overlapping([mine], [theirs]):
                findings.refuse(
                    path,
                    f"{arm_ids.name_of(network)} ({mine}) and {arm_ids.name_of(other)} ({theirs}), both carried to "
                    f"{way.site} by the gateway of {arm_ids.name_of(way.network)}",
                    "never two ways home to one site for the same addresses",
                    "take one of them off the peerings and VNet-to-VNet connections of that network",
                )
                return


def _both(one: Way, other: Way) -> list[tuple[str, str]]:
    """Prefixes of different networks that both ways would announce to one site."""
    if one.site != other.site or arm_ids.same(one.connection, other.connection):
        return []
    return [
        (mine, theirs)
        for network, mine in one.prefixes
        for their_network, theirs in other.prefixes
        if not arm_ids.same(network, their_network) and overlapping([mine], [theirs])
    ]


def _refuse(findings: Findings, path: str, way: Way, other: Way, pairs: list[tuple[str, str]], advice: str) -> None:
    mine, theirs = pairs[0]
    findings.refuse(
        path,
        f"{arm_ids.name_of(way.network)} ({mine}) joined to {way.site} while {arm_ids.name_of(other.connection)} "
        f"still joins {arm_ids.name_of(other.network)} ({theirs})",
        "never two ways home to one site for the same addresses",
        advice,
    )
