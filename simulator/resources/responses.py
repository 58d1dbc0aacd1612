"""Answers of Azure Resource Manager's own types. A failover makes no groups; owners' scripts and recordings do."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from simulator.core import errors
from simulator.core.documents import Document
from simulator.core.operations import Operation
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.resources import models

TYPED_SINCE = "2019-07-01"
"""The first api-version recorded in which a resource group shows its type; 2018-02-01 does not."""


def list_subscriptions(world: World, request: Request) -> Response:
    return Response(200, {"value": [_subscription(found) for found in models.subscriptions(world)]})


def get_subscription(world: World, request: Request) -> Response:
    wanted = request.params["subscription"]
    if wanted.lower() not in models.subscriptions(world):
        return errors.subscription_not_found(wanted)
    return Response(200, _subscription(wanted.lower()))


def list_groups(world: World, request: Request) -> Response:
    scope = f"/subscriptions/{request.params['subscription']}"
    return Response(200, {"value": world.documents.of_type(models.GROUP, scope)})


def get_group(world: World, request: Request) -> Response:
    group = world.documents.get(_group_id(request))
    if group is None:
        return errors.resource_group_not_found(request.params["group"])
    return Response(200, group if request.api_version >= TYPED_SINCE else _untyped(group))


def _untyped(group: Document) -> Document:
    return {name: value for name, value in group.items() if name != "type"}


def head_group(world: World, request: Request) -> Response:
    """Whether it is there: 204 or 404, no body (recorded)."""
    return Response(204 if _group_id(request) in world.documents else 404)


def put_group(world: World, request: Request) -> Response:
    """Done at once: 201 for a new one, 200 for one that is there (recorded)."""
    content = request.json
    if not isinstance(content, dict) or not content.get("location"):
        return errors.error(400, "LocationRequired", "The location property is required for this definition.")
    existing = world.documents.get(_group_id(request))
    group = models.group(_group_id(request), request.params["group"], content["location"])
    if existing is not None:
        group = {**existing, **({"tags": content["tags"]} if content.get("tags") is not None else {})}
    elif content.get("tags") is not None:
        group["tags"] = content["tags"]
    world.documents.put(group)
    world.log.write("resource.written", resource=group["id"])
    return Response(200 if existing else 201, group)


def delete_group(world: World, request: Request) -> Response:
    """202 with Location alone; everything in the group goes with it (recorded)."""
    group = world.documents.get(_group_id(request))
    if group is None:
        return errors.resource_group_not_found(request.params["group"])
    operation = models.begin_delete(world, group)
    return Response(202, headers=_location(world, request, operation))


def get_operation_result(world: World, request: Request) -> Response:
    """202 with Location until it is done, then an empty 200 (recorded)."""
    operation = world.operations.get(models.operation_of(request.params["job"]))
    if operation is None:
        return errors.error(404, "JobNotFound", "The job was not found.")
    if operation.running:
        return Response(202, headers=_location(world, request, operation))
    return Response(200)


def _location(world: World, request: Request, operation: Operation) -> dict[str, str]:
    subscription = request.params["subscription"]
    url = f"{world.endpoint}/subscriptions/{subscription}/operationresults/{models.job_of(operation)}"
    return {"Location": f"{url}?api-version={request.api_version}", "Retry-After": str(models.RETRY_AFTER_SECONDS)}


def list_resources(world: World, request: Request) -> Response:
    if "group" not in request.params:
        scope = f"/subscriptions/{request.params['subscription']}"
    elif _group_id(request) in world.documents:
        scope = _group_id(request)
    else:
        return errors.resource_group_not_found(request.params["group"])
    found = models.resources_under(world, scope)
    return Response(200, {"value": models.filtered(world, found, request.argument("$filter") or "")})


def _group_id(request: Request) -> str:
    return f"/subscriptions/{request.params['subscription']}/resourceGroups/{request.params['group']}"


def _subscription(subscription: str) -> dict[str, object]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "simulated",
        "state": "Enabled",
    }
