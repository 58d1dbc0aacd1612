"""Answers of Azure Resource Manager's own types. They are read only here: a failover makes no resource groups."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from simulator.core import errors
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.resources import models


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
    return Response(200, group)


def list_resources(world: World, request: Request) -> Response:
    if "group" not in request.params:
        scope = f"/subscriptions/{request.params['subscription']}"
    elif _group_id(request) in world.documents:
        scope = _group_id(request)
    else:
        return errors.resource_group_not_found(request.params["group"])
    return Response(200, {"value": models.resources_under(world, scope)})


def _group_id(request: Request) -> str:
    return f"/subscriptions/{request.params['subscription']}/resourceGroups/{request.params['group']}"


def _subscription(subscription: str) -> dict[str, object]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "simulated",
        "state": "Enabled",
    }
