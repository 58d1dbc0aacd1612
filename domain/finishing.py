"""The last of a compilation: what is left when every step is known."""

from __future__ import annotations

from typing import Any

from domain.findings import Findings
from domain.lanes import longest_path
from domain.plans.reading import Plan
from domain.runbook import Lane, Runbook, Step
from domain.snapshot import Snapshot


def runbook_of(
    plan: Plan,
    snapshot: Snapshot,
    lanes: tuple[Lane, ...],
    steps: tuple[Step, ...],
    *,
    claims: tuple[str, ...],
    facts: dict[str, Any],
    documents: dict[str, Any],
    findings: Findings,
) -> Runbook:
    """The runbook, unless something was refused: raises Refused with every reason."""
    findings.check()
    expected, path = longest_path(steps)
    return Runbook(
        plan=plan.name,
        mode="failover",
        plan_hash=plan.hash,
        snapshot_hash=snapshot.hash,
        steps=steps,
        lanes=lanes,
        claims=(f"plan:{plan.name}", *claims),
        expected_seconds=expected,
        critical_path=path,
        warnings=tuple(findings.warnings),
        facts=facts,
        documents=documents,
    )
