"""POSTs that read, or act on, a gateway, a connection, an interface or a watcher: 202 and a result to fetch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.operations import Failure, Operation
from simulator.core.web import NOTHING, Request, Response
from simulator.core.world import World
from simulator.network import gateways, routing
from simulator.network.guesses import chosen
from simulator.network.kind import GROWING
from simulator.network.wire import accepted_post, poll_url, refusal_of


def learned_routes(world: World, request: Request) -> Response:
    return _gateway_reading(world, request, "getLearnedRoutes", lambda found: routing.learned(world, found["id"]))


def advertised_routes(world: World, request: Request) -> Response:
    peer = request.argument("peer")
    if not peer:
        return errors.error(400, "InvalidRequestFormat", "The query parameter 'peer' is required.", [])
    return _gateway_reading(
        world, request, "getAdvertisedRoutes", lambda found: routing.advertised(world, found["id"], peer)
    )


def bgp_peer_status(world: World, request: Request) -> Response:
    peer = request.argument("peer")
    return _gateway_reading(world, request, "getBgpPeerStatus", lambda found: routing.peers(world, found["id"], peer))


def effective_routes(world: World, request: Request) -> Response:
    """Only for the interface of a machine that runs (documented)."""
    interface_id = target_of(request)
    document = world.documents.get(interface_id)
    if document is None:
        return errors.resource_not_found(interface_id)
    machine = world.machines.get((document["properties"].get("virtualMachine") or {}).get("id") or "")
    if machine is None or not world.machines.up(machine):
        message = f"Virtual machine of {interface_id} must be running to read its effective routes."
        return errors.error(400, "VMNotRunning", message, [])
    return read(world, request, document, "effectiveRouteTable", lambda: routing.effective_routes(world, machine))


def reset_gateway(world: World, request: Request) -> Response:
    gateway_id = target_of(request)
    document = world.documents.get(gateway_id)
    if document is None:
        return errors.resource_not_found(gateway_id)
    return _effect(world, request, document, "virtualNetworkGateways/reset", [gateway_id], lambda: None)


def get_shared_key(world: World, request: Request) -> Response:
    """The key in clear, as ARM answers it (recorded)."""
    document = world.documents.get(_connection_id(request))
    if document is None:
        return errors.resource_not_found(_connection_id(request))
    return Response(200, {"value": document["properties"].get("sharedKey", "")})


def put_shared_key(world: World, request: Request) -> Response:
    """200 with an empty body and a header to poll (recorded)."""
    value = (request.json or {}).get("value")
    document = world.documents.get(_connection_id(request))
    if document is None:
        return errors.resource_not_found(_connection_id(request))
    if not isinstance(value, str) or not value:
        return errors.invalid_request_content("value is required")
    response = _effect(
        world,
        request,
        document,
        "connections/sharedkey/write",
        gateways.lock_gateways(world, document),
        lambda: document["properties"].update(sharedKey=value),
    )
    if response.status == 202:
        kept = {name: response.headers[name] for name in ("Azure-AsyncOperation", "Retry-After")}
        return Response(200, NOTHING, kept)
    return response


def reset_shared_key(world: World, request: Request) -> Response:
    document = world.documents.get(_connection_id(request))
    if document is None:
        return errors.resource_not_found(_connection_id(request))
    length = int((request.json or {}).get("keyLength") or 128)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    chance = world.random("reset-key", document["id"], world.seconds)
    value = "".join(chance.choice(letters) for _ in range(length))
    return _effect(
        world,
        request,
        document,
        "connections/sharedkey/reset",
        gateways.lock_gateways(world, document),
        lambda: document["properties"].update(sharedKey=value),
    )


def _gateway_reading(
    world: World, request: Request, action: str, rows: Callable[[Document], list[dict[str, Any]]]
) -> Response:
    gateway_id = target_of(request)
    document = world.documents.get(gateway_id)
    if document is None:
        return errors.resource_not_found(gateway_id)
    return read(world, request, document, action, lambda: rows(document))


def read(
    world: World, request: Request, document: Document, action: str, rows: Callable[[], list[dict[str, Any]]]
) -> Response:
    return begin_reading(world, request, document["id"], action, lambda: {"value": rows()}, None)


def watch(
    world: World,
    request: Request,
    action: str,
    result: Callable[[], Any],
    duration: float | None = None,
    failure: Failure | None = None,
) -> Response:
    """A reading through a watcher; with ``failure`` it comes to that."""
    watcher_id = target_of(request)
    if watcher_id not in world.documents:
        return errors.resource_not_found(watcher_id)
    return begin_reading(world, request, watcher_id, action, result, duration, failure)


def begin_reading(
    world: World,
    request: Request,
    resource: str,
    action: str,
    result: Callable[[], Any],
    duration: float | None,
    failure: Failure | None = None,
) -> Response:
    operation: Operation

    def finish() -> Failure | None:
        if chosen(world, "dark_gateway_readings") == "failed" and _is_dark(world, resource):
            return {"code": "GatewayNotReachable", "message": f"{resource} does not answer.", "details": []}
        if failure is None:
            operation.result = result()
        return failure

    operation = world.operations.begin(
        f"{ids.parse(resource).types[-1]}/{action}",
        resource,
        location=world.documents.location_of(resource),
        finish=finish,
        duration=world.draw("reading", f"{resource}/{action}") if duration is None else duration,
        method="POST",
        title=action,
    )
    return accepted_post(world, operation, request, both=False)


def _is_dark(world: World, resource: str) -> bool:
    return world.faults.data_plane_is_dark(world.documents.location_of(resource))


def _effect(
    world: World,
    request: Request,
    document: Document,
    action: str,
    locks: Any,
    effect: Callable[[], object],
) -> Response:
    held = world.operations.holder([document["id"], *locks])
    if held is not None:
        return refusal_of(world, *held)

    def finish() -> None:
        effect()
        document["etag"] = world.etag()
        world.log.write("resource.written", resource=document["id"])
        world.documents.changed(document["id"])

    operation = world.operations.begin(
        action,
        document["id"],
        location=world.documents.location_of(document["id"]),
        finish=finish,
        locks=[document["id"], *locks],
        method=request.method,
        title=action,
        data={"both": True, "retry_after": GROWING},
    )
    response = accepted_post(world, operation, request, both=True)
    response.headers["Azure-AsyncOperation"] = poll_url(world, operation, request, "operations")
    return response


def no_target(target: object) -> Response:
    return errors.error(404, "ResourceNotFound", f"The target resource {target} was not found.", [])


def target_of(request: Request) -> str:
    """The resource that an action is called on: the path less its last segment."""
    return request.path.rstrip("/").rsplit("/", 1)[0]


def _connection_id(request: Request) -> str:
    path = request.path.rstrip("/")
    return path[: path.lower().index("/sharedkey")]
