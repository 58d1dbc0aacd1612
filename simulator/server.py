"""The simulator as a process: estate and scenario in, an HTTPS endpoint on loopback out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from clock import Clock, SystemClock, VirtualClock
from simulator.core import scenario as scenarios
from simulator.core.log import iso
from simulator.core.room import Room
from simulator.core.world import World
from simulator.door import identity
from simulator.door.application import Application, CuttableProtocol
from simulator.door.gateway import Gateway
from simulator.door.holds import Holds
from simulator.door.tls import Certificate, make_certificate

LOOPBACK = "127.0.0.1"
STATE_FILE = "simulator.json"
EVENTS_FILE = "events.jsonl"


@dataclass(frozen=True)
class SimulatorOptions:
    """What a simulated Azure is started from. ``state`` is a folder of its own; ``port`` 0 takes a free one.

    ``seed`` overrides the scenario's. Without ``clock`` it lives in the system's time.
    """

    estate: Path
    scenario: Path | None
    clock: Path | None
    state: Path
    port: int = 0
    seed: int | None = None


def serve(options: SimulatorOptions) -> None:
    """Run until told to stop (SIGINT, SIGTERM). Raises ScenarioError or ValueError for files that are wrong."""
    asyncio.run(_serve(options))


async def _serve(options: SimulatorOptions) -> None:
    running = prepare(options)
    try:
        await running.server.serve(sockets=[running.socket])
    finally:
        running.close()


@dataclass
class Running:
    """A prepared simulator: its world, its server (not yet serving), and what clients need to know."""

    world: World
    server: uvicorn.Server
    socket: socket.socket
    told: dict[str, Any]
    clock: Clock

    def close(self) -> None:
        self.world.log.close()
        if isinstance(self.clock, VirtualClock):
            self.clock.leave()
        self.socket.close()


def prepare(options: SimulatorOptions, rooms: Sequence[Room] | None = None) -> Running:
    """Load everything, bind the port, write ``simulator.json``; what is left is to serve."""
    if rooms is None:
        from simulator.rooms import ROOMS

        rooms = ROOMS
    scenario = scenarios.load(options.scenario) if options.scenario else scenarios.Scenario()
    options.state.mkdir(parents=True, exist_ok=True)
    clock: Clock = SystemClock()
    if options.clock is not None:
        clock = VirtualClock(options.clock, "simulator")
        clock.join()
    world = World(
        read_estate(options.estate),
        rooms,
        clock=clock,
        scenario=scenario,
        seed=options.seed,
        log_path=options.state / EVENTS_FILE,
    )
    # With the protocol named, asyncio turns Nagle's algorithm off; without, every answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, options.port))
    listener.listen()
    world.endpoint = f"https://{LOOPBACK}:{listener.getsockname()[1]}"
    certificate = make_certificate(options.state)
    gateway, holds = Gateway(world), Holds(clock)
    holds.tell()
    told = _told(world, gateway, certificate)
    _write_atomically(options.state / STATE_FILE, told)
    return Running(world, _server(Application(gateway, holds), certificate), listener, told, clock)


def read_estate(path: Path) -> list[dict[str, Any]]:
    """The documents of an estate file: a JSON list, or an object with ``value``. Raises ValueError."""
    content = json.loads(path.read_text(encoding="utf-8"))
    documents = content.get("value") if isinstance(content, dict) else content
    if not isinstance(documents, list):
        raise ValueError(f"{path.name}: expected a JSON list of ARM documents")  # noqa: TRY004 - wrong content
    for at, document in enumerate(documents):
        if not isinstance(document, dict) or not isinstance(document.get("id"), str) or "type" not in document:
            raise ValueError(f"{path.name}[{at}]: expected an ARM document with id and type")
    return documents


class _Server(uvicorn.Server):
    """Ends at once and in order when told to: uvicorn's own would raise the signal again before we left the clock."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        told = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._told_to_stop) for number in told}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = self.force_exit = True


def _server(application: Application, certificate: Certificate) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        http=CuttableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        ssl_certfile=str(certificate.certificate),
        ssl_keyfile=str(certificate.key),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # the gateway dates its answers: by the clock that Azure lives on here
        timeout_keep_alive=3600,
        timeout_graceful_shutdown=1,
        backlog=512,
    )
    return _Server(config)


def _told(world: World, gateway: Gateway, certificate: Certificate) -> dict[str, Any]:
    endpoint, bundle = world.endpoint, str(certificate.ca_bundle.resolve())
    identity_endpoint = f"{endpoint}{identity.PATH}"
    return {
        "endpoint": endpoint,
        "ca_bundle": bundle,
        "identity_endpoint": identity_endpoint,
        "identity_header": gateway.identity.header,
        "environment": {
            "BRIDGEHEAD_ARM_ENDPOINT": endpoint,
            "BRIDGEHEAD_ARM_AUDIENCE": endpoint,
            "BRIDGEHEAD_VAULT_URL": f"{endpoint}/vaults/{{name}}",
            "BRIDGEHEAD_LOGS_ENDPOINT": endpoint,
            "BRIDGEHEAD_OWNER_GATEWAY": f"{endpoint}/owner",
            "BRIDGEHEAD_CA_BUNDLE": bundle,
            "REQUESTS_CA_BUNDLE": bundle,
            "IDENTITY_ENDPOINT": identity_endpoint,
            "IDENTITY_HEADER": gateway.identity.header,
        },
        "pid": os.getpid(),
        "start": iso(world.start),
    }


def _write_atomically(path: Path, content: dict[str, Any]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")
    temporary.replace(path)
