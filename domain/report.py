"""The report of a run: what happened, with evidence, built from the records of its steps. Pure.

The achieved RTO runs from the impact (else from the run's start) to the end of the last routing verification, and is
split into phases that add up to it. There is none unless routing was verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from domain import arm_ids
from domain.calls import ReportCall, StepRecord
from domain.codec import to_wire
from domain.edge.report import FLEET_WORDS, edge_section
from domain.runbook import COMPENSATION_STAGE, Runbook, Step

Report = dict[str, Any]

PHASES = ("decide", "disconnect", "fail_over", "connect", "verify")
_PHASE_OF_STAGE = {
    "ready": "disconnect",
    "observe": "disconnect",
    "disconnect": "disconnect",
    "build": "connect",
    "prepare": "connect",
    "connect": "connect",
    "firewall": "connect",
    "routes": "connect",
    "file": "connect",
    "devices": "connect",
    "agents": "verify",
    "verify": "verify",
}

WORDS = {
    "completed": "The workload runs in the recovery region and people on-premises reach it again.",
    "completed_with_skips": "The workload is reachable again, but steps were skipped, or failed and were tolerated.",
    "partly_failed": "The failover went past the point of no return and did not finish.",
    "aborted": "The run was stopped.",
    "refused": "The run did not begin, and nothing was changed.",
}


def build_report(runbook: Runbook | None, records: Iterable[StepRecord], call: ReportCall) -> Report:
    """What ``report.json`` holds. ``runbook`` is None for a run that was refused before it had one."""
    known = sorted(records, key=lambda one: (one.started_at, one.step))
    began = _impact(call)
    verified_at = _verified_at(runbook, known)
    rto = (verified_at - began).total_seconds() if verified_at else None
    phases = _phases(call, known, began, verified_at)
    rpo = _rpo(known, began)
    facts = runbook.facts if runbook else {}
    request = call.request
    return {
        "format": 1,
        "run": call.run,
        "plan": request.plan,
        "mode": request.mode,
        "outcome": call.outcome,
        "outcome_in_words": WORDS.get(call.outcome, call.outcome),
        "reason": call.reason,
        "impact_started_at": request.impact_started_at,
        "clock_started_at": began.isoformat(),
        "started_at": call.started_at,
        "decided_at": call.decided_at,
        "reachable_at": verified_at.isoformat() if verified_at else None,
        "ended_at": call.ended_at,
        "started_by": request.started_by,
        "approved_by": call.approved_by or request.approved_by,
        "start_reason": request.reason,
        "incident": request.incident,
        "adopts": request.adopts,
        "winner": call.winner,
        "achieved_rto_seconds": _rounded(rto),
        "objectives": {"rto_seconds": facts.get("rto_seconds"), "rpo_seconds": facts.get("rpo_seconds")},
        "objectives_met": _met(facts, rto, rpo),
        "phases": phases,
        "rpo": rpo,
        "split_seconds": _rounded(sum(one.split_seconds for one in known)),
        **_edge(call.outcome, facts, known, began),
        "routing": _routing(known, verified_at),
        "steps": _steps(runbook, known, began),
        "operations": [
            {"step": one.step, "name": one.name, "operation": id_} for one in known for id_ in one.operations
        ],
        "decisions": _decisions(call, known),
        "critical_path": list(runbook.critical_path) if runbook else [],
        "warnings": list(runbook.warnings) if runbook else [],
        "hashes": {"plan": request.plan_hash, "snapshot": request.snapshot_hash, "runbook": call.runbook_hash},
    }


def _edge(outcome: str, facts: dict[str, Any], records: list[StepRecord], began: datetime) -> Report:
    section = edge_section(facts, records, began)
    return {"edge": section, "outcome_in_words": FLEET_WORDS.get(outcome, outcome)} if section else {}


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time; one without a zone is UTC; None for nothing and for what is no time."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _impact(call: ReportCall) -> datetime:
    """The impact as the incident says, unless it is later than the run itself."""
    started = moment(call.started_at) or datetime.fromtimestamp(0, timezone.utc)
    impact = moment(call.request.impact_started_at)
    return impact if impact and impact <= started else started


def _verified_at(runbook: Runbook | None, records: list[StepRecord]) -> datetime | None:
    """When the last site's routing was verified; None unless all were."""
    wanted = {step.id for step in runbook.steps if step.kind == "verify-routing"} if runbook else set()
    ends = {
        one.step: moment(one.ended_at) for one in records if one.kind == "verify-routing" and one.status == "succeeded"
    }
    times = [end for end in ends.values() if end]
    return max(times) if wanted and wanted <= set(ends) and times else None


def _phases(call: ReportCall, records: list[StepRecord], began: datetime, verified_at: datetime | None) -> list[Report]:
    """Five phases, each from the end of the one before; without verification they end where the run did."""
    end = verified_at or moment(call.ended_at) or began
    decided = moment(call.decided_at) or moment(call.started_at) or began
    ends = {"decide": decided, "verify": end}
    for record in records:
        phase, at = _phase_of(record.stage), moment(record.ended_at)
        if (
            phase in ("disconnect", "fail_over", "connect")
            and at
            and record.stage != COMPENSATION_STAGE
            and record.status != "not-needed"
        ):
            ends[phase] = max(ends.get(phase, at), at)
    phases, cursor = [], began
    for phase in PHASES:
        until = min(max(ends.get(phase, cursor), cursor), max(end, cursor))
        phases.append(
            {
                "phase": phase,
                "seconds": _rounded((until - cursor).total_seconds()),
                "from": cursor.isoformat(),
                "to": until.isoformat(),
            }
        )
        cursor = until
    return phases


def _phase_of(stage: str) -> str | None:
    """The phase that a step's stage belongs to; whatever comes once routing is verified belongs to none."""
    if stage.startswith("group-") or stage in ("workload", "machines", "landing"):
        return "fail_over"
    if stage.startswith("prove"):
        return "connect"
    return _PHASE_OF_STAGE.get(stage)


def _rpo(records: list[StepRecord], impact: datetime) -> list[Report]:
    """For each item that failed over, how far its recovery point lies before the impact."""
    found = []
    for record in records:
        if record.kind != "failover-item":
            continue
        point = record.evidence.get("recovery_point") or {}
        at = moment(point.get("time"))
        found.append(
            {
                "item": arm_ids.name_of(record.target),
                "status": record.status,
                "recovery_point_time": point.get("time"),
                "kind": point.get("kind"),
                "wanted": point.get("wanted"),
                "seconds": _rounded(max(0.0, (impact - at).total_seconds())) if at else None,
                "note": point.get("note")
                or ("had failed over before" if record.evidence.get("failed_over_before") else None),
            }
        )
    return found


def _met(facts: dict[str, Any], rto: float | None, rpo: list[Report]) -> Report:
    """Whether the owner's objectives were met; None where it cannot be said."""
    wanted_rto, wanted_rpo = facts.get("rto_seconds"), facts.get("rpo_seconds")
    seconds = [one["seconds"] for one in rpo if one["seconds"] is not None]
    return {
        "rto": rto <= wanted_rto if rto is not None and wanted_rto else None,
        "rpo": max(seconds) <= wanted_rpo if seconds and wanted_rpo and len(seconds) == len(rpo) else None,
    }


def _routing(records: list[StepRecord], verified_at: datetime | None) -> Report:
    read = [
        one.evidence["routes_before"]
        for one in records
        if one.kind == "check-readiness" and "routes_before" in one.evidence
    ]
    before: list[Any] | None = [route for routes in read for route in routes] if read else None
    observed = [one for one in records if one.kind == "observe-routing"]
    verifying = [one for one in records if one.kind == "verify-routing"]
    last = [one for one in verifying if not one.stage.startswith("prove")]
    after = [route for one in last for route in one.evidence.get("routes_after") or ()]
    seen_before, checks = (
        [{**check, "site": one.target} for one in steps for check in one.evidence.get("checks") or ()]
        for steps in (observed, verifying)
    )
    return {
        "verified": verified_at is not None,
        "before": before,
        "after": after,
        "checks_before": seen_before,
        "checks": checks,
    }


def _steps(runbook: Runbook | None, records: list[StepRecord], began: datetime) -> list[Report]:
    """Every step of the runbook and of its compensation, in the order in which they began; the rest was not run."""
    recorded = {record.step for record in records}
    left = [step for step in runbook.steps if step.id not in recorded] if runbook else []
    return [*(_step(record, began) for record in records), *map(_not_run, left)]


def _not_run(step: Step) -> Report:
    known = {"name": step.name, "kind": step.kind, "target": step.target, "stage": step.stage}
    return {"step": step.id, **known, "status": "not-run"}


def _step(record: StepRecord, began: datetime) -> Report:
    start, end = moment(record.started_at), moment(record.ended_at)
    row: Report = {name: value for name, value in to_wire(record).items() if name != "run"}
    if start and end:
        row["begins_after_seconds"] = _rounded((start - began).total_seconds())
        row["seconds"] = _rounded(max(0.0, (end - start).total_seconds()))
    return row


def _decisions(call: ReportCall, records: list[StepRecord]) -> list[Report]:
    """Who decided what, of the run and of its steps, in order."""
    of_run = [{"about": "the run", **decision} for decision in call.decisions]
    of_steps = [{"about": record.name, **decision} for record in records for decision in record.decisions]
    return sorted([*of_run, *of_steps], key=lambda one: str(one.get("at") or ""))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
