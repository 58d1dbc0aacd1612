"""Fail over a protected item, or a whole recovery plan: the desired state is that it lives in the recovery region.

Both are operations that Azure must never accept twice; how they are sent is ``activities.intents``. Here is what is
read before, how a job is recognised, and what the one call is.
"""

from __future__ import annotations

from typing import Any

from activities import intents, recovery_points
from activities.intents import Standing
from activities.work import Work, with_evidence
from azure_clients import site_recovery
from azure_clients.answers import Answer
from azure_clients.long_running import outcome_of
from domain import arm_ids
from domain.outcomes import Outcome, failed, retryable, succeeded

Document = dict[str, Any]

BUSY_SECONDS = 15.0
JOB_TRIES = 3
"""After so many failed jobs of one step a person is asked instead."""


class ItemFailover:
    """The unplanned failover of one protected item."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._friendly_name = ""
        self._recovery_point: str | None = None

    def read(self) -> Standing:
        item = site_recovery.read_item(self._work.clients, self._work.target)
        standing = standing_of_item(item, arm_ids.name_of(self._work.target))
        self._friendly_name = str(_properties(item).get("friendlyName") or "")
        if standing.state != "ready":
            return standing
        chosen = recovery_points.choose(self._work, str(self._work.settings.get("recovery_point") or "Latest"))
        self._recovery_point = chosen.id
        if chosen.missing:
            return Standing("blocked", outcome=failed(chosen.missing, code="NoRecoveryPoint"))
        return Standing("ready", evidence={"recovery_point": chosen.evidence, **_replication(item)})

    def is_ours(self, job: Document) -> bool:
        details = _properties(job)
        names = {self._friendly_name.lower(), arm_ids.name_of(self._work.target).lower()} - {""}
        of_item = str(details.get("targetObjectName") or "").lower() in names
        is_plan = str(details.get("targetInstanceType") or "").lower() == "recoveryplan"
        return of_item and not is_plan and _is_failover(details)

    def send(self) -> Answer:
        return site_recovery.begin_unplanned_failover(self._work.clients, self._work.target, self._recovery_point)


class PlanFailover:
    """The unplanned failover of a recovery plan, as one job. Done when every item that the step names is over."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def read(self) -> Standing:
        plan = site_recovery.read_plan(self._work.clients, self._work.target)
        name = arm_ids.name_of(self._work.target)
        if plan is None:
            return Standing("blocked", outcome=failed(f"there is no recovery plan {name}", code="PlanMissing"))
        job = _running_job(_properties(plan))
        if job:
            return Standing("running", f"{name} is failing over already", job=job)
        left = items_left(self._work)
        if not left:
            return Standing("done", f"every item of {name} has failed over already")
        return Standing("ready", evidence={"items_to_fail_over": len(left)})

    def is_ours(self, job: Document) -> bool:
        details = _properties(job)
        same = str(details.get("targetObjectName") or "").lower() == arm_ids.name_of(self._work.target).lower()
        return same and _is_failover(details)

    def send(self) -> Answer:
        wanted = str(self._work.settings.get("recovery_point") or "Latest")
        return site_recovery.begin_plan_failover(self._work.clients, self._work.target, wanted)


def begin_item(work: Work) -> Outcome:
    return intents.begin(work, ItemFailover(work))


def begin_plan(work: Work) -> Outcome:
    return intents.begin(work, PlanFailover(work))


def poll_item(work: Work) -> Outcome:
    return _poll(work, ItemFailover(work))


def poll_plan(work: Work) -> Outcome:
    return _poll(work, PlanFailover(work))


def verify_plan(work: Work) -> Outcome:
    """Every item is over; whether its machine is up is asked of each machine by its own step."""
    left = items_left(work)
    if left:
        return retryable(f"not over yet: {', '.join(left[:10])}", code="NotFailedOver", retry_after_seconds=10)
    return succeeded("every item has failed over")


def standing_of_item(item: Document | None, name: str) -> Standing:
    """What a protected item says of itself. Words that nobody has listed are taken for neither end (traps 6 and 9)."""
    if item is None:
        return Standing("blocked", outcome=failed(f"there is no protected item {name}", code="ItemMissing"))
    details = _properties(item)
    if str(details.get("activeLocation") or "").lower() == "recovery":
        evidence = {"protection_state": details.get("protectionState"), "failed_over_before": True}
        return Standing("done", f"{name} has failed over already", evidence=evidence)
    job = _running_job(details)
    if job:
        return Standing("running", f"{name} is failing over already", job=job)
    if str(details.get("testFailoverState") or "").lower() == "waitingforcompletion":
        reason = f"{name} has a drill that was not cleaned up"
        return Standing("blocked", outcome=failed(reason, code="DrillNotCleanedUp"))
    scenario = _scenario(details)
    if scenario:
        reason = f"{name} is busy: {scenario}"
        return Standing("blocked", outcome=retryable(reason, code="Busy", retry_after_seconds=BUSY_SECONDS))
    return Standing("ready")


def items_left(work: Work) -> list[str]:
    """Names of the step's items that have not failed over."""
    left = []
    for item_id in arm_ids.unpacked_items(work.settings["items"]):
        item = site_recovery.read_item(work.clients, item_id)
        if str(_properties(item).get("activeLocation") or "").lower() != "recovery":
            left.append(arm_ids.name_of(item_id))
    return left


def _poll(work: Work, guarded: intents.Guarded) -> Outcome:
    operation = work.call.operation
    assert operation is not None
    if operation.kind == "settling":
        return intents.settle(work, guarded)
    polled = site_recovery.poll_job(work.clients, operation)
    if polled.state != "failed":
        times = polled.result if isinstance(polled.result, dict) else {}
        return with_evidence(outcome_of(polled, operation), **({"job": times} if times else {}))
    intents.ended_badly(work, polled.code)
    if polled.code == "JobCancelled" or work.call.attempt >= JOB_TRIES:
        return failed(polled.reason, code=polled.code)
    return retryable(polled.reason, code=polled.code)


def _running_job(details: Document) -> str | None:
    scenario = details.get("currentScenario") or {}
    job = str(scenario.get("jobId") or "")
    running = "failover" in _scenario(details).lower() and _is_failover({"scenarioName": scenario.get("scenarioName")})
    ended = str(details.get("currentScenarioStatus") or "").lower() in ("succeeded", "failed", "completed", "cancelled")
    return job if running and not ended and job and not job.lower().endswith("/none") else None


def _scenario(details: Document) -> str:
    name = str((details.get("currentScenario") or {}).get("scenarioName") or "")
    return "" if name.lower() == "none" else name


def _is_failover(details: Document) -> bool:
    """UnplannedFailover and its relatives, not a test, a cleanup, a commit or a cancel."""
    name = str(details.get("scenarioName") or "").lower()
    return "unplannedfailover" in name or name == "failover"


def _replication(item: Document | None) -> Document:
    details = _properties(item).get("providerSpecificDetails") or {}
    seen = {"rpo_seconds_of_azure": details.get("rpoInSeconds"), "rpo_at": details.get("lastRpoCalculatedTime")}
    return {name: value for name, value in seen.items() if value is not None}


def _properties(document: Document | None) -> Document:
    found = (document or {}).get("properties")
    return found if isinstance(found, dict) else {}
