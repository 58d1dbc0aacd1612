"""Zones and record sets as they are kept and shown, and how an estate's are taken in."""

from __future__ import annotations

import copy
from typing import Any

from simulator.core import ids
from simulator.core.chance import Duration
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.dns.services import LINK, RECORDS, SERVICES, Service, service_of

DURATIONS: dict[str, Duration] = {
    "dnszones/delete": (5.0, 10.0),
    "privateDnsZones/write": (5.0, 31.0),
    "privateDnsZones/delete": (5.0, 31.0),
    "virtualNetworkLinks/write": (10.0, 31.0),
    "virtualNetworkLinks/delete": (10.0, 31.0),
}
"""Seconds. Recorded polls were 10 and 30 seconds apart, and the first or second one found the end."""

APEX = "@"


def begin(world: World) -> None:
    """Give an estate's zones what every zone has, and its records the spelling that they come back in."""
    for service in SERVICES:
        for zone in world.documents.of_type(service.type):
            adopt(world, zone)
        for name in service.properties:
            for record in world.documents.of_type(service.record_type(name)):
                adopt(world, record)
    for link in world.documents.of_type(LINK):
        adopt(world, link)


def adopt(world: World, document: Document) -> None:
    """Take one document in; documents of other rooms are left alone."""
    kind = document["type"].lower()
    service = next(
        (one for one in SERVICES if kind == one.type.lower() or kind.startswith(one.type.lower() + "/")), None
    )
    if service is None:
        return
    document.setdefault("etag", fresh_etag(world, document["id"]))
    document.setdefault("properties", {})
    if kind == service.type.lower():
        furnish(world, service, document)
    elif kind == LINK.lower():
        document["properties"] |= {"provisioningState": "Succeeded", "virtualNetworkLinkState": "Completed"}
    else:
        sent, name = document["properties"], document["type"].rsplit("/", 1)[-1].upper()
        document["type"] = service.record_type(name)
        document["properties"] = record_properties(service, document["id"], sent, {})


def fresh_etag(world: World, resource_id: str) -> str:
    """A bare guid (recorded), unlike the rest of Microsoft.Network."""
    return world.fresh_guid("dns-etag", resource_id)


def furnish(world: World, service: Service, zone: Document) -> None:
    """What Azure adds to a zone: limits, name servers, and the records at its apex."""
    properties: Document = {**service.limits, **zone["properties"]}
    zone["location"] = "global"
    if service.private:
        properties["provisioningState"] = "Succeeded"
    else:
        zone.setdefault("tags", {})
        number = world.random("name-servers", zone["id"]).randint(1, 9)
        tops = ("com", "net", "org", "info")
        servers = [f"ns{at}-0{number}.azure-dns.{top}." for at, top in enumerate(tops, start=1)]
        properties.setdefault("nameServers", servers)
        properties.setdefault("zoneType", "Public")
        _ensure(world, service, zone, "NS", {"TTL": 172800, "NSRecords": [{"nsdname": one} for one in servers]})
    zone["properties"] = properties
    soa = {"host": service.host or properties["nameServers"][0], **service.soa}
    _ensure(world, service, zone, "SOA", {service.ttl: 3600, service.properties["SOA"]: soa})


def _ensure(world: World, service: Service, zone: Document, name: str, sent: Document) -> None:
    record_id = f"{zone['id']}/{name}/{APEX}"
    if record_id not in world.documents:
        put_record(world, service, record_id, {"properties": sent}, None)


def record_properties(service: Service, record_id: str, sent: Document, before: Document) -> Document:
    """Properties in the service's spelling, in Azure's order, whatever the case of what was sent."""
    kind, name = record_id.rsplit("/", 2)[-2].upper(), ids.last(record_id)
    zone = ids.last(record_id.rsplit("/", 2)[0])
    told = {key.lower(): value for key, value in {**before, **sent}.items() if value is not None}
    records = service.properties[kind]
    empty: Any = None if kind in ("CNAME", "SOA") else []
    found: Document = {"fqdn": f"{zone}." if name == APEX else f"{name}.{zone}.", service.ttl: told.get("ttl", 3600)}
    if told.get("metadata"):
        found["metadata"] = told["metadata"]
    value = told.get(RECORDS[kind].lower(), empty)
    if value is not None:
        found[records] = copy.deepcopy(value)
    for key, default in service.beyond.items():
        found[key] = copy.deepcopy(told.get(key.lower(), default))
    return found


def put_record(
    world: World, service: Service, record_id: str, content: Document, existing: Document | None, *, merge: bool = False
) -> Document:
    """Store a record set. ``merge`` keeps what is not sent (PATCH); the authority record keeps what is Azure's."""
    sent: Document = content.get("properties") or {}
    before: Document = existing["properties"] if existing else {}
    kind = record_id.rsplit("/", 2)[-2].upper()
    properties = record_properties(service, record_id, sent, before if merge or kind == "SOA" else {})
    if kind == "SOA" and existing:
        word = service.properties["SOA"]
        kept = {key: before[word][key] for key in ("host", "serialNumber") if key in before[word]}
        properties[word] = {**before[word], **properties[word], **kept}
    record: Document = {
        "id": existing["id"] if existing else record_id,
        "name": existing["name"] if existing else ids.last(record_id),
        "type": service.record_type(kind),
        "etag": fresh_etag(world, record_id),
        "properties": properties,
    }
    world.documents.put(record)
    world.log.write("resource.written", resource=record["id"])
    return record


def records_of(world: World, zone_id: str) -> list[Document]:
    """A zone's record sets, those at its apex first."""
    found = [child for child in world.documents.children(zone_id) if child["type"].lower() != LINK.lower()]
    return sorted(found, key=lambda record: record["name"] != APEX)


def shown_zone(world: World, zone: Document) -> Document:
    """A zone with its counts as they are now."""
    service = service_of(zone["id"])
    shown = copy.deepcopy(zone)
    counts: Document = {"numberOfRecordSets": len(records_of(world, zone["id"]))}
    if service.private:
        links = world.documents.children(zone["id"], LINK)
        registering = [link for link in links if link["properties"].get("registrationEnabled")]
        counts["numberOfVirtualNetworkLinks"] = len(links)
        counts["numberOfVirtualNetworkLinksWithRegistration"] = len(registering)
    shown["properties"] |= counts
    return shown
