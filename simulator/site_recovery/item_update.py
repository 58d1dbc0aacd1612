"""What a PATCH changes of a protected item: the machine, the network, the subnet and the address that it comes up with.

Recorded of the item are the names; that an interface is found by ``nicId`` and one of its configurations by name is
documented (OpenAPI). What is not given stays. The network is chosen for the whole item, and its interfaces show it.
"""

from __future__ import annotations

from typing import Any

from simulator.core.world import World
from simulator.site_recovery.models import Document, Item

_GIVEN = {
    "recoveryAzureVMName": "recoveryAzureVMName",
    "recoveryAzureVMSize": "recoveryAzureVMSize",
    "selectedTfoAzureNetworkId": "selectedTfoAzureNetworkId",
    "recoveryAvailabilitySetId": "recoveryAvailabilitySet",
}
_INTERFACE = {
    "selectionType": "selectionType",
    "recoveryNetworkSecurityGroupId": "recoveryNetworkSecurityGroupId",
    "enableAcceleratedNetworkingOnRecovery": "enableAcceleratedNetworkingOnRecovery",
    "tfoNetworkSecurityGroupId": "tfoNetworkSecurityGroupId",
    "enableAcceleratedNetworkingOnTfo": "enableAcceleratedNetworkingOnTfo",
    "recoveryNicName": "recoveryNicName",
    "recoveryNicResourceGroupName": "recoveryNicResourceGroupName",
    "reuseExistingNic": "reuseExistingNic",
    "tfoNicName": "tfoRecoveryNicName",
    "tfoNicResourceGroupName": "tfoRecoveryNicResourceGroupName",
    "tfoReuseExistingNic": "tfoReuseExistingNic",
    "targetNicName": "targetNicName",
}
_CONFIGURATION = (
    "isPrimary",
    "isSeletedForFailover",
    "recoverySubnetName",
    "recoveryStaticIPAddress",
    "recoveryPublicIPAddressId",
    "recoveryLBBackendAddressPoolIds",
    "tfoSubnetName",
    "tfoStaticIPAddress",
    "tfoPublicIPAddressId",
    "tfoLBBackendAddressPoolIds",
)


def update(world: World, item: Item, settings: dict[str, Any]) -> Document | None:
    """Apply settings; an ARM error object for a network or an interface that is not there, and then nothing changes."""
    network = settings.get("selectedRecoveryAzureNetworkId") or settings.get("recoveryAzureNetworkId")
    if network and network not in world.documents:
        return _error(item, f"the target network '{network}' was not found")
    told = [(nic, _interface(item, nic)) for nic in settings.get("vmNics") or []]
    strange = next((nic for nic, mine in told if mine is None), None)
    if strange is not None:
        return _error(item, f"it has no interface '{strange.get('nicId')}'")
    for given, kept in _GIVEN.items():
        if settings.get(given):
            item.details[kept] = settings[given]
    test_name = (settings.get("providerSpecificDetails") or {}).get("tfoAzureVMName")
    if test_name:
        item.details["tfoAzureVMName"] = test_name
    if network:
        item.details["selectedRecoveryAzureNetworkId"] = network
        for mine in item.details.get("vmNics") or []:
            mine["recoveryVMNetworkId"] = network
    for nic, found in told:
        if found is not None:
            _update_interface(found, nic)
    return None


def _interface(item: Item, nic: Document) -> Document | None:
    wanted = str(nic.get("nicId") or "").lower()
    for own in item.details.get("vmNics") or []:
        if wanted in (str(own.get("nicId")).lower(), str(own.get("sourceNicArmId")).lower()):
            found: Document = own
            return found
    return None


def _update_interface(mine: Document, nic: Document) -> None:
    mine.update({kept: nic[given] for given, kept in _INTERFACE.items() if nic.get(given) is not None})
    for at, given in enumerate(nic.get("ipConfigs") or []):
        own = _configuration(mine["ipConfigs"], given, at)
        own.update({key: given[key] for key in _CONFIGURATION if given.get(key) is not None})
        if "recoveryStaticIPAddress" in given:
            own["recoveryStaticIPAddress"] = given["recoveryStaticIPAddress"] or None
            own["recoveryIPAddressType"] = "Static" if own["recoveryStaticIPAddress"] else "Dynamic"


def _configuration(own: list[Document], given: Document, at: int) -> Document:
    """By name, else by place; one that is new is added."""
    name = given.get("ipConfigName") or given.get("name")
    for one in own:
        if name and str(one.get("name")).lower() == str(name).lower():
            return one
    if not name and at < len(own):
        return own[at]
    own.append({"name": name or f"ipConfig{at}"})
    return own[-1]


def _error(item: Item, why: str) -> Document:
    return {
        "code": "28020",
        "message": f"The requested operation failed. The properties of '{item.name}' couldn't be updated: {why}.",
        "possibleCauses": "The settings name something that doesn't exist.",
        "recommendedAction": "Read the item's compute and network settings, and try the operation again.",
    }
