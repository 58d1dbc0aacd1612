"""A stage on which a test plays the commander: simulated Azure and embedded host in one time, asked through HTTP."""

from __future__ import annotations

import copy
import json
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from staging import PLAN, REGIONS, START, Event, View, has, scenario_file

from cli.publishing import publish_plan
from cli.rehearsal.processes import Child
from cli.rehearsal.stage import Stage

STALLED_WALL_SECONDS = 60.0


class Theatre:
    """A simulated Azure and an embedded host in one time, played by a test through HTTP."""

    def __init__(self, folder: Path, scenario: dict[str, Any], estate: Path, speed: Any, started: list[Child]) -> None:
        """Its processes are put into ``started`` too, for whoever ends them."""
        self.folder, self.estate, self._started = folder, estate, started
        self._own: list[Child] = []
        self.stage = Stage(folder, self._own, speed=speed, start=START)
        self.stage.start_azure(estate, scenario_file(folder, scenario), None)
        started.extend(self._own)
        told = json.loads((folder / "azure" / "simulator.json").read_text())
        trust = ssl.create_default_context(cafile=told["ca_bundle"])
        self._azure = httpx.Client(base_url=told["endpoint"], verify=trust, trust_env=False, timeout=60)
        self.events: list[Event] = []

    def publish(self, plan: Path = PLAN, estate: Path | None = None) -> None:
        publish_plan(plan, estate or self.estate, str(self.stage.documents), by="test", now=self.stage.time.now())

    def raise_curtain(self) -> None:
        self.stage.start_host(REGIONS)
        self._started.extend(one for one in self._own if one not in self._started)

    # doors

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A call to a door under /api, with the function key."""
        return self._call("function", method, f"/api/{path}", body, **more)

    def durable(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call to the platform's own management API, with the system key."""
        return self._call("system", method, f"/runtime/webhooks/durabletask/{path}", body)

    def _call(self, key: str, method: str, path: str, body: Any, **more: Any) -> httpx.Response:
        """Once more when the scenario killed the host meanwhile."""
        try:
            return self._call_once(key, method, path, body, **more)
        except httpx.TransportError:
            if not self.stage.host_died():
                raise
        self._listen()
        return self._call_once(key, method, path, body, **more)

    def _call_once(self, key: str, method: str, path: str, body: Any, **more: Any) -> httpx.Response:
        told = json.loads((self.folder / "host.json").read_text())
        keys = json.loads(Path(told["keys_file"]).read_text())
        value = keys["functionKeys"]["default"] if key == "function" else keys["systemKeys"]["durabletask_extension"]
        header = {"x-functions-key": value} if key == "function" else {}
        if key == "system":
            path += f"{'&' if '?' in path else '?'}code={value}"
        if body is not None:
            more = {**more, "json": body}
        headers = {**header, **more.pop("headers", {})}
        with httpx.Client(base_url=told["url"], timeout=40, trust_env=False) as client:
            return client.request(method, path, headers=headers, **more)

    def start(self, key: str = "k", plan: str = "company-b", **more: Any) -> str:
        answer = self.call("POST", "failovers", {"plan": plan, "mode": "failover", "idempotencyKey": key, "by": "test",
                                                 **more})  # fmt: skip
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run"])

    def say(self, run: str, word: str, **body: Any) -> httpx.Response:
        return self.call("POST", f"failovers/{run}/{word}", {"by": "commander", **body})

    def look(self, run: str) -> View:
        answer = self.call("GET", f"failovers/{run}")
        assert answer.status_code == 200, answer.text
        found: View = answer.json()
        return found

    def instances(self) -> list[dict[str, Any]]:
        """Every orchestration that the platform knows of."""
        found: list[dict[str, Any]] = self.durable("GET", "instances").json()
        return found

    # time

    def pass_time(self, seconds: float) -> None:
        until = self.stage.time.now() + timedelta(seconds=seconds)
        wall = time.monotonic() + STALLED_WALL_SECONDS
        while self.stage.time.now() < until:
            assert time.monotonic() < wall, "time stands still"
            self.stage.time.rest(until, lambda: False, timedelta(seconds=seconds))
            self._listen()

    def until(self, run: str, wanted: Callable[[View], Any], *, within: float = 3600, stride: float = 5) -> View:
        """Let time run until the run looks as wanted; a look every ``stride`` virtual seconds."""
        last = self.stage.time.now() + timedelta(seconds=within)
        while True:
            self._listen()
            view = self.look(run)
            if wanted(view):
                return view
            assert self.stage.time.now() < last, f"not within {within} s: {json.dumps(view)[:3000]}"
            assert view["runtimeStatus"] in ("Pending", "Running"), f"it has ended: {json.dumps(view)[:3000]}"
            self.pass_time(stride)

    def ended(self, run: str, *, within: float = 7200) -> View:
        view = self.until(run, lambda view: view["runtimeStatus"] in ("Completed", "Failed", "Terminated"),
                          within=within, stride=60)  # fmt: skip
        self._listen()
        return view

    def asked(self, run: str, kind: str, *, within: float = 3600) -> dict[str, Any]:
        """The first open question of a kind."""
        view = self.until(run, lambda view: _of_kind(view, kind), within=within, stride=20)
        return _of_kind(view, kind)[0]

    def until_azure(self, kind: str, *, within: float = 3600, stride: float = 5, **fields: Any) -> Event:
        """Let time run until Azure's log has such an event."""
        last = self.stage.time.now() + timedelta(seconds=within)
        while not (found := self.of(kind, **fields)):
            assert self.stage.time.now() < last, f"no {kind} {fields} within {within} s"
            self.pass_time(stride)
        return found[0]

    # Azure

    def of(self, kind: str, **fields: Any) -> list[Event]:
        """Events of Azure's log; a field may be given as its end."""
        self._listen()
        return [event for event in self.events if event["kind"] == kind and has(event, fields)]

    def azure(self, path: str) -> Any:
        return self._azure.get(f"/_simulator/{path}").raise_for_status().json()

    def add_fault(self, fault: dict[str, Any]) -> None:
        self._azure.post("/_simulator/faults", json=fault).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Move the one clock forward by hand."""
        self._azure.post("/_simulator/advance", json={"seconds": seconds}).raise_for_status()

    def document(self, name: str) -> dict[str, Any]:
        """An ARM document as Azure has it now, by its last name."""
        found = [one for one in self.azure("state")["documents"] if one["id"].endswith(f"/{name}")]
        assert found, name
        return copy.deepcopy(found[0])

    def verdict(self) -> dict[str, Any]:
        return self.stage.verdict()

    def close(self) -> None:
        self._azure.close()
        self.stage.leave()

    def _listen(self) -> None:
        dead = self.stage.dead()
        self.events += self.stage.azure.look()
        if dead:
            self.stage.revive(dead)


def _of_kind(view: View, kind: str) -> list[dict[str, Any]]:
    return [wait for wait in (view.get("control") or {}).get("waits", []) if wait["kind"] == kind]
