"""The Durable management API: one handler, mounted twice.

At ``/durabletask/`` without a key for the SDK's client inside this process's functions, and at
``/runtime/webhooks/durabletask/`` with the system key for curl. Routes and answers are the extension's;
whatever the extension serves there and this host does not is a 501 that names it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from devhost.client_binding import WEBHOOKS, management_urls, query_string
from devhost.commands import BadArgument, Commands, Gone, NotFound
from devhost.errors import HostError, PayloadTooLarge, UnknownFunction
from devhost.history import Status
from devhost.keys import Keys
from devhost.status_view import instance_body, select_instances
from devhost.store import Store

BODY_LIMIT_BYTES = 1024 * 1024
_WRONG = "Something went wrong while processing your request"
_INCORRECT = "One or more of the arguments submitted is incorrect"


@dataclass(frozen=True)
class Call:
    """A request and its path segments after the first."""

    request: Request
    rest: list[str]


class Management:
    def __init__(self, commands: Commands, store: Store, keys: Keys, hub: str, start_window_seconds: float) -> None:
        self._commands, self._store, self._keys, self._hub = commands, store, keys, hub
        self._start_window_seconds = start_window_seconds

    async def handle(self, request: Request, path: str) -> Response:
        """``path`` is what follows the mount, percent-encoded as it came."""
        segments = [unquote(segment) for segment in path.split("/") if segment]
        if not segments:
            return Response(status_code=404)
        try:
            handler = _find_handler(request.method, [segments[0].lower(), *segments[1:]])
            return await handler(self, Call(request, segments[1:]))
        except ValueError as error:
            return _error(400, _INCORRECT, error, "System.ArgumentException")
        except HostError as error:
            return _refusal(error, starting=segments[0].lower() == "orchestrators")

    # orchestrators

    async def start(self, call: Call) -> Response:
        body = await _body_text(call.request)
        if body is not None and not _is_json(body):
            return JSONResponse({"Message": "Invalid JSON content"}, 400)
        name, chosen = call.rest[0], call.rest[1] if len(call.rest) > 1 else None
        instance_id = self._commands.check_start(name, chosen, body)
        if chosen:
            await asyncio.sleep(self._start_window_seconds)
        self._commands.write_start(name, instance_id, body, call.request.query_params.get("version"))
        timeout, polling = call.request.query_params.get("timeout"), call.request.query_params.get("pollingInterval")
        if timeout and polling:
            return await self._wait(call, instance_id, float(timeout), float(polling))
        return self._accepted(call, instance_id)

    async def _wait(self, call: Call, instance_id: str, seconds: float, polling: float) -> Response:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            record = self._commands.get(instance_id)
            if record.status is Status.COMPLETED:
                return JSONResponse(instance_body(self._store, record)["output"])
            if record.status.finished:
                return JSONResponse(instance_body(self._store, record))
            if asyncio.get_running_loop().time() >= deadline:
                return self._accepted(call, instance_id)
            await asyncio.sleep(max(0.01, polling))

    def _accepted(self, call: Call, instance_id: str) -> Response:
        links = management_urls(
            f"{call.request.url.scheme}://{call.request.url.netloc}/{WEBHOOKS}", instance_id,
            query_string(self._hub, self._keys.system),
        )
        links.pop("rewindPostUri")
        headers = {"Location": links["statusQueryGetUri"], "Retry-After": "10"}
        return JSONResponse(links, 202, headers)

    # instances

    async def status(self, call: Call) -> Response:
        query = call.request.query_params
        record = self._commands.get(call.rest[0])
        body = instance_body(
            self._store, record, show_input=_flag(query.get("showInput"), default=True),
            show_history=_flag(query.get("showHistory")), show_output=_flag(query.get("showHistoryOutput")),
        )
        if not record.status.finished:
            return JSONResponse(body, 202, {"Location": str(call.request.url), "Retry-After": "5"})
        failed = record.status is Status.FAILED and _flag(query.get("returnInternalServerErrorOnFailure"))
        return JSONResponse(body, 500 if failed else 200)

    async def list_instances(self, call: Call) -> Response:
        query = call.request.query_params
        records, token = select_instances(self._store, query, call.request.headers.get("x-ms-continuation-token"))
        show_input = _flag(query.get("showInput"), default=True)
        bodies = [instance_body(self._store, record, show_input=show_input) for record in records]
        return JSONResponse(bodies, headers={"x-ms-continuation-token": token} if token else None)

    async def raise_event(self, call: Call) -> Response:
        self._commands.check_raise(call.rest[0])
        if not call.request.headers.get("content-type", "").lower().startswith("application/json"):
            return JSONResponse("Only application/json request content is supported", 400)
        body = await _body_text(call.request)
        if body is None or not _is_json(body):
            return JSONResponse({"Message": "Invalid JSON content"}, 400)
        self._commands.raise_event(call.rest[0], call.rest[2], body)
        return Response(status_code=202)

    async def terminate(self, call: Call) -> Response:
        self._commands.terminate(call.rest[0], call.request.query_params.get("reason", ""))
        return Response(status_code=202)

    async def suspend(self, call: Call) -> Response:
        self._commands.suspend(call.rest[0], call.request.query_params.get("reason", ""))
        return Response(status_code=202)

    async def resume(self, call: Call) -> Response:
        self._commands.resume(call.rest[0], call.request.query_params.get("reason", ""))
        return Response(status_code=202)

    async def rewind(self, call: Call) -> Response:
        self._commands.rewind(call.rest[0], call.request.query_params.get("reason", ""))
        return Response(status_code=202)

    async def restart(self, call: Call) -> Response:
        new_id = _flag(call.request.query_params.get("restartWithNewInstanceId"), default=True)
        return self._accepted(call, self._commands.restart(call.rest[0], new_id=new_id))

    async def purge(self, call: Call) -> Response:
        return _purged(self._commands.purge([self._commands.get(call.rest[0])]))

    async def purge_many(self, call: Call) -> Response:
        if not call.request.query_params.get("createdTimeFrom"):
            return JSONResponse("Please provide value for 'createdTimeFrom' parameter.", 400)
        records, _ = select_instances(self._store, call.request.query_params, None)
        return _purged(self._commands.purge(records))

    # entities

    async def read_entity(self, call: Call) -> Response:
        state = self._commands.entity_state(call.rest[0], call.rest[1])
        if state is None:
            return Response(status_code=404)
        return Response(state, media_type="application/json")

    async def list_entities(self, call: Call) -> Response:
        prefix = f"@{call.rest[0].lower()}@" if call.rest else "@"
        rows = [(name.split("@", 2), state, updated) for name, state, updated in self._store.entities(prefix)]
        return JSONResponse([_entity_body(name, key, state, updated) for (_, name, key), state, updated in rows])

    async def signal_entity(self, call: Call) -> Response:
        body = await _body_text(call.request)
        if body is not None and not _is_json(body):
            body = json.dumps(body)
        self._commands.signal_entity(call.rest[0], call.rest[1], call.request.query_params.get("op", ""), body)
        return Response(status_code=202)

    async def delete_entity(self, call: Call) -> Response:
        self._commands.signal_entity(call.rest[0], call.rest[1], "delete", None)
        return Response(status_code=202)

    async def unserved(self, call: Call) -> Response:
        asked = f"{call.request.method} {call.request.url.path}"
        return JSONResponse({"Message": f"{asked} is part of the Durable API, but this host does not serve it."}, 501)


def _find_handler(method: str, segments: list[str]) -> Callable[..., Awaitable[Response]]:
    shape = [segments[0], *("*" for _ in segments[1:])]
    if segments[0] == "instances" and len(segments) >= 3:
        shape[2] = segments[2].lower()
    try:
        return _ROUTES[(method, "/".join(shape))]
    except KeyError:
        if (method, segments[0]) in _KNOWN_UNSERVED or (method, "/".join(shape)) in _KNOWN_UNSERVED:
            return Management.unserved
        raise NotFound("no such route") from None


_ROUTES: dict[tuple[str, str], Callable[..., Awaitable[Response]]] = {
    ("POST", "orchestrators/*"): Management.start,
    ("POST", "orchestrators/*/*"): Management.start,
    ("GET", "instances"): Management.list_instances,
    ("GET", "instances/*"): Management.status,
    ("DELETE", "instances"): Management.purge_many,
    ("DELETE", "instances/*"): Management.purge,
    ("POST", "instances/*/raiseevent/*"): Management.raise_event,
    ("POST", "instances/*/terminate"): Management.terminate,
    ("POST", "instances/*/suspend"): Management.suspend,
    ("POST", "instances/*/resume"): Management.resume,
    ("POST", "instances/*/rewind"): Management.rewind,
    ("POST", "instances/*/restart"): Management.restart,
    ("GET", "entities"): Management.list_entities,
    ("GET", "entities/*"): Management.list_entities,
    ("GET", "entities/*/*"): Management.read_entity,
    ("POST", "entities/*/*"): Management.signal_entity,
    ("DELETE", "entities/*/*"): Management.delete_entity,
}
_KNOWN_UNSERVED = {
    ("GET", "orchestrators"), ("POST", "instances"), ("POST", "instances/*/makeprimary"), ("POST", "makeprimary"),
    ("PUT", "instances"), ("PATCH", "instances"),
}


def _entity_body(name: str, key: str, state: str | None, updated: str) -> dict[str, Any]:
    return {"entityId": {"name": name, "key": key}, "lastOperationTime": updated, "state": json.loads(state or "null")}


def _purged(count: int) -> Response:
    return JSONResponse({"instancesDeleted": count}) if count else Response(status_code=404)


def _refusal(error: HostError, *, starting: bool) -> Response:
    if isinstance(error, NotFound):
        return Response(status_code=404)
    if isinstance(error, Gone):
        return Response(status_code=410)
    if isinstance(error, UnknownFunction | BadArgument):
        return _error(400, _INCORRECT, error, "System.ArgumentException")
    if isinstance(error, PayloadTooLarge):
        return _error(400 if starting else 413, _INCORRECT, error, "PayloadTooLarge")
    return _error(500, _WRONG, error, "System.InvalidOperationException")


def _error(status: int, message: str, error: Exception, kind: str) -> Response:
    return JSONResponse(
        {"Message": message, "ExceptionMessage": str(error), "ExceptionType": kind, "StackTrace": ""}, status
    )


async def _body_text(request: Request) -> str | None:
    """Raises PayloadTooLarge before more than a megabyte is held, and ValueError for what is not UTF-8."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise PayloadTooLarge(f"the body of {request.method} {request.url.path}", len(body))
    return body.decode() if body else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _flag(value: str | None, *, default: bool = False) -> bool:
    return default if value is None else value.lower() == "true"


