"""The main job's activities in the order of the runbook, against a simulated Azure."""

from __future__ import annotations

from typing import Any


def test_the_recovery_side_is_ready_and_the_routes_before_are_kept(azure: Any) -> None:
    """check-readiness reads network, gateway, secrets and items, and keeps the site's routes."""
    steps = [one for one in azure.runbook.steps if one.kind == "check-readiness"]
    outcomes = [azure.verify(step) for step in steps]
    assert [one.status for one in outcomes] == ["succeeded"] * len(steps), outcomes
    routes = outcomes[0].evidence["routes_before"]
    assert {"prefix": "10.1.0.0/16", "neighbor": "10.1.255.30", "best": True} in routes


def test_the_whole_job_ends_with_routing_verified(azure: Any) -> None:
    """Disconnect, fail over every item, connect, and prove that on-premises reaches the target."""
    ends: dict[str, Any] = {}
    for step in azure.runbook.steps:
        if step.kind in ("group-up", "fence-site", "collect-evidence"):
            continue
        ends[step.name] = azure.walk(step) if step.kind not in ("check-readiness", "verify-routing") else None
        if step.kind == "verify-routing":
            outcome, operation = azure.verify(step), None
            for _ in range(20):
                if outcome.is_final:
                    break
                operation = outcome.operation or operation
                azure.advance(outcome.retry_after_seconds or 5)
                outcome = azure.verify(step, operation=operation)
            ends[step.name] = outcome
    bad = {name: end for name, end in ends.items() if end is not None and end.status != "succeeded"}
    assert not bad
    verdict = azure.control("verdict")
    assert verdict["violations"] == []
    assert set(verdict["non_idempotent_accepted"].values()) == {1}
