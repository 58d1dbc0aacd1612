"""Recordings written by hand: what is seeded, what agrees, where it differs, what is not the mission's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.conformance import replay, summarise
from simulator.conformance.cassettes import read
from simulator.conformance.replay import Verdict

SUBSCRIPTION = "/subscriptions/11112222-3333-4444-5555-666677778888"
NETWORKS = f"{SUBSCRIPTION}/resourceGroups/rg-any/providers/Microsoft.Network"
OPERATION = (
    f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westus/operations/0a0b0c0d-1111-4222-8333-444455556666"
)
ASYNC = {"Azure-AsyncOperation": f"https://management.azure.com{OPERATION}?api-version=2021-02-01"}
MADE = {**ASYNC, "Azure-AsyncNotification": "Enabled"}
ETAG = {"ETag": 'W/"x"'}
PATH = f"{NETWORKS}/routeTables/t1"
Record = Callable[[], Any]


def table(state: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "t1",
        "id": PATH,
        "etag": 'W/"eeeeeeee-0000-4000-8000-000000000000"',
        "type": "Microsoft.Network/routeTables",
        "location": "westus",
        "properties": {
            "provisioningState": state,
            "resourceGuid": "99998888-7777-4666-8555-444433332222",
            "disableBgpRoutePropagation": False,
            "routes": [],
            **more,
        },
    }


def verdicts(recorder: Any) -> list[Verdict]:
    return replay(read(recorder.write()))


def outcomes(recorder: Any) -> list[str]:
    return [("poll " if one.poll else "") + one.outcome for one in verdicts(recorder)]


def test_a_resource_that_the_recording_makes_is_made_and_polled_to_its_end(record: Record) -> None:
    """Without dates: the operation ends between the poll that says it runs and the one that says it does not."""
    story = record().add("PUT", PATH, 201, table("Updating"), sent={"location": "westus"}, headers=MADE)
    story.poll("InProgress").poll("InProgress").poll("Succeeded")
    story.add("GET", PATH, 200, table("Succeeded"), headers=ETAG)
    assert outcomes(story) == ["agreed", "poll agreed", "poll agreed", "poll agreed", "agreed"]


def test_dates_are_the_time_that_the_simulator_lives_by(record: Record) -> None:
    """A poll in the same second as the end is still the end; hours between calls pass."""
    story = record().add(
        "PUT",
        PATH,
        201,
        table("Updating"),
        sent={"location": "westus"},
        headers=MADE,
        date="Fri, 14 May 2021 03:00:00 GMT",
    )
    story.poll("InProgress", date="Fri, 14 May 2021 04:59:59 GMT").poll(
        "Succeeded", date="Fri, 14 May 2021 04:59:59 GMT"
    )
    assert outcomes(story) == ["agreed", "poll agreed", "poll agreed"]


def test_what_is_read_before_it_is_written_was_there(record: Record) -> None:
    """The seed is read back, and said to be one; what is written to it afterwards is the simulator's own doing."""
    story = record().add("GET", PATH, 200, table("Succeeded"), headers=ETAG)
    changed = table("Updating", disableBgpRoutePropagation=True)
    sent = {"location": "westus", "properties": {"disableBgpRoutePropagation": True}}
    story.add("PUT", PATH, 200, changed, sent=sent, headers=ASYNC).poll("Succeeded")
    story.add("GET", PATH, 200, table("Succeeded", disableBgpRoutePropagation=True), headers=ETAG)
    found = verdicts(story)
    assert [one.outcome for one in found] == ["agreed"] * 4
    assert [one.seeded for one in found if not one.poll] == [True, False, False]


def test_what_only_a_write_names_is_seeded_bare(record: Record) -> None:
    """A DELETE that found something, and a reference in a body."""
    both = {**MADE, "Location": ASYNC["Azure-AsyncOperation"].replace("/operations/", "/operationResults/")}
    assert outcomes(record().add("DELETE", PATH, 202, headers=both)) == ["agreed"]
    assert outcomes(record().add("DELETE", PATH, 204)) == ["agreed"]


def test_a_resource_is_never_taken_from_an_answer_to_its_own_write(record: Record) -> None:
    """A value that only Azure could have put there is a difference, not a seed."""
    strange = table("Updating", neverSeen="by anybody")
    story = record().add("PUT", PATH, 201, strange, sent={"location": "westus"}, headers=MADE)
    found = verdicts(story)[0]
    assert found.outcome == "disagreed"
    assert found.difference == 'body.properties.neverSeen: is missing (recorded "by anybody")'


def test_the_first_difference_is_told(record: Record) -> None:
    """Status before headers before body; a key too many is a difference, too."""
    sent = {"location": "westus"}
    status = record().add("PUT", PATH, 200, table("Updating"), sent=sent, headers=MADE)
    status.add("PUT", PATH.replace("t1", "t2"), 409, {"error": {"code": "No"}}, sent=sent)
    assert verdicts(status)[1].difference == "status: recorded 409, simulated 201"
    header = record().add("PUT", PATH, 201, table("Updating"), sent=sent)
    assert verdicts(header)[0].difference == "header azure-asyncoperation: is not recorded"
    less = table("Updating")
    del less["properties"]["disableBgpRoutePropagation"]
    body = record().add("PUT", PATH, 201, less, sent=sent, headers=MADE)
    assert "disableBgpRoutePropagation: is not recorded" in str(verdicts(body)[0].difference)
    state = record().add("PUT", PATH, 201, table("Succeeded"), sent=sent, headers=MADE)
    assert (
        verdicts(state)[0].difference == 'body.properties.provisioningState: recorded "Succeeded", simulated "Updating"'
    )


def test_an_operation_that_nobody_modelled_disagrees(record: Record) -> None:
    """It is in scope by its type."""
    path = f"{NETWORKS}/virtualNetworkGateways/g/inventedAction"
    found = verdicts(record().add("POST", path, 202))[0]
    assert (found.outcome, found.operation.name) == ("disagreed", "POST inventedAction")


def test_what_the_mission_never_touches_is_out_of_scope_and_says_why(record: Record) -> None:
    """Another provider, a type on the list, another host, a request that nobody kept."""
    other = SUBSCRIPTION + "/resourceGroups/rg-any/providers/Microsoft.Databricks/workspaces/w"
    story = record().add("GET", other, 200, {}).add("GET", f"{NETWORKS}/virtualWans/w", 200, {})
    story.add("GET", "https://graph.microsoft.com/v1.0/me", 200, {}).add("PUT", PATH, 201, table("Updating"))
    found = verdicts(story)
    assert {one.outcome for one in found} == {"out-of-scope"}
    assert [one.difference for one in found] == [
        "provider Microsoft.Databricks",
        "Microsoft.Network/virtualWans",
        "host graph.microsoft.com",
        "request body not recorded",
    ]


def test_a_repeated_reading_with_the_same_answer_is_a_poll(record: Record) -> None:
    """One with another answer is not."""
    story = record().add("GET", PATH, 200, table("Succeeded"), headers=ETAG)
    story.add("GET", PATH, 200, table("Succeeded"), headers=ETAG)
    story.add("GET", PATH, 200, table("Succeeded", routes=[{"name": "r"}]), headers=ETAG)
    assert [one.poll for one in verdicts(story)] == [False, True, False]


def test_what_a_deployment_made_is_there_when_it_was_deployed(record: Record) -> None:
    """Not before: its template is written through the simulator's own doors."""
    missing = {
        "error": {
            "code": "ResourceNotFound",
            "message": (
                "The Resource 'Microsoft.Network/routeTables/t1' under resource group 'rg-any' was not found. "
                "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
            ),
        }
    }
    made = {"type": "Microsoft.Network/routeTables", "name": "t1", "apiVersion": "2021-02-01", "location": "westus"}
    deployment = f"{SUBSCRIPTION}/resourceGroups/rg-any/providers/Microsoft.Resources/deployments/d"
    story = record().add("GET", PATH, 404, missing)
    story.add("PUT", deployment, 201, {}, sent={"properties": {"template": {"resources": [made]}}})
    story.add("GET", PATH, 200, table("Succeeded"), headers=ETAG)
    assert outcomes(story) == ["agreed", "out-of-scope", "agreed"]


def test_azures_own_failures_are_put_in_and_said(record: Record) -> None:
    """A 503 that nobody caused, and the write that follows it as if it had not been."""
    message = "The request timed out. Diagnostic information: timestamp '20210514T030000Z', subscription id "
    message += "'11112222-3333-4444-5555-666677778888', tracking id 'aaaabbbb-0000-4000-8000-000000000000', request "
    message += "correlation id 'aaaabbbb-0000-4000-8000-000000000000'."
    error = {"error": {"code": "ServerTimeout", "message": message}}
    story = record().add("PUT", PATH, 503, error, sent={"location": "westus"})
    story.add("PUT", PATH, 201, table("Updating"), sent={"location": "westus"}, headers=MADE)
    found = verdicts(story)
    assert [(one.outcome, one.weather) for one in found] == [("agreed", True), ("agreed", False)]


def test_an_operation_that_azure_let_fail_fails(record: Record) -> None:
    """Its poll tells the error, and the resource that it failed."""
    failed = {"status": "Failed", "error": {"code": "GwmOperationTimeOut", "message": "Too slow.", "details": []}}
    story = record().add("PUT", PATH, 201, table("Updating"), sent={"location": "westus"}, headers=MADE)
    story.add("GET", OPERATION, 200, failed).add("GET", PATH, 200, table("Failed"), headers=ETAG)
    assert outcomes(story) == ["agreed", "poll agreed", "agreed"]


def test_counts_add_up(record: Record) -> None:
    """Per file, per operation, per provider and in all."""
    story = record().add("PUT", PATH, 201, table("Updating"), sent={"location": "westus"}, headers=MADE)
    story.poll("Succeeded").add("GET", f"{NETWORKS}/virtualWans/w", 200, {})
    report = summarise(verdicts(story))
    assert (report.total.agreed, report.total.polls_agreed, report.total.out_of_scope) == (1, 1, 1)
    for split in (report.files, report.operations, report.providers):
        assert sum(tally.agreed for tally in split.values()) == 1
        assert sum(tally.out_of_scope for tally in split.values()) == 1
    assert report.total.share == 100.0
