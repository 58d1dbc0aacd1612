"""Answers of Traffic Manager: all at once, none with an etag."""

from __future__ import annotations

from simulator.core import errors, ids
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.traffic_manager import models


def get_profile(world: World, request: Request) -> Response:
    profile = world.documents.get(request.path)
    return (
        Response(200, models.shown_profile(world, profile))
        if profile
        else errors.resource_not_found(_id(world, request))
    )


def list_profiles(world: World, request: Request) -> Response:
    """A list does not say how the probes find them (recorded)."""
    scope = request.path.split("/providers/", 1)[0]
    found = world.documents.of_type(models.PROFILE, scope)
    shown = [models.shown_profile(world, profile) for profile in found]
    for profile in shown:
        profile["properties"]["monitorConfig"]["profileMonitorStatus"] = None
    return Response(200, {"value": shown})


def put_profile(world: World, request: Request) -> Response:
    """PUT: 201 or 200. PATCH: what is sent replaces what is there."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    profile_id = _id(world, request)
    existing = world.documents.get(profile_id)
    if ids.parse(profile_id).group_id not in world.documents:
        return errors.resource_group_not_found(ids.parse(profile_id).resource_group)
    if existing is None and request.method == "PATCH":
        return errors.resource_not_found(profile_id)
    name = str(((content.get("properties") or {}).get("dnsConfig") or {}).get("relativeName") or "")
    if existing is None and name and not _is_free(world, name):
        return errors.error(409, "Conflict", f"Domain name {name}.trafficmanager.net already exists.")
    profile = models.put_profile(world, profile_id, content, existing)
    return Response(200 if existing else 201, models.shown_profile(world, profile))


def delete_profile(world: World, request: Request) -> Response:
    return _deleted(world, request)


def get_endpoint(world: World, request: Request) -> Response:
    endpoint = world.documents.get(request.path)
    if endpoint is None:
        return errors.child_not_found(_id(world, request))
    return Response(200, models.shown_endpoint(world, endpoint))


def put_endpoint(world: World, request: Request) -> Response:
    """201 also for an update (recorded); PATCH is 200."""
    content = request.json
    if not isinstance(content, dict):
        return errors.invalid_request_content("a JSON object is expected")
    endpoint_id = _id(world, request)
    if endpoint_id.rsplit("/", 2)[0] not in world.documents:
        return errors.parent_not_found(endpoint_id)
    if request.method == "PATCH" and endpoint_id not in world.documents:
        return errors.child_not_found(endpoint_id)
    endpoint = models.put_endpoint(world, endpoint_id, content.get("properties") or {})
    return Response(200 if request.method == "PATCH" else 201, models.shown_endpoint(world, endpoint))


def delete_endpoint(world: World, request: Request) -> Response:
    return _deleted(world, request)


def check_name(world: World, request: Request) -> Response:
    content = request.json or {}
    name = str(content.get("name") or "")
    free = _is_free(world, name)
    body = {"name": name, "type": content.get("type"), "nameAvailable": free, "reason": None, "message": None}
    if not free:
        body |= {"reason": "AlreadyExists", "message": "Domain name already exists. Please choose a different name."}
    return Response(200, body)


def _is_free(world: World, name: str) -> bool:
    taken = {
        str(profile["properties"]["dnsConfig"].get("relativeName", "")).lower()
        for profile in world.documents.of_type(models.PROFILE)
    }
    return name.lower() not in taken


def _deleted(world: World, request: Request) -> Response:
    document = world.documents.delete(request.path)
    if document is None:
        return Response(204)
    world.log.write("resource.deleted", resource=document["id"])
    return Response(200)


def _id(world: World, request: Request) -> str:
    """The provider's casing whatever was asked: trafficmanagerprofiles -> trafficManagerProfiles (recorded)."""
    return world.casing.id(request.path)
