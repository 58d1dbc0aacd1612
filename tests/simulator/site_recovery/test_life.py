"""A protected item's whole life: drill, failover, another point, commit, re-protect, failback, disable."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

VAULT = ("rg-companyb-dr", "rsv-companyb")
ITEM = (*VAULT, "asr-eastasia", "asr-container-eastasia")
RECOVERY = "rg-companyb-southeastasia"
SOURCE = "rg-companyb-eastasia"


def points(azure: Any, name: str = "dc1") -> list[Any]:
    return list(azure.site.recovery_points.list_by_replication_protected_items(*ITEM, name))


def machines(azure: Any, group: str) -> set[str]:
    return {str(machine.name) for machine in azure.machines.virtual_machines.list(group)}


def drill(azure: Any, name: str, network: str | None) -> Any:
    settings = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
    return azure.begin("test_failover", name, {"properties": settings})


def switch(azure: Any, name: str, side: str = "eastasia") -> Any:
    item = azure.item(name, side)
    group = SOURCE if side == "eastasia" else RECOVERY
    details = {
        "instanceType": "A2A",
        "policyId": item.properties.policy_id,
        "recoveryContainerId": item.id.split("/replicationProtectedItems")[0],
        "recoveryResourceGroupId": f"/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/{group}",
    }
    body = {"properties": {"replicationProtectedItemName": name, "providerSpecificDetails": details}}
    call = azure.site.replication_protection_containers.begin_switch_protection
    return azure.raw(call, *VAULT, f"asr-{side}", f"asr-container-{side}", body)


def test_points_come_every_five_minutes_and_every_hour_an_application_consistent_one(azure: Any) -> None:
    """Times and kinds from which a recovery point objective can be read."""
    found = points(azure)
    times = [point.properties.recovery_point_time for point in found]
    assert {earlier - later for earlier, later in itertools.pairwise(times)} == {timedelta(minutes=5)}
    assert times[0] > datetime(2026, 3, 14, 1, 55, tzinfo=UTC)
    app = [
        point.properties.recovery_point_time
        for point in found
        if point.properties.recovery_point_type != "CrashConsistent"
    ]
    assert {earlier - later for earlier, later in itertools.pairwise(app)} == {timedelta(hours=1)}
    one = azure.site.recovery_points.get(*ITEM, "dc1", found[3].name)
    assert one.properties.recovery_point_time == times[3]
    assert one.properties.provider_specific_details.instance_type == "A2A"


def test_points_stop_when_the_source_dies_and_rpo_grows(make_azure: Any) -> None:
    """Protected does not mean a recent point: look at rpoInSeconds and lastRpoCalculatedTime."""
    azure = make_azure({"faults": [{"at": 600, "region": "eastasia", "dark": "data-plane"}]})
    azure.wait(4200)
    newest = points(azure)[0].properties.recovery_point_time
    assert newest <= datetime(2026, 3, 14, 2, 10, tzinfo=UTC)
    details = azure.item("dc1").properties.provider_specific_details
    assert details.rpo_in_seconds >= 3600
    assert azure.item("dc1").properties.replication_health == "Normal"


def test_a_drill_makes_a_copy_and_its_cleanup_removes_it(azure: Any) -> None:
    """``<vm>-test`` in the network given, nothing allowed but the cleanup, the source untouched."""
    network = azure.item("dc1").properties.provider_specific_details.vm_nics[0].recovery_vm_network_id
    drill(azure, "dc1", network)
    azure.wait(160)
    item = azure.item("dc1").properties
    assert item.allowed_operations == ["TestFailoverCleanup"]
    assert (item.test_failover_state, item.test_failover_state_description) == (
        "WaitingForCompletion",
        "Waiting for user input",
    )
    assert item.protection_state_description == "Cleanup test failover pending"
    assert item.current_scenario.scenario_name == "TestFailover"
    assert item.provider_specific_details.test_failover_recovery_fabric_object_id.endswith("/dc1-test")
    assert machines(azure, RECOVERY) == {"dc1-test"}
    with pytest.raises(HttpResponseError):
        azure.fail_over("dc1")
    azure.begin("test_failover_cleanup", "dc1", {"properties": {"comments": ""}})
    azure.wait(160)
    item = azure.item("dc1").properties
    assert item.test_failover_state == "MarkedForDeletion"
    assert item.last_successful_test_failover_time.year == 2026
    assert machines(azure, RECOVERY) == set()
    assert azure.fail_over("dc1").status_code == 202
    assert not azure.violations


def test_a_drill_needs_a_network_that_exists(azure: Any) -> None:
    """Refused at once, nothing accepted."""
    for network in (None, "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/virtualNetworks/z"):
        with pytest.raises(HttpResponseError):
            drill(azure, "dc1", network)
    assert not azure.events("operation.accepted")


def test_another_recovery_point_replaces_the_machine_before_commit(azure: Any) -> None:
    """Change of point: the machine goes down and comes up again; an unknown point is 404."""
    wanted = points(azure)[5]
    azure.fail_over("dc1")
    azure.wait(200)
    chosen = wanted.id.replace("/subscriptions/", "/Subscriptions/")
    body = {"properties": {"recoveryPointId": chosen, "providerSpecificDetails": {"instanceType": "A2A"}}}
    azure.begin("apply_recovery_point", "dc1", body)
    azure.wait(200)
    assert azure.item("dc1").properties.failover_recovery_point_id.lower() == wanted.id.lower()
    recovered = [event["kind"] for event in azure.world.log.events if event.get("region") == "southeastasia"]
    assert recovered == ["machine.up", "machine.down", "machine.up"]
    with pytest.raises(HttpResponseError, match="does not exist"):
        azure.begin("apply_recovery_point", "dc1", {"properties": {"recoveryPointId": "/a/b"}})


def test_commit_deletes_the_recovery_points(azure: Any) -> None:
    """After it the point cannot be changed, and the item waits for its re-protect."""
    azure.fail_over("dc1")
    azure.wait(200)
    assert points(azure)
    azure.begin("failover_commit", "dc1")
    azure.wait(60)
    item = azure.item("dc1").properties
    assert (item.protection_state, item.protection_state_description) == (
        "UnplannedFailoverCommitted",
        "Failover committed",
    )
    assert item.allowed_operations == ["DisableProtection", "SwitchProtection"]
    assert points(azure) == []
    with pytest.raises(HttpResponseError):
        azure.begin("failover_commit", "dc1")


def test_after_reprotect_the_item_lives_under_the_other_fabric(azure: Any) -> None:
    """Trap 6: roles swapped, active at Primary again, Protected an hour later, and then it can fail back."""
    azure.fail_over("dc1")
    azure.wait(200)
    answer = switch(azure, "dc1")
    azure.wait(520)
    assert azure.status(answer)["status"] == "Succeeded"
    with pytest.raises(HttpResponseError):
        azure.item("dc1")
    item = azure.item("dc1", "southeastasia").properties
    assert (item.primary_fabric_friendly_name, item.recovery_fabric_friendly_name) == ("Southeast Asia", "East Asia")
    assert (item.active_location, item.protection_state) == ("Primary", "InitialReplicationInProgress")
    assert item.provider_specific_details.initial_primary_fabric_location == "eastasia"
    assert "dc1" not in machines(azure, SOURCE)
    azure.wait(2700)
    item = azure.item("dc1", "southeastasia").properties
    assert item.protection_state == "Protected"
    assert (item.failover_health, item.health_errors[0].error_code) == ("Warning", "161011")
    body = {"properties": {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "Required"}}
    call = azure.site.replication_protected_items.begin_unplanned_failover
    azure.raw(call, *VAULT, "asr-southeastasia", "asr-container-southeastasia", "dc1", body)
    azure.wait(200)
    assert "dc1" in machines(azure, SOURCE)
    home = azure.world.machines.get(
        "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-eastasia"
        "/providers/Microsoft.Compute/virtualMachines/dc1"
    )
    assert (home.region, home.address) == ("eastasia", "10.1.3.4")
    assert not azure.violations


def test_a_reprotected_items_name_may_be_new(make_azure: Any) -> None:
    """Trap 6: the job tells the new id; whoever kept the old one loses the item."""
    azure = make_azure({"variants": {"site-recovery.reprotected_name": "new"}})
    azure.fail_over("dc1")
    azure.wait(200)
    answer = switch(azure, "dc1")
    azure.wait(520)
    name = str(answer.headers["Azure-AsyncOperation"]).split("?")[0].rsplit("/", 1)[1]
    told = azure.site.replication_jobs.get(*VAULT, name).properties.custom_details
    new = told.new_replication_protected_item_id.rsplit("/", 1)[1]
    assert new != "dc1"
    assert azure.item(new, "southeastasia").properties.friendly_name == "dc1"


def test_reprotect_needs_the_region_that_it_goes_back_to(make_azure: Any) -> None:
    """While the old region is dark the job fails and the item stays where it is."""
    azure = make_azure({"faults": [{"at": 0, "region": "eastasia", "dark": "both"}]})
    azure.fail_over("dc1")
    azure.wait(200)
    answer = switch(azure, "dc1")
    azure.wait(520)
    assert azure.status(answer)["status"] == "Failed"
    assert azure.item("dc1").properties.active_location == "Recovery"


def test_a_removed_item_is_gone_and_removing_it_again_is_404(azure: Any) -> None:
    """Disable takes minutes; a missing item is never 204."""
    azure.begin("delete", "dc1", {"properties": {}})
    azure.wait(210)
    with pytest.raises(HttpResponseError) as missing:
        azure.begin("purge", "dc1")
    assert missing.value.status_code == 404
    azure.begin("purge", "sql1")
    azure.wait(120)
    left = azure.site.replication_protected_items.list_by_replication_protection_containers(*ITEM)
    assert "sql1" not in [item.name for item in left]


def enabling(azure: Any, name: str) -> dict[str, Any]:
    group = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
    item = azure.item("sql1").properties
    return {
        "properties": {
            "policyId": item.policy_id,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "fabricObjectId": f"{group}/{SOURCE}/providers/Microsoft.Compute/virtualMachines/{name}",
                "recoveryContainerId": item.recovery_container_id,
                "recoveryResourceGroupId": f"{group}/{RECOVERY}",
            },
        }
    }


def test_enabling_replication_takes_most_of_an_hour(azure: Any) -> None:
    """The operation ends in minutes; Protected comes later, and ids come back in lower case (trap 7)."""
    azure.begin("delete", "dc1", {"properties": {}})
    azure.wait(210)
    answer = azure.begin("create", "dc1", enabling(azure, "dc1"))
    azure.wait(430)
    assert azure.status(answer)["status"] == "Succeeded"
    item = azure.item("dc1").properties
    assert item.protection_state == "InitialReplicationInProgress"
    assert item.allowed_operations == ["DisableProtection"]
    machine = item.provider_specific_details.fabric_object_id
    assert machine == machine.lower()
    azure.wait(2500)
    assert azure.item("dc1").properties.protection_state == "Protected"
    azure.fail_over("dc1")
    azure.wait(200)
    assert machines(azure, RECOVERY) == {"dc1"}


def test_enabling_what_is_enabled_succeeds_with_an_error_that_is_a_warning(azure: Any) -> None:
    """Trap 1: status Succeeded with error 45031 is no failure."""
    answer = azure.begin("create", "dc1", enabling(azure, "dc1"))
    azure.wait(2)
    ended = azure.status(answer)
    assert (ended["status"], ended["error"]["code"]) == ("Succeeded", "45031")


def test_enabling_a_machine_that_is_not_there_fails_in_the_operation(azure: Any) -> None:
    """Accepted, then Failed with 45005 (reported, terraform-provider-azurerm#31927)."""
    answer = azure.begin("create", "ghost", enabling(azure, "ghost"))
    azure.wait(430)
    assert azure.status(answer)["error"]["code"] == "45005"


def test_an_items_target_settings_can_be_changed(azure: Any) -> None:
    """PATCH: the address that the machine gets."""
    nic = azure.item("dc1").properties.provider_specific_details.vm_nics[0].as_dict()
    nic["ipConfigs"][0]["recoveryStaticIPAddress"] = "10.1.3.77"
    azure.begin("update", "dc1", {"properties": {"vmNics": [nic]}})
    azure.wait(40)
    azure.fail_over("dc1")
    azure.wait(200)
    ups = [event["address"] for event in azure.events("machine.up") if event["region"] == "southeastasia"]
    assert ups == ["10.1.3.77"]


@pytest.mark.parametrize("verb", ["planned_failover", "failover_cancel"])
def test_what_azure_to_azure_never_offers_is_refused(azure: Any, verb: str) -> None:
    """Planned failover and failover cancel belong to other providers."""
    body = [{"properties": {"failoverDirection": "PrimaryToRecovery"}}] if verb == "planned_failover" else []
    with pytest.raises(HttpResponseError, match="not supported"):
        azure.begin(verb, "dc1", *body)
