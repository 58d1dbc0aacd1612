"""Where machines come up with other addresses: rules and routes that name the old ones, and then the names."""

from __future__ import annotations

from domain import arm_ids
from domain.findings import Findings
from domain.internet import update_step
from domain.plans.reading import Plan
from domain.rewrites import Rewrite, moved_addresses, read_rewrites
from domain.runbook import Step
from domain.workload import Workload

NAMES = ("microsoft.network/dnszones/", "microsoft.network/privatednszones/")


def rule_steps(plan: Plan, workload: Workload, needs: tuple[str, ...], findings: Findings) -> tuple[Step, ...]:
    """Security rules, firewall rules and routes of the recovery side, rewritten beside the failover."""
    rules = [one for one in _rewrites(plan, workload, findings) if not _is_name(one)]
    return tuple(_step(plan, one, needs, "rewrite") for one in rules)


def record_steps(plan: Plan, workload: Workload, needs: tuple[str, ...], findings: Findings) -> tuple[Step, ...]:
    """DNS records, rewritten once routing is verified."""
    names = [one for one in _rewrites(plan, workload, findings) if _is_name(one)]
    return tuple(_step(plan, one, needs, "internet") for one in names)


def _rewrites(plan: Plan, workload: Workload, findings: Findings) -> list[Rewrite]:
    moves, unclear = moved_addresses((item.source_addresses, item.target_addresses) for item in workload.items)
    found = read_rewrites(findings.snapshot, moves, plan.recovery.region)
    for text in (*unclear, *found.notices):
        findings.warn(text)
    return found.rewrites


def _is_name(rewrite: Rewrite) -> bool:
    return arm_ids.parse(rewrite.target).type.lower().startswith(NAMES)


def _step(plan: Plan, rewrite: Rewrite, needs: tuple[str, ...], stage: str) -> Step:
    return update_step(
        plan,
        rewrite.target,
        f"rewrite {rewrite.says}",
        rewrite.changes,
        rewrite.old,
        needs,
        stage=stage,
        lock=rewrite.lock,
    )
