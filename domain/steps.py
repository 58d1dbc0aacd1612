"""Making steps: ids, deadlines and expectations in one place; the order in which writers of one gateway take turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from domain import arm_ids
from domain.durations import DEADLINE_SECONDS, EXPECTED_SECONDS
from domain.plans.reading import Plan
from domain.runbook import FailurePolicy, Step, When


def make_step(
    plan: Plan,
    kind: str,
    target: str,
    name: str,
    stage: str,
    *,
    settings: dict[str, Any] | None = None,
    needs: Iterable[str] = (),
    when: When | None = None,
    timeout_seconds: int | None = None,
    on_failure: FailurePolicy | None = None,
    irreversible: bool = False,
    compensation: dict[str, Any] | None = None,
) -> Step:
    """A step with the defaults of its kind. Its id depends on kind, target and stage only."""
    return Step(
        id=step_id(kind, target, stage),
        name=name,
        kind=kind,
        target=target,
        stage=stage,
        settings=settings or {},
        needs=tuple(dict.fromkeys(needs)),
        when=when,
        timeout_seconds=DEADLINE_SECONDS[kind] if timeout_seconds is None else timeout_seconds,
        expected_seconds=EXPECTED_SECONDS[kind],
        on_failure=on_failure or policy_for(plan, kind),
        irreversible=irreversible,
        compensation=compensation,
        answer_seconds=plan.answer_within,
    )


POLICY_OF_KIND = {
    "check-readiness": "readiness",
    "check-ranges": "readiness",
    "disconnect-connection": "disconnect",
    "disconnect-peering": "disconnect",
    "remove-half": "disconnect",
    "revoke-authorization": "fence",
    "fence-site": "fence",
    "fence-by-person": "fence",
    "failover-item": "machine",
    "failover-plan": "machine",
    "check-machine": "machine",
    "group-up": "group",
    "wait-person": "person",
    "connect-connection": "connect",
    "connect-peering": "connect",
    "prefer-peer": "connect",
    "prefer-by-person": "connect",
    "prepare-device": "connect",
    "prepare-by-person": "connect",
    "put-resource": "connect",
    "delete-resource": "connect",
    "update-resource": "connect",
    "update-item": "machine",
    "verify-routing": "routing",
}
"""Kind of step -> the field of the plan's ``policies`` that is about it."""


def policy_for(plan: Plan, kind: str) -> FailurePolicy:
    """What a failed step of a kind does."""
    own: FailurePolicy | None = getattr(plan.policies, POLICY_OF_KIND.get(kind, ""), None)
    return own or plan.on_failure


def step_id(kind: str, target: str, stage: str) -> str:
    return hashlib.sha256(f"{kind}|{target.lower()}|{stage}".encode()).hexdigest()[:8]


def take_turns(steps: tuple[Step, ...], writes: dict[str, tuple[str, ...]]) -> tuple[Step, ...]:
    """Put steps that write to one gateway or network after one another (sources: Locks: one writer at a time).

    ``writes`` maps a step's id to the ids of what it locks. Steps already ordered by ``needs`` stay as they are.
    """
    last: dict[str, str] = {}
    result = []
    for step in steps:
        locked = [arm_ids.key(one) for one in writes.get(step.id, ())]
        turns = dict.fromkeys(last[one] for one in locked if one in last and last[one] not in step.needs)
        result.append(replace(step, after=(*step.after, *turns)))
        last.update(dict.fromkeys(locked, step.id))
    return tuple(result)
