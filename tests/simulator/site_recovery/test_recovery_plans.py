"""Recovery plans: what a list hides, what the service adds, and a whole plan as one job."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

VAULT = ("rg-companyb-dr", "rsv-companyb")
PLAN = (*VAULT, "rp-companyb")
EVERYONE = ["dc1", "sql1", "sql2", "app1", "app2", "app3", "web1", "web2", "web3"]
FAILOVER = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "Required",
        "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": "LatestApplicationConsistent"}],
    }
}


def fail_over(azure: Any) -> Any:
    return azure.raw(azure.site.replication_recovery_plans.begin_unplanned_failover, *PLAN, FAILOVER)


def job(azure: Any, answer: Any) -> Any:
    name = str(answer.headers["Azure-AsyncOperation"]).split("?")[0].rsplit("/", 1)[1]
    return azure.site.replication_jobs.get(*VAULT, name).properties


def test_a_list_of_plans_shows_no_groups(azure: Any) -> None:
    """Trap 5: a plan read from a list looks empty."""
    (listed,) = azure.site.replication_recovery_plans.list(*VAULT)
    assert listed.properties.groups == []
    groups = azure.site.replication_recovery_plans.get(*PLAN).properties.groups
    assert [group.group_type for group in groups] == ["Shutdown", "Failover", "Boot", "Boot", "Boot"]


def test_the_service_adds_groups_and_turns_machine_ids_into_guids(azure: Any) -> None:
    """Traps 5 and 8: one Boot group is put, three groups come back, and virtualMachineId is no ARM id."""
    item = azure.item("dc1")
    member = {"id": item.id, "virtualMachineId": item.properties.provider_specific_details.fabric_object_id}
    fabric = item.id.split("/replicationProtectionContainers")[0]
    body = {
        "properties": {
            "primaryFabricId": fabric,
            "recoveryFabricId": item.properties.recovery_fabric_id,
            "failoverDeploymentModel": "ResourceManager",
            "groups": [{"groupType": "Boot", "replicationProtectedItems": [member]}],
        }
    }
    answer = azure.raw(azure.site.replication_recovery_plans.begin_create, *VAULT, "rp-small", body)
    assert (answer.status_code, answer.text()) == (202, "")
    azure.wait(5)
    plan = azure.site.replication_recovery_plans.get(*VAULT, "rp-small").properties
    assert [group.group_type for group in plan.groups] == ["Shutdown", "Failover", "Boot"]
    assert not plan.groups[2].replication_protected_items[0].virtual_machine_id.startswith("/")
    assert plan.primary_fabric_friendly_name == "East Asia"
    azure.raw(azure.site.replication_recovery_plans.begin_delete, *VAULT, "rp-small")
    azure.wait(8)
    assert [each.name for each in azure.site.replication_recovery_plans.list(*VAULT)] == ["rp-companyb"]


def test_a_plan_boots_its_groups_in_order_as_one_job(azure: Any) -> None:
    """A group's machines together, the next group when all are up, one child job for each machine."""
    answer = fail_over(azure)
    azure.wait(100)
    running = job(azure, answer)
    assert running.target_instance_type == "RecoveryPlan"
    assert [task.state for task in running.tasks] == ["Succeeded", "InProgress", "NotStarted", "NotStarted"]
    children = running.tasks[1].group_task_custom_details.child_tasks
    assert sorted(child.friendly_name for child in children) == ["dc1", "sql1", "sql2"]
    child = azure.site.replication_jobs.get(*VAULT, children[0].custom_details.job_task.job_id.rsplit("/", 1)[1])
    assert child.properties.scenario_name == "UnplannedFailover"
    azure.wait(500)
    assert azure.status(answer)["status"] == "Succeeded"
    ups = [event["vm"] for event in azure.events("machine.up") if event["region"] == "southeastasia"]
    assert [sorted(ups[at : at + 3]) for at in (0, 3, 6)] == [sorted(EVERYONE[at : at + 3]) for at in (0, 3, 6)]
    assert all(azure.item(name).properties.active_location == "Recovery" for name in EVERYONE)
    assert not azure.violations
    accepted = [(event["action"], event["idempotent"]) for event in azure.events("operation.accepted")]
    assert accepted == [("replicationRecoveryPlans/unplannedFailover", False)]
    plan = azure.site.replication_recovery_plans.get(*PLAN).properties
    assert plan.current_scenario.scenario_name == "UnplannedFailover"
    assert (plan.current_scenario_status, plan.current_scenario_status_description) == ("Succeeded", "Completed")
    assert plan.allowed_operations == ["Commit", "ReProtect"]


def test_a_plan_takes_the_recovery_points_that_it_is_asked_for(azure: Any) -> None:
    """LatestApplicationConsistent: an hourly point, not the latest one."""
    points = list(azure.site.recovery_points.list_by_replication_protected_items(*VAULT, *place("dc1")))
    wanted = next(point for point in points if point.properties.recovery_point_type == "AppConsistent")
    fail_over(azure)
    azure.wait(200)
    assert azure.item("dc1").properties.failover_recovery_point_id.lower() == wanted.id.lower()


def place(name: str) -> tuple[str, str, str]:
    return ("asr-eastasia", "asr-container-eastasia", name)


def test_neither_plan_nor_item_fails_over_while_the_other_does(azure: Any) -> None:
    """A plan under way holds all its items, also those whose group has not begun; one busy item holds the plan."""
    fail_over(azure)
    for name in ("dc1", "web3"):
        with pytest.raises(HttpResponseError):
            azure.fail_over(name)
    with pytest.raises(HttpResponseError):
        fail_over(azure)


def test_a_busy_item_keeps_the_whole_plan_from_starting(azure: Any) -> None:
    """All members or none."""
    azure.fail_over("sql1")
    with pytest.raises(HttpResponseError, match="sql1"):
        fail_over(azure)
    assert len(azure.events("operation.accepted")) == 1


def test_a_failing_member_stops_the_groups_after_it(make_azure: Any) -> None:
    """Its group ends, the later groups never begin, and the plan's job fails naming it (a guess)."""
    fault = {"action": "unplannedFailover", "item": "^sql2$", "failsWith": {"code": "150001"}, "times": 1}
    azure = make_azure({"faults": [{"job": fault}]})
    answer = fail_over(azure)
    azure.wait(700)
    failed = job(azure, answer)
    assert failed.state == "Failed"
    assert "sql2" in failed.errors[0].service_error_details.message
    assert azure.item("dc1").properties.active_location == "Recovery"
    assert azure.item("app1").properties.active_location == "Primary"
    assert azure.fail_over("sql2").status_code == 202


def test_a_consistency_group_fails_over_through_the_plan(make_azure: Any) -> None:
    """What single items refuse, the plan does."""

    def together(estate: list[dict[str, Any]]) -> None:
        for document in estate:
            if document["type"].endswith("replicationProtectedItems") and document["name"].startswith("sql"):
                details = document["properties"]["providerSpecificDetails"]
                details |= {"multiVmGroupName": "databases", "multiVmGroupCreateOption": "UserSpecified"}

    azure = make_azure(change=together)
    fail_over(azure)
    azure.wait(700)
    assert azure.item("sql1").properties.active_location == "Recovery"


def test_that_a_plan_can_fail_over_at_all_is_a_guess_with_a_variant(make_azure: Any) -> None:
    """Nobody recorded it over HTTP; under the variant it is refused and nothing moves."""
    azure = make_azure({"variants": {"site-recovery.whole_plan": "refused"}})
    with pytest.raises(HttpResponseError, match="not supported on the recovery plan"):
        fail_over(azure)
    assert not azure.events("operation.accepted")


def test_a_plans_drill_its_cleanup_and_its_commit(azure: Any) -> None:
    """TestFailover offers its cleanup only; afterwards the plan can go for real, and be committed."""
    plans = azure.site.replication_recovery_plans
    network = azure.item("dc1").properties.provider_specific_details.vm_nics[0].recovery_vm_network_id
    drill = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
        "providerSpecificDetails": [{"instanceType": "A2A"}],
    }
    azure.raw(plans.begin_test_failover, *PLAN, {"properties": drill})
    azure.wait(600)
    plan = plans.get(*PLAN).properties
    assert plan.allowed_operations == ["TestFailoverCleanup"]
    assert plan.current_scenario_status_description == "WaitingForStopTestFailover"
    assert {machine.name for machine in azure.machines.virtual_machines.list("rg-companyb-southeastasia")} == {
        f"{name}-test" for name in EVERYONE
    }
    azure.raw(plans.begin_test_failover_cleanup, *PLAN, {"properties": {"comments": "done"}})
    azure.wait(200)
    assert list(azure.machines.virtual_machines.list("rg-companyb-southeastasia")) == []
    assert plans.get(*PLAN).properties.allowed_operations == ["UnplannedFailover", "TestFailover"]
    fail_over(azure)
    azure.wait(700)
    azure.raw(plans.begin_failover_commit, *PLAN)
    azure.wait(60)
    assert {azure.item(name).properties.protection_state for name in EVERYONE} == {"UnplannedFailoverCommitted"}
    assert not azure.violations


def test_items_of_a_plan_are_found_by_the_filter_that_powershell_sends(azure: Any) -> None:
    """``$filter=RecoveryPlanName eq 'x'`` on the vault's items (reported, azure-powershell#8629)."""
    found = azure.site.replication_protected_items.list(*VAULT, filter="RecoveryPlanName eq 'rp-companyb'")
    assert sorted(item.name for item in found) == sorted(EVERYONE)
    assert list(azure.site.replication_protected_items.list(*VAULT, filter="RecoveryPlanName eq 'none'")) == []
