"""compile(plan, snapshot, mode) -> Runbook: the heart, and pure.

Everything that a person wants to know before the event is a question to its result; everything that stands in the
way is told at once, by field, as ``Refused``.
"""

from __future__ import annotations

from domain import names
from domain.assembly import Assembly, assemble
from domain.claims import claims
from domain.findings import Findings, Refused
from domain.finishing import runbook_of
from domain.lanes import cut
from domain.links.alternatives import alternatives
from domain.links.moments import check_moments
from domain.links.networks import Networks, read_networks
from domain.links.resolving import ResolvedLink, resolve_links
from domain.links.targets import check_networks, check_targets, check_writes, pairs_of_items
from domain.plans.calm_questions import calm_questions
from domain.plans.reading import Plan, PlanError
from domain.plans.told_at_once import tell_the_rest
from domain.proof.one_way import prove_links
from domain.runbook import Runbook
from domain.sizes import check_sizes, without_large_bodies
from domain.snapshot import Snapshot
from domain.survivors import check_survivors
from domain.workload import Workload, read_workload

__all__ = ["COMPILED_MODES", "Refused", "compile_runbook"]

COMPILED_MODES = ("failover",)
"""Modes that this version compiles; the others are refused by name."""


def compile_runbook(plan: Plan, snapshot: Snapshot, mode: str) -> Runbook:
    """The runbook of a plan against what exists. Raises Refused with every reason."""
    if mode not in COMPILED_MODES:
        known = f"one of {', '.join(COMPILED_MODES)}"
        hint = "this version does not compile it" if mode in names.MODES else None
        raise Refused([PlanError("mode", repr(str(mode)), known, hint)])
    findings = Findings(snapshot)
    findings.warnings += snapshot.warnings
    if plan.edge is not None:
        from domain.edge.compile import compile_edge

        return compile_edge(plan, snapshot, findings)
    workload, links, networks = resolve(plan, findings)
    if findings.errors:
        tell_the_rest(plan, workload, links, findings)
    findings.check()
    assert workload is not None
    return _runbook(plan, snapshot, workload, links, networks, findings)


def resolve(plan: Plan, findings: Findings) -> tuple[Workload | None, list[ResolvedLink], Networks]:
    """Every name of the plan against the snapshot; what is wrong is in ``findings``."""
    networks = read_networks(plan, findings)
    workload = read_workload(plan, findings)
    if workload:
        pairs_of_items(workload, networks, findings)
    links = resolve_links(plan, networks, findings)
    check_networks(plan, links, networks, findings)
    if workload:
        check_moments(plan, workload, findings)
        check_targets(plan, workload, links, networks, findings)
        check_survivors(plan, workload, findings)
    return workload, links, networks


def _runbook(
    plan: Plan,
    snapshot: Snapshot,
    workload: Workload,
    links: list[ResolvedLink],
    networks: Networks,
    findings: Findings,
) -> Runbook:
    parts = assemble(Assembly(plan, findings.snapshot, workload, links, networks, findings))
    findings.check()
    stages, documents = without_large_bodies(parts.stages)
    lanes, steps = cut(stages)
    check_sizes(steps, findings)
    check_writes(plan, steps, findings)
    prove_links(plan, findings.snapshot, links, steps, parts, findings)
    return runbook_of(
        plan,
        snapshot,
        lanes,
        steps,
        claims=claims(workload, links, networks),
        facts=_facts(plan, workload, links, findings),
        documents=documents,
        findings=findings,
    )


def _facts(plan: Plan, workload: Workload, links: list[ResolvedLink], findings: Findings) -> dict[str, object]:
    return {
        "alternatives": alternatives(findings.snapshot, links),
        "calm_questions": calm_questions(plan, findings.snapshot, links),
        "primary_region": plan.primary.region,
        "recovery_region": plan.recovery.region,
        "rto_seconds": plan.objectives.rto,
        "rpo_seconds": plan.objectives.rpo,
        "automatic": plan.trigger.automatic,
        "hold_seconds": plan.trigger.hold,
        "decide_within_seconds": plan.trigger.decide_within,
        "groups": [
            {"name": group.name, "items": len(group.items), "quorum": group.quorum} for group in workload.groups
        ],
    }
