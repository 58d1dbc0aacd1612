"""The HTTP side: the app's doors with their keys, the two mounts of the management API, and the manual timer run.

Requests and responses pass through the library's own converters as in the worker. Async functions run on the
worker's loop, sync ones on the pool; this loop only waits for them, so it answers whatever they do.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

from azure.functions.meta import Datum
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from devhost.app_loader import LoadedFunction
from devhost.client_binding import RPC, WEBHOOKS
from devhost.invocation import Invoker, binding_registry
from devhost.keys import Keys
from devhost.management import Management
from devhost.pool import CountedPool, WorkerLoop
from devhost.routes import Match, RouteTable

log = logging.getLogger("devhost.http")

BODY_LIMIT_BYTES = 100 * 1024 * 1024
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class BodyTooLarge(Exception):
    """Over Azure's 100 MB."""


class HttpFront:
    """An ASGI application."""

    def __init__(
        self, routes: RouteTable, management: Management, keys: Keys, invoker: Invoker, pool: CountedPool,
        loop: WorkerLoop, run_timer: Callable[[str], bool],
    ) -> None:
        self._routes, self._management, self._keys, self._invoker = routes, management, keys, invoker
        self._pool, self._loop, self._run_timer = pool, loop, run_timer
        self._encode = binding_registry().get("http").encode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except BodyTooLarge:
            response = Response(status_code=413)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - a door answers 500, the host lives on
            log_failure(f"{request.method} {request.url.path}", error)
            response = Response(status_code=500)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1").split("?")[0]
        head, rest = _split_mount(path)
        if head == RPC and not _from_this_machine(request):
            return Response(status_code=403)
        if head == WEBHOOKS and not self._allowed(request, "system"):
            return Response(status_code=401)
        if head:
            return await self._management.handle(request, rest)
        if path.lower().startswith("/admin/"):
            return self._admin(request, path)
        return await self._door(request, path)

    async def _door(self, request: Request, path: str) -> Response:
        match = self._routes.find(request.method, path)
        if match is None:
            return Response(status_code=404)
        if not self._allowed(request, match.route.level):
            return Response(status_code=401)
        return await self._call(match, request)

    def _allowed(self, request: Request, level: str) -> bool:
        presented = request.headers.get("x-functions-key") or request.query_params.get("code")
        return self._keys.allows(presented, level)

    def _admin(self, request: Request, path: str) -> Response:
        if not self._allowed(request, "admin"):
            return Response(status_code=401)
        parts = path.strip("/").split("/")
        if request.method == "POST" and len(parts) == 3 and parts[1].lower() == "functions":
            return Response(status_code=202 if self._run_timer(parts[2]) else 404)
        message = f"{request.method} {path} is part of the host's admin API, but this host does not serve it."
        return JSONResponse({"Message": message}, 501)

    async def _call(self, match: Match, request: Request) -> Response:
        function = match.route.function
        trigger = await _trigger(request, match.values)
        try:
            result = await self._invoke(function, trigger)
            return self._response(result)
        except Exception as error:  # noqa: BLE001 - the worker makes any failure a 500
            log_failure(f"function {function.name}", error)
            return Response(status_code=500)

    async def _invoke(self, function: LoadedFunction, trigger: Datum) -> Any:
        if function.is_async:
            running = self._loop.submit(self._invoker.call_async(function, trigger))
            return await asyncio.shield(asyncio.wrap_future(running))
        here = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = here.create_future()

        def run() -> None:
            try:
                result = self._invoker.call(function, trigger)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the answer
                here.call_soon_threadsafe(_settle, answer, None, error)
            else:
                here.call_soon_threadsafe(_settle, answer, result, None)

        self._pool.submit(run)
        return await answer

    def _response(self, result: Any) -> Response:
        datum = self._encode(result, expected_type=None)
        if datum.type == "string":
            return _response_of_text(datum.value)
        value = datum.value
        response = Response(value["body"].value, int(value["status_code"].value))
        for name in list(response.headers):
            if name != "content-length":
                del response.headers[name]
        for name, header in value["headers"].items():
            if name.lower() != "content-length":
                response.headers[name] = header.value
        for cookie in value["cookies"] or []:
            for morsel in cookie.values():
                response.headers.append("set-cookie", morsel.OutputString())
        return response


async def _trigger(request: Request, values: dict[str, str]) -> Datum:
    def text(value: str) -> Datum:
        return Datum(value, "string")

    headers: dict[str, str] = {}
    for name, header in request.headers.items():
        headers[name.lower()] = f"{headers[name.lower()]},{header}" if name.lower() in headers else header
    query: dict[str, str] = {}
    for name, part in request.query_params.multi_items():
        if part:
            query[name] = f"{query[name]},{part}" if name in query else part
    return Datum(
        {
            "method": text(request.method),
            "url": text(str(request.url)),
            "headers": {name: text(value) for name, value in headers.items()},
            "query": {name: text(value) for name, value in query.items()},
            "params": {name: text(value) for name, value in values.items()},
            "body": Datum(await _body(request), "bytes"),
        },
        "http",
    )


async def _body(request: Request) -> bytes:
    """Only with a Content-Length above zero: chunked requests reach the worker empty, as in Azure."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) == 0:
        return b""
    if int(declared) > BODY_LIMIT_BYTES:
        raise BodyTooLarge
    return await request.body()


def _response_of_text(text: str) -> Response:
    try:
        described = json.loads(text)
    except ValueError:
        described = None
    if not isinstance(described, dict) or "body" not in described:
        return Response(text, media_type="text/plain")
    body = described["body"]
    status = int(described.get("statusCode") or described.get("status") or 200)
    content = body if isinstance(body, str) else json.dumps(body)
    return Response(content, status, headers={n: str(v) for n, v in (described.get("headers") or {}).items()})


def _split_mount(path: str) -> tuple[str, str]:
    trimmed = path.lstrip("/")
    for mount in (RPC, WEBHOOKS):
        if trimmed.lower() == mount or trimmed.lower().startswith(mount + "/"):
            return mount, trimmed[len(mount) + 1 :]
    return "", trimmed


def _from_this_machine(request: Request) -> bool:
    """The RPC mount has no key: a web page in a browser must not reach it, neither by name nor across origins."""
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    return host in _LOOPBACK_NAMES and "origin" not in request.headers


def _settle(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def log_failure(what: str, error: BaseException) -> None:
    """Type and places, never the text: it may quote a payload."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = ", ".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
    log.error("%s raised %s at %s", what, type(error).__name__, places)
