"""Jobs: full by name and thin in a list, late, failing, cancelled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

VAULT = ("rg-companyb-dr", "rsv-companyb")
FAILS = {"code": "150001", "message": "The virtual machine could not be created."}


def job_of(answer: Any) -> str:
    return str(answer.headers["Azure-AsyncOperation"]).split("?")[0].rsplit("/", 1)[1]


def job(answer: Any, azure: Any) -> Any:
    return azure.site.replication_jobs.get(*VAULT, job_of(answer))


def struck(**job_fault: Any) -> dict[str, Any]:
    return {"faults": [{"job": {"action": "unplannedFailover", **job_fault}}]}


def test_a_list_of_jobs_has_neither_tasks_nor_details(azure: Any) -> None:
    """Trap 5: what GET fills, LIST leaves empty."""
    answer = azure.fail_over("dc1")
    azure.wait(5)
    (listed,) = azure.site.replication_jobs.list(*VAULT)
    assert listed.properties.tasks == []
    assert listed.properties.custom_details is None
    assert listed.properties.activity_id is None
    full = job(answer, azure)
    assert len(full.properties.tasks) == 4
    assert full.properties.custom_details.instance_type == "FailoverJobDetails"
    assert full.properties.activity_id


def test_an_unfinished_tasks_time_is_the_naive_year_one(azure: Any) -> None:
    """Trap 4: end - start raises TypeError in the SDK's own types; an unfinished job has no endTime at all."""
    running = job(azure.fail_over("dc1"), azure)
    azure.wait(4)
    running = job(azure.fail_over("sql1"), azure)
    first = running.properties.tasks[0]
    assert first.end_time == datetime(1, 1, 1)  # noqa: DTZ001
    assert first.end_time.tzinfo is None
    assert "endTime" not in running.properties.as_dict()
    assert running.properties.allowed_actions in (["Cancel"], [])


def test_tasks_begin_one_after_the_other_and_a_skipped_one_never(azure: Any) -> None:
    """A shutdown that was not asked for is Other / Skipped, as in the recorded cluster failover."""
    answer = azure.fail_over("dc1", source="NotRequired")
    azure.wait(60)
    states = [(task.state, task.state_description) for task in job(answer, azure).properties.tasks]
    assert states == [
        ("Succeeded", "Completed"),
        ("Other", "Skipped"),
        ("InProgress", "InProgress"),
        ("NotStarted", "NotStarted"),
    ]
    azure.wait(200)
    done = job(answer, azure).properties
    assert (done.state, done.state_description) == ("Succeeded", "Completed")
    assert done.allowed_actions == []
    assert done.end_time.microsecond == 0


def test_a_late_job_is_nowhere_to_be_seen_and_still_only_one(make_azure: Any) -> None:
    """Accepted 30 s before it shows: neither job nor item tells, and a second request is refused all the same."""
    azure = make_azure(struck(appearsAfter=30))
    answer = azure.fail_over("dc1")
    assert list(azure.site.replication_jobs.list(*VAULT)) == []
    with pytest.raises(ResourceNotFoundError):
        job(answer, azure)
    assert azure.item("dc1").properties.current_scenario.scenario_name == "None"
    with pytest.raises(HttpResponseError):
        azure.fail_over("dc1")
    azure.wait(31)
    assert job(answer, azure).properties.state == "InProgress"
    assert azure.item("dc1").properties.current_scenario.scenario_name == "UnplannedFailover"
    azure.wait(200)
    assert azure.item("dc1").properties.active_location == "Recovery"
    assert len(azure.events("operation.accepted")) == 1


def test_a_job_fails_as_the_scenario_says_and_then_works(make_azure: Any) -> None:
    """Failed with errors[] and HTTP 200 on the poll; the item may fail over again, which is no violation."""
    azure = make_azure(struck(item="^dc1$", failsWith=FAILS, times=1, duration=50))
    answer = azure.fail_over("dc1")
    azure.wait(60)
    ended = azure.status(answer)
    assert (ended["status"], ended["error"]["code"], ended["error"]["details"]) == ("Failed", "150001", None)
    failed = job(answer, azure).properties
    assert failed.state == "Failed"
    assert failed.errors[0].service_error_details.code == "150001"
    assert failed.tasks[-1].state == "Failed"
    assert azure.item("dc1").properties.active_location == "Primary"
    azure.fail_over("dc1")
    azure.wait(200)
    assert azure.item("dc1").properties.active_location == "Recovery"
    assert not azure.violations


def test_the_state_after_a_failed_failover_is_a_guess_with_a_variant(make_azure: Any) -> None:
    """An orchestrator must not depend on it: either way the failover is allowed again."""
    variants = {"site-recovery.after_failed_failover": "UnplannedFailoverFailed"}
    azure = make_azure(struck(failsWith=FAILS, times=1) | {"variants": variants})
    azure.fail_over("dc1")
    azure.wait(200)
    assert azure.item("dc1").properties.protection_state == "UnplannedFailoverFailed"
    assert azure.fail_over("dc1").status_code == 202


def test_a_cancelled_failover_never_happened(azure: Any) -> None:
    """POST jobs/{name}/cancel: Cancelled, and the item as before."""
    answer = azure.fail_over("dc1", source="NotRequired")
    azure.wait(20)
    azure.raw(azure.site.replication_jobs.begin_cancel, *VAULT, job_of(answer))
    azure.wait(15)
    assert job(answer, azure).properties.state == "Cancelled"
    azure.wait(200)
    item = azure.item("dc1").properties
    assert (item.active_location, item.current_scenario.scenario_name) == ("Primary", "None")
    assert "UnplannedFailover" in item.allowed_operations


def test_jobs_are_filtered_as_microsofts_clients_ask(azure: Any) -> None:
    """Since, until, state and kind; what the filter does not know is a 400."""
    azure.fail_over("dc1")
    azure.wait(300)
    azure.fail_over("sql1")
    azure.wait(5)

    def names(clause: str) -> list[str]:
        found = azure.site.replication_jobs.list(*VAULT, filter=clause)
        return [each.properties.target_object_name for each in found]

    assert names("StartTime ge '2026-03-14T02:01:00Z'") == ["sql1"]
    assert names("StartTime eq '2026-03-14T01:00:00.0000000Z' and EndTime eq '2026-03-14T02:01:00Z'") == ["dc1"]
    assert names("JobStatus eq 'InProgress'") == ["sql1"]
    assert names("JobStatus eq 'Succeeded,Failed' and AffectedObjectTypes eq 'ProtectionEntity'") == ["dc1"]
    with pytest.raises(HttpResponseError, match="not supported"):
        names("Colour eq 'green'")
    assert (
        datetime(2026, 3, 14, tzinfo=UTC) < next(iter(azure.site.replication_jobs.list(*VAULT))).properties.start_time
    )
