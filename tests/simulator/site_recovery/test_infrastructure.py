"""Vault, fabrics, containers, mappings, policies: read, made and removed in the recorded way."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

VAULT = ("rg-companyb-dr", "rsv-companyb")
PATH = (
    "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-dr"
    "/providers/Microsoft.RecoveryServices/vaults/rsv-companyb"
)


def names(found: Any) -> list[str]:
    return sorted(each.name for each in found)


def test_what_the_estate_holds_is_listed(azure: Any) -> None:
    """Every list of the vault, through the SDK."""
    site = azure.site
    assert names(site.replication_fabrics.list(*VAULT)) == ["asr-eastasia", "asr-southeastasia"]
    assert names(site.replication_protection_containers.list(*VAULT)) == [
        "asr-container-eastasia",
        "asr-container-southeastasia",
    ]
    assert names(site.replication_protection_container_mappings.list(*VAULT)) == [
        "eastasia-to-southeastasia",
        "southeastasia-to-eastasia",
    ]
    assert names(site.replication_network_mappings.list(*VAULT)) == ["vnet-companyb", "vnet-companyb-back"]
    assert names(site.replication_policies.list(*VAULT)) == ["policy-companyb"]
    assert len(names(site.replication_protected_items.list(*VAULT))) == 9
    assert list(site.replication_events.list(*VAULT)) == []


def test_a_container_counts_its_items_as_they_are_now(azure: Any) -> None:
    """protectedItemCount and pairingStatus follow what is there."""
    call = azure.site.replication_protection_containers.get
    assert call(*VAULT, "asr-eastasia", "asr-container-eastasia").properties.protected_item_count == 9
    azure.begin("purge", "web3")
    azure.wait(115)
    container = call(*VAULT, "asr-eastasia", "asr-container-eastasia").properties
    assert (container.protected_item_count, container.pairing_status) == (8, "Paired")


def test_site_recovery_writes_its_ids_with_a_capital_and_reads_any_case(azure: Any) -> None:
    """Trap 7: compare ARM ids without case."""
    fabric = azure.send("GET", f"{PATH}/replicationFabrics/asr-eastasia".lower()).json()
    assert fabric["id"].startswith("/Subscriptions/0000b0b0")
    assert azure.send("GET", PATH).json()["id"].startswith("/subscriptions/0000b0b0")


def test_fabrics_containers_mappings_and_policies_are_made_and_removed(azure: Any) -> None:
    """Each write is an empty 202 with a job; the document is there when the operation has ended."""
    site, raw = azure.site, azure.raw
    settings = {"properties": {"customDetails": {"instanceType": "Azure", "location": "japaneast"}}}
    answer = raw(site.replication_fabrics.begin_create, *VAULT, "asr-japaneast", settings)
    assert (answer.status_code, answer.text()) == (202, "")
    with pytest.raises(HttpResponseError):
        site.replication_fabrics.get(*VAULT, "asr-japaneast")
    azure.wait(90)
    assert site.replication_fabrics.get(*VAULT, "asr-japaneast").properties.friendly_name == "Japan East"
    settings = {"properties": {"providerSpecificInput": [{"instanceType": "A2A"}]}}
    raw(site.replication_protection_containers.begin_create, *VAULT, "asr-japaneast", "c-japan", settings)
    details = {
        "instanceType": "A2A",
        "recoveryPointHistory": 720,
        "appConsistentFrequencyInMinutes": 120,
        "multiVmSyncStatus": "Enable",
    }
    settings = {"properties": {"providerSpecificInput": details}}
    raw(site.replication_policies.begin_create, *VAULT, "policy-2", settings)
    azure.wait(40)
    policy = site.replication_policies.get(*VAULT, "policy-2")
    assert policy.properties.provider_specific_details.recovery_point_history == 720
    settings = {
        "properties": {
            "targetProtectionContainerId": f"{PATH}/replicationFabrics/asr-eastasia"
            "/replicationProtectionContainers/asr-container-eastasia",
            "policyId": policy.id,
            "providerSpecificInput": {"instanceType": "A2A"},
        }
    }
    mapping = (*VAULT, "asr-japaneast", "c-japan", "back-home")
    raw(site.replication_protection_container_mappings.begin_create, *mapping, settings)
    azure.wait(170)
    made = site.replication_protection_container_mappings.get(*mapping).properties
    assert (made.state, made.source_fabric_friendly_name, made.target_fabric_friendly_name) == (
        "Paired",
        "Japan East",
        "East Asia",
    )
    raw(site.replication_protection_container_mappings.begin_purge, *mapping)
    raw(site.replication_policies.begin_delete, *VAULT, "policy-2")
    azure.wait(30)
    raw(site.replication_protection_containers.begin_delete, *VAULT, "asr-japaneast", "c-japan")
    azure.wait(30)
    raw(site.replication_fabrics.begin_purge, *VAULT, "asr-japaneast")
    azure.wait(30)
    assert names(site.replication_fabrics.list(*VAULT)) == ["asr-eastasia", "asr-southeastasia"]
    scenarios = {job.properties.scenario_name for job in site.replication_jobs.list(*VAULT)}
    assert {"CreateSite", "AddProtectionProfile", "PairClouds", "DeleteSite"} <= scenarios


def test_network_mappings_are_made_with_lower_cased_networks(azure: Any) -> None:
    """Network ids come back in lower case (recorded)."""
    item = azure.item("dc1").properties.provider_specific_details
    details = {"instanceType": "AzureToAzure", "primaryNetworkId": item.vm_nics[0].v_m_network_name}
    body = {
        "properties": {
            "recoveryFabricName": "asr-southeastasia",
            "recoveryNetworkId": item.selected_recovery_azure_network_id,
            "fabricSpecificDetails": details,
        }
    }
    place = (*VAULT, "asr-eastasia", "azureNetwork", "again")
    azure.raw(azure.site.replication_network_mappings.begin_create, *place, body)
    azure.wait(10)
    made = azure.site.replication_network_mappings.get(*place).properties
    assert made.recovery_network_id == made.recovery_network_id.lower()
    assert made.recovery_fabric_friendly_name == "Southeast Asia"


def test_a_fabric_that_protects_something_is_not_removed(azure: Any) -> None:
    """First the items, then what holds them."""
    with pytest.raises(HttpResponseError, match="still holds"):
        azure.raw(azure.site.replication_fabrics.begin_purge, *VAULT, "asr-eastasia")


def test_an_unknown_part_of_a_vault_is_no_silent_success(azure: Any) -> None:
    """What is not modelled disagrees by name."""
    assert azure.send("GET", f"{PATH}/replicationSomethingElse").status_code == 404
    assert azure.send("POST", f"{PATH}/replicationPolicies/policy-companyb").status_code == 405


def test_an_estate_as_resource_graph_prints_it_works_as_well(make_azure: Any) -> None:
    """Captured documents may hold their types in lower case and machines without half of their properties."""

    def as_captured(estate: list[dict[str, Any]]) -> None:
        for document in estate:
            document["type"] = document["type"].lower()
            if document["type"].endswith("virtualmachines"):
                document["properties"] = {"networkProfile": document["properties"]["networkProfile"]}

    azure = make_azure(change=as_captured)
    azure.fail_over("dc1")
    azure.wait(200)
    assert azure.item("dc1").properties.active_location == "Recovery"
    plan = azure.site.replication_recovery_plans.get(*VAULT, "rp-companyb")
    assert len(plan.properties.groups) == 5
