"""Failing over an item, at the activity's door: done already, half done, refused, lost, late, killed in between."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from activities import intents
from azure_clients import site_recovery
from azure_clients.errors import Unanswered
from domain.outcomes import Outcome

ACTION = "replicationProtectedItems/unplannedFailover"
POST = {"method": "POST", "path": "unplannedFailover", "times": 1}


@pytest.fixture
def step(azure: Any) -> Any:
    return azure.step("failover-item", "dc1")


def settle(azure: Any, step: Any, outcome: Outcome, *, attempt: int = 1) -> Outcome:
    """Poll a settling operation until it is told what came of it."""
    for _ in range(30):
        if outcome.status != "running" or outcome.operation is None or outcome.operation.kind != "settling":
            return outcome
        azure.advance(10)
        outcome = azure.poll(step, outcome.operation, attempt=attempt)
    return outcome


def test_a_failover_is_begun_once_and_watched_by_its_job(azure: Any, step: Any) -> None:
    """The POST's empty 202 names the job; the recovery point is in the evidence."""
    outcome = azure.begin(step)
    assert (outcome.status, outcome.operation.kind) == ("running", "site-recovery-job")
    assert outcome.evidence["recovery_point"]["wanted"] == "LatestProcessed"
    assert outcome.evidence["recovery_point"]["time"] < azure.now.isoformat()
    assert azure.accepted(ACTION) == 1


def test_an_item_that_is_over_is_done_already(azure: Any, step: Any) -> None:
    """Whoever failed it over, nothing is sent."""
    assert azure.walk(step).status == "succeeded"
    again = azure.begin(step, attempt=7)
    assert (again.status, again.reason) == ("succeeded", "dc1 has failed over already")
    assert azure.accepted(ACTION) == 1


def test_an_item_that_is_failing_over_is_attached_to(azure: Any, step: Any) -> None:
    """Somebody pressed the button in the portal."""
    from azure_clients.factory import clients

    site_recovery.begin_unplanned_failover(clients(), step.target, None)
    outcome = azure.begin(step)
    assert (outcome.status, outcome.operation.kind) == ("running", "site-recovery-job")
    assert azure.accepted(ACTION) == 1


def test_a_repeated_delivery_attaches(azure: Any, step: Any) -> None:
    """The same call twice: the second sees the first one's job."""
    first, second = azure.begin(step), azure.begin(step)
    assert second.operation.job.lower() == first.operation.job.lower()
    assert azure.accepted(ACTION) == 1


@pytest.mark.parametrize(
    "fate",
    [
        {"accepted": True, "lose": True},
        {"accepted": True, "status": 503, "code": "ServerTimeout", "retryAfter": 5},
        {"accepted": True, "status": 500, "code": "InternalServerError"},
    ],
)
def test_an_acceptance_that_we_did_not_hear_of_is_found(azure: Any, step: Any, fate: dict[str, Any]) -> None:
    """A 503 may have been accepted (trap 14): it settles, and the job is found."""
    azure.fault(match=POST, then=fate)
    outcome = azure.begin(step)
    assert (outcome.status, outcome.operation.kind) == ("running", "settling")
    found = settle(azure, step, outcome)
    assert (found.status, found.operation.kind) == ("running", "site-recovery-job")
    assert azure.accepted(ACTION) == 1


@pytest.mark.parametrize(
    "fate", [{"accepted": False, "lose": True}, {"accepted": False, "status": 503, "code": "ServerTimeout"}]
)
def test_what_was_not_accepted_is_sent_again_only_after_the_settling_time(
    azure: Any, step: Any, fate: dict[str, Any]
) -> None:
    """Then, and only then, a new intent is made."""
    azure.fault(match=POST, then=fate)
    began = azure.now
    outcome = settle(azure, step, azure.begin(step))
    assert (outcome.status, outcome.code) == ("retryable", "NotAccepted")
    assert (azure.now - began).total_seconds() >= 120
    assert azure.begin(step, attempt=2).operation.kind == "site-recovery-job"
    assert azure.accepted(ACTION) == 1


def test_a_job_that_shows_up_late_is_waited_for(azure: Any, step: Any) -> None:
    """Thirty seconds, while its acceptance was lost."""
    azure.fault(job={"action": "unplannedFailover", "item": "dc1", "appearsAfter": 30, "times": 1})
    azure.fault(match=POST, then={"accepted": True, "lose": True})
    found = settle(azure, step, azure.begin(step))
    assert (found.status, found.operation.kind) == ("running", "site-recovery-job")
    assert azure.accepted(ACTION) == 1


def test_a_killed_process_between_marker_and_post_sends_later(
    azure: Any, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marker is there, nothing was sent: it settles, comes to nothing, and the next intent sends."""

    class Killed(BaseException):
        pass

    def die(*_: Any) -> Any:
        raise Killed

    intent = azure.now
    with monkeypatch.context() as patch:
        patch.setattr(site_recovery, "begin_unplanned_failover", die)
        with pytest.raises(Killed):
            azure.begin(step)
    azure.advance(5)
    outcome = settle(azure, step, azure.begin(step, intent_at=intent))
    assert outcome.code == "NotAccepted"
    assert azure.begin(step, attempt=2).operation.kind == "site-recovery-job"
    assert azure.accepted(ACTION) == 1


def test_a_killed_process_after_the_post_attaches(azure: Any, step: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure has taken it, and nobody has read the answer."""

    class Killed(BaseException):
        pass

    send = site_recovery.begin_unplanned_failover

    def send_and_die(*arguments: Any) -> Any:
        send(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(site_recovery, "begin_unplanned_failover", send_and_die)
        with pytest.raises(Killed):
            azure.begin(step)
    azure.advance(3)
    assert azure.walk(step).status == "succeeded"
    assert azure.accepted(ACTION) == 1


def test_two_copies_at_once_send_once(azure: Any, step: Any) -> None:
    """At-least-once delivery, both at the same moment."""
    gate, outcomes = threading.Barrier(6), list[Outcome]()

    def copy() -> None:
        gate.wait()
        outcomes.append(azure.begin(step))

    copies = [threading.Thread(target=copy) for _ in range(6)]
    for one in copies:
        one.start()
    for one in copies:
        one.join()
    assert {one.status for one in outcomes} == {"running"}
    assert azure.accepted(ACTION) == 1


def test_a_store_that_does_not_answer_means_that_nothing_is_sent(
    azure: Any, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither whether the marker was made nor whose it is can be told."""
    from azure_clients.folder_documents import FolderDocuments

    def silent(*_: Any, **__: Any) -> Any:
        raise Unanswered("the store")

    with monkeypatch.context() as patch:
        patch.setattr(FolderDocuments, "create", silent)
        outcome = azure.begin(step)
    assert (outcome.status, outcome.code, azure.accepted(ACTION)) == ("retryable", "IntentNotRecorded", 0)
    assert azure.begin(step, attempt=2).status == "running"


def test_a_marker_whose_making_was_answered_late_is_known_by_its_token(
    azure: Any, step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write was done, its answer was lost: the marker is ours, and the call is sent, once."""
    from azure_clients.folder_documents import FolderDocuments

    create = FolderDocuments.create

    def create_and_lose(self: Any, name: str, content: bytes, **named: Any) -> bool:
        create(self, name, content, **named)
        raise Unanswered("the store")

    with monkeypatch.context() as patch:
        patch.setattr(FolderDocuments, "create", create_and_lose)
        outcome = azure.begin(step)
    assert (outcome.operation.kind, azure.accepted(ACTION)) == ("site-recovery-job", 1)


def test_a_job_that_failed_leads_to_a_new_intent_and_at_last_to_a_person(azure: Any, step: Any) -> None:
    """Three tries of one step; the error's code and words come out."""
    azure.fault(
        job={
            "action": "unplannedFailover",
            "item": "dc1",
            "duration": 30,
            "failsWith": {"code": "150001", "message": "no capacity"},
            "times": 3,
        }
    )
    ends = []
    for attempt in (1, 2, 3):
        outcome = azure.begin(step, attempt=attempt)
        azure.advance(60)
        ends.append(azure.poll(step, outcome.operation, attempt=attempt))
    assert [(one.status, one.code) for one in ends] == [
        ("retryable", "NotAccepted"), ("retryable", "NotAccepted"), ("failed", "150001")
    ]  # fmt: skip
    assert ends[0].evidence["azure_code"] == "150001"
    assert "no capacity" in ends[0].reason


def test_a_read_that_fails_is_never_taken_for_absence(azure: Any, step: Any) -> None:
    """The vault's region does not answer while it settles: it goes on settling."""
    azure.fault(match=POST, then={"accepted": True, "lose": True})
    outcome = azure.begin(step)
    azure.fault(
        match={"method": "GET", "path": "replicationProtectedItems|replicationJobs", "times": 40},
        then={"status": 503, "code": "ServerTimeout"},
    )
    for _ in range(20):
        azure.advance(15)
        outcome = azure.poll(step, outcome.operation)
        assert (outcome.status, outcome.operation.kind) == ("running", "settling")


def test_a_cancelled_job_is_a_persons_decision(azure: Any, step: Any) -> None:
    """It is not tried again by itself."""
    import dataclasses

    outcome = azure.begin(step)
    cancelled = {"properties": {"state": "Cancelled", "errors": [], "startTime": "2026-03-14T02:00:00Z"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_recovery, "read_job", lambda *_: cancelled)
        end = azure.poll(step, dataclasses.replace(outcome.operation))
    assert (end.status, end.code) == ("failed", "JobCancelled")


def test_an_item_that_is_gone_is_named(azure: Any, step: Any) -> None:
    """Its id changes when it is re-protected (trap 6)."""
    import dataclasses

    outcome = azure.begin(dataclasses.replace(step, target=f"{step.target}-other"))
    assert (outcome.status, outcome.code) == ("failed", "ItemMissing")


def test_a_recovery_point_that_is_not_there_is_named(azure: Any, step: Any, later: Any, monkeypatch: Any) -> None:
    """LatestApplicationConsistent of an item that has none."""
    monkeypatch.setattr(
        site_recovery,
        "recovery_points",
        lambda *_: [{"id": "x", "properties": {"recoveryPointType": "CrashConsistent"}}],
    )
    outcome = azure.begin(later(step, recovery_point="LatestApplicationConsistent"))
    assert (outcome.status, outcome.code) == ("failed", "NoRecoveryPoint")


def test_the_source_is_asked_to_shut_down(azure: Any, step: Any, monkeypatch: Any) -> None:
    """Never two live copies (rule 3); the failover goes on when it does not answer."""
    bodies: list[Any] = []
    call = site_recovery.call

    def seen(doing: str, operation: Any, *arguments: Any, **named: Any) -> Any:
        bodies.extend(one for one in arguments if isinstance(one, dict))
        return call(doing, operation, *arguments, **named)

    monkeypatch.setattr(site_recovery, "call", seen)
    azure.begin(step)
    assert bodies[0]["properties"]["sourceSiteOperations"] == "Required"
    assert bodies[0]["properties"]["failoverDirection"] == "PrimaryToRecovery"


def test_a_whole_recovery_plan_goes_as_one_job(start_azure: Any) -> None:
    """drive: plan; every item is over afterwards, and the plan was accepted once."""
    azure = start_azure(plan=lambda text: text.replace("  recoveryPoint:", "  drive: plan\n  recoveryPoint:"))
    step = azure.step("failover-plan")
    outcome = azure.walk(step, seconds=30, turns=80)
    assert outcome.status == "succeeded", outcome
    assert azure.begin(step, attempt=9).status == "succeeded"
    assert azure.accepted("replicationRecoveryPlans/unplannedFailover") == 1


def test_an_earlier_attempts_late_job_is_attached_to(azure: Any, step: Any) -> None:
    """Attempt 1 was given up; its job shows while attempt 2 looks."""
    azure.fault(job={"action": "unplannedFailover", "item": "dc1", "appearsAfter": 170, "duration": 400, "times": 1})
    azure.fault(match=POST, then={"accepted": True, "lose": True})
    outcome = settle(azure, step, azure.begin(step))
    if outcome.code == "NotAccepted":
        azure.advance(40)
        outcome = azure.begin(step, attempt=2)
    assert outcome.operation.kind == "site-recovery-job"
    assert azure.accepted(ACTION) == 1
    assert intents.STALL_SECONDS == 1.0
