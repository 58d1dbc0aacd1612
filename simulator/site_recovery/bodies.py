"""The shapes of Site Recovery's own documents, as recorded.

Every builder returns one ARM document with all the keys that a real answer has (A2A_selfcreated #31, #58, #62, #88,
#125, #168, #174), so that a document made at the start of a rehearsal and one made by a re-protect look alike.
This module knows shapes only: no state machine, no time that passes.
"""

from __future__ import annotations

import uuid
from typing import Any

Document = dict[str, Any]

VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
FABRIC_TYPE = f"{VAULT_TYPE}/replicationFabrics"
CONTAINER_TYPE = f"{FABRIC_TYPE}/replicationProtectionContainers"
ITEM_TYPE = f"{CONTAINER_TYPE}/replicationProtectedItems"
CONTAINER_MAPPING_TYPE = f"{CONTAINER_TYPE}/replicationProtectionContainerMappings"
RECOVERY_POINT_TYPE = f"{ITEM_TYPE}/recoveryPoints"
NETWORK_MAPPING_TYPE = f"{FABRIC_TYPE}/replicationNetworks/replicationNetworkMappings"
POLICY_TYPE = f"{VAULT_TYPE}/replicationPolicies"
PLAN_TYPE = f"{VAULT_TYPE}/replicationRecoveryPlans"
JOB_TYPE = f"{VAULT_TYPE}/replicationJobs"


def is_a(document: Document, resource_type: str) -> bool:
    """Types compare without case: a captured estate may hold them in lower case."""
    return str(document["type"]).lower() == resource_type.lower()


NO_SCENARIO_START = "1753-01-01T01:01:01Z"

_SPACE = uuid.UUID("6f2c7a52-5f0e-5c1b-9a64-0f4c2f8f0b10")


def stable_guid(*words: str) -> str:
    """A GUID that is the same in every run for the same words (compared without case)."""
    return str(uuid.uuid5(_SPACE, "|".join(word.lower() for word in words)))


def friendly_region(location: str) -> str:
    """ "eastasia" -> "East Asia". An unknown region keeps its programmatic name."""
    return _REGIONS.get(location.lower().replace(" ", ""), location)


_REGIONS = {
    "australiaeast": "Australia East",
    "centralus": "Central US",
    "eastasia": "East Asia",
    "eastus": "East US",
    "eastus2": "East US 2",
    "japaneast": "Japan East",
    "japanwest": "Japan West",
    "koreacentral": "Korea Central",
    "northeurope": "North Europe",
    "southcentralus": "South Central US",
    "southeastasia": "Southeast Asia",
    "uksouth": "UK South",
    "ukwest": "UK West",
    "westeurope": "West Europe",
    "westus": "West US",
    "westus2": "West US 2",
    "westus3": "West US 3",
}


def site_recovery_id(vault_id: str, *path: str) -> str:
    """Site Recovery prints its own ids with a capital S, also where the vault's id has none (trap 7)."""
    return "/".join(["/Subscriptions" + vault_id[len("/subscriptions") :], *path])


def no_scenario(vault_id: str) -> Document:
    """What ``currentScenario`` holds when nothing runs (A2A_selfcreated #160-168)."""
    return {
        "scenarioName": "None",
        "jobId": site_recovery_id(vault_id, "replicationJobs", "None"),
        "startTime": NO_SCENARIO_START,
    }


def vault(vault_id: str, location: str) -> Document:
    """A vault as GET shows it (A2A_selfcreated #25). Its etag is a date, unlike any other resource's."""
    return {
        "location": location,
        "name": vault_id.rsplit("/", 1)[1],
        "etag": "W/\"datetime'2025-11-03T07%3A52%3A13.9738983Z'\"",
        "properties": {
            "provisioningState": "Succeeded",
            "privateEndpointStateForBackup": "None",
            "privateEndpointStateForSiteRecovery": "None",
            "monitoringSettings": {
                "azureMonitorAlertSettings": {"alertsForAllJobFailures": "Enabled"},
                "classicAlertSettings": {"alertsForCriticalOperations": "Enabled"},
            },
            "publicNetworkAccess": "Enabled",
            "restoreSettings": {"crossSubscriptionRestoreSettings": {"crossSubscriptionRestoreState": "Enabled"}},
        },
        "id": vault_id,
        "type": VAULT_TYPE,
        "sku": {"name": "Standard"},
    }


def fabric(vault_id: str, name: str, location: str, container_ids: list[str] | None = None) -> Document:
    return {
        "name": name,
        "type": FABRIC_TYPE,
        "id": site_recovery_id(vault_id, "replicationFabrics", name),
        "properties": {
            "friendlyName": friendly_region(location),
            "encryptionDetails": {"kekState": "None", "kekCertThumbprint": None},
            "rolloverEncryptionDetails": {"kekState": "None", "kekCertThumbprint": None},
            "internalIdentifier": stable_guid(vault_id, name),
            "bcdrState": "Valid",
            "customDetails": {
                "instanceType": "Azure",
                "location": location,
                "containerIds": container_ids or [],
                "zones": [],
            },
            "healthErrorDetails": [],
            "health": "Normal",
        },
    }


def container(fabric_id: str, name: str, location: str, protected: int = 0, paired: bool = False) -> Document:
    return {
        "id": f"{fabric_id}/replicationProtectionContainers/{name}",
        "name": name,
        "type": CONTAINER_TYPE,
        "properties": {
            "fabricFriendlyName": friendly_region(location),
            "friendlyName": name,
            "fabricType": "Azure",
            "protectedItemCount": protected,
            "pairingStatus": "Paired" if paired else "NotPaired",
            "role": "",
            "fabricSpecificDetails": None,
        },
    }


def policy(vault_id: str, name: str, history_minutes: int, app_consistent_minutes: int, items: int = 0) -> Document:
    return {
        "id": site_recovery_id(vault_id, "replicationPolicies", name),
        "name": name,
        "type": POLICY_TYPE,
        "properties": {
            "friendlyName": name,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointThresholdInMinutes": 0,
                "recoveryPointHistory": history_minutes,
                "appConsistentFrequencyInMinutes": app_consistent_minutes,
                "multiVmSyncStatus": "Enabled",
                "crashConsistentFrequencyInMinutes": 5,
                "status": items > 0,
                "associatedItemsCount": items,
                "dataSourceType": "VM",
            },
        },
    }


def other_policy(vault_id: str, name: str, given: Document) -> Document:
    """A policy for machines on-premises: what was sent, spelt as it is read back (recorded for three providers)."""
    kind = str(given.get("instanceType"))
    details = {_READ_BACK.get(key, key): value for key, value in given.items()}
    if kind.startswith("HyperVReplica"):
        details |= {"encryption": given.get("encryption") or "Disabled"}
        details |= {"activeStorageAccountId": (given.get("storageAccounts") or [None])[0]}
        details.pop("storageAccounts", None)
    else:
        details |= {"status": False, "associatedItemsCount": 0, "dataSourceType": "VM"}
    return {
        "id": site_recovery_id(vault_id, "replicationPolicies", name),
        "name": name,
        "type": POLICY_TYPE,
        "properties": {"friendlyName": name, "providerSpecificDetails": details},
    }


_READ_BACK = {"recoveryPointHistoryDuration": "recoveryPointHistoryDurationInHours"}


def container_mapping(
    container_id: str, name: str, target_id: str, policy_id: str, regions: tuple[str, str]
) -> Document:
    return {
        "id": f"{container_id}/replicationProtectionContainerMappings/{name}",
        "name": name,
        "type": CONTAINER_MAPPING_TYPE,
        "properties": {
            "targetProtectionContainerId": target_id,
            "targetProtectionContainerFriendlyName": target_id.rsplit("/", 1)[1],
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "agentAutoUpdateStatus": "Disabled",
                "automationAccountAuthenticationType": "RunAsAccount",
                "automationAccountArmId": None,
                "scheduleName": None,
                "jobScheduleName": None,
            },
            "health": "Normal",
            "healthErrorDetails": [],
            "policyId": policy_id,
            "state": "Paired",
            "sourceProtectionContainerFriendlyName": container_id.rsplit("/", 1)[1],
            "sourceFabricFriendlyName": friendly_region(regions[0]),
            "targetFabricFriendlyName": friendly_region(regions[1]),
            "policyFriendlyName": policy_id.rsplit("/", 1)[1],
        },
    }


def network_mapping(
    fabric_id: str, name: str, networks: tuple[str, str], recovery: str, regions: tuple[str, str]
) -> Document:
    """``networks`` and ``regions`` are (primary, recovery); network ids come back in lower case (A2A #125)."""
    primary_network, recovery_network = (network.lower() for network in networks)
    return {
        "type": NETWORK_MAPPING_TYPE,
        "id": f"{fabric_id}/replicationNetworks/azureNetwork/replicationNetworkMappings/{name}",
        "name": name,
        "properties": {
            "state": "Paired",
            "primaryNetworkFriendlyName": primary_network.rsplit("/", 1)[1],
            "primaryNetworkId": primary_network,
            "primaryFabricFriendlyName": friendly_region(regions[0]),
            "recoveryNetworkFriendlyName": recovery_network.rsplit("/", 1)[1],
            "recoveryNetworkId": recovery_network,
            "recoveryFabricArmId": recovery,
            "recoveryFabricFriendlyName": friendly_region(regions[1]),
            "fabricSpecificSettings": {
                "instanceType": "AzureToAzure",
                "primaryFabricLocation": regions[0],
                "recoveryFabricLocation": regions[1],
            },
        },
    }


def recovery_plan(
    vault_id: str, name: str, fabrics: tuple[str, str], regions: tuple[str, str], boot_groups: list[list[str]]
) -> Document:
    """A plan as GET shows it: the service adds empty Shutdown and Failover groups before the Boot groups (A2A #174)."""
    groups = [_group("Shutdown", []), _group("Failover", [])] + [_group("Boot", items) for items in boot_groups]
    return {
        "id": site_recovery_id(vault_id, "replicationRecoveryPlans", name),
        "name": name,
        "type": PLAN_TYPE,
        "properties": {
            "friendlyName": name,
            "primaryFabricId": fabrics[0],
            "primaryFabricFriendlyName": friendly_region(regions[0]),
            "recoveryFabricId": fabrics[1],
            "recoveryFabricFriendlyName": friendly_region(regions[1]),
            "failoverDeploymentModel": "ResourceManager",
            "replicationProviders": ["A2A"],
            "allowedOperations": ["UnplannedFailover", "TestFailover"],
            "currentScenario": None,
            "currentScenarioStatus": None,
            "currentScenarioStatusDescription": None,
            "groups": groups,
            "providerSpecificDetails": [],
        },
    }


def _group(kind: str, item_ids: list[str]) -> Document:
    return {
        "groupType": kind,
        "replicationProtectedItems": [
            {"id": item_id, "virtualMachineId": machine_guid(item_id)} for item_id in item_ids
        ],
        "startGroupActions": [],
        "endGroupActions": [],
    }


def machine_guid(item_id: str) -> str:
    """The GUID that a plan shows as ``virtualMachineId``, whatever was sent (trap 8)."""
    return stable_guid(item_id, "machine")


TYPES = (
    VAULT_TYPE,
    FABRIC_TYPE,
    f"{FABRIC_TYPE}/replicationNetworks",
    CONTAINER_TYPE,
    ITEM_TYPE,
    CONTAINER_MAPPING_TYPE,
    RECOVERY_POINT_TYPE,
    NETWORK_MAPPING_TYPE,
    POLICY_TYPE,
    PLAN_TYPE,
    JOB_TYPE,
)
"""The provider's spelling of its types."""
