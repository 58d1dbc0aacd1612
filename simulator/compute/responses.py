"""Answers for virtual machines.

Long-running ones are recorded for DELETE: 202, empty, Azure-AsyncOperation and Location (the same URL with
``monitor=true``), polls with startTime, endTime, status and name. Start, power off and deallocate are documented alike.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from simulator.compute import extensions, models
from simulator.compute.bodies import MACHINE_TYPE
from simulator.core import errors, ids
from simulator.core.documents import Document, normalise_location
from simulator.core.operations import Failure, Operation
from simulator.core.web import Request, Response
from simulator.core.world import World

STYLE = "compute"


def get_machine(world: World, request: Request) -> Response:
    document = world.documents.get(request.path)
    if document is None:
        return errors.resource_not_found(request.path)
    shown = copy.deepcopy(document)
    view = "instanceview" in (request.argument("$expand") or "").lower()
    if view:
        shown["properties"]["instanceView"] = models.instance_view(world, document)
    extensions.show_in_machine(world, shown, view=view)
    return Response(200, shown)


def get_instance_view(world: World, request: Request) -> Response:
    machine_id = request.path.rsplit("/", 1)[0]
    document = world.documents.get(machine_id)
    return Response(200, models.instance_view(world, document)) if document else errors.resource_not_found(machine_id)


def list_machines(world: World, request: Request) -> Response:
    """Of a group or of the subscription; a list has no power states."""
    scope = request.path.split("/providers/", 1)[0]
    found = [copy.deepcopy(document) for document in world.documents.of_type(MACHINE_TYPE, scope)]
    return Response(200, {"value": found})


def act(world: World, request: Request) -> Response:
    """POST start, powerOff, deallocate. Asking for what is so already is accepted and changes nothing (documented)."""
    machine_id, action = request.path.rsplit("/", 1)
    document = world.documents.get(machine_id)
    if document is None:
        return errors.resource_not_found(machine_id)
    action = next(known for known in models.AFTER if known.lower() == action.lower())
    found = document

    def finish() -> None:
        if found["id"] in world.documents:
            models.set_power(world, found, models.AFTER[action])

    return _begin(world, request, document, action, finish)


def delete_machine(world: World, request: Request) -> Response:
    """DELETE: 202 and an operation, 204 for what is not there. Interfaces and disks stay (deleteOption Detach)."""
    document = world.documents.get(request.path)
    if document is None:
        return Response(204)
    found = document

    def finish() -> None:
        world.documents.delete(found["id"])
        world.machines.remove(found["id"])
        world.log.write("resource.deleted", resource=found["id"])
        for interface in found["properties"].get("networkProfile", {}).get("networkInterfaces") or []:
            nic = world.documents.get(interface["id"])
            if nic is not None:
                nic["properties"].pop("virtualMachine", None)

    return _begin(world, request, document, "delete", finish)


def _begin(
    world: World, request: Request, document: Document, action: str, finish: Callable[[], Failure | None]
) -> Response:
    location = normalise_location(document["location"])
    operation = world.operations.begin(
        f"virtualMachines/{action}",
        document["id"],
        location=location,
        finish=finish,
        style=STYLE,
        method=request.method,
    )
    headers = models.poll_headers(world, operation, request)
    if request.method == "DELETE":
        headers["Azure-AsyncNotification"] = "Enabled"
    return Response(202, headers=headers)


def operation_status(world: World, request: Request) -> Response:
    operation = world.operations.get(ids.last(request.path))
    if operation is None or operation.style != STYLE:
        return errors.child_not_found(request.path)
    operation.polls += 1
    if request.argument("monitor"):
        return Response(202) if operation.running else Response(200 if operation.method == "POST" else 204)
    return Response(200, _status(operation))


def _status(operation: Operation) -> Document:
    """Keys in Azure's order; endTime only at the end (delete_dependent_resources #25, #26)."""
    shown: Document = {"startTime": operation.accepted.isoformat()}
    if operation.ended:
        shown["endTime"] = operation.ended.isoformat()
    shown |= {"status": operation.status, "name": operation.id}
    if operation.error:
        shown["error"] = operation.error
    return shown
