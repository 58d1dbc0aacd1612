"""Never two ways home (ARCHITECTURE rule 3), proven of every order that the graph allows.

For each site, a new way home must not begin before every other network that announces an overlapping prefix to that
site has lost its way, or has been fenced: the step that takes the old way must lie on every path to the new one.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain import arm_ids
from domain.addresses import overlapping
from domain.findings import Findings
from domain.runbook import Step
from domain.topology import Way


def needed_before(steps: Iterable[Step]) -> dict[str, set[str]]:
    """For each step, every step that must have succeeded before it can begin."""
    by_id = {step.id: step for step in steps}
    closure: dict[str, set[str]] = {}

    def visit(step_id: str) -> set[str]:
        if step_id not in closure:
            closure[step_id] = set()
            for need in by_id[step_id].needs:
                closure[step_id] |= {need} | visit(need)
        return closure[step_id]

    for step_id in by_id:
        visit(step_id)
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
    before = needed_before(steps)
    opened: list[Way] = []
    for step_id, (path, way) in coming.items():
        for other in existing:
            pairs = _both(way, other)
            if pairs and closed_by.get(arm_ids.key(other.connection)) not in before[step_id]:
                _refuse(findings, path, way, other, pairs, "disconnect it in a link whose connect comes after")
        for other in opened:
            pairs = _both(way, other)
            if pairs:
                _refuse(findings, path, way, other, pairs, "join only one of them")
        opened.append(way)


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
