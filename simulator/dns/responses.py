"""Answers for zones and for the links of private zones to networks."""

from __future__ import annotations

import copy
from collections.abc import Callable

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.operations import Failure
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.dns import wire
from simulator.dns.models import fresh_etag, furnish, shown_zone
from simulator.dns.services import LINK, SERVICES, Service, service_of


def get_zone(world: World, request: Request) -> Response:
    zone = world.documents.get(request.path)
    if zone is None:
        return errors.resource_not_found(request.path)
    return Response(200, shown_zone(world, zone), {"ETag": zone["etag"]})


def list_zones(world: World, request: Request) -> Response:
    scope, tail = request.path.split("/providers/", 1)
    kind = next(service.type for service in SERVICES if service.type.lower() == tail.rstrip("/").lower())
    return Response(200, {"value": [shown_zone(world, zone) for zone in world.documents.of_type(kind, scope)]})


def put_zone(world: World, request: Request) -> Response:
    """A public zone's is done at once; a private one's is an operation, which also tells of a stale etag (recorded)."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    parsed = ids.parse(request.path)
    if parsed.group_id not in world.documents:
        return errors.resource_group_not_found(parsed.resource_group)
    existing, service = world.documents.get(request.path), service_of(request.path)
    if existing is None and request.method == "PATCH":
        return errors.resource_not_found(request.path)
    error = wire.mismatch(request, "Zone", parsed.name, existing)

    def write() -> None:
        zone = _written(world, request, existing, {"tags": content["tags"]} if "tags" in content else {})
        zone["properties"] |= {
            key: value for key, value in (content.get("properties") or {}).items() if key == "zoneType"
        }
        furnish(world, service, zone)
        world.documents.put(zone)
        world.log.write("resource.written", resource=zone["id"])

    if service.private:
        return _operation(world, request, service, "privateDnsZones/write", write, error)
    if error is not None:
        return Response(412, error)
    write()
    zone = world.documents.get(request.path)
    assert zone is not None
    return Response(200 if existing else 201, shown_zone(world, zone), {"ETag": zone["etag"]})


def delete_zone(world: World, request: Request) -> Response:
    """202 and an operation; a zone with links is not deleted (documented: nested resources first)."""
    zone = world.documents.get(request.path)
    if zone is None:
        return Response(204)
    service = service_of(zone["id"])
    if world.documents.children(zone["id"], LINK):
        message = "Can not delete resource before nested resources are deleted."
        return wire.refusal(409, "CannotDeleteResource", message)
    error = wire.mismatch(request, "Zone", zone["name"], zone)
    action = "privateDnsZones/delete" if service.private else "dnszones/delete"
    return _operation(world, request, service, action, lambda: _delete(world, zone["id"]), error)


def get_link(world: World, request: Request) -> Response:
    link = world.documents.get(request.path)
    if link is None:
        zone_id = ids.parent_of(request.path) or ""
        return (
            errors.child_not_found(request.path) if zone_id in world.documents else errors.resource_not_found(zone_id)
        )
    return Response(200, copy.deepcopy(link), {"ETag": link["etag"]})


def list_links(world: World, request: Request) -> Response:
    zone_id = request.path.rstrip("/").rsplit("/", 1)[0]
    if zone_id not in world.documents:
        return errors.resource_not_found(zone_id)
    return Response(200, {"value": copy.deepcopy(world.documents.children(zone_id, LINK))})


def put_link(world: World, request: Request) -> Response:
    """An operation; the network must be there, and registers in one zone only (documented)."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    zone_id, existing = ids.parent_of(request.path) or "", world.documents.get(request.path)
    if zone_id not in world.documents:
        return errors.parent_not_found(world.casing.id(request.path))
    if existing is None and request.method == "PATCH":
        return errors.child_not_found(request.path)
    before: Document = existing["properties"] if existing else {"registrationEnabled": False}
    properties = {
        **before,
        **{key: value for key, value in (content.get("properties") or {}).items() if value is not None},
    }
    network = str((properties.get("virtualNetwork") or {}).get("id") or "")
    if network not in world.documents:
        return wire.refusal(400, "BadRequest", f"The virtual network '{network}' of the link was not found.")
    other = _registers_elsewhere(world, request.path, network) if properties["registrationEnabled"] else None
    if other is not None:
        message = f"The virtual network '{network}' registers its machines already by the link '{other['id']}'."
        return wire.refusal(409, "Conflict", message)
    error = wire.mismatch(request, "Virtual network link", ids.last(request.path), existing)

    def write() -> None:
        link = _written(world, request, existing, {"tags": content["tags"]} if "tags" in content else {})
        state = {"provisioningState": "Succeeded", "virtualNetworkLinkState": "Completed"}
        link["properties"] = {**properties, **state}
        link["etag"] = f'"{link["etag"]}"'
        world.documents.put(link)
        world.log.write("resource.written", resource=link["id"])

    return _operation(world, request, service_of(zone_id), "virtualNetworkLinks/write", write, error)


def delete_link(world: World, request: Request) -> Response:
    link = world.documents.get(request.path)
    if link is None:
        return Response(204)
    error = wire.mismatch(request, "Virtual network link", link["name"], link)
    service = service_of(link["id"])
    return _operation(world, request, service, "virtualNetworkLinks/delete", lambda: _delete(world, link["id"]), error)


def _registers_elsewhere(world: World, link_id: str, network: str) -> Document | None:
    for link in world.documents.of_type(LINK):
        told = link["properties"]
        same = ids.same((told.get("virtualNetwork") or {}).get("id"), network)
        if same and told.get("registrationEnabled") and not ids.same(link["id"], link_id):
            return link
    return None


def _written(world: World, request: Request, existing: Document | None, more: Document) -> Document:
    path = world.casing.id(request.path)
    made: Document = {
        "id": existing["id"] if existing else path,
        "name": ids.last(path),
        "type": ids.parse(path).type,
        "etag": fresh_etag(world, path),
        "location": "global",
        **({"tags": existing["tags"]} if existing and "tags" in existing else {}),
        **more,
        "properties": dict(existing["properties"]) if existing else {},
    }
    return made


def _delete(world: World, resource_id: str) -> None:
    world.documents.delete(resource_id)
    world.log.write("resource.deleted", resource=resource_id)


def _operation(
    world: World,
    request: Request,
    service: Service,
    action: str,
    effect: Callable[[], None],
    error: Failure | None,
) -> Response:
    struck = world.faults.job(action, request.path)
    failure = error
    if failure is None and struck is not None and struck.fails_with is not None:
        failure = {"code": struck.fails_with.code, "message": struck.fails_with.message}

    def finish() -> Failure | None:
        if failure is None:
            effect()
        return failure

    operation = world.operations.begin(
        action,
        world.casing.id(request.path),
        location="global",
        finish=finish,
        duration=struck.duration if struck is not None else None,
        operation_id=wire.operation_id(world, action, request.path),
        style=wire.STYLE,
        method=request.method,
        data={"service": service},
    )
    return wire.accepted(world, request, service, operation, body=request.method != "DELETE")
