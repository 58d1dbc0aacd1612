"""Machines that a recording protects without ever reading them: what their protected items say of them.

An item's PUT names its machine and disks; a reading of the item names its interfaces, addresses and network. That the
machine was there, so, is all that is inferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.core import ids

Document = dict[str, Any]
_ITEMS = "/replicationprotecteditems/"


def protected(calls: Sequence[Interaction], known: set[str]) -> Iterator[tuple[int, Document]]:
    """(index of the call before which it must be there, document): interfaces first, then their machine."""
    for call in calls:
        details = _details(call.sent)
        machine_id = str(details.get("fabricObjectId") or "")
        if call.method != "PUT" or not call.ok or _ITEMS not in call.key or not _is_machine(machine_id):
            continue
        if ids.key(machine_id) in known:
            continue
        known.add(ids.key(machine_id))
        shown = _first_reading(calls, machine_id)
        nics = [nic for nic in shown.get("vmNics") or () if nic.get("sourceNicArmId")]
        for nic in nics:
            if ids.key(nic["sourceNicArmId"]) not in known:
                yield call.index, _interface(nic, machine_id, shown)
        yield call.index, _machine(machine_id, details, shown, [str(nic["sourceNicArmId"]) for nic in nics])


def _details(body: Any) -> Document:
    properties = body.get("properties") if isinstance(body, dict) else None
    details = properties.get("providerSpecificDetails") if isinstance(properties, dict) else None
    return details if isinstance(details, dict) else {}


def _is_machine(resource_id: str) -> bool:
    return "/microsoft.compute/virtualmachines/" in resource_id.lower()


def _first_reading(calls: Sequence[Interaction], machine_id: str) -> Document:
    """The first reading of an item of this machine that knows its interfaces."""
    for call in calls:
        details = _details(call.body) if call.method == "GET" else {}
        if ids.same(str(details.get("fabricObjectId") or "-"), machine_id) and details.get("vmNics"):
            return details
    return {}


def _interface(nic: Mapping[str, Any], machine_id: str, shown: Document) -> Document:
    configurations = []
    for at, one in enumerate(nic.get("ipConfigs") or ()):
        subnet = f"{nic.get('vMNetworkName')}/subnets/{one.get('subnetName')}"
        properties = {
            "provisioningState": "Succeeded",
            "privateIPAddress": one.get("staticIPAddress"),
            "privateIPAllocationMethod": one.get("ipAddressType") or "Dynamic",
            "subnet": {"id": subnet},
            "primary": bool(one.get("isPrimary", at == 0)),
        }
        configurations.append({"name": one.get("name") or f"ipconfig{at + 1}", "properties": properties})
    return {
        "name": ids.last(str(nic["sourceNicArmId"])),
        "id": nic["sourceNicArmId"],
        "type": "Microsoft.Network/networkInterfaces",
        "location": shown.get("primaryFabricLocation") or "eastus",
        "properties": {"ipConfigurations": configurations, "virtualMachine": {"id": machine_id}},
    }


def _machine(machine_id: str, sent: Document, shown: Document, nics: list[str]) -> Document:
    disks = [str(disk.get("diskId")) for disk in sent.get("vmManagedDisks") or () if disk.get("diskId")]
    storage: Document = {"osDisk": {"osType": shown.get("osType") or "Linux"}, "dataDisks": []}
    if disks:
        storage["osDisk"] |= {"name": ids.last(disks[0]), "managedDisk": {"id": disks[0]}}
    return {
        "name": ids.last(machine_id),
        "id": machine_id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": shown.get("primaryFabricLocation") or "eastus",
        "properties": {
            "hardwareProfile": {"vmSize": shown.get("recoveryAzureVMSize") or "Standard_D2s_v3"},
            "storageProfile": storage,
            "networkProfile": {"networkInterfaces": [{"id": nic} for nic in nics]},
            "provisioningState": "Succeeded",
        },
    }
