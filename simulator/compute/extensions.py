"""Extensions of virtual machines: what somebody installs in a machine, and what a failover leaves behind.

Recorded (network watcher tests, api-versions 2019-07-01 and 2020-06-01): 201 and Creating with Azure-AsyncOperation
alone, 29 to 114 s, then shown below the machine and, with ``$expand=instanceView``, among what its agent runs. A
machine that Site Recovery has made has none (documented: extensions are not replicated).
"""

from __future__ import annotations

import copy
from typing import Any

from simulator.compute import models
from simulator.compute.bodies import MACHINE_TYPE
from simulator.core import errors, ids
from simulator.core.documents import Document, normalise_location
from simulator.core.operations import Failure
from simulator.core.web import Request, Response
from simulator.core.world import World

TYPE = f"{MACHINE_TYPE}/extensions"
WATCHER = "Microsoft.Azure.NetworkWatcher"
BUILD = ".1693.1"
_ENABLED = {
    "code": "ProvisioningState/succeeded",
    "level": "Info",
    "displayStatus": "",
    "message": "Plugin enabled",
}
SHOWN = ("autoUpgradeMinorVersion", "provisioningState", "publisher", "type", "typeHandlerVersion", "settings")


def take_apart(world: World, machine: Document) -> None:
    """Make documents of the extensions that an estate shows in their machine."""
    for shown in machine.pop("resources", None) or ():
        if str(shown.get("type", TYPE)).lower() == TYPE.lower() and "properties" in shown:
            name = ids.last(str(shown["id"]))
            made = {**shown, "name": name, "id": f"{machine['id']}/extensions/{name}", "type": TYPE}
            made.setdefault("location", machine["location"])
            made["properties"].setdefault("provisioningState", "Succeeded")
            world.documents.put(made)


def extensions_of(world: World, machine_id: str) -> list[Document]:
    return world.documents.children(machine_id, TYPE)


def watcher_agent(world: World, machine_id: str) -> Document | None:
    """The Network Watcher extension of a machine, if it is installed; connectivity checks need it (documented)."""
    for extension in extensions_of(world, machine_id):
        told = extension["properties"]
        if str(told.get("publisher")).lower() == WATCHER.lower() and told.get("provisioningState") == "Succeeded":
            return extension
    return None


def show_in_machine(world: World, body: Document, *, view: bool) -> None:
    """What a machine's GET tells of them; nothing where there are none (recorded)."""
    found = extensions_of(world, body["id"])
    if found:
        body["resources"] = copy.deepcopy(found)
    installed = [one for one in found if one["properties"]["provisioningState"] == "Succeeded"]
    told = body["properties"].get("instanceView") or {}
    if view and installed and "extensions" not in told:
        tail = told.pop("statuses", None)
        told["extensions"] = [_viewed(one) for one in installed]
        told["vmAgent"]["extensionHandlers"] = [_handler(viewed) for viewed in told["extensions"]]
        if tail is not None:
            told["statuses"] = tail


def _viewed(extension: Document) -> Document:
    told = extension["properties"]
    return {
        "name": extension["name"],
        "type": f"{told['publisher']}.{told['type']}",
        "typeHandlerVersion": f"{told.get('typeHandlerVersion', '1.0')}{BUILD}",
        "statuses": [{**_ENABLED, "displayStatus": "Provisioning succeeded"}],
    }


def _handler(viewed: Document) -> Document:
    """The same, as the machine's agent tells it (recorded)."""
    told = {name: viewed[name] for name in ("type", "typeHandlerVersion")}
    return told | {"status": {**_ENABLED, "displayStatus": "Ready"}}


def get_extension(world: World, request: Request) -> Response:
    extension = world.documents.get(request.path)
    return Response(200, copy.deepcopy(extension)) if extension else _missing(world, request.path)


def list_extensions(world: World, request: Request) -> Response:
    machine_id = request.path.rstrip("/").rsplit("/", 1)[0]
    if machine_id not in world.documents:
        return errors.resource_not_found(machine_id)
    return Response(200, {"value": copy.deepcopy(extensions_of(world, machine_id))})


def put_extension(world: World, request: Request) -> Response:
    """PUT installs or updates; PATCH updates. The machine must run, and has one extension of a kind (documented)."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    machine = world.documents.get(ids.parent_of(request.path) or "")
    if machine is None:
        return errors.parent_not_found(world.casing.id(request.path))
    existing = world.documents.get(request.path)
    if existing is None and request.method == "PATCH":
        return _missing(world, request.path)
    sent = {**(existing["properties"] if existing else {}), **(content.get("properties") or {})}
    refusal = _refusal(world, machine, ids.last(request.path), sent)
    if refusal is not None:
        return refusal
    sent["provisioningState"] = "Updating" if existing else "Creating"
    extension: Document = {
        "name": ids.last(request.path),
        "id": existing["id"] if existing else f"{machine['id']}/extensions/{ids.last(request.path)}",
        "type": TYPE,
        "location": normalise_location(str(content.get("location") or machine["location"])),
        **({"tags": content["tags"]} if content.get("tags") else {}),
        "properties": {name: sent[name] for name in SHOWN if sent.get(name) is not None},
    }
    world.documents.put(extension)
    world.log.write("resource.written", resource=extension["id"])
    headers = _begin(world, request, extension, "write", lambda: _installed(world, machine, extension))
    headers.pop("Location")
    return Response(200 if existing else 201, copy.deepcopy(extension), headers)


def delete_extension(world: World, request: Request) -> Response:
    extension = world.documents.get(request.path)
    if extension is None:
        return Response(204)
    found = extension

    def finish() -> None:
        world.documents.delete(found["id"])
        world.log.write("resource.deleted", resource=found["id"])

    return Response(202, headers=_begin(world, request, extension, "delete", finish))


def _refusal(world: World, machine: Document, name: str, sent: dict[str, Any]) -> Response | None:
    missing = [word for word in ("publisher", "type") if not sent.get(word)]
    if missing:
        return errors.error(400, "InvalidParameter", f"Required parameter '{missing[0]}' is missing (null).")
    if models.power_of(world, machine["id"]) != models.RUNNING:
        message = "Cannot modify extensions in the VM when the VM is not running."
        return errors.error(409, "OperationNotAllowed", message)
    kind = (str(sent["publisher"]).lower(), str(sent["type"]).lower())
    for other in extensions_of(world, machine["id"]):
        told = other["properties"]
        if other["name"].lower() != name.lower() and (told["publisher"].lower(), told["type"].lower()) == kind:
            system = machine["properties"].get("storageProfile", {}).get("osDisk", {}).get("osType", "Linux")
            message = (
                f"Multiple VMExtensions per handler not supported for OS type '{system}'. VMExtension "
                f"'{other['name']}' with handler '{told['publisher']}.{told['type']}' already added or specified in "
                "input."
            )
            return errors.error(400, "BadRequest", message)
    return None


def _installed(world: World, machine: Document, extension: Document) -> Failure | None:
    """Only a machine whose agent answers installs anything."""
    running = world.machines.get(machine["id"])
    alive = running is not None and world.machines.up(running)
    extension["properties"]["provisioningState"] = "Succeeded" if alive else "Failed"
    if alive:
        models.guest_is_ready(world, machine["id"])
        return None
    message = (
        f"VM '{machine['name']}' has not reported status for VM agent or extensions. Verify that the OS is up and "
        "healthy, the VM has a running VM agent, and that it can establish outbound connections to Azure storage."
    )
    return {"code": "VMAgentStatusCommunicationError", "message": message}


def _begin(world: World, request: Request, extension: Document, verb: str, finish: Any) -> dict[str, str]:
    action = f"virtualMachines/extensions/{verb}"
    struck = world.faults.job(action, extension["id"])

    def end() -> Failure | None:
        if struck is not None and struck.fails_with is not None:
            extension["properties"]["provisioningState"] = "Failed"
            return {"code": struck.fails_with.code, "message": struck.fails_with.message}
        error: Failure | None = finish()
        return error

    operation = world.operations.begin(
        action,
        extension["id"],
        location=extension["location"],
        finish=end,
        duration=struck.duration if struck is not None else None,
        style="compute",
        method=request.method,
    )
    return models.poll_headers(world, operation, request) | {"Azure-AsyncNotification": "Enabled"}


def _missing(world: World, path: str) -> Response:
    machine_id = ids.parent_of(path) or ""
    if machine_id not in world.documents:
        return errors.resource_not_found(machine_id)
    name = ids.parse(path).name
    message = (
        f"The Resource 'Microsoft.Compute/virtualMachines/{ids.last(machine_id)}/extensions/{name}' under resource "
        f"group '{ids.parse(path).resource_group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix"
    )
    return errors.error(404, "ResourceNotFound", message)
