"""The listening socket and the server loop: uvicorn, on loopback, quick to leave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

from devhost.errors import HostError

TICK_SECONDS = 0.1


def listen(port: int) -> socket.socket:
    """On loopback only. With its protocol named, asyncio turns Nagle's delay off, which costs 40 ms a call."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise HostError(f"port {port} of 127.0.0.1 cannot be taken: {error.strerror}") from error
    listening.listen(512)
    return listening


class HttpServer(uvicorn.Server):
    """Runs in a thread of its own; ``leave`` ends it without waiting for the next tick."""

    def __init__(self, application: Callable[..., Any], listening: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                application, log_config=None, access_log=False, lifespan="off", server_header=False,
                timeout_keep_alive=75, timeout_graceful_shutdown=1,
            )
        )
        self._listening = listening
        self._leaving: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self.run, kwargs={"sockets": [listening]}, name="http", daemon=True)

    async def main_loop(self) -> None:
        self._leaving, self._loop = asyncio.Event(), asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK_SECONDS)

    def enter(self) -> None:
        """Start answering; raises HostError when the server cannot."""
        self._thread.start()
        while not self.started or self._leaving is None:
            if not self._thread.is_alive():
                raise HostError("the HTTP server ended while starting")
            time.sleep(0.002)

    def leave(self) -> None:
        self.should_exit = True
        if self._loop and self._leaving and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(timeout=5)
        self._listening.close()
