"""The shapes of virtual machines and their interfaces, as recorded (A2A_selfcreated #18, #19 and #192).

Builders only: power states are kept in the documents store beside the document, never inside what GET shows without
``$expand=instanceView``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

MACHINE_TYPE = "Microsoft.Compute/virtualMachines"
NIC_TYPE = "Microsoft.Network/networkInterfaces"

_SPACE = uuid.UUID("0d5c1f9e-5a53-5c0e-8b8e-3e0c1d6a7f21")


def machine_guid(*words: str) -> str:
    return str(uuid.uuid5(_SPACE, "|".join(word.lower() for word in words)))


@dataclass(frozen=True)
class Machine:
    """What is needed to write a machine down: ``group_id`` is the resource group's ARM id, ``created`` an ISO time."""

    group_id: str
    name: str
    location: str
    nic_id: str
    disk_name: str
    created: str
    size: str = "Standard_D2s_v5"
    os_type: str = "Linux"
    recovered: bool = False

    @property
    def id(self) -> str:
        return f"{self.group_id}/providers/{MACHINE_TYPE}/{self.name}"


def machine(m: Machine, tags: dict[str, str] | None = None) -> Document:
    """A machine as GET without ``$expand`` shows it. A recovered one attaches its disk and has no image or profile."""
    storage: Document = {"osDisk": _os_disk(m), "dataDisks": []}
    properties: Document = {
        "vmId": machine_guid(m.id, m.created),
        "hardwareProfile": {"vmSize": m.size},
        "storageProfile": storage,
    }
    interface: Document = {"id": m.nic_id}
    if m.recovered:
        interface["properties"] = {"primary": True}
    else:
        storage["imageReference"] = dict(_IMAGES[m.os_type])
        properties["osProfile"] = _os_profile(m)
    properties["networkProfile"] = {"networkInterfaces": [interface]}
    properties["provisioningState"] = "Succeeded"
    properties["timeCreated"] = m.created
    return {
        "name": m.name,
        "id": m.id,
        "type": MACHINE_TYPE,
        "location": m.location,
        "tags": tags or {},
        "properties": properties,
    }


_IMAGES: dict[str, dict[str, str]] = {
    "Linux": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"},
    "Windows": {
        "publisher": "MicrosoftWindowsServer",
        "offer": "WindowsServer",
        "sku": "2019-Datacenter",
        "version": "latest",
    },
}


def _os_disk(m: Machine) -> Document:
    return {
        "osType": m.os_type,
        "name": m.disk_name,
        "createOption": "Attach" if m.recovered else "FromImage",
        "caching": "ReadWrite",
        "managedDisk": {
            "storageAccountType": "Premium_LRS",
            "id": f"{m.group_id}/providers/Microsoft.Compute/disks/{m.disk_name}",
        },
        "deleteOption": "Detach",
        "diskSizeGB": 127,
    }


def _os_profile(m: Machine) -> Document:
    profile: Document = {
        "computerName": m.name,
        "adminUsername": "operator",
        "secrets": [],
        "allowExtensionOperations": True,
        "requireGuestProvisionSignal": True,
    }
    if m.os_type == "Windows":
        profile["windowsConfiguration"] = {"provisionVMAgent": True, "enableAutomaticUpdates": True}
    else:
        profile["linuxConfiguration"] = {"disablePasswordAuthentication": True, "provisionVMAgent": True}
    return profile


@dataclass(frozen=True)
class Interface:
    """One interface with one primary IPv4 configuration; ``machine_id`` is None for one that is attached to nothing."""

    group_id: str
    name: str
    location: str
    subnet_id: str
    address: str
    machine_id: str | None
    configuration: str = "ipconfig1"
    allocation: str = "Static"

    @property
    def id(self) -> str:
        return f"{self.group_id}/providers/{NIC_TYPE}/{self.name}"


def interface(i: Interface) -> Document:
    etag = f'W/"{machine_guid(i.id, i.address, str(i.machine_id))}"'
    mac = machine_guid(i.id, "mac").replace("-", "").upper()
    document: Document = {
        "name": i.name,
        "id": i.id,
        "etag": etag,
        "tags": {},
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": machine_guid(i.id, "resource"),
            "ipConfigurations": [
                {
                    "name": i.configuration,
                    "id": f"{i.id}/ipConfigurations/{i.configuration}",
                    "etag": etag,
                    "type": f"{NIC_TYPE}/ipConfigurations",
                    "properties": {
                        "provisioningState": "Succeeded",
                        "privateIPAddress": i.address,
                        "privateIPAllocationMethod": i.allocation,
                        "subnet": {"id": i.subnet_id},
                        "primary": True,
                        "privateIPAddressVersion": "IPv4",
                    },
                }
            ],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
            "macAddress": "-".join(["60", "45", "BD", mac[0:2], mac[2:4], mac[4:6]]),
            "enableAcceleratedNetworking": False,
            "vnetEncryptionSupported": False,
            "enableIPForwarding": False,
            "primary": True,
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
            "allowPort25Out": True,
            "auxiliaryMode": "None",
        },
        "type": NIC_TYPE,
        "location": i.location,
        "kind": "Regular",
    }
    if i.machine_id:
        document["properties"]["virtualMachine"] = {"id": i.machine_id}
    return document
