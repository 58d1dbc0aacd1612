"""A host of its own for the doors: the embedded host in a process, a folder of documents, a clock of 14 March 2026."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

import clock

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 14, 2, 2, tzinfo=timezone.utc)
POINTER = {
    "name": "company-b",
    "plan_hash": "11" * 32,
    "snapshot_hash": "22" * 32,
    "published_at": "2026-03-01T00:00:00+00:00",
    "published_by": "ines",
    "modes": ["failover"],
}


@dataclass
class Stage:
    """A running host. ``calls`` are made with the function key unless told otherwise."""

    url: str
    folder: Path
    key: str
    system_key: str

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.call("POST", path, json=body, **more)

    def call(self, method: str, path: str, *, key: str | None = "", headers: Any = None, **more: Any) -> httpx.Response:
        given = dict(headers or {})
        if key is not None:
            given["x-functions-key"] = key or self.key
        if more.get("json", 0) is None:
            more.pop("json")
        return self.http.request(method, f"/api/{path}", headers=given, **more)

    def start(self, reason: str, key: str, **more: Any) -> str:
        """A new run whose orchestrator plays the part that ``reason`` names."""
        body = {"plan": "company-b", "mode": "failover", "reason": reason, "idempotencyKey": key, "by": "ada", **more}
        response = self.post("failovers", body)
        assert response.status_code == 202, response.text
        run: str = response.json()["run"]
        return run

    def until(self, run: str, holds: Any) -> dict[str, Any]:
        """The run once ``holds`` of it."""
        for _ in range(400):
            view: dict[str, Any] = self.get(f"failovers/{run}").json()
            if holds(view):
                return view
            time.sleep(0.025)
        raise AssertionError(f"it never came to that: {view}")

    def ended(self, run: str) -> dict[str, Any]:
        return self.until(run, lambda view: view["outcome"] is not None or view["runtimeStatus"] == "Failed")

    def asking(self, run: str, count: int = 1) -> list[dict[str, Any]]:
        view = self.until(run, lambda view: len(view["control"]["waits"]) == count)
        waits: list[dict[str, Any]] = view["control"]["waits"]
        return waits

    def instance(self, name: str) -> dict[str, Any] | None:
        response = self.http.get(f"/runtime/webhooks/durabletask/instances/{name}", params={"code": self.system_key})
        return response.json() if response.content else None

    def raise_event(self, instance: str, event: str) -> None:
        url = f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/{event}"
        assert self.http.post(url, params={"code": self.system_key}, json={}).status_code == 202

    def entity(self, name: str, key: str) -> dict[str, Any]:
        url = f"/runtime/webhooks/durabletask/entities/{name}/{key}"
        found = self.http.get(url, params={"code": self.system_key}).json()
        return json.loads(found) if isinstance(found, str) else dict(found)

    def document(self, name: str, content: dict[str, Any] | None = None) -> Path:
        """A document's path, written first when ``content`` is given."""
        path = self.folder / "documents" / name
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content))
        return path


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Stage]:
    """Serve the stage in a process of its own until the block ends."""
    app, state = folder / "app", folder / "host.json"
    app.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "stage" / "function_app.py", app)
    shutil.copy(ROOT / "host.json", app)
    clock.create(folder / "clock.json", speed=1, start=START)
    settings = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BRIDGEHEAD_DOCUMENTS": str(folder / "documents"),
        "BRIDGEHEAD_CLOCK_FILE": str(folder / "clock.json"),
        **environment,
    }
    options = {"--app": app, "--database": folder / "stage.db", "--state": state}
    command = [sys.executable, "-m", "devhost", *(str(part) for option in options.items() for part in option)]
    with (folder / "stage.log").open("w") as log, subprocess.Popen(command, env=settings, stderr=log) as process:
        try:
            yield _answering(process, folder, state)
        finally:
            process.kill()


def _answering(process: subprocess.Popen[bytes], folder: Path, state: Path) -> Stage:
    for _ in range(600):
        if state.exists():
            told = json.loads(state.read_text())
            keys = json.loads(Path(told["keys_file"]).read_text())
            stage = Stage(
                told["url"], folder, keys["functionKeys"]["default"], keys["systemKeys"]["durabletask_extension"]
            )
            stage.document("plans/company-b/pointer.json", POINTER)
            return stage
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError((folder / "stage.log").read_text())


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process lives on 14 March 2026 and keeps its documents in a folder of its own."""
    clock.create(tmp_path / "clock.json", speed=1, start=START)
    monkeypatch.setenv("BRIDGEHEAD_CLOCK_FILE", str(tmp_path / "clock.json"))
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", str(tmp_path / "documents"))
    pointer = tmp_path / "documents" / "plans" / "company-b" / "pointer.json"
    pointer.parent.mkdir(parents=True)
    pointer.write_text(json.dumps(POINTER))
    return tmp_path


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One host for all tests of doors that bring a key; each test uses names of its own."""
    with serving(tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture(scope="session")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The same where the platform says that its authentication is on."""
    with serving(tmp_path_factory.mktemp("signed-in"), WEBSITE_AUTH_ENABLED="True") as found:
        yield found
