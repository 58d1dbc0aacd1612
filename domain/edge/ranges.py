"""Which addresses a service has in a region: lists of service tags read, and prefixes aggregated without a leak.

A list is what the Service Tags API answers, or the weekly file: both hold ``changeNumber`` and ``values`` (sources:
Service tags). Aggregation covers exactly the addresses that it was given: an address more would send somebody else's
traffic through the tunnel, an address less would leave the fleet's outside.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain import arm_ids, regions
from domain.edge.model import Edge
from domain.findings import Findings
from domain.snapshot import Document, name_of

TAGS_TYPE = "Microsoft.Network/serviceTags"

_OTHER_NAMES = {
    "brazilse": "brazilsoutheast",
    "centralfrance": "francecentral",
    "southfrance": "francesouth",
    "germanyn": "germanynorth",
    "germanywc": "germanywestcentral",
    "norwaye": "norwayeast",
    "norwayw": "norwaywest",
    "switzerlandn": "switzerlandnorth",
    "switzerlandw": "switzerlandwest",
}
"""Regions as service tags call them -> ARM's names (recorded)."""


@dataclass(frozen=True)
class ServiceTag:
    """One tag: ``Storage.WestUS``, its service ``storage``, ARM's region and its prefixes."""

    name: str
    service: str
    region: str
    prefixes: tuple[str, ...]
    features: frozenset[str]

    def offers(self, feature: str) -> bool:
        """Whether the tag may stand in a route (UDR) or firewall rule (FW); a list without features says nothing."""
        return not self.features or feature in self.features


@dataclass(frozen=True)
class TagList:
    """A list of service tags. ``document`` is the id of the snapshot's document that holds it."""

    document: str
    change_number: str
    tags: tuple[ServiceTag, ...]

    def regional(self, service: str, region: str) -> ServiceTag | None:
        wanted = service.lower()
        return next((tag for tag in self.tags if tag.service == wanted and tag.region == region), None)


def aggregate(prefixes: Iterable[str]) -> tuple[str, ...]:
    """The fewest prefixes that cover exactly the same addresses; IPv4 first, each family in order."""
    nets = [ipaddress.ip_network(prefix, strict=True) for prefix in prefixes]
    v4 = ipaddress.collapse_addresses(net for net in nets if isinstance(net, ipaddress.IPv4Network))
    v6 = ipaddress.collapse_addresses(net for net in nets if isinstance(net, ipaddress.IPv6Network))
    return (*map(str, v4), *map(str, v6))


def family_of(prefix: str) -> str:
    return "ipv6" if ":" in prefix else "ipv4"


def tags_of(document: Document) -> tuple[ServiceTag, ...]:
    """The tags of a list's document. What has no name or no prefixes is passed over."""
    values = document.get("values")
    found = (_tag(value) for value in (values if isinstance(values, list) else []) if isinstance(value, dict))
    return tuple(tag for tag in found if tag)


def _tag(value: dict[str, Any]) -> ServiceTag | None:
    name, details = value.get("name"), value.get("properties")
    if not isinstance(name, str) or not isinstance(details, dict):
        return None
    prefixes = details.get("addressPrefixes")
    service, _, suffix = name.partition(".")
    region = str(details.get("region") or suffix).lower()
    return ServiceTag(
        name,
        service.lower(),
        _OTHER_NAMES.get(region, region),
        tuple(str(prefix) for prefix in prefixes) if isinstance(prefixes, list) else (),
        frozenset(str(one) for one in details.get("networkFeatures") or ()),
    )


def read_tags(edge: Edge, findings: Findings) -> TagList | None:
    """The list that the plan names; refuses when the snapshot does not hold it."""
    lists = list(findings.snapshot.of_type(TAGS_TYPE))
    if edge.ranges.file is not None:
        path, found = "edge.ranges.file", [one for one in lists if name_of(one) == edge.ranges.file]
        text = f"{edge.ranges.file!r}, which the snapshot does not hold"
        hint = "add the weekly file to the snapshot, with an id that ends in this name (docs/edge.md)"
    else:
        path, found = "edge.ranges.api", [one for one in lists if arm_ids.key(one["id"]).startswith("/subscriptions/")]
        text = f"{len(found)} lists of the Service Tags API in the snapshot"
        hint = f"add what `az network list-service-tags --location {edge.ranges.api}` prints"
    if len(found) != 1:
        findings.refuse(path, text, f"one document of type {TAGS_TYPE}", hint)
        return None
    tags = tags_of(found[0])
    if not tags:
        findings.refuse(path, "a list without tags", "values with name and addressPrefixes", hint)
        return None
    return TagList(found[0]["id"], str(found[0].get("changeNumber") or ""), tags)


def tags_in(edge: Edge, tags: TagList, region: str, findings: Findings) -> tuple[ServiceTag, ...]:
    """The tags of the plan's services in one region; refuses a service that has none there."""
    found: list[ServiceTag] = []
    for index, service in enumerate(edge.services):
        tag = tags.regional(service, region)
        path = f"edge.services[{index}]"
        if tag is None:
            findings.refuse(
                path,
                _missing(service, tags),
                f"a service tag of {regions.display_name(region)}",
                _advice(service, tags),
            )
            continue
        wrong = [prefix for prefix in tag.prefixes if not _is_prefix(prefix)]
        if wrong or not tag.prefixes:
            findings.refuse(path, f"{tag.name} with {wrong[0] if wrong else 'no ranges'}", "address prefixes")
            continue
        found.append(tag)
    return tuple(found)


def _missing(service: str, tags: TagList) -> str:
    anywhere = any(tag.service == service.lower() for tag in tags.tags)
    return f"{service!r}, which has no tag there" if anywhere else f"{service!r}, which no service tag is called"


def _advice(service: str, tags: TagList) -> str | None:
    known = {tag.service: tag.name.partition(".")[0] for tag in tags.tags}
    if service.lower() in known:
        return "its addresses are not told by region: leave it out, or route it by other means"
    close = difflib.get_close_matches(service.lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {known[close[0]]!r}?" if close else None


def _is_prefix(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        return False
    return True
