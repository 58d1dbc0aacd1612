"""Answers for recovery plans: full when asked for by name, without groups in a list (trap 5)."""

from __future__ import annotations

import copy

from simulator.core import ids
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import bodies, plan_actions, running, wire
from simulator.site_recovery.bodies import FABRIC_TYPE, PLAN_TYPE, is_a
from simulator.site_recovery.item_actions import settings_of
from simulator.site_recovery.models import Document


def get_plan(world: World, request: Request) -> Response:
    plan = _find(world, request.path)
    return Response(200, _shown(world, plan)) if plan else wire.not_found(ids.last(request.path))


def list_plans(world: World, request: Request) -> Response:
    found = []
    for plan in world.documents.of_type(PLAN_TYPE, request.path.rsplit("/", 1)[0]):
        shown = _shown(world, plan)
        shown["properties"]["groups"] = []
        found.append(shown)
    return Response(200, {"value": found, "nextLink": None})


def _shown(world: World, plan: Document) -> Document:
    shown = copy.deepcopy(plan)
    if set(shown["properties"].get("replicationProviders") or ["A2A"]) == {"A2A"}:
        shown["properties"]["allowedOperations"] = plan_actions.allowed_operations(world, plan)
    return shown


def put_plan(world: World, request: Request) -> Response:
    """PUT makes a plan, PATCH changes its groups; the service adds the Shutdown and Failover groups (A2A #171-174)."""
    resource = wire.capital_s(world.casing.id(request.path))
    settings = settings_of(request.json)
    existing = _find(world, resource)
    if request.method == "PATCH" and existing is None:
        return wire.not_found(ids.last(resource))
    missing = next((m["id"] for m in _members(settings) if m["id"] not in world.documents), None)
    if missing:
        return wire.not_found(ids.last(missing))

    def finish() -> None:
        plan = _built(world, resource, settings, existing)
        plan["properties"]["groups"] = _groups(settings.get("groups") or plan["properties"]["groups"])
        world.documents.put(plan)
        world.log.write("resource.written", resource=plan["id"])

    return running.simple(
        world,
        request,
        action="replicationRecoveryPlans/write",
        resource=resource,
        scenario="SaveRecoveryPlan",
        target_kind="RecoveryPlan",
        finish=finish,
    )


def _members(settings: Document) -> list[Document]:
    return [member for group in settings.get("groups") or [] for member in group.get("replicationProtectedItems") or []]


def _built(world: World, resource: str, settings: Document, existing: Document | None) -> Document:
    if existing is not None and "primaryFabricId" not in settings:
        return existing
    fabrics = (str(settings.get("primaryFabricId")), str(settings.get("recoveryFabricId")))
    regions = (_region(world, fabrics[0]), _region(world, fabrics[1]))
    return bodies.recovery_plan(wire.vault_of(resource), ids.last(resource), fabrics, regions, [])


def _region(world: World, fabric_id: str) -> str:
    fabric = world.documents.get(fabric_id)
    return str(fabric["properties"]["customDetails"]["location"]) if fabric and is_a(fabric, FABRIC_TYPE) else fabric_id


def _groups(given: list[Document]) -> list[Document]:
    """Groups as GET shows them: Shutdown, Failover, then the Boot groups; virtualMachineId is a GUID."""
    kinds = {group["groupType"]: group for group in given if group["groupType"] != "Boot"}
    empty: Document = {"replicationProtectedItems": [], "startGroupActions": [], "endGroupActions": []}
    found = [{"groupType": kind, **empty, **kinds.get(kind, {})} for kind in ("Shutdown", "Failover")]
    for group in given:
        if group["groupType"] == "Boot":
            members = [
                {"id": member["id"], "virtualMachineId": bodies.machine_guid(member["id"])}
                for member in group.get("replicationProtectedItems") or []
            ]
            found.append({**empty, **group, "replicationProtectedItems": members})
    return found


def delete_plan(world: World, request: Request) -> Response:
    plan = _find(world, request.path)
    if plan is None:
        return wire.not_found(ids.last(request.path))

    def finish() -> None:
        world.documents.delete(request.path)
        world.log.write("resource.deleted", resource=request.path)

    return running.simple(
        world,
        request,
        action="replicationRecoveryPlans/delete",
        resource=str(plan["id"]),
        scenario="DeleteRecoveryPlan",
        target_kind="RecoveryPlan",
        finish=finish,
    )


def act(world: World, request: Request) -> Response:
    path, action = request.path.rsplit("/", 1)
    plan = _find(world, path)
    if plan is None:
        return wire.not_found(ids.last(path))
    return plan_actions.begin(world, request, plan, _ACTIONS[action.lower()], settings_of(request.json))


_ACTIONS = {
    action.lower(): action
    for action in ("unplannedFailover", "testFailover", "testFailoverCleanup", "failoverCommit", "reProtect")
}


def _find(world: World, plan_id: str) -> Document | None:
    plan = world.documents.get(plan_id)
    return plan if plan is not None and is_a(plan, PLAN_TYPE) else None
