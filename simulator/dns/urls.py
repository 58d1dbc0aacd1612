"""Which paths DNS answers."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.core.web import Url
from simulator.dns import records, responses, wire
from simulator.dns.services import LINK, SERVICES, Service

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers"


def _of(service: Service) -> Iterator[Url]:
    zones = f"{_GROUP}/{service.type}"
    zone = f"{zones}/{{zone}}"
    yield Url("GET", f"{_SUBSCRIPTION}/providers/{service.type}", responses.list_zones)
    yield Url("GET", zones, responses.list_zones)
    yield Url("GET", zone, responses.get_zone)
    yield Url("PUT", zone, responses.put_zone)
    yield Url("PATCH", zone, responses.put_zone)
    yield Url("DELETE", zone, responses.delete_zone)
    yield Url("GET", f"{zone}/all", records.list_all)
    if not service.private:
        yield Url("GET", f"{zone}/recordsets", records.list_all)
    for kind in service.properties:
        yield Url("GET", f"{zone}/{kind}", records.list_of_type)
        yield Url("GET", f"{zone}/{kind}/{{record}}", records.get_record)
        yield Url("PUT", f"{zone}/{kind}/{{record}}", records.put_record_set)
        yield Url("PATCH", f"{zone}/{kind}/{{record}}", records.put_record_set)
        yield Url("DELETE", f"{zone}/{kind}/{{record}}", records.delete_record)
    yield Url("GET", f"{_GROUP}/Microsoft.Network/{service.polls}/{{operation}}", wire.get_status)
    yield Url("GET", f"{_GROUP}/Microsoft.Network/{service.ends}/{{operation}}", wire.get_result)


_LINKS = f"{_GROUP}/{LINK.replace('/virtual', '/{zone}/virtual')}"

URLS = [
    *(row for service in SERVICES for row in _of(service)),
    Url("GET", _LINKS, responses.list_links),
    Url("GET", f"{_LINKS}/{{link}}", responses.get_link),
    Url("PUT", f"{_LINKS}/{{link}}", responses.put_link),
    Url("PATCH", f"{_LINKS}/{{link}}", responses.put_link),
    Url("DELETE", f"{_LINKS}/{{link}}", responses.delete_link),
]
