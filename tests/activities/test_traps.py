"""The sixteen traps of Azure's answers, each at the activity's door: recorded bodies in, outcomes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from activities import ACTIVITIES
from domain import names
from domain.calls import StepCall
from domain.codec import from_wire, to_wire
from domain.outcomes import Operation, Outcome
from domain.runbook import Step

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers"
CONNECTION = f"{GROUP}/Microsoft.Network/connections/cn"
GATEWAY = f"{GROUP}/Microsoft.Network/virtualNetworkGateways/gw"
VAULT = f"{GROUP}/Microsoft.RecoveryServices/vaults/v"
ITEM = f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/dc1"
PLAN = f"{VAULT}/replicationRecoveryPlans/rp"
GUID = "f795f69f-f35d-4ec5-afac-e46d4d55c11c"
NOW = "2026-03-14T02:00:00+00:00"
SIGNED = "api-version=2022-08-01&t=2023-08-29T01%3A54%3A23&c=" + "M" * 2435 + "&s=" + "x" * 342 + "&h=" + "y" * 43
NO_SCENARIO = {"scenarioName": "None", "jobId": f"{VAULT}/replicationJobs/None", "startTime": "1753-01-01T01:01:01Z"}

pytestmark = pytest.mark.usefixtures("clients")


def call(act: str, kind: str, target: str, operation: Operation | None = None, **settings: Any) -> Outcome:
    """One activity through its door."""
    step = Step("abcd1234", "a step", kind, target, "stage", settings=settings)
    wire = to_wire(StepCall("run", "run", step, 1, NOW, NOW, operation))
    return from_wire(Outcome, json.loads(json.dumps(ACTIVITIES[act](wire))))


def begin(kind: str, target: str, **settings: Any) -> Outcome:
    return call(names.BEGIN_STEP, kind, target, None, **settings)


def poll(kind: str, target: str, operation: Operation, **settings: Any) -> Outcome:
    return call(names.POLL_OPERATION, kind, target, operation, **settings)


def item(**changed: Any) -> dict[str, Any]:
    """A protected item, as short as it can be."""
    properties = {
        "friendlyName": "dc1", "protectionState": "Protected", "activeLocation": "Primary", "testFailoverState": "None",
        "allowedOperations": ["UnplannedFailover"], "currentScenario": NO_SCENARIO,
        "providerSpecificDetails": {"instanceType": "A2A", "rpoInSeconds": 95}, **changed,
    }  # fmt: skip
    return {"id": "/S" + ITEM[2:], "name": "dc1", "properties": properties}


def an_item_to_fail_over(wire: Any, said: Any, **changed: Any) -> None:
    wire.answer("GET", "/recoveryPoints", said(body={"value": []}))
    wire.answer("GET", "/replicationProtectedItems/dc1", said(body=item(**changed)))
    status = f"{wire.endpoint}/Subscriptions/x/replicationOperationStatus/{GUID}?{SIGNED}"
    location = f"{wire.endpoint}{ITEM}/operationresults/{GUID}?{SIGNED}"
    headers = {"Azure-AsyncOperation": status, "Location": location, "Retry-After": "30"}
    wire.answer("POST", "/unplannedFailover", said(202, None, headers))


def job(wire: Any, said: Any, **properties: Any) -> Operation:
    wire.answer(
        "GET", f"/replicationJobs/{GUID}", said(body={"name": GUID, "properties": {"errors": [], **properties}})
    )
    return Operation("site-recovery-job", ITEM, job=f"{VAULT}/replicationJobs/{GUID}", started_at=NOW)


def test_trap_1_success_with_an_error_is_success(wire: Any, said: Any) -> None:
    """28175 "VM name was modified" is a warning, kept in the evidence."""
    wire.answer("GET", "/replicationJobs/", said(404))
    body = {"status": "Succeeded", "error": {"code": "28175", "message": "VM name was modified"}}
    wire.answer("GET", "/replicationOperationStatus/", said(body=body))
    url = f"{wire.endpoint}/replicationOperationStatus/{GUID}?h=1"
    outcome = poll(
        "failover-item", ITEM, Operation("site-recovery-job", ITEM, url, job=f"{VAULT}/replicationJobs/{GUID}")
    )
    assert (outcome.status, outcome.evidence) == ("succeeded", {"warning": "28175: VM name was modified"})


def test_trap_2_not_started_is_not_the_end(wire: Any, said: Any) -> None:
    """startTime null."""
    outcome = poll("failover-item", ITEM, job(wire, said, state="NotStarted", startTime=None))
    assert outcome.status == "running"


def test_traps_3_and_4_times_are_kept_as_words_and_never_subtracted(wire: Any, said: Any) -> None:
    """An end before the start, unfinished tasks of the year 1, no endTime at all."""
    task = {"state": "InProgress", "startTime": "2025-03-19T09:14:26.1071236Z", "endTime": "0001-01-01T00:00:00"}
    done = job(
        wire,
        said,
        state="Succeeded",
        startTime="2023-08-29T01:50:36.157Z",
        endTime="2023-08-29T01:50:36Z",
        tasks=[task],
    )
    outcome = poll("failover-item", ITEM, done)
    assert outcome.status == "succeeded"
    assert outcome.evidence["job"] == {"began": "2023-08-29T01:50:36.157Z", "ended": "2023-08-29T01:50:36Z"}


def test_trap_5_a_recovery_plan_is_read_by_itself(wire: Any, said: Any) -> None:
    """A list of plans would have no groups: none is asked for."""
    an_item_to_fail_over(wire, said)
    wire.answer("GET", "/replicationRecoveryPlans/rp", said(body={"id": PLAN, "properties": {"currentScenario": None}}))
    begin("failover-plan", PLAN, recovery_point="LatestProcessed", items=[ITEM])
    assert not [one for one in wire.asked if one.path.split("?")[0].endswith("/replicationRecoveryPlans")]
    (sent,) = wire.of("POST")
    details = json.loads(sent.body)["properties"]["providerSpecificDetails"]
    assert details == [{"instanceType": "A2A", "recoveryPointType": "LatestProcessed"}]


def test_trap_6_an_item_that_was_re_protected_is_somewhere_else(wire: Any, said: Any) -> None:
    """404 ArmResourceDoesNotExist is a failure by name, not an item to fail over."""
    details = [{"code": "ArmResourceDoesNotExist", "message": "m"}]
    wire.answer("GET", "/dc1", said(404, {"error": {"code": "NotFound", "message": "m", "details": details}}))
    assert begin("failover-item", ITEM).code == "ItemMissing"


def test_trap_7_ids_are_compared_without_their_case(wire: Any, said: Any) -> None:
    """Lower-cased gateways are the same gateways."""
    ends = {"virtualNetworkGateway1": {"id": GATEWAY}}
    body = {"location": "x", "properties": {"connectionType": "IPsec", **ends}}
    shown = {
        "connectionType": "IPsec",
        "provisioningState": "Succeeded",
        "virtualNetworkGateway1": {"id": GATEWAY.lower()},
    }
    wire.answer("GET", "/connections/cn", said(body={"id": CONNECTION.upper(), "properties": shown}))
    assert begin("connect-connection", CONNECTION, body=body).reason == "cn is there already"


def test_trap_9_words_that_nobody_has_listed_decide_nothing(wire: Any, said: Any) -> None:
    """An unknown scenario makes an item busy; an unknown job state is not the end."""
    assert poll("failover-item", ITEM, job(wire, said, state="Rebalancing")).status == "running"
    an_item_to_fail_over(
        wire, said, currentScenario={"scenarioName": "Rebalance", "jobId": f"{VAULT}/replicationJobs/1"}
    )
    outcome = begin("failover-item", ITEM)
    assert (outcome.status, outcome.code, wire.of("POST")) == ("retryable", "Busy", [])


@pytest.mark.parametrize("status", [None, "Unknown"])
def test_trap_10_a_connection_that_does_not_tell_is_not_taken_for_up(wire: Any, said: Any, status: Any) -> None:
    """connectionStatus absent or Unknown: alone it proves nothing."""
    shown = {"provisioningState": "Succeeded", **({"connectionStatus": status} if status else {})}
    wire.answer("GET", "/connections/cn", said(body={"id": CONNECTION, "properties": shown}))
    checks = [{"check": "connection-state", "connection": CONNECTION}]
    outcome = call(names.VERIFY_STEP, "verify-routing", "site:datacenter", checks=checks)
    assert (outcome.status, outcome.code) == ("retryable", "NotConverged")


def test_traps_12_and_13_failures_come_over_http_200(wire: Any, said: Any) -> None:
    """A gateway's two hours and a superseded write may be begun again; a subscription not authorised may not."""
    superseded = {
        "code": "Canceled",
        "message": "m",
        "details": [{"code": "CanceledAndSupersededDueToAnotherOperation"}],
    }
    wire.answer(
        "GET", "/operations/1",
        said(body={"status": "Failed", "error": {"code": "GwmOperationTimeOut", "message": "m", "details": []}}),
        said(body={"status": "Canceled", "error": superseded}),
        said(body={"status": "Failed", "error": {"code": "SubscriptionNotAuthorized", "message": "m"}}),
    )  # fmt: skip
    operation = Operation("network", CONNECTION, f"{wire.endpoint}/operations/1?api-version=1")
    ends = [poll("connect-connection", CONNECTION, operation) for _ in range(3)]
    assert [one.status for one in ends] == ["retryable", "retryable", "failed"]
    assert [one.code for one in ends[:2]] == ["NotAccepted", "NotAccepted"]
    assert [one.evidence["azure_code"] for one in ends[:2]] == [
        "GwmOperationTimeOut", "CanceledAndSupersededDueToAnotherOperation"
    ]  # fmt: skip


def test_trap_14_a_post_is_sent_once_and_a_503_settles(wire: Any, said: Any) -> None:
    """It may have been accepted: nothing is sent again."""
    wire.answer("POST", "/unplannedFailover", said(503, {"error": {"code": "ServerTimeout"}}, {"Retry-After": "0"}))
    an_item_to_fail_over(wire, said)
    for _ in range(3):
        outcome = begin("failover-item", ITEM)
        assert (outcome.status, outcome.operation.kind) == ("running", "settling")  # type: ignore[union-attr]
    assert len(wire.of("POST")) == 1


def test_trap_15_a_key_in_a_connections_body_goes_nowhere(wire: Any, said: Any, tmp_path: Path) -> None:
    """ARM answers it in clear."""
    shown = {"sharedKey": "hunter2-hunter2-x", "provisioningState": "Succeeded", "connectionType": "hunter2-hunter2-x"}
    wire.answer("GET", "/connections/cn", said(body={"id": CONNECTION, "properties": shown}))
    body = {"location": "x", "properties": {"connectionType": "IPsec"}}
    outcome = begin("connect-connection", CONNECTION, body=body)
    assert outcome.code == "Conflict"
    assert "hunter2" not in repr(outcome)


def test_trap_16_a_signed_url_of_three_kilobytes_survives_and_is_shown_nowhere(wire: Any, said: Any) -> None:
    """It is in the operation, whole, and in no text; the wire value stays under 32 KB."""
    an_item_to_fail_over(wire, said)
    outcome = begin("failover-item", ITEM)
    assert outcome.operation is not None
    assert str(outcome.operation.poll_url).endswith(SIGNED)
    assert outcome.operation.id == GUID
    assert "MMMM" not in outcome.reason + json.dumps(outcome.evidence)
    assert len(json.dumps(to_wire(outcome))) < 32_768
    wire.answer("GET", "/replicationJobs/", said(404))
    wire.answer("GET", "/replicationOperationStatus/", said(body={"status": "InProgress"}))
    poll("failover-item", ITEM, outcome.operation)
    assert wire.asked[-1].path.endswith(f"/replicationOperationStatus/{GUID}?{SIGNED}")


def test_an_empty_202_is_all_that_a_failover_is_answered_with(wire: Any, said: Any) -> None:
    """The advised 30 s are evidence, not a demand: the orchestrator places its polls itself."""
    an_item_to_fail_over(wire, said)
    outcome = begin("failover-item", ITEM)
    assert (outcome.status, outcome.poll_after_seconds, outcome.evidence["advised"]) == ("running", None, 30)
    assert [one.method for one in wire.asked].count("POST") == 1


def test_a_throttled_poll_is_no_failed_failover(wire: Any, said: Any) -> None:
    """Plain text, four minutes ahead: running, and not asked before."""
    text = "You have reached the limit of allowed calls.Please\n retry after '2099-01-01T00:00:00Z' UTC."
    wire.answer("GET", "/replicationJobs/", said(429, text, {"Content-Type": "text/plain"}))
    outcome = poll("failover-item", ITEM, Operation("site-recovery-job", ITEM, job=f"{VAULT}/replicationJobs/{GUID}"))
    assert (outcome.status, outcome.poll_after_seconds) == ("running", 3600)
