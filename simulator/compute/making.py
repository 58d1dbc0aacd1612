"""PUT of a virtual machine: what owners' templates and tests do; a failover never does.

Recorded (network watcher tests, api-version 2019-07-01): 201 and Creating with Azure-AsyncOperation alone; what the
image and the platform add is in the first answer, the disks' ids come at the end.
"""

from __future__ import annotations

import copy
from typing import Any

from simulator.compute import models
from simulator.core import errors, ids
from simulator.core.documents import Document, normalise_location
from simulator.core.web import Request, Response
from simulator.core.world import World

DISK_GB = {"Windows": 127, "Linux": 30}
PATCHED_SINCE = "2020-06-01"
SECRETS = ("adminPassword", "customData")


def put_machine(world: World, request: Request) -> Response:
    """A new machine is Creating for a while; an update is Updating. Its interfaces learn of it at the end."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    machine_id = world.casing.id(request.path)
    if ids.parse(machine_id).group_id not in world.documents:
        return errors.resource_group_not_found(ids.parse(machine_id).resource_group)
    existing = world.documents.get(machine_id)
    document = _built(world, machine_id, content, existing, request.api_version)
    document["properties"]["provisioningState"] = "Updating" if existing else "Creating"
    world.documents.put(document)
    world.log.write("resource.written", resource=machine_id)

    def finish() -> None:
        document["properties"]["provisioningState"] = "Succeeded"
        _name_disks(world, document)
        _attach(world, document)
        models.set_power(world, document, models.RUNNING)

    operation = world.operations.begin(
        "virtualMachines/write",
        machine_id,
        location=normalise_location(document["location"]),
        finish=finish,
        style="compute",
        method="PUT",
    )
    headers = models.poll_headers(world, operation, request)
    headers.pop("Location")
    return Response(200 if existing else 201, copy.deepcopy(document), headers | {"Azure-AsyncNotification": "Enabled"})


def _built(world: World, machine_id: str, content: Document, existing: Document | None, version: str) -> Document:
    sent: Document = copy.deepcopy(content.get("properties") or {})
    storage: Document = sent.get("storageProfile") or {}
    system = "Windows" if "windows" in str(storage.get("imageReference") or "").lower() else "Linux"
    properties: Document = {
        "vmId": existing["properties"]["vmId"] if existing else world.guid("machine", machine_id),
        "hardwareProfile": sent.get("hardwareProfile") or {},
        "storageProfile": _storage(world, storage, system),
        "osProfile": _profile(sent.get("osProfile") or {}, system, version),
        "networkProfile": sent.get("networkProfile") or {},
    }
    document: Document = {
        "name": ids.last(machine_id),
        "id": machine_id,
        "type": "Microsoft.Compute/virtualMachines",
        "location": normalise_location(str(content.get("location") or "")),
        "properties": properties,
    }
    if content.get("tags") is not None:
        document["tags"] = dict(content["tags"])
    return document


def _storage(world: World, storage: Document, system: str) -> Document:
    image = storage.get("imageReference")
    if image:
        image["exactVersion"] = world.guid("image", image)[:8]
    disk = {"createOption": "FromImage", "caching": "ReadWrite", **(storage.get("osDisk") or {})}
    disk["createOption"] = str(disk["createOption"])[:1].upper() + str(disk["createOption"])[1:]
    disk = {"osType": system, "diskSizeGB": DISK_GB[system], **disk}
    found: Document = {"imageReference": image} if image else {}
    data = [{"caching": "None", "toBeDetached": False, **one} for one in storage.get("dataDisks") or ()]
    for one in data:
        one.setdefault("managedDisk", {"storageAccountType": "Standard_LRS"})
    return {**found, "osDisk": disk, "dataDisks": data}


def _profile(sent: Document, system: str, version: str) -> Document:
    profile = {name: value for name, value in sent.items() if name not in SECRETS}
    key = "windowsConfiguration" if system == "Windows" else "linuxConfiguration"
    defaults: dict[str, Any] = {"provisionVMAgent": True}
    if version >= PATCHED_SINCE:
        defaults["patchSettings"] = {"patchMode": "AutomaticByOS" if system == "Windows" else "ImageDefault"}
    defaults |= {"enableAutomaticUpdates": True} if system == "Windows" else {"disablePasswordAuthentication": False}
    profile[key] = {**defaults, **(profile.get(key) or {})}
    return profile | {"secrets": [], "allowExtensionOperations": True, "requireGuestProvisionSignal": True}


def _name_disks(world: World, document: Document) -> None:
    storage = document["properties"]["storageProfile"]
    group = ids.parse(document["id"]).group_id
    for number, disk in enumerate((storage["osDisk"], *storage["dataDisks"]), start=1):
        made = world.guid("disk", document["id"], number).replace("-", "")
        disk.setdefault("name", f"{document['name']}_disk{number}_{made}")
        disk.setdefault("managedDisk", {}).setdefault("id", f"{group}/providers/Microsoft.Compute/disks/{disk['name']}")


def _attach(world: World, document: Document) -> None:
    """An attached interface knows its machine and has a MAC address (recorded)."""
    for at, reference in enumerate(document["properties"]["networkProfile"].get("networkInterfaces") or ()):
        interface = world.documents.get(str(reference.get("id") or ""))
        if interface is not None:
            digits = world.guid("mac", interface["id"]).replace("-", "").upper()[:6]
            mac = f"00-0D-3A-{digits[:2]}-{digits[2:4]}-{digits[4:]}"
            interface["properties"] |= {"macAddress": mac, "primary": at == 0, "virtualMachine": {"id": document["id"]}}
            interface["etag"] = world.etag()
            for configuration in interface["properties"].get("ipConfigurations", ()):
                public = (configuration["properties"].get("publicIPAddress") or {}).get("id")
                _give_address(world, str(public or ""))
            world.documents.changed(interface["id"])


def _give_address(world: World, public_id: str) -> None:
    """A dynamic public address is allotted when its machine starts (documented)."""
    public = world.documents.get(public_id)
    if public is not None:
        drawn = world.random("address", public["id"]).randint(40, 250)
        public["properties"].setdefault("ipAddress", f"198.51.100.{drawn}")
