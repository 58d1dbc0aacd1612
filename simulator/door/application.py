"""The ASGI application: bytes in, `Request`; `Response`, bytes out. Holds what must wait and cuts what is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.core.web import Request, Response
from simulator.door.gateway import Gateway
from simulator.door.holds import Holds

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
LARGEST_BODY = 8 * 1024 * 1024
logger = logging.getLogger("simulator")

_open: dict[tuple[str, int], asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's h11 protocol, whose connections the application can find again and cut without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


class Application:
    """One simulated Azure behind one socket. ``on_startup`` runs when the server has its port."""

    def __init__(self, gateway: Gateway, holds: Holds) -> None:
        self._gateway = gateway
        self._holds = holds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            return
        response = self._respond(_request(scope, body))
        if response.hold_seconds > 0 and not await self._held(response.hold_seconds, receive):
            return
        if response.drop:
            await _cut(scope, receive)
            return
        await _send(send, response)

    def _respond(self, request: Request) -> Response:
        try:
            return self._gateway.handle(request)
        except Exception:
            logger.exception("%s %s broke the simulator", request.method, request.path)
            self._gateway.world.violated("the-simulator-must-not-break", f"{request.method} {request.path}")
            broken = {"code": "SimulatorBroke", "message": "A bug of the simulator; see its log."}
            return Response(500, {"error": broken})

    async def _held(self, seconds: float, receive: Receive) -> bool:
        gone = asyncio.Event()
        watcher = asyncio.create_task(_watch(receive, gone))
        try:
            return await self._holds.wait(seconds, gone)
        finally:
            watcher.cancel()


async def _watch(receive: Receive, gone: asyncio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()


async def _cut(scope: Scope, receive: Receive) -> None:
    transport = _open.get(tuple(scope.get("client") or ()))
    if transport is not None:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the caller went away."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body") or sum(map(len, chunks)) > LARGEST_BODY:
            return b"".join(chunks)


def _request(scope: Scope, body: bytes) -> Request:
    raw_query = scope["query_string"].decode("latin-1")
    path = unquote(scope["path"])
    return Request(
        method=scope["method"],
        path=path,
        query=dict(parse_qsl(raw_query, keep_blank_values=True)),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        url=f"{path}?{unquote(raw_query)}" if raw_query else path,
    )


async def _send(send: Send, response: Response) -> None:
    content = response.encoded()
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status != 204:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if response.status == 204 else content})
