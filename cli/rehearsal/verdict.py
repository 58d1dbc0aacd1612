"""Did the run end as it should? Its own report and the simulator's log are both asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.rehearsal.script import Expect

SUCCEEDED = "succeeded"
VERIFYING = "verify-routing"


@dataclass(frozen=True)
class Verdict:
    """``reasons`` is empty when everything is as expected."""

    outcome: str
    routing_verified: bool
    split_seconds: float
    violations: tuple[str, ...]
    virtual_seconds: float
    longest_path_seconds: float | None
    kills: int
    reasons: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.reasons

    def document(self) -> dict[str, Any]:
        """As it stands in report.json under ``rehearsal``."""
        return {
            "as_expected": self.good,
            "reasons": list(self.reasons),
            "routing_verified": self.routing_verified,
            "split_seconds": self.split_seconds,
            "violations": list(self.violations),
            "virtual_seconds": self.virtual_seconds,
            "longest_path_seconds": self.longest_path_seconds,
            "kills": self.kills,
        }


def judge(
    expect: Expect,
    outcome: str,
    reason: str,
    report: Mapping[str, Any] | None,
    azure: Mapping[str, Any],
    seconds: float,
    kills: int = 0,
) -> Verdict:
    """Compare how the run ended with what the scenario expects. ``azure`` is the simulator's own verdict, ``kills`` how
    often the host was killed on the way."""
    verified = is_routing_verified(report or {})
    split = float(azure.get("split_seconds") or 0.0)
    violations = tuple(_violation(one) for one in azure.get("violations", []))
    twice = [
        f"{what} was accepted {count} times"
        for what, count in azure.get("non_idempotent_accepted", {}).items()
        if count > 1
    ]
    reasons = []
    if outcome != expect.outcome:
        reasons.append(f"expected outcome {expect.outcome}, found {outcome}" + (f": {reason}" if reason else ""))
    if expect.routing == "verified" and not verified:
        reasons.append("expected routing to be verified, and it was not")
    if expect.routing == "not-verified" and verified:
        reasons.append("expected routing not to be verified, and it was")
    if split > expect.split_seconds:
        reasons.append(f"expected at most {expect.split_seconds:g} s of split routes, found {split:g} s")
    if report is None:
        reasons.append("expected a report, and the run left none")
    tolerated = expect.split_seconds > 0
    reasons += [f"invariant violated: {one}" for one in violations if not (tolerated and "two ways home" in one)]
    reasons += twice
    longest = azure.get("longest_path_seconds")
    return Verdict(outcome, verified, split, violations, round(seconds, 3), longest, kills, tuple(reasons))


def is_routing_verified(report: Mapping[str, Any]) -> bool:
    """The report says so, every step that verifies routing succeeded, and there was one."""
    verifying = [step for step in report.get("steps", []) if step.get("kind") == VERIFYING]
    said = report.get("routing", {}).get("verified") is True
    return said and bool(verifying) and all(step.get("status") == SUCCEEDED for step in verifying)


def _violation(one: Any) -> str:
    return f"{one.get('rule')}: {one.get('detail')}" if isinstance(one, dict) else str(one)
