"""The shape of one A2A protected item, as recorded (A2A_selfcreated #160 to #168, #209 to #213).

One builder makes an item for the start of a rehearsal, for a newly enabled machine and for a re-protected one, so that
all three have the same keys. What a state means for these keys is said in transitions.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.site_recovery.bodies import ITEM_TYPE, Document, friendly_region, no_scenario, stable_guid


@dataclass(frozen=True)
class Protection:
    """What one protected item says of its machine. Ids are ARM ids; regions are programmatic names."""

    name: str
    container_id: str
    recovery_container_id: str
    policy_id: str
    machine_id: str
    recovery_group_id: str
    regions: tuple[str, str]
    initial_regions: tuple[str, str]
    nics: list[Document]
    disk_name: str
    network_id: str | None = None
    machine_name: str | None = None
    os_type: str = "Linux"
    size: str = "Standard_D2s_v5"
    replication_group: str = ""
    replication_group_id: str = ""
    staging_account_id: str | None = None

    @property
    def vault_id(self) -> str:
        return "/subscriptions" + self.container_id.split("/replicationFabrics/", 1)[0][len("/subscriptions") :]

    @property
    def shown_name(self) -> str:
        return self.machine_name or self.machine_id.rsplit("/", 1)[1]


def protected_item(p: Protection, state: Document) -> Document:
    """One protected item; ``state`` holds the properties that a transition sets (see transitions.py)."""
    fabric_id = p.container_id.split("/replicationProtectionContainers/", 1)[0]
    provider = stable_guid(fabric_id, "provider")
    properties: Document = {
        "friendlyName": p.shown_name,
        "protectedItemType": "",
        "protectableItemId": None,
        "recoveryServicesProviderId": f"{fabric_id}/replicationRecoveryServicesProviders/{provider}",
        "primaryFabricFriendlyName": friendly_region(p.regions[0]),
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": friendly_region(p.regions[1]),
        "recoveryFabricId": p.recovery_container_id.split("/replicationProtectionContainers/", 1)[0],
        "primaryProtectionContainerFriendlyName": p.container_id.rsplit("/", 1)[1],
        "recoveryProtectionContainerFriendlyName": p.recovery_container_id.rsplit("/", 1)[1],
        "protectionState": "Protected",
        "protectionStateDescription": "Protected",
        "activeLocation": "Primary",
        "testFailoverState": "None",
        "testFailoverStateDescription": "None",
        "switchProviderState": "None",
        "switchProviderStateDescription": None,
        "allowedOperations": ["UnplannedFailover", "DisableProtection", "TestFailover"],
        "replicationHealth": "Normal",
        "failoverHealth": "Normal",
        "healthErrors": [],
        "policyId": p.policy_id,
        "policyFriendlyName": p.policy_id.rsplit("/", 1)[1],
        "currentScenario": no_scenario(p.vault_id),
        "failoverRecoveryPointId": None,
        "providerSpecificDetails": _a2a_details(p),
        "recoveryContainerId": p.recovery_container_id,
        "eventCorrelationId": stable_guid(p.container_id, p.name, "correlation"),
    }
    properties.update(state)
    return {
        "id": f"{p.container_id}/replicationProtectedItems/{p.name}",
        "name": p.name,
        "type": ITEM_TYPE,
        "properties": properties,
    }


def _a2a_details(p: Protection) -> Document:
    return {
        "instanceType": "A2A",
        "fabricObjectId": p.machine_id.lower(),
        "initialPrimaryZone": "",
        "initialPrimaryFabricLocation": p.initial_regions[0],
        "initialRecoveryZone": "",
        "initialPrimaryExtendedLocation": None,
        "initialRecoveryExtendedLocation": None,
        "initialRecoveryFabricLocation": p.initial_regions[1],
        "multiVmGroupId": p.replication_group_id or stable_guid(p.vault_id, p.shown_name, "group"),
        "multiVmGroupName": p.replication_group,
        "multiVmGroupCreateOption": "UserSpecified" if p.replication_group else "AutoCreated",
        "managementId": stable_guid(p.container_id, p.name, "management"),
        "protectedDisks": None,
        "unprotectedDisks": None,
        "protectedManagedDisks": [_managed_disk(p)],
        "recoveryBootDiagStorageAccountId": None,
        "primaryFabricLocation": p.regions[0],
        "recoveryFabricLocation": p.regions[1],
        "osType": p.os_type,
        "recoveryAzureVMSize": p.size,
        "recoveryAzureVMName": p.shown_name,
        "recoveryAzureResourceGroupId": p.recovery_group_id,
        "recoveryCloudService": None,
        "recoveryAvailabilitySet": None,
        "selectedRecoveryAzureNetworkId": p.network_id,
        "selectedTfoAzureNetworkId": None,
        "vmNics": p.nics,
        "vmSyncedConfigDetails": {"tags": {}, "inputEndpoints": []},
        "monitoringPercentageCompletion": 0,
        "monitoringJobType": "InitialReplication",
        "lastHeartbeat": None,
        "agentVersion": "9.55.6808.1",
        "agentExpiryDate": "9999-12-31T23:59:59.9999999",
        "isReplicationAgentUpdateRequired": False,
        "isReplicationAgentCertificateUpdateRequired": False,
        "recoveryFabricObjectId": None,
        "vmProtectionState": "Protected",
        "vmProtectionStateDescription": "Protected",
        "lifecycleId": stable_guid(p.vault_id, p.shown_name, "lifecycle"),
        "testFailoverRecoveryFabricObjectId": None,
        "rpoInSeconds": None,
        "lastRpoCalculatedTime": None,
        "rtoInSeconds": None,
        "primaryAvailabilityZone": None,
        "recoveryAvailabilityZone": None,
        "primaryExtendedLocation": None,
        "recoveryExtendedLocation": None,
        "vmEncryptionType": "NotEncrypted",
        "tfoAzureVMName": f"{p.shown_name}-test",
        "recoveryAzureGeneration": "V1",
        "recoveryProximityPlacementGroupId": None,
        "autoProtectionOfDataDisk": "Disabled",
        "recoveryVirtualMachineScaleSetId": None,
        "recoveryCapacityReservationGroupId": None,
    }


def _managed_disk(p: Protection) -> Document:
    source_group = p.machine_id.split("/providers/", 1)[0]
    return {
        "diskId": f"{source_group}/providers/Microsoft.Compute/disks/{p.disk_name}".lower(),
        "recoveryResourceGroupId": p.recovery_group_id,
        "recoveryTargetDiskId": None,
        "recoveryReplicaDiskId": f"{p.recovery_group_id}/providers/Microsoft.Compute/disks/{p.disk_name}-ASRReplica",
        "recoveryOrignalTargetDiskId": None,
        "recoveryReplicaDiskAccountType": "Premium_LRS",
        "recoveryTargetDiskAccountType": "Premium_LRS",
        "recoveryDiskEncryptionSetId": None,
        "primaryDiskEncryptionSetId": None,
        "diskName": p.disk_name,
        "diskCapacityInBytes": 136367308800,
        "primaryStagingAzureStorageAccountId": p.staging_account_id,
        "diskType": "OperatingSystem",
        "resyncRequired": False,
        "monitoringPercentageCompletion": None,
        "monitoringJobType": None,
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": 0.0,
        "diskState": "Protected",
        "allowedDiskLevelOperation": [],
        "isDiskEncrypted": False,
        "secretIdentifier": None,
        "dekKeyVaultArmId": None,
        "isDiskKeyEncrypted": False,
        "keyIdentifier": None,
        "kekKeyVaultArmId": None,
        "failoverDiskName": p.disk_name,
        "tfoDiskName": f"{p.disk_name}-ASRtest",
    }


def nic_details(
    nic_id: str,
    address: str,
    subnets: tuple[str, str],
    networks: tuple[str, str],
    recovery_address: str,
    configuration: str,
    *,
    dynamic: bool = False,
) -> Document:
    """``vmNics[]`` of one interface; ``subnets`` are names and ``networks`` ids, each (primary, recovery)."""
    return {
        "nicId": stable_guid(nic_id),
        "replicaNicId": None,
        "sourceNicArmId": nic_id,
        "vMNetworkName": networks[0],
        "recoveryVMNetworkId": networks[1],
        "ipConfigs": [
            {
                "name": configuration,
                "isPrimary": True,
                "subnetName": subnets[0],
                "staticIPAddress": address,
                "ipAddressType": "Dynamic" if dynamic else "Static",
                "isSeletedForFailover": True,
                "recoverySubnetName": subnets[1],
                "recoveryStaticIPAddress": recovery_address,
                "recoveryIPAddressType": "Static" if recovery_address else "Dynamic",
                "recoveryPublicIPAddressId": None,
                "recoveryLBBackendAddressPoolIds": [],
                "tfoSubnetName": None,
                "tfoStaticIPAddress": None,
                "tfoPublicIPAddressId": None,
                "tfoLBBackendAddressPoolIds": None,
            }
        ],
        "selectionType": "SelectedByUserOverride",
        "recoveryNetworkSecurityGroupId": None,
        "enableAcceleratedNetworkingOnRecovery": False,
        "tfoVMNetworkId": None,
        "tfoNetworkSecurityGroupId": None,
        "enableAcceleratedNetworkingOnTfo": None,
        "recoveryNicName": None,
        "recoveryNicResourceGroupName": None,
        "reuseExistingNic": False,
        "tfoRecoveryNicName": None,
        "tfoRecoveryNicResourceGroupName": None,
        "tfoReuseExistingNic": False,
        "targetNicName": None,
    }
