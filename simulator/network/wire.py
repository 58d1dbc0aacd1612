"""Headers and polls of Microsoft.Network's long-running operations.

Recorded: a status body holds ``status`` alone (``error`` when failed, ``properties: {}`` after a POST); a result is
202 ``null`` until it is there. Retry-After was stripped from the recordings and is read off the recorded poll times.
"""

from __future__ import annotations

from typing import Any

from simulator.core import errors
from simulator.core.documents import Document, normalise_location
from simulator.core.operations import Operation
from simulator.core.web import NOTHING, Request, Response
from simulator.core.world import World
from simulator.network.guesses import chosen
from simulator.network.kind import TEN, Kind

NOTIFIES_SINCE = "2022-01-01"


def poll_url(world: World, operation: Operation, request: Request, collection: str) -> str:
    subscription = request.path.strip("/").split("/")[1]
    location = normalise_location(operation.location or "global")
    return (
        f"{world.endpoint}/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}"
        f"/{collection}/{operation.id}?api-version={request.api_version}"
    )


def async_headers(world: World, operation: Operation, request: Request, kind: Kind, *, located: bool) -> dict[str, str]:
    """Azure-AsyncOperation, with ``located`` also Location; Retry-After for the first poll."""
    operation.data["retry_after"] = tuple(kind.retry_after)
    headers = {"Azure-AsyncOperation": poll_url(world, operation, request, kind.polls)}
    if located:
        results = kind.polls.replace("perations", "perationResults")
        headers["Location"] = poll_url(world, operation, request, results)
    if kind.notifies and not kind.is_child:
        headers["Azure-AsyncNotification"] = "Enabled"
    headers["Retry-After"] = str(kind.retry_after[0])
    return headers


def notifies_of_update(api_version: str, before: Document, after: Document) -> bool:
    """Azure-AsyncNotification on an update: of changed tags alone (recorded 2020), of any later (recorded 2023)."""
    return api_version >= NOTIFIES_SINCE or (before.get("tags") or {}) != (after.get("tags") or {})


def refusal_of(world: World, operation: Operation, resource_id: str) -> Response:
    """A write on what ``operation`` is updating: 429 RetryableError as recorded, or the 409 that owners report."""
    if chosen(world, "lock") == "409":
        subscription = resource_id.strip("/").split("/")[1]
        uri = f"{world.endpoint}/subscriptions/{subscription}/providers/Microsoft.Network/operations/{operation.id}"
        message = (
            "Another operation on this or dependent resource is in progress. To retrieve status of the operation use "
            f"uri: {uri}."
        )
        return errors.error(409, "AnotherOperationInProgress", message, [])
    seconds = max(1, min(14, round(world.operations.seconds_left(operation))))
    return errors.locked_by(operation.title, operation.id, resource_id, seconds)


def not_provisioned(world: World, operation: Operation, resource_id: str, user: str) -> Response:
    """A write that refers to what is being updated: 429 RetryableError as recorded, or the 400 that owners report."""
    code = "ReferencedResourceNotProvisioned"
    message = (
        f"Cannot proceed with operation because resource {resource_id} used by resource {user} is not in Succeeded "
        "state. Resource is in Updating state and the last operation that updated/is updating the resource is "
        f"{operation.title}."
    )
    if chosen(world, "reference_not_ready") == "400":
        return errors.error(400, code, message, [])
    return errors.error(429, "RetryableError", "A retryable error occurred.", [{"code": code, "message": message}])


def accepted_post(world: World, operation: Operation, request: Request, *, both: bool) -> Response:
    """202 to a POST: a reading has Location and the body ``null``; an effect has both headers and no body."""
    headers = {"Location": poll_url(world, operation, request, "operationResults"), "Retry-After": str(TEN[0])}
    if both:
        headers["Azure-AsyncOperation"] = poll_url(world, operation, request, "operations")
    return Response(202, NOTHING if both else None, headers)


def get_operation(world: World, request: Request) -> Response:
    """GET locations/{location}/operations/{id}."""
    operation = _found(world, request)
    if operation is None:
        return _unknown(request)
    operation.polls += 1
    body: dict[str, Any] = {"status": operation.status}
    headers: dict[str, str] = {}
    if operation.running:
        steps = operation.data.get("retry_after", TEN)
        headers["Retry-After"] = str(steps[min(operation.polls, len(steps) - 1)])
    elif operation.error is not None:
        body["error"] = operation.error
    elif operation.method == "POST":
        body["properties"] = {}
    return Response(200, body, headers)


def get_result(world: World, request: Request) -> Response:
    """GET locations/{location}/operationResults/{id}."""
    operation = _found(world, request)
    if operation is None:
        return _unknown(request)
    headers = {"Location": poll_url(world, operation, request, "operationResults")}
    if operation.data.get("both"):
        headers["Azure-AsyncOperation"] = poll_url(world, operation, request, "operations")
    if operation.running:
        return Response(202, None, {**headers, "Retry-After": str(TEN[0])})
    if operation.error is not None:
        return Response(400, {"error": operation.error}, headers)
    if operation.method == "DELETE":
        return Response(204)
    return Response(200, operation.result, headers)


def _found(world: World, request: Request) -> Operation | None:
    operation = world.operations.get(request.params["operation"])
    return operation if operation is not None and operation.style == "network" else None


def _unknown(request: Request) -> Response:
    message = f"Operation {request.params['operation']} was not found."
    return errors.error(404, "OperationNotFound", message, [])
