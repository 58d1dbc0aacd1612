"""Disconnecting, fencing and connecting, at the activity's door."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from domain.outcomes import Operation

DELETE = {"method": "DELETE", "path": "/connections/cn-eastasia"}


@pytest.fixture
def old(azure: Any) -> Any:
    return azure.step("disconnect-connection")


@pytest.fixture
def new(azure: Any) -> Any:
    return azure.step("connect-connection")


@pytest.fixture
def fence(azure: Any) -> Any:
    return azure.step("fence-site")


def test_disconnecting_what_is_gone_is_done_already(azure: Any, old: Any) -> None:
    """The second run changes nothing."""
    assert azure.walk(old).status == "succeeded"
    assert azure.begin(old).reason == "cn-eastasia-datacenter is gone"
    assert azure.accepted("connections/delete") == 1


def test_a_delete_under_way_is_attached_to(azure: Any, old: Any) -> None:
    """Killed after the DELETE was accepted: the resource itself is watched."""
    azure.begin(old)
    again = azure.begin(old)
    assert again.status == "running"
    azure.advance(60)
    assert azure.poll(old, again.operation).status == "succeeded"
    assert azure.verify(old).status == "succeeded"


def test_a_connection_made_anew_since_the_snapshot_is_deleted_and_told(azure: Any, old: Any, later: Any) -> None:
    """The plan means the connection by its id: after an abort brought it back, the plan still works."""
    outcome = azure.begin(later(old, resource_guid="00000000-0000-0000-0000-000000000bad"))
    assert outcome.status == "running"
    assert outcome.evidence["made_anew_since_snapshot"]["expected"].endswith("bad")
    assert azure.accepted("connections/delete") == 1


@pytest.mark.parametrize("answer", ["refuse", "503", "hang"])
def test_a_dark_region_is_retryable_with_its_reason(start_azure: Any, answer: str, monkeypatch: Any) -> None:
    """The orchestrator ends it unconfirmed at its deadline; here nothing is decided."""
    from azure_clients import factory

    monkeypatch.setattr(factory, "READ_SECONDS", 0.5)
    azure = start_azure()
    azure.fault(region="eastasia", dark="control-plane", answer=answer)
    outcome = azure.begin(azure.step("disconnect-connection"))
    assert (outcome.status, outcome.code) == ("retryable", "ServerTimeout" if answer == "503" else "Unanswered")
    assert "deleting cn-eastasia-datacenter" in outcome.reason


def test_a_read_that_fails_does_not_keep_the_delete_from_being_tried(azure: Any, old: Any) -> None:
    """Reads are dark, writes get through."""
    azure.fault(
        match={"method": "GET", "path": "/connections/", "times": 5}, then={"status": 503, "code": "ServerTimeout"}
    )
    outcome = azure.begin(old)
    assert (outcome.status, azure.accepted("connections/delete")) == ("running", 1)
    assert "ServerTimeout" in outcome.evidence["unread"]


def test_a_poll_in_the_dark_says_nothing_of_the_delete(azure: Any, old: Any) -> None:
    """It is running until the deadline, never failed; throttled polls wait as Azure says."""
    outcome = azure.begin(old)
    azure.fault(
        match={"method": "GET", "path": "/operations/", "times": 1},
        then={"status": 429, "code": "TooManyRequests", "retryAfter": 9},
    )
    throttled = azure.poll(old, outcome.operation)
    assert (throttled.status, throttled.poll_after_seconds) == ("running", 9)
    azure.fault(region="eastasia", dark="control-plane", answer="503")
    dark = azure.poll(old, outcome.operation)
    assert (dark.status, dark.poll_after_seconds, dark.operation) == ("running", None, outcome.operation)


def test_another_operation_on_the_gateway_is_waited_for(azure: Any, old: Any) -> None:
    """429 RetryableErrorDueToAnotherOperation, the seconds only in its text."""
    message = "Operation PutX (guid) is updating resource Y. The call can be retried in 11 seconds."
    azure.fault(
        match={**DELETE, "times": 1},
        then={"status": 429, "code": "RetryableErrorDueToAnotherOperation", "message": message},
    )
    outcome = azure.begin(old)
    assert (outcome.status, outcome.code, outcome.retry_after_seconds) == (
        "retryable", "RetryableErrorDueToAnotherOperation", 11
    )  # fmt: skip


@pytest.mark.parametrize(
    "code", ["ScopeLocked", "RequestDisallowedByPolicy", "LinkedAuthorizationFailed", "AuthorizationFailed"]
)
def test_what_is_not_allowed_fails_by_its_code(azure: Any, old: Any, code: str) -> None:
    """Trying again will not help; a person is asked."""
    azure.fault(match={**DELETE, "times": 1}, then={"status": 409 if code == "ScopeLocked" else 403, "code": code})
    outcome = azure.begin(old)
    assert (outcome.status, outcome.code) == ("failed", code)


def test_a_connection_that_is_still_there_is_begun_again(azure: Any, old: Any) -> None:
    """Verified by a 404 that we saw, and by nothing else."""
    outcome = azure.verify(old)
    assert (outcome.status, outcome.code) == ("retryable", "NotAccepted")


def test_connecting_makes_what_the_runbook_says(azure: Any, new: Any) -> None:
    """Tagged with run and step; the second run finds it."""
    azure.walk(azure.step("disconnect-connection"))
    assert azure.walk(new).status == "succeeded"
    (document,) = azure.control(f"state?id={new.target}")["documents"]
    assert set(document["tags"]) == {"bridgehead-run", "bridgehead-step"}
    again = azure.begin(new)
    assert again.reason == "cn-southeastasia-datacenter is there already"
    assert azure.accepted("connections/write") == 1


def test_a_connection_of_somebody_elses_is_not_overwritten(azure: Any, new: Any) -> None:
    """Same name, no tag of ours, another gateway."""
    azure.walk(azure.step("disconnect-connection"))
    body = new.settings["body"]
    other = {**body, "properties": {**body["properties"], "routingWeight": 77}}
    azure.walk(dataclasses.replace(new, kind="restore-connection", settings={"body": other, "shared_key": None}))
    outcome = azure.begin(new)
    assert (outcome.status, outcome.code) == ("failed", "Conflict")
    assert "routingWeight is 77, expected 10" in outcome.reason


def test_no_shared_key_is_in_anything_that_comes_back(azure: Any, new: Any) -> None:
    """It goes into the PUT and nowhere else: not an outcome, not a document."""
    key = str(azure.running.world.secrets.value("kv-companyb-dr", "psk-datacenter"))
    azure.walk(azure.step("disconnect-connection"))
    seen = [azure.begin(new)]
    azure.advance(60)
    seen += [azure.poll(new, seen[0].operation), azure.verify(new), azure.begin(new)]
    azure.fault(
        match={"method": "PUT", "path": "/connections/", "times": 1},
        then={"status": 400, "code": "InvalidSharedKey", "message": f"The key '{key}' is bad."},
    )
    body = {**new.settings["body"], "properties": {**new.settings["body"]["properties"], "routingWeight": 5}}
    refused = azure.begin(dataclasses.replace(new, settings={**new.settings, "body": body}))
    assert refused.code == "InvalidSharedKey"
    assert key not in repr([*seen, refused])
    assert not [one for one in azure.documents.rglob("*") if one.is_file() and key in one.read_text()]


def test_a_missing_secret_is_named(azure: Any, new: Any, later: Any) -> None:
    """By vault and name."""
    outcome = azure.begin(later(new, shared_key={"vault": "kv-companyb-dr", "secret": "psk-nowhere"}))
    assert (outcome.status, outcome.code) == ("failed", "SecretNotFound")
    assert "psk-nowhere" in outcome.reason


def test_a_compensation_leaves_what_no_run_has_made(azure: Any, old: Any) -> None:
    """Undoing a connect removes only a connection that is tagged."""
    undo = dataclasses.replace(old, stage="compensate", settings={})
    outcome = azure.begin(undo)
    assert (outcome.status, azure.accepted("connections/delete")) == ("succeeded", 0)


def test_the_old_connection_is_put_back_as_it_was(azure: Any, old: Any) -> None:
    """restore-connection from the snapshot's body, with its key from the vault."""
    azure.walk(old)
    how = old.compensation
    restore = dataclasses.replace(old, kind="restore-connection", stage="compensate", settings=how["settings"])
    assert azure.walk(restore).status == "succeeded"
    (document,) = azure.control(f"state?id={old.target}")["documents"]
    assert "bridgehead-run" not in (document.get("tags") or {})


def test_fencing_drops_the_old_way_while_its_tunnel_is_up(azure: Any, fence: Any) -> None:
    """Ordered with a signature, read back from the site's routes; again it is done already."""
    assert azure.verify(fence).code == "StillRouted"
    assert azure.begin(fence).status == "succeeded"
    azure.advance(30)
    verified = azure.verify(fence)
    assert (verified.status, verified.evidence["read_back"]) == ("succeeded", "the looking glass")
    assert azure.begin(fence).reason == "datacenter blocks 10.1.255.30 already"
    assert len(azure.events("automation.done")) == 1


def test_a_repeated_order_has_one_effect(azure: Any, fence: Any, later: Any) -> None:
    """Without a looking glass the same idempotency key is sent again."""
    blind = later(fence, looking_glass_url=None)
    assert [azure.begin(blind).status for _ in range(2)] == ["succeeded", "succeeded"]
    assert len(azure.events("automation.done")) == 1
    outcome = azure.verify(blind)
    assert (outcome.status, outcome.evidence["read_back"]) == ("succeeded", "none: the automation's word alone")


def test_a_fence_is_lifted(azure: Any, fence: Any) -> None:
    """unfence-site, verified by the looking glass."""
    azure.begin(fence)
    lift = dataclasses.replace(fence, kind="unfence-site", settings=fence.compensation["settings"])
    assert azure.verify(lift).code == "StillBlocked"
    assert azure.begin(lift).status == "succeeded"
    azure.advance(30)
    assert azure.verify(lift).status == "succeeded"


def test_a_persons_fence_is_read_back_where_there_is_a_looking_glass(azure: Any, fence: Any, later: Any) -> None:
    """A word is checked against the routes; without a glass it stands alone, and says so."""
    person = dataclasses.replace(fence, kind="fence-by-person")
    assert azure.verify(person).code == "StillRouted"
    blind = azure.verify(later(person, looking_glass_url=None))
    assert blind.evidence["read_back"] == "none: a person's word alone"


def test_an_automation_that_does_not_answer_is_tried_again(azure: Any, fence: Any) -> None:
    """503 now, done later."""
    azure.fault(match={"method": "POST", "path": "/owner/", "times": 1}, then={"status": 503, "code": "Busy"})
    assert azure.begin(fence).status == "retryable"
    assert azure.begin(fence, attempt=2).status == "succeeded"


def test_a_resource_without_an_operation_of_ours_is_watched_itself(azure: Any, new: Any) -> None:
    """Operation kind resource: gone is an end too."""
    gone = azure.poll(new, Operation("resource", new.target))
    assert (gone.status, gone.reason) == ("succeeded", "it is gone")
