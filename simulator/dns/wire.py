"""How DNS says no, and how its operations are polled."""

from __future__ import annotations

import base64

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.operations import Operation
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.dns.services import Service

STYLE = "dns"


def refusal(status: int, code: str, message: str) -> Response:
    """Without the outer ``error`` (recorded)."""
    return Response(status, {"code": code, "message": message})


def record_not_found(record_id: str) -> Response:
    """Recorded."""
    parsed = ids.parse(record_id)
    message = (
        f"The resource record '{parsed.name}' does not exist in resource group '{parsed.resource_group}' of "
        f"subscription '{parsed.subscription}'."
    )
    return refusal(404, "NotFound", message)


def mismatch(request: Request, what: str, name: str, existing: Document | None) -> Document | None:
    """The error of a precondition that does not hold: If-Match with an etag, If-None-Match with ``*`` (recorded)."""
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if unwanted == "*" and existing is not None:
        message = f"The {what} {name} exists already and hence cannot be created again."
        return {"code": "PreconditionFailed", "message": message}
    if wanted and (existing is None or (wanted != "*" and wanted.strip('"') != str(existing["etag"]).strip('"'))):
        message = f"The {what} {name} has been modified (etag mismatch)."
        return {"code": "PreconditionFailed", "message": message}
    return None


def operation_id(world: World, action: str, resource: str) -> str:
    """A private zone's is three words in base64, the last one a guid (recorded); a public one's says what it does."""
    guid, (kind, verb) = world.fresh_guid("dns-operation", resource), action.split("/")
    if kind == "dnszones":
        return f"delzone{guid}"
    what = {"privateDnsZones": "PrivateDnsZone", "virtualNetworkLinks": "VirtualNetworkLink"}[kind]
    text = f"FrontEndAsyncOperation;{'Upsert' if verb == 'write' else 'Delete'}{what};{guid}"
    return base64.b64encode(text.encode()).decode()


def accepted(world: World, request: Request, service: Service, operation: Operation, *, body: bool) -> Response:
    """202 with both headers; a write's body is ``{}``, a delete's is empty (recorded)."""
    headers = _headers(world, request, service, operation)
    return Response(202, {}, headers) if body else Response(202, headers=headers)


def _headers(world: World, request: Request, service: Service, operation: Operation) -> dict[str, str]:
    group = "/".join(request.path.strip("/").split("/")[:4])
    base, version = f"{world.endpoint}/{group}/providers/Microsoft.Network", f"api-version={request.api_version}"
    return {
        "Azure-AsyncOperation": f"{base}/{service.polls}/{operation.id}?{version}",
        "Location": f"{base}/{service.ends}/{operation.id}?{version}",
        "Retry-After": "10",
    }


def get_status(world: World, request: Request) -> Response:
    """202 with both headers while it runs, 200 at its end, whatever the end was (recorded)."""
    operation = _found(world, request)
    if operation is None:
        return refusal(404, "NotFound", f"The operation {ids.last(request.path)} was not found.")
    if operation.running:
        service: Service = operation.data["service"]
        return Response(202, {"status": "InProgress"}, _headers(world, request, service, operation))
    if operation.error is not None:
        return Response(200, {"error": operation.error, "status": "Failed"})
    return Response(200, {"status": "Succeeded"})


def get_result(world: World, request: Request) -> Response:
    operation = _found(world, request)
    if operation is None:
        return refusal(404, "NotFound", f"The operation {ids.last(request.path)} was not found.")
    if operation.running:
        service: Service = operation.data["service"]
        return Response(202, headers=_headers(world, request, service, operation))
    if operation.error is not None:
        return Response(400, dict(operation.error))
    document = world.documents.get(operation.resource)
    return Response(200, document) if document is not None else Response(204)


def _found(world: World, request: Request) -> Operation | None:
    operation = world.operations.get(ids.last(request.path))
    return operation if operation is not None and operation.style == STYLE else None
