"""Answers for protected items and their recovery points."""

from __future__ import annotations

import copy

from simulator.core import ids
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import order, recovery_points, running, wire
from simulator.site_recovery.bodies import CONTAINER_TYPE, ITEM_TYPE, is_a
from simulator.site_recovery.item_actions import allowed, prepare, settings_of
from simulator.site_recovery.item_update import update
from simulator.site_recovery.models import Document, Item, boot_groups, of
from simulator.site_recovery.reprotection import enabled, start_replication
from simulator.site_recovery.running import Run
from simulator.site_recovery.transitions import Refusal, take

ALREADY_PROTECTED = {"code": "45031", "message": "Protection has already been enabled."}
NOT_ENABLED = {"code": "45005", "message": "Protection couldn't be enabled for the virtual machine."}


def get_item(world: World, request: Request) -> Response:
    item = _find(world, request.path)
    return Response(200, _shown(world, item)) if item else wire.not_found(ids.last(request.path))


def list_items(world: World, request: Request) -> Response:
    """Items of a container or, one level up, of the whole vault with ``$filter=RecoveryPlanName eq '...'``."""
    scope = request.path.rsplit("/", 1)[0]
    if scope not in world.documents:
        return wire.not_found(ids.last(scope))
    wanted = _of_plan(world, scope, request.argument("$filter"))
    items = [Item(document) for document in world.documents.of_type(ITEM_TYPE, scope)]
    shown = [_shown(world, item) for item in items if wanted is None or item.key in wanted]
    return Response(200, {"value": shown, "nextLink": None})


def _of_plan(world: World, vault: str, clause: str | None) -> set[str] | None:
    """The items that ``RecoveryPlanName eq 'x'`` keeps; None for no filter."""
    if not clause or "recoveryplanname" not in clause.lower():
        return None
    plan = world.documents.get(f"{vault}/replicationRecoveryPlans/{clause.split(' eq ', 1)[-1].strip().strip(chr(39))}")
    return {ids.key(member) for group in boot_groups(plan) for member in group} if plan else set()


def _shown(world: World, item: Item) -> Document:
    recovery_points.refresh(of(world), item)
    return copy.deepcopy(item.document)


def act(world: World, request: Request) -> Response:
    """POST items/{name}/{action}, for every action of the table that is a scenario of one item."""
    path, action = request.path.rsplit("/", 1)
    item = _find(world, path)
    if item is None:
        return wire.not_found(ids.last(path))
    row = allowed(world, item, action)
    if isinstance(row, Response):
        return row
    run = prepare(world, item, row, settings_of(request.json))
    if isinstance(run, Response):
        return run
    if row.action == "unplannedFailover":
        order.check_groups(of(world), item)
    return running.begin(world, request, run)


def switch_protection(world: World, request: Request) -> Response:
    """POST container/switchprotection: re-protect of the item that the body names (A2A #193)."""
    container = request.path.rsplit("/", 1)[0]
    document = world.documents.get(container)
    if document is None or not is_a(document, CONTAINER_TYPE):
        return wire.not_found(ids.last(container))
    settings = settings_of(request.json)
    name = str(settings.get("replicationProtectedItemName") or "")
    item = _find(world, f"{container}/replicationProtectedItems/{name}")
    if item is None:
        return wire.not_found(name)
    row = allowed(world, item, "reProtect")
    if isinstance(row, Response):
        return row
    run = prepare(world, item, row, settings)
    if isinstance(run, Response):
        return run
    action, resource = "replicationProtectionContainers/switchprotection", str(document["id"])
    return running.begin(world, request, run, action=action, resource=resource)


def remove(world: World, request: Request) -> Response:
    """POST items/{name}/remove (disable) and DELETE items/{name} (purge); a missing item is 404, never 204."""
    disable = request.method == "POST"
    path = request.path.rsplit("/", 1)[0] if disable else request.path
    item = _find(world, path)
    if item is None:
        return wire.not_found(ids.last(path))
    row = allowed(world, item, "remove" if disable else "delete")
    if isinstance(row, Response):
        return row
    found = item

    def at_end() -> None:
        world.documents.delete(found.id)
        world.log.write("resource.deleted", resource=found.id)

    run = Run(row, item, at_end, custom={"instanceType": "AsrJobDetails"})
    return running.begin(world, request, run)


def put_item(world: World, request: Request) -> Response:
    """Enable replication. An item that is there: Succeeded after a second, with a warning as error (trap 1)."""
    resource = world.casing.id(request.path)
    settings = settings_of(request.json)
    container = resource.split("/replicationProtectedItems/", 1)[0]
    if container not in world.documents:
        return wire.not_found(ids.last(container))

    def finish() -> Document | None:
        document = enabled(world, wire.capital_s(resource), settings)
        if document is None:
            return NOT_ENABLED
        start_replication(world, document)
        return None

    there = _find(world, resource) is not None
    return running.simple(
        world,
        request,
        action="replicationProtectedItems/write",
        resource=resource,
        scenario="EnableDr",
        target_kind="ProtectionEntity",
        finish=(lambda: None) if there else finish,
        warning=ALREADY_PROTECTED if there else None,
        duration=1.0 if there else None,
    )


def patch_item(world: World, request: Request) -> Response:
    """Compute and network settings: what is given replaces what is there, interfaces by their nicId."""
    item = _find(world, request.path)
    if item is None:
        return wire.not_found(ids.last(request.path))
    settings = settings_of(request.json)
    refusal = take("remove", item.name, item.properties, of(world).busy.get(item.key))
    if isinstance(refusal, Refusal):
        return wire.refusal(int(of(world).guesses.refusal), refusal.code, refusal.reason)
    found = item

    def finish() -> Document | None:
        error = update(world, found, settings)
        world.documents.changed(found.id)
        return error

    return running.simple(
        world,
        request,
        action="replicationProtectedItems/update",
        resource=item.id,
        scenario="UpdateVmProperties",
        target_kind="ProtectionEntity",
        finish=finish,
    )


def list_points(world: World, request: Request) -> Response:
    item = _find(world, request.path.rsplit("/", 1)[0])
    if item is None:
        return wire.not_found(ids.last(request.path.rsplit("/", 1)[0]))
    found = recovery_points.points(of(world), item)
    return Response(200, {"value": [recovery_points.body(point, item) for point in found], "nextLink": None})


def get_point(world: World, request: Request) -> Response:
    item = _find(world, request.path.rsplit("/", 2)[0])
    found = recovery_points.points(of(world), item) if item else []
    point = next((point for point in found if point.name == ids.last(request.path).lower()), None)
    if item is None or point is None:
        return wire.not_found(ids.last(request.path))
    return Response(200, recovery_points.body(point, item))


def _find(world: World, item_id: str) -> Item | None:
    return of(world).item(item_id)
