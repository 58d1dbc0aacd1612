"""Profiles and endpoints as they are kept and shown."""

from __future__ import annotations

import copy
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.traffic_manager import probes

PROFILE = "Microsoft.Network/trafficManagerProfiles"
KINDS = ("externalEndpoints", "azureEndpoints", "nestedEndpoints")
ENDPOINT_TYPES = tuple(f"{PROFILE}/{kind}" for kind in KINDS)
_MONITOR = {"intervalInSeconds": 30, "toleratedNumberOfFailures": 3, "timeoutInSeconds": 10}


def begin(world: World) -> None:
    """Make documents of the endpoints that an estate shows inside their profile."""
    probes.watch(world)
    for profile in world.documents.of_type(PROFILE):
        take_apart(world, profile)
        for endpoint in endpoints_of(world, profile["id"]):
            probes.known_of_old(world, endpoint["id"])


def take_apart(world: World, profile: Document) -> None:
    """Endpoints of a body become documents of their own; those that it leaves out are gone."""
    shown = profile["properties"].pop("endpoints", None)
    if shown is None:
        return
    kept = set()
    for endpoint in shown:
        kind = str(endpoint.get("type") or ENDPOINT_TYPES[0]).rsplit("/", 1)[-1]
        made = put_endpoint(world, f"{profile['id']}/{kind}/{endpoint['name']}", endpoint.get("properties") or {})
        kept.add(ids.key(made["id"]))
    for endpoint in endpoints_of(world, profile["id"]):
        if ids.key(endpoint["id"]) not in kept:
            world.documents.delete(endpoint["id"])


def put_profile(world: World, profile_id: str, content: Document, existing: Document | None) -> Document:
    sent: dict[str, Any] = copy.deepcopy(content.get("properties") or {})
    dns, monitor = sent.pop("dnsConfig", None) or {}, sent.pop("monitorConfig", None) or {}
    monitor.pop("profileMonitorStatus", None)
    before = existing["properties"] if existing else {}
    name = str(dns.get("relativeName") or (before.get("dnsConfig") or {}).get("relativeName") or "")
    properties = {
        "profileStatus": sent.pop("profileStatus", before.get("profileStatus", "Enabled")),
        "trafficRoutingMethod": sent.pop("trafficRoutingMethod", before.get("trafficRoutingMethod", "Performance")),
        "dnsConfig": {**(before.get("dnsConfig") or {}), **dns, "fqdn": f"{name}.trafficmanager.net"},
        "monitorConfig": {**_MONITOR, **(before.get("monitorConfig") or {}), **monitor},
        "trafficViewEnrollmentStatus": sent.pop("trafficViewEnrollmentStatus", "Disabled"),
        **sent,
    }
    profile: Document = {"id": profile_id, "name": ids.last(profile_id), "type": PROFILE, "location": "global"}
    tags = content.get("tags") if content.get("tags") is not None else (existing or {}).get("tags")
    if tags is not None:
        profile["tags"] = tags
    profile["properties"] = properties
    world.documents.put(profile)
    take_apart(world, profile)
    world.log.write("resource.written", resource=profile_id)
    return profile


def put_endpoint(world: World, endpoint_id: str, sent: Document) -> Document:
    """An endpoint that is new, enabled again, or whose target changed, is checked anew."""
    existing = world.documents.get(endpoint_id)
    before = existing["properties"] if existing else {}
    properties: Document = {
        "endpointStatus": "Enabled",
        "target": None,
        "weight": 1,
        "priority": len(endpoints_of(world, endpoint_id.rsplit("/", 2)[0])) + (0 if existing else 1),
        "endpointLocation": None,
        **{name: value for name, value in before.items() if value is not None},
        **{name: value for name, value in sent.items() if value is not None},
        "NestedProfile": None,
    }
    properties.pop("endpointMonitorStatus", None)
    kind = endpoint_id.rsplit("/", 2)[1]
    endpoint = {"id": endpoint_id, "name": ids.last(endpoint_id), "type": f"{PROFILE}/{kind}", "properties": properties}
    enabled = before.get("endpointStatus") == "Disabled" and properties["endpointStatus"] == "Enabled"
    moved = any(before.get(name) != properties.get(name) for name in ("target", "targetResourceId"))
    if existing is None or enabled or moved:
        probes.look_anew(world, endpoint_id)
    world.documents.put(endpoint)
    world.log.write("resource.written", resource=endpoint_id)
    return endpoint


def endpoints_of(world: World, profile_id: str) -> list[Document]:
    return [child for kind in ENDPOINT_TYPES for child in world.documents.children(profile_id, kind)]


def shown_endpoint(world: World, endpoint: Document) -> Document:
    """Keys in Azure's order, the nulls with them."""
    shown = copy.deepcopy(endpoint)
    properties = shown["properties"]
    profile = world.documents.get(endpoint["id"].rsplit("/", 2)[0]) or {"properties": {}}
    shown["properties"] = {
        "endpointStatus": properties["endpointStatus"],
        "endpointMonitorStatus": probes.monitor_status(world, profile, endpoint),
        **{name: value for name, value in properties.items() if name != "endpointStatus"},
    }
    return shown


def shown_profile(world: World, profile: Document) -> Document:
    shown = copy.deepcopy(profile)
    endpoints = [shown_endpoint(world, endpoint) for endpoint in endpoints_of(world, profile["id"])]
    status = probes.profile_status(profile, {endpoint["properties"]["endpointMonitorStatus"] for endpoint in endpoints})
    shown["properties"]["monitorConfig"] = {"profileMonitorStatus": status, **shown["properties"]["monitorConfig"]}
    shown["properties"]["endpoints"] = endpoints
    return shown


def now_directed_to(world: World, profile_id: str) -> list[str]:
    """Ids of the endpoints that the profile's name leads to at this moment; none for what is no profile."""
    profile = world.documents.get(profile_id)
    return probes.directed_to(world, profile, endpoints_of(world, profile_id)) if profile is not None else []
