"""Answers for jobs, for operations' states, and for their results."""

from __future__ import annotations

import copy

from simulator.core import ids
from simulator.core.operations import Operation
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import jobs, recovery_points, running, wire
from simulator.site_recovery.models import of


def get_job(world: World, request: Request) -> Response:
    name = ids.last(request.path)
    job = of(world).jobs.get(wire.vault_of(request.path), name, world.now)
    return Response(200, jobs.full(job, world.now)) if job else wire.not_found(name)


def list_jobs(world: World, request: Request) -> Response:
    try:
        wanted = jobs.read_filter(request.argument("$filter"))
        found = of(world).jobs.listed(request.path.rsplit("/", 1)[0], world.now, wanted)
    except ValueError as error:
        return wire.refusal(400, "InvalidParameter", str(error))
    return Response(200, {"value": [jobs.thin(job, world.now) for job in found], "nextLink": None})


def cancel_job(world: World, request: Request) -> Response:
    """POST jobs/{name}/cancel (documented; what a cancelled failover leaves behind is a guess)."""
    path = request.path.rsplit("/", 1)[0]
    job = of(world).jobs.get(wire.vault_of(path), ids.last(path), world.now)
    operation = world.operations.get(ids.last(path))
    if job is None:
        return wire.not_found(ids.last(path))
    if operation is None or not operation.running:
        return wire.refusal(
            400, "JobCannotBeCancelled", f"The job '{job.name}' can't be cancelled in its state '{job.state}'."
        )
    found = operation
    return running.simple(
        world,
        request,
        action="replicationJobs/cancel",
        resource=world.casing.id(path),
        scenario="CancelJob",
        target_kind="Job",
        finish=lambda: world.operations.cancel(found, {"code": "28022", "message": "The operation was cancelled."}),
    )


def operation_status(world: World, request: Request) -> Response:
    operation = _operation(world, request)
    if operation is None:
        return wire.not_found(ids.last(request.path))
    operation.polls += 1
    lost = wire.lost_its_signature(request, operation)
    return lost or Response(200, wire.status_body(world, operation))


def operation_result(world: World, request: Request) -> Response:
    """The Location of a 202. After success the resource (SPEC), nothing, or 404: no recording shows it (ARM 7.2)."""
    operation = _operation(world, request)
    if operation is None:
        return wire.not_found(ids.last(request.path))
    lost = wire.lost_its_signature(request, operation)
    if lost is not None:
        return lost
    if operation.running:
        again = wire.accepted(world, request, operation)
        again.headers.pop("Azure-AsyncOperation")
        return again
    if operation.error:
        return wire.refusal(400, operation.error["code"], operation.error["message"])
    return _result(world, operation)


def _result(world: World, operation: Operation) -> Response:
    said = of(world).guesses.operation_result
    document = world.documents.get(operation.data["result_of"])
    if said == "missing":
        return wire.not_found(operation.id)
    if said == "empty" or document is None:
        return Response(204)
    item = of(world).item(document["id"])
    if item is not None:
        recovery_points.refresh(of(world), item)
    return Response(200, copy.deepcopy(document))


def _operation(world: World, request: Request) -> Operation | None:
    found = world.operations.get(ids.last(request.path))
    return found if found is not None and found.style == wire.STYLE else None
