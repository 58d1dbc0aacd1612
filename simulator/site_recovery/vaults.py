"""Vaults themselves: made in a minute, answered by another part of the provider than replication (A2A #22 to #25)."""

from __future__ import annotations

import base64
import copy
from datetime import UTC, datetime
from urllib.parse import quote

from simulator.core import errors, ids
from simulator.core.operations import Operation
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import bodies, wire
from simulator.site_recovery.bodies import Document

STYLE = "vaults"
RETRY_AFTER_SECONDS = 60


def get_vault(world: World, request: Request) -> Response:
    document = world.documents.get(request.path)
    return Response(200, copy.deepcopy(document)) if document else errors.resource_not_found(request.path)


def list_vaults(world: World, request: Request) -> Response:
    scope = request.path.split("/providers/", 1)[0]
    found = [copy.deepcopy(vault) for vault in world.documents.of_type(bodies.VAULT_TYPE, scope)]
    return Response(200, {"value": found})


def put_vault(world: World, request: Request) -> Response:
    """PUT: 201 and an operation for a new one; an update, and PATCH, is 200 at once (H2A #2). The etag is a date."""
    content = request.json or {}
    resource = world.casing.id(request.path)
    existing = world.documents.get(resource)
    if request.method == "PATCH" and existing is None:
        return errors.resource_not_found(resource)
    if ids.parse(resource).group_id not in world.documents:
        return errors.resource_group_not_found(ids.parse(resource).resource_group)
    vault = copy.deepcopy(existing) if existing else bodies.vault(resource, str(content.get("location") or ""))
    vault["properties"] |= content.get("properties") or {}
    vault["etag"] = _etag(world.now)
    vault |= {name: content[name] for name in ("sku", "tags", "identity") if content.get(name) is not None}
    vault["properties"]["provisioningState"] = "Succeeded" if existing else "Provisioning"
    world.documents.put(vault)
    world.log.write("resource.written", resource=vault["id"])
    if existing is not None:
        return Response(200, copy.deepcopy(vault))

    def finish() -> None:
        vault["properties"]["provisioningState"] = "Succeeded"
        vault["etag"] = _etag(world.now)

    operation = world.operations.begin(
        "vaults/write", vault["id"], location=vault["location"], finish=finish, style=STYLE, method="PUT"
    )
    headers = {"Azure-AsyncOperation": _url(world, request, operation, "operationStatus"), "Retry-After": "60"}
    return Response(201, copy.deepcopy(vault), headers)


def delete_vault(world: World, request: Request) -> Response:
    """A vault that protects something is not deleted (documented); else it is gone at once."""
    if request.path not in world.documents:
        return Response(204)
    if world.documents.of_type(bodies.ITEM_TYPE, request.path):
        message = "Recovery Services vault cannot be deleted as there are existing resources within the vault."
        return errors.error(409, "ResourceInUse", message)
    world.documents.delete(request.path)
    world.log.write("resource.deleted", resource=request.path)
    return Response(200)


def operation_status(world: World, request: Request) -> Response:
    """Id, name and status; while it runs with both headers again (A2A #23, #24)."""
    operation = _found(world, request)
    if operation is None:
        return errors.child_not_found(request.path)
    operation.polls += 1
    body: Document = {"id": world.casing.id(request.path), "name": ids.last(request.path), "status": operation.status}
    if not operation.running:
        return Response(200, body)
    headers = {
        "Azure-AsyncOperation": _url(world, request, operation, "operationStatus"),
        "Location": _url(world, request, operation, "operationResults"),
        "Retry-After": str(RETRY_AFTER_SECONDS),
    }
    return Response(200, body, headers)


def operation_result(world: World, request: Request) -> Response:
    operation = _found(world, request)
    if operation is None:
        return errors.child_not_found(request.path)
    if operation.running:
        location = _url(world, request, operation, "operationResults")
        return Response(202, headers={"Location": location, "Retry-After": str(RETRY_AFTER_SECONDS)})
    return get_vault(world, Request("GET", operation.resource, {}, {}))


def _url(world: World, request: Request, operation: Operation, word: str) -> str:
    name = quote(base64.b64encode(f"2047;{operation.id}".encode()).decode(), safe="=")
    query = wire.signed_query(operation.id, operation.accepted, request.api_version)
    return f"{world.endpoint}{operation.resource}/{word}/{name}?{query}"


def _found(world: World, request: Request) -> Operation | None:
    try:
        name = base64.b64decode(ids.last(request.path)).decode().split(";", 1)[-1]
    except ValueError:
        return None
    found = world.operations.get(name)
    return found if found is not None and found.style == STYLE else None


def _etag(moment: datetime) -> str:
    stamp = quote(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z")
    return f"W/\"datetime'{stamp}'\""
