"""A failover's links put to the proof: what comes, what goes, and after which step."""

from __future__ import annotations

from domain import arm_ids
from domain.assembly import Parts
from domain.findings import Findings
from domain.links.resolving import ResolvedLink
from domain.plans.reading import Plan
from domain.proof.doubles import Preference
from domain.proof.edges import edges_between, edges_of, failing_networks, ground_of, with_circuits
from domain.proof.proving import Coming, prove
from domain.runbook import Step
from domain.snapshot import Snapshot


def prove_links(
    plan: Plan,
    snapshot: Snapshot,
    links: list[ResolvedLink],
    steps: tuple[Step, ...],
    parts: Parts,
    findings: Findings,
) -> None:
    """Refuse every order of the graph in which a site, or a network that stays, would have two ways."""
    coming = [
        Coming(
            f"{found.path}.connect",
            tuple(step.id for step in parts.connects[found.link.name]),
            edges_between(plan, snapshot, found.comes, found.site),
        )
        for found in links
        if found.comes
    ]
    comes = [edge for one in coming for edge in one.edges]
    failing = failing_networks(plan, snapshot)
    failing |= {arm_ids.key(found.goes[0].network) for found in links if found.goes}
    prove(
        steps,
        with_circuits(ground_of(plan, snapshot), plan, snapshot, comes),
        edges_of(plan, snapshot),
        coming,
        parts.closed,
        findings,
        failing=failing - {arm_ids.key(found.far) for found in links if found.far},
        preferences=[Preference(*(half.id for half in found.prefer)) for found in links if found.prefer],
    )
