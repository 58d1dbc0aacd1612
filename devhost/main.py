"""Putting the rooms together: the process that serves one app.

``python -m devhost --app DIR --database FILE`` is the same as ``serve``. Signals end it gracefully: no new work is
taken, calls in flight get a moment, everything else is on disk already.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from devhost import timestamp_memo
from devhost.activities import Activities
from devhost.app_loader import load_app
from devhost.client_binding import binding_text
from devhost.clock_link import ClockLink
from devhost.commands import Commands
from devhost.engine import Engine
from devhost.errors import HostError
from devhost.host_json import read_host_settings
from devhost.http_front import HttpFront
from devhost.http_server import HttpServer, listen
from devhost.invocation import Invoker
from devhost.keys import load_or_create
from devhost.management import Management
from devhost.options import HostOptions
from devhost.pool import CountedPool, WorkerLoop
from devhost.routes import RouteTable
from devhost.store import Store
from devhost.timers import TimerTriggers, read_trigger

log = logging.getLogger("devhost")

GRACE_SECONDS = 2.0


class Host:
    """One served app. ``start`` returns once it answers; raises AppLoadError when the app cannot be served."""

    def __init__(self, options: HostOptions) -> None:
        self._options = options
        database = options.database.resolve()
        settings = read_host_settings(options.app_dir)
        app = load_app(options.app_dir)
        routes = RouteTable(app.http, settings.route_prefix)
        triggers = [read_trigger(function) for function in app.timers]
        if options.memoise_timestamps:
            timestamp_memo.install()
        database.parent.mkdir(parents=True, exist_ok=True)
        self.keys = load_or_create(database)
        self.store = Store(database, options.after_commit)
        listening = listen(options.port)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.clock = ClockLink(options.clock, options.clock_name)
        invoker = Invoker(lambda: binding_text(self.url, settings.hub_name, self.keys.system))
        self.engine = Engine(self.store, app, invoker, self.clock)
        self._pool = CountedPool(settings.pool_threads, self.engine.wake)
        self._loop = WorkerLoop(self.engine.wake)
        self.engine.in_flight = lambda: self._pool.running + self._loop.running
        self.engine.activities = Activities(
            app, invoker, self._pool, self._loop, settings.activity_slots, self.engine.record_activity
        )
        self._timers = TimerTriggers(triggers, self.engine, invoker, self._pool, self._loop)
        self.commands = Commands(self.engine, app, override_running=settings.override_running)
        management = Management(
            self.commands, self.store, self.keys, settings.hub_name, options.start_race_window_seconds
        )
        front = HttpFront(
            routes, management, self.keys, invoker, self._pool, self._loop,
            self._timers.run_now,
        )
        self._server = HttpServer(front, listening)
        self._stopped = False

    def start(self) -> Host:
        self._server.enter()
        self._timers.start()
        self.engine.start()
        self._write_state_file()
        log.info("serving %s at %s (pid %d)", self._options.app_dir, self.url, os.getpid())
        return self

    def stop(self) -> bool:
        """True when no call was left in flight. A second time does nothing."""
        if self._stopped:
            return True
        self._stopped = True
        self._server.leave()
        deadline = time.monotonic() + GRACE_SECONDS
        while self.engine.in_flight() and time.monotonic() < deadline:
            time.sleep(0.02)
        quiet = self.engine.in_flight() == 0
        self.engine.stop()
        self._pool.stop()
        self._loop.stop()
        self.clock.leave()
        self.store.close()
        return quiet

    def _write_state_file(self) -> None:
        path = self._options.state_file
        if path is None:
            return
        state = {"url": self.url, "pid": os.getpid(), "keys_file": str(self.keys.path)}
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(state))
        temporary.replace(path)


def serve(options: HostOptions) -> None:
    """Serve until SIGTERM or SIGINT. Ends the process when calls of the app are still hanging then."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    host = Host(options).start()
    ended.wait()
    log.info("stopping")
    if not host.stop():
        log.warning("calls still in flight are left behind; they run again on the next start")
        logging.shutdown()
        sys.stderr.flush()
        os._exit(0)


def configure_logging() -> None:
    """To stderr. The SDK's and server's chatter is kept out; payloads and keys are never logged by this room."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("uvicorn", "azure", "urllib3", "asyncio", "msal"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="devhost", description="Serve a Durable Functions app on SQLite.")
    parser.add_argument("--app", type=Path, default=Path(), help="folder with function_app.py and host.json")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="file that gets {url, pid, keys_file} once the host answers")
    given = parser.parse_args(arguments)
    configure_logging()
    try:
        serve(HostOptions(given.app, given.database, given.port, state_file=given.state))
    except HostError as error:
        sys.stderr.write(f"devhost: {error}\n")
        return 1
    return 0
