"""Long operations as they were recorded: what begins them, what a poll says, and what it does not say."""

from __future__ import annotations

from typing import Any

import pytest

from azure_clients import network, resources, site_recovery
from azure_clients.long_running import outcome_of
from domain.outcomes import Operation

CONNECTION = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/connections/cn"
GATEWAY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworkGateways/gw"
VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
ITEM = f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/dc1"
NOW = "2026-03-14T02:00:00+00:00"
LONG = "c=" + "M" * 2435 + "&s=" + "x" * 342 + "&h=" + "y" * 43


def operation(wire: Any, query: str = "api-version=1") -> Operation:
    return Operation("network", CONNECTION, poll_url=f"{wire.endpoint}/operations/op1?{query}", started_at=NOW)


def test_a_delete_is_begun_once_and_not_waited_for(clients: Any, wire: Any, said: Any) -> None:
    """202 with both headers: the operation is Azure-AsyncOperation's, and one request was made."""
    headers = {
        "Azure-AsyncOperation": f"{wire.endpoint}/operations/op1?api-version=1&{LONG}",
        "Location": f"{wire.endpoint}/operationResults/op1?api-version=1",
        "Retry-After": "10",
    }
    wire.answer("DELETE", "/connections/cn", said(202, None, headers))
    answer, begun = resources.begin_delete(clients, CONNECTION, NOW)
    assert (answer.status, answer.retry_after, len(wire.asked)) == (202, 10, 1)
    assert begun is not None
    assert (begun.poll_url, begun.final_url, begun.id) == (
        headers["Azure-AsyncOperation"], headers["Location"], "op1"
    )  # fmt: skip


def test_deleting_what_is_not_there_is_done_at_once(clients: Any, wire: Any, said: Any) -> None:
    """204 begins nothing."""
    wire.answer("DELETE", "/connections/cn", said(204))
    assert resources.begin_delete(clients, CONNECTION, NOW)[1] is None


def test_a_poll_url_of_three_kilobytes_is_asked_as_it_is(clients: Any, wire: Any, said: Any) -> None:
    """Its query is signed: not a character may change (trap 16)."""
    query = f"api-version=1&t=2023-08-29T01%3A54%3A23&{LONG}"
    wire.answer("GET", "/operations/op1", said(body={"status": "InProgress"}))
    resources.poll_operation(clients, operation(wire, query))
    assert wire.asked[-1].path == f"/operations/op1?{query}"


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (200, {"status": "InProgress"}, "running", ""),
        (200, {"status": "NotStarted", "startTime": None}, "running", ""),
        (200, {"status": "SomethingNew"}, "running", ""),
        (202, "null", "running", ""),
        (200, {"status": "Succeeded"}, "succeeded", ""),
        (200, {"value": []}, "succeeded", ""),
        (200, "null", "succeeded", ""),
        (204, None, "succeeded", ""),
        (200, {"status": "Failed", "error": {"code": "GwmOperationTimeOut", "message": "m", "details": []}},
         "failed", "GwmOperationTimeOut"),
        (200, {"status": "Failed", "error": {"code": "SubscriptionNotAuthorized", "message": "m"}},
         "failed", "SubscriptionNotAuthorized"),
        (200, {"status": "Canceled", "error": {"code": "Canceled", "message": "m", "details": [
            {"code": "CanceledAndSupersededDueToAnotherOperation", "message": "superseded by PutSubnetOperation"}]}},
         "failed", "CanceledAndSupersededDueToAnotherOperation"),
        (200, {"status": "Failed"}, "failed", "OperationFailed"),
        (404, {"error": {"code": "NotFound"}}, "gone", ""),
        (429, "You have reached the limit of allowed calls.Please retry after '2099-01-01T00:00:00Z' UTC.",
         "running", "TooManyRequests"),
        (503, "<html>", "running", "Unanswered"),
        (403, {"error": {"code": "AuthorizationFailed", "message": "m"}}, "running", "AuthorizationFailed"),
    ],
)  # fmt: skip
def test_what_a_poll_says(clients: Any, wire: Any, said: Any, status: int, body: Any, state: str, code: str) -> None:
    """Unknown words are not the end; a poll that fails says nothing of the operation."""
    wire.answer("GET", "/operations/op1", said(status, body))
    polled = resources.poll_operation(clients, operation(wire))
    assert (polled.state, polled.code) == (state, code)


def test_a_cut_poll_is_no_failed_operation(clients: Any, wire: Any, said: Any) -> None:
    """Neither is one that nobody answers."""
    wire.answer("GET", "/operations/op1", said(cut=True))
    assert resources.poll_operation(clients, operation(wire)).state == "running"


def test_a_throttled_poll_waits_as_long_as_azure_says(clients: Any, wire: Any, said: Any) -> None:
    """poll_after_seconds is set only then; advice goes to the evidence."""
    wire.answer(
        "GET",
        "/operations/op1",
        said(429, None, {"Retry-After": "17"}),
        said(body={"status": "InProgress"}, headers={"Retry-After": "100"}),
    )
    throttled = outcome_of(resources.poll_operation(clients, operation(wire)), operation(wire))
    assert (throttled.status, throttled.poll_after_seconds) == ("running", 17)
    advised = outcome_of(resources.poll_operation(clients, operation(wire)), operation(wire))
    assert (advised.poll_after_seconds, advised.evidence) == (None, {"advised": 100})


def test_a_superseded_operation_may_be_begun_again(clients: Any, wire: Any, said: Any) -> None:
    """Canceled with superseded is retryable; a subscription that is not authorised is not."""
    details = [{"code": "CanceledAndSupersededDueToAnotherOperation", "message": "m"}]
    superseded = {"status": "Canceled", "error": {"code": "Canceled", "message": "m", "details": details}}
    denied = {"status": "Failed", "error": {"code": "SubscriptionNotAuthorized", "message": "m"}}
    wire.answer("GET", "/operations/op1", said(body=superseded), said(body=denied))
    outcomes = [
        outcome_of(resources.poll_operation(clients, operation(wire)), operation(wire)).status for _ in range(2)
    ]
    assert outcomes == ["retryable", "failed"]


def test_success_with_an_error_is_success_with_a_warning(clients: Any, wire: Any, said: Any) -> None:
    """28175 "VM name was modified" came with Succeeded (trap 1)."""
    body = {"status": "Succeeded", "error": {"code": "28175", "message": "VM name was modified"}}
    wire.answer("GET", "/operations/op1", said(body=body))
    outcome = outcome_of(resources.poll_operation(clients, operation(wire)), operation(wire))
    assert (outcome.status, outcome.evidence) == ("succeeded", {"warning": "28175: VM name was modified"})


def test_a_token_is_not_sent_to_another_host(clients: Any, wire: Any) -> None:
    """A poll URL elsewhere is not followed."""
    polled = resources.poll_operation(
        clients, Operation("network", CONNECTION, poll_url="https://elsewhere.example/op")
    )
    assert (polled.state, wire.asked) == ("gone", [])


def test_a_reading_that_comes_later_is_found_at_its_location(clients: Any, wire: Any, said: Any) -> None:
    """202 with the literal null and Location alone; then 200 with the result."""
    location = {"Location": f"{wire.endpoint}/operationResults/r1?api-version=1"}
    wire.answer("POST", "getLearnedRoutes", said(202, "null", location))
    wire.answer("GET", "/operationResults/r1", said(202, "null"), said(200, {"value": [{"network": "10.50.0.0/16"}]}))
    begun = network.begin_gateway_reading(clients, "learned-routes", GATEWAY, None, NOW)
    assert isinstance(begun, Operation)
    assert resources.poll_operation(clients, begun).state == "running"
    assert resources.poll_operation(clients, begun).result == {"value": [{"network": "10.50.0.0/16"}]}


def test_a_failover_is_watched_by_the_job_that_its_empty_202_names(clients: Any, wire: Any, said: Any) -> None:
    """The last segment of Azure-AsyncOperation is the job's name."""
    guid = "f795f69f-f35d-4ec5-afac-e46d4d55c11c"
    status = f"{wire.endpoint}/Subscriptions/s/x/replicationOperationStatus/{guid}?api-version=1&{LONG}"
    location = f"{wire.endpoint}{ITEM}/operationresults/{guid}?x=1"
    wire.answer(
        "POST",
        "/unplannedFailover",
        said(202, None, {"Azure-AsyncOperation": status, "Location": location, "Retry-After": "30"}),
    )
    answer = site_recovery.begin_unplanned_failover(clients, ITEM, None)
    begun = site_recovery.accepted(answer, ITEM, NOW, 1)
    assert begun.job == f"{VAULT}/replicationJobs/{guid}"
    assert [one.method for one in wire.asked] == ["POST"]


def test_a_job_that_does_not_show_yet_is_watched_by_its_operation(clients: Any, wire: Any, said: Any) -> None:
    """Jobs turn up late; the operation's own status stands in, with NotStarted as not the end (trap 2)."""
    wire.answer("GET", "/replicationJobs/", said(404, {"error": {"code": "NotFound", "message": "m"}}))
    body = {"error": None, "id": None, "name": "g", "properties": None, "status": "NotStarted", "startTime": None}
    wire.answer("GET", "/replicationOperationStatus/", said(body=body))
    job = Operation(
        "site-recovery-job",
        ITEM,
        poll_url=f"{wire.endpoint}/replicationOperationStatus/g?h=1",
        job=f"{VAULT}/replicationJobs/g",
    )
    assert site_recovery.poll_job(clients, job).state == "running"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        *((word, "running") for word in ("InProgress", "NotStarted", "Suspended", "Other", "SomethingNew")),
        *((word, "succeeded") for word in ("Succeeded", "CompletedWithInformation")),
        *((word, "failed") for word in ("Failed", "Cancelled")),
    ],
)
def test_the_states_of_a_job(clients: Any, wire: Any, said: Any, state: str, expected: str) -> None:
    """Unfinished tasks of the year 1 without a zone are read past (trap 4); unknown states are not the end."""
    task = {"state": "InProgress", "startTime": "2025-03-19T09:14:26.1071236Z", "endTime": "0001-01-01T00:00:00"}
    properties = {"state": state, "tasks": [task], "startTime": "2025-03-19T09:14:03.4033544Z", "errors": []}
    wire.answer("GET", "/replicationJobs/", said(body={"name": "g", "properties": properties}))
    job = Operation("site-recovery-job", ITEM, job=f"{VAULT}/replicationJobs/g")
    assert site_recovery.poll_job(clients, job).state == expected


def test_a_failed_job_gives_the_code_of_its_error(clients: Any, wire: Any, said: Any) -> None:
    """errors[].serviceErrorDetails, as the specification has it."""
    error = {"serviceErrorDetails": {"code": "150001", "message": "no capacity"}, "providerErrorDetails": None}
    properties = {"state": "Failed", "errors": [error], "startTime": "2025-03-19T09:14:03Z"}
    wire.answer("GET", "/replicationJobs/", said(body={"name": "g", "properties": properties}))
    polled = site_recovery.poll_job(clients, Operation("site-recovery-job", ITEM, job=f"{VAULT}/replicationJobs/g"))
    assert (polled.code, "no capacity" in polled.reason) == ("150001", True)


def test_times_of_site_recovery_are_read_as_they_come() -> None:
    """Seven digits, no zone, the year 1 and 1753."""
    assert site_recovery.moment("2023-08-29T01:51:48.5683898Z").isoformat() == "2023-08-29T01:51:48.568389+00:00"  # type: ignore[union-attr]
    for nothing in ("0001-01-01T00:00:00", "1753-01-01T01:01:01Z", "", None, "soon"):
        assert site_recovery.moment(nothing) is None


def test_jobs_since_an_intent_are_found_over_pages(clients: Any, wire: Any, said: Any) -> None:
    """The list is thin and paged; older jobs are left out, but for the skew between two clocks."""
    from datetime import UTC, datetime

    def job(name: str, start: str) -> dict[str, Any]:
        return {
            "name": name,
            "properties": {"startTime": start, "tasks": [], "customDetails": None, "activityId": None},
        }

    page = {"value": [job("old", "2026-03-14T01:00:00Z"), job("just-before", "2026-03-14T01:59:30Z")]}
    following = f"{wire.endpoint}{VAULT}/replicationJobs?api-version=1&$skipToken=2"
    wire.answer("GET", r"skipToken", said(body={"value": [job("new", "2026-03-14T02:00:10.1234567Z")], "nextLink": ""}))
    wire.answer("GET", "/replicationJobs", said(body={**page, "nextLink": following}))
    found = site_recovery.jobs_since(clients, ITEM, datetime(2026, 3, 14, 2, 0, tzinfo=UTC))
    assert [one["name"] for one in found] == ["new", "just-before"]


def test_a_connections_shared_key_is_taken_out_as_it_is_read(clients: Any, wire: Any, said: Any) -> None:
    """ARM answers it in clear (trap 15); afterwards no text can show it either."""
    from azure_clients.scrubbing import SCRUBBER

    properties = {"sharedKey": "hunter2-hunter2", "connectionStatus": "Connected"}
    wire.answer("GET", "/connections/cn", said(body={"id": CONNECTION, "properties": properties}))
    document = resources.read(clients, CONNECTION)
    assert document == {"id": CONNECTION, "properties": {"connectionStatus": "Connected"}}
    assert "hunter2" not in SCRUBBER.scrub("the key was hunter2-hunter2")
