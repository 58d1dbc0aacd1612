"""Answers for record sets: at once, with the etag in header and body (recorded)."""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Sequence

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.dns import wire
from simulator.dns.models import APEX, put_record, records_of
from simulator.dns.services import Service, service_of


def get_record(world: World, request: Request) -> Response:
    zone, record = _found(world, request)
    if zone is None:
        return errors.resource_not_found(_zone_id(request.path))
    return _shown(200, record) if record is not None else wire.record_not_found(request.path)


def put_record_set(world: World, request: Request) -> Response:
    """PUT replaces, PATCH keeps what it is not sent; 201 for what is new."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    zone, existing = _found(world, request)
    if zone is None:
        return errors.parent_not_found(world.casing.id(request.path))
    service, merge = service_of(zone["id"]), request.method == "PATCH"
    if merge and existing is None:
        return wire.record_not_found(request.path)
    error = wire.mismatch(request, "Record set", ids.last(request.path), existing)
    if error is not None:
        return Response(412, error)
    kind, name = (part for part in request.path.rstrip("/").rsplit("/", 2)[1:])
    record_id = f"{zone['id']}/{kind.upper()}/{name}"
    why = _nonsense(service, kind.upper(), content.get("properties") or {}) or _unfit(world, zone, record_id)
    if why:
        return wire.refusal(400, "BadRequest", why)
    record = put_record(world, service, record_id, content, existing, merge=merge)
    return _shown(200 if existing else 201, record)


def delete_record(world: World, request: Request) -> Response:
    """200 and empty, 204 for what is not there (recorded); what Azure keeps at the apex stays."""
    zone, record = _found(world, request)
    if zone is None or record is None:
        return Response(204)
    error = wire.mismatch(request, "Record set", record["name"], record)
    if error is not None:
        return Response(412, error)
    kind = record["type"].rsplit("/", 1)[-1]
    if kind == "SOA" or (kind == "NS" and record["name"] == APEX):
        return wire.refusal(400, "BadRequest", f"The record set '{APEX}' of type {kind} cannot be deleted.")
    world.documents.delete(record["id"])
    world.log.write("resource.deleted", resource=record["id"])
    return Response(200)


def list_all(world: World, request: Request) -> Response:
    return _listed(world, request, request.path.rstrip("/").rsplit("/", 1)[0], None)


def list_of_type(world: World, request: Request) -> Response:
    zone_id, kind = request.path.rstrip("/").rsplit("/", 1)
    return _listed(world, request, zone_id, kind)


def _listed(world: World, request: Request, zone_id: str, kind: str | None) -> Response:
    zone = world.documents.get(zone_id)
    if zone is None:
        return errors.resource_not_found(zone_id)
    suffix = (request.argument("$recordsetnamesuffix") or "").lower()
    found = [
        copy.deepcopy(record)
        for record in records_of(world, zone["id"])
        if (kind is None or record["type"].lower().endswith(f"/{kind.lower()}"))
        and record["name"].lower().endswith(suffix)
    ]
    return Response(200, {"value": found})


def _found(world: World, request: Request) -> tuple[Document | None, Document | None]:
    return world.documents.get(_zone_id(request.path)), world.documents.get(request.path)


def _zone_id(path: str) -> str:
    return path.rstrip("/").rsplit("/", 2)[0]


def _shown(status: int, record: Document) -> Response:
    return Response(status, copy.deepcopy(record), {"ETag": record["etag"]})


def _nonsense(service: Service, kind: str, sent: Document) -> str:
    """Why these are no records of this type (documented: addresses must be addresses of their family)."""
    told = {key.lower(): value for key, value in sent.items()}
    records = told.get(service.properties[kind].lower())
    ttl = told.get("ttl")
    if ttl is not None and not 1 <= int(ttl) <= 2147483647:
        return f"The TTL {ttl} is not between 1 and 2147483647."
    if kind in ("A", "AAAA"):
        word, version = ("ipv4Address", 4) if kind == "A" else ("ipv6Address", 6)
        for record in records or ():
            if not _is_address(str(record.get(word)), version):
                return f"The value '{record.get(word)}' is no {word} of a record set of type {kind}."
    return ""


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def _unfit(world: World, zone: Document, record_id: str) -> str:
    """A CNAME lives alone, and not at the apex (documented; the words are a guess)."""
    kind, name = record_id.rsplit("/", 2)[1:]
    if kind == "CNAME" and name == APEX:
        return "A record set of type CNAME cannot be created at the zone apex."
    others: Sequence[Document] = [
        record
        for record in records_of(world, zone["id"])
        if record["name"].lower() == name.lower() and not ids.same(record["id"], record_id)
    ]
    if any(kind == "CNAME" or record["type"].endswith("/CNAME") for record in others):
        return (
            f"The record '{name}' could not be created because a record set of another type with the same name "
            "already exists, and a CNAME record stands alone."
        )
    return ""
