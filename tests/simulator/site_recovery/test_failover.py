"""A failover of one protected item, as the real SDK client sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

VAULT = ("rg-companyb-dr", "rsv-companyb")


def job_of(answer: Any) -> str:
    return str(answer.headers["Azure-AsyncOperation"]).split("?")[0].rsplit("/", 1)[1]


def address_of(azure: Any, machine: Any) -> str:
    nic = azure.send("GET", machine.network_profile.network_interfaces[0].id, None).json()
    return str(nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])


def power(azure: Any, group: str, name: str) -> str:
    view = azure.machines.virtual_machines.instance_view(group, name)
    return next(str(status.code) for status in view.statuses if status.code.startswith("PowerState/"))


def test_acceptance_is_an_empty_202_whose_operation_is_the_job(azure: Any) -> None:
    """The job to watch is the last segment of Azure-AsyncOperation; x-ms-request-id names it twice."""
    answer = azure.fail_over("dc1")
    assert (answer.status_code, answer.text()) == (202, "")
    assert answer.headers["Retry-After"] == "30"
    job = azure.site.replication_jobs.get(*VAULT, job_of(answer))
    assert answer.headers["x-ms-request-id"] == f"{job.id}, {job.id}"
    assert job.properties.scenario_name == "UnplannedFailover"
    assert job.properties.friendly_name == "Failover"


def test_poll_urls_are_as_long_as_azures_and_need_their_signature(azure: Any) -> None:
    """Trap 16: more than 3,000 characters, signed by t, c, s and h; rebuilt without them they are refused."""
    answer = azure.fail_over("dc1")
    for header in ("Azure-AsyncOperation", "Location"):
        url = answer.headers[header]
        assert len(url) > 3000
        assert all(f"&{name}=" in url for name in "tcsh")
    assert "/replicationProtectedItems/dc1/operationresults/" in answer.headers["Location"]
    rebuilt = answer.headers["Azure-AsyncOperation"].split("&t=")[0]
    assert azure.send("GET", rebuilt).status_code == 400


def test_a_status_has_all_eight_keys_and_ends_cut_to_the_second(azure: Any) -> None:
    """Traps 2 and 3: percentComplete is always null, endTime is truncated and startTime is not."""
    answer = azure.fail_over("dc1")
    azure.wait(5)
    running = azure.status(answer)
    assert running["status"] == "InProgress"
    assert set(running) == {"error", "id", "name", "properties", "status", "startTime", "endTime", "percentComplete"}
    assert running["endTime"] is None
    azure.wait(200)
    ended = azure.status(answer)
    assert ended["status"] == "Succeeded"
    assert ended["endTime"].endswith(".0000000Z")
    assert not ended["startTime"].endswith(".0000000Z")
    assert ended["percentComplete"] is None


def test_an_operation_may_first_say_not_started(make_azure: Any) -> None:
    """Trap 2: NotStarted has no startTime and is not an end."""
    azure = make_azure({"durations": {"site-recovery/queued": 12}})
    answer = azure.fail_over("dc1")
    assert azure.status(answer)["status"] == "NotStarted"
    assert azure.status(answer)["startTime"] is None
    azure.wait(13)
    assert azure.status(answer)["status"] == "InProgress"


def test_a_fast_operation_may_end_before_it_began(make_azure: Any) -> None:
    """Trap 3: a recovery plan's write takes less than a second, so its truncated end lies before its start."""
    azure = make_azure({"durations": {"replicationRecoveryPlans/write": 0.2, "site-recovery/queued": 0}})
    azure.wait(0.5)
    groups = azure.site.replication_recovery_plans.get(*VAULT, "rp-companyb").properties.groups
    body = {"properties": {"groups": [group.as_dict() for group in groups]}}
    answer = azure.raw(azure.site.replication_recovery_plans.begin_update, *VAULT, "rp-companyb", body)
    azure.wait(5)
    ended = azure.status(answer)
    assert ended["status"] == "Succeeded"
    assert ended["endTime"] < ended["startTime"]


def test_durations_are_those_that_were_measured(azure: Any) -> None:
    """139 to 172 s for one Azure-to-Azure machine, drawn with the seed, another for each item."""
    for name in ("dc1", "sql1", "sql2"):
        azure.fail_over(name)
    taken = [event["duration_seconds"] for event in azure.events("operation.accepted")]
    assert all(139 <= seconds <= 174 for seconds in taken)
    assert len(set(taken)) == 3


def test_after_the_failover_the_machine_runs_at_the_target_with_its_address(azure: Any) -> None:
    """Machine and interface keep their names in the recovery resource group, and the source is deallocated."""
    azure.fail_over("dc1")
    azure.wait(200)
    machine = azure.machines.virtual_machines.get("rg-companyb-southeastasia", "dc1")
    assert machine.location == "southeastasia"
    assert machine.storage_profile.os_disk.create_option == "Attach"
    assert address_of(azure, machine) == "10.1.3.4"
    assert power(azure, "rg-companyb-southeastasia", "dc1") == "PowerState/running"
    assert power(azure, "rg-companyb-eastasia", "dc1") == "PowerState/deallocated"
    ups = [event for event in azure.events("machine.up") if event["region"] == "southeastasia"]
    assert [(event["vm"], event["address"]) for event in ups] == [("dc1", "10.1.3.4")]
    assert not azure.violations


def test_the_item_shows_what_runs_and_then_what_became_of_it(azure: Any) -> None:
    """currentScenario while the job runs; then active at Recovery with a recovery point and things left to do."""
    answer = azure.fail_over("dc1")
    azure.wait(10)
    item = azure.item("dc1").properties
    assert item.current_scenario.scenario_name == "UnplannedFailover"
    assert item.current_scenario.job_id.endswith(job_of(answer))
    assert item.allowed_operations == []
    assert item.active_location == "Primary"
    azure.wait(200)
    item = azure.item("dc1").properties
    assert item.protection_state == "UnplannedFailoverCommitPendingStatesBegin"
    assert item.active_location == "Recovery"
    assert item.current_scenario.scenario_name == "None"
    assert item.allowed_operations == ["Commit", "DisableProtection", "ChangePit", "SwitchProtection"]
    assert item.last_successful_failover_time is not None
    assert "/recoveryPoints/" in item.failover_recovery_point_id


def test_of_twenty_posts_at_once_exactly_one_is_accepted(azure: Any) -> None:
    """Azure accepts a failover once, however many clients ask in the same moment."""

    def ask(_: int) -> int:
        try:
            return int(azure.fail_over("dc1").status_code)
        except HttpResponseError as refused:
            return int(refused.status_code or 0)

    with ThreadPoolExecutor(20) as crowd:
        answers = sorted(crowd.map(ask, range(20)))
    assert answers == [202] + [400] * 19
    assert len(azure.events("operation.accepted")) == 1


def test_an_item_that_has_failed_over_does_not_fail_over_again(azure: Any) -> None:
    """The second failover is refused with what the item allows; it is logged as accepted once, not idempotent."""
    azure.fail_over("dc1")
    azure.wait(200)
    with pytest.raises(HttpResponseError) as refused:
        azure.fail_over("dc1")
    assert "Allowed operations: Commit, DisableProtection" in str(refused.value)
    accepted = azure.events("operation.accepted")
    assert [(event["action"], event["idempotent"]) for event in accepted] == [
        ("replicationProtectedItems/unplannedFailover", False)
    ]
    assert not azure.violations


def test_a_lost_acknowledgement_leaves_one_accepted_failover(make_azure: Any) -> None:
    """Azure did it and the answer was lost: asking again is refused, and the job can be found."""
    fault = {
        "match": {"method": "POST", "path": "dc1/unplannedFailover", "times": 1},
        "then": {"accepted": True, "lose": True},
    }
    azure = make_azure({"faults": [fault]})
    with pytest.raises(Exception, match=r"(?i)connection|remote"):
        azure.fail_over("dc1")
    with pytest.raises(HttpResponseError):
        azure.fail_over("dc1")
    running = [job for job in azure.site.replication_jobs.list(*VAULT) if job.properties.target_object_name == "dc1"]
    assert [job.properties.scenario_name for job in running] == ["UnplannedFailover"]


def test_without_a_shutdown_of_a_living_source_there_are_two_live_copies(azure: Any) -> None:
    """sourceSiteOperations NotRequired leaves the source running: the simulator says so."""
    azure.fail_over("dc1", source="NotRequired")
    azure.wait(200)
    assert azure.violations == ["never-two-live-copies"]


def test_a_dead_source_cannot_hold_a_failover_up(make_azure: Any) -> None:
    """Everything in the source region is dark: the failover goes on, and its machine is the only one that lives."""
    azure = make_azure({"faults": [{"at": 0, "region": "eastasia", "dark": "both"}]})
    azure.fail_over("dc1")
    azure.wait(200)
    assert azure.item("dc1").properties.active_location == "Recovery"
    assert not azure.violations


def test_a_taken_address_is_silently_replaced_by_the_next_free_one(make_azure: Any) -> None:
    """The failover succeeds all the same; only a look at the machine tells."""
    fault = {"address": {"address": "10.1.3.4", "takenIn": "vnet-companyb-southeastasia"}}
    azure = make_azure({"faults": [fault]})
    answer = azure.fail_over("dc1")
    azure.wait(200)
    assert azure.status(answer)["status"] == "Succeeded"
    machine = azure.machines.virtual_machines.get("rg-companyb-southeastasia", "dc1")
    assert address_of(azure, machine) == "10.1.3.5"
    azure.fail_over("sql1")
    azure.wait(200)
    assert address_of(azure, azure.machines.virtual_machines.get("rg-companyb-southeastasia", "sql1")) == "10.1.3.6"


def test_a_missing_target_network_fails_the_job_and_the_item_can_go_again(make_azure: Any) -> None:
    """Accepted is not done: the operation ends Failed with HTTP 200, and a retry is not a second failover."""

    def nowhere(estate: list[dict[str, Any]]) -> None:
        for document in estate:
            if document["name"] == "dc1" and document["type"].endswith("replicationProtectedItems"):
                document["properties"]["providerSpecificDetails"]["vmNics"][0]["recoveryVMNetworkId"] = "/nowhere"

    azure = make_azure(change=nowhere)
    answer = azure.fail_over("dc1")
    azure.wait(200)
    ended = azure.status(answer)
    assert (ended["status"], ended["error"]["code"]) == ("Failed", "28020")
    assert "UnplannedFailover" in azure.item("dc1").properties.allowed_operations
    assert azure.fail_over("dc1").status_code == 202
    assert not azure.violations


def together(estate: list[dict[str, Any]]) -> None:
    for document in estate:
        if document["type"].endswith("replicationProtectedItems") and document["name"].startswith("sql"):
            details = document["properties"]["providerSpecificDetails"]
            details |= {"multiVmGroupName": "databases", "multiVmGroupCreateOption": "UserSpecified"}


def test_one_of_a_replication_group_does_not_fail_over_alone(make_azure: Any) -> None:
    """Machines with multi-VM consistency go together, through a recovery plan (a guess, by variant)."""
    azure = make_azure(change=together)
    with pytest.raises(HttpResponseError, match="replication group 'databases'"):
        azure.fail_over("sql1")
    other = make_azure({"variants": {"site-recovery.replication_group_member": "runs"}}, change=together)
    assert other.fail_over("sql1").status_code == 202


def test_an_item_of_a_later_group_before_its_time_is_a_violation(azure: Any) -> None:
    """Azure does not mind the order of single items; the simulator's judge does."""
    azure.fail_over("app1")
    assert azure.violations == ["groups-in-order"]


def test_with_a_quorum_part_of_the_earlier_group_is_enough(make_azure: Any) -> None:
    """The scenario says how many of a group make it up."""
    azure = make_azure({"quorum": {1: 2}})
    azure.fail_over("dc1")
    azure.fail_over("sql1")
    azure.wait(200)
    azure.fail_over("app1")
    assert not azure.violations


def test_the_items_of_a_group_run_in_parallel(azure: Any) -> None:
    """Three failovers begun at once end within the time of one."""
    for name in ("dc1", "sql1", "sql2"):
        azure.fail_over(name)
    azure.wait(176)
    assert {azure.item(name).properties.active_location for name in ("dc1", "sql1", "sql2")} == {"Recovery"}
    azure.fail_over("app1")
    assert not azure.violations


def test_a_missing_item_is_site_recoverys_404(azure: Any) -> None:
    """NotFound outside, ArmResourceDoesNotExist inside."""
    with pytest.raises(HttpResponseError) as missing:
        azure.item("nobody")
    assert missing.value.status_code == 404
    assert missing.value.error is not None
    assert missing.value.error.code == "NotFound"
    assert missing.value.error.details[0].code == "ArmResourceDoesNotExist"


def test_a_source_that_comes_back_must_be_stopped(make_azure: Any) -> None:
    """Its region returns with the machine running: after a quarter of an hour beside its copy it is a violation."""
    azure = make_azure({"faults": [{"at": 0, "for": 600, "region": "eastasia", "dark": "both"}]})
    for name in ("dc1", "sql1"):
        azure.fail_over(name)
    azure.wait(700)
    assert not azure.violations
    azure.raw(azure.machines.virtual_machines.begin_deallocate, "rg-companyb-eastasia", "sql1")
    azure.wait(900)
    assert [event["detail"].split(":")[0] for event in azure.events("invariant.violated")] == ["dc1"]


def test_a_dark_target_region_fails_the_failover(make_azure: Any) -> None:
    """Nothing can be made there; the item may go again when the region answers."""

    def vault_elsewhere(estate: list[dict[str, Any]]) -> None:
        for document in estate:
            if document["name"] in ("rsv-companyb", "rg-companyb-dr"):
                document["location"] = "japaneast"

    dark = {"at": 0, "for": 300, "region": "southeastasia", "dark": "control-plane"}
    azure = make_azure({"faults": [dark]}, change=vault_elsewhere)
    answer = azure.fail_over("dc1")
    azure.wait(310)
    assert azure.status(answer)["status"] == "Failed"
    assert azure.fail_over("dc1").status_code == 202
