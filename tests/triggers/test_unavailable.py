"""When what stands behind a door does not answer, the door says 503, and Azure or the client tries again."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions.models.utils import http_utils

from domain import names
from triggers import DOORS, alert_door, as_function, durable
from triggers.client_activities import read_run_status
from triggers.problems import Problem

ALERT = (Path(__file__).parents[1] / "fixtures" / "alerts" / "common-active.json").read_bytes()
START = {"plan": "company-b", "mode": "failover", "idempotencyKey": "k-1"}


class Backend(BaseHTTPRequestHandler):
    """The RPC mount of a durable backend that refuses what ``refused`` names and has nothing else."""

    refused: ClassVar[tuple[str, ...]] = ()
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._answer(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(202)

    def _answer(self, status: int) -> None:
        type(self).asked.append(self.path)
        refused = any(word in self.path for word in self.refused)
        self.send_response(500 if refused else status)
        self.end_headers()
        if refused:
            self.wfile.write(b'{"Message": "Something went wrong", "ExceptionMessage": "storage is away"}')
        if self.command == "POST" and "orchestrators" in self.path and not refused:
            self.wfile.write(b'{"id": "x"}')

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def backend(*refused: str) -> Iterator[str]:
    Backend.refused, Backend.asked = refused, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/durabletask/"
    finally:
        server.shutdown()
        server.server_close()


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/durabletask/"


def knock(door_name: str, rpc: str, body: bytes = b"", **path: str) -> tuple[int, dict[str, Any]]:
    """Call a door as the worker does, with the SDK's own client before ``rpc``."""
    door = next(door for door in DOORS if door.name == door_name)
    binding = {"taskHubName": "hub", "creationUrls": {}, "managementUrls": {"id": "INSTANCEID"}, "rpcBaseUrl": rpc}
    req = func.HttpRequest(
        door.method, "http://localhost/api", headers={"Content-Type": "application/json"}, route_params=path, body=body
    )

    async def call() -> func.HttpResponse:
        try:
            answer = as_function(door, func.AuthLevel.FUNCTION)
            return await answer(req, df.DurableOrchestrationClient(json.dumps(binding)))
        finally:
            await http_utils._close_session()

    response = asyncio.run(call())
    return response.status_code, json.loads(response.get_body())


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("refused", ["entities", "instances", "orchestrators"])
def test_an_alert_that_is_not_wholly_taken_is_503_and_never_500(refused: str) -> None:
    """Whichever of the three calls fails: Azure repeats after 503 only."""
    with backend(refused) as rpc:
        status, problem = knock("receive_service_health_alert", rpc, ALERT)
    assert status == 503
    assert problem["type"].endswith(":unavailable")


@pytest.mark.usefixtures("alone")
def test_the_incident_is_told_before_its_orchestration_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between the two loses nothing: the repeated alert starts what is missing."""
    monkeypatch.setattr(durable, "APPLY_WITHIN_SECONDS", 0.05)
    with backend() as rpc:
        status, _ = knock("receive_service_health_alert", rpc, ALERT)
        asked = list(Backend.asked)
    assert status == 202
    called = [one.split("/durabletask/")[1].split("/")[0] for one in asked]
    assert list(dict.fromkeys(called)) == ["entities", "instances", "orchestrators"]


@pytest.mark.usefixtures("alone")
def test_an_alert_is_503_in_time_when_the_backend_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure waits about ten seconds; we do not let it come to that."""
    monkeypatch.setattr(alert_door, "ANSWER_WITHIN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        status, problem = knock(
            "receive_service_health_alert", f"http://127.0.0.1:{deaf.getsockname()[1]}/durabletask/", ALERT
        )
    assert status == 503
    assert "in time" in problem["detail"]


@pytest.mark.usefixtures("alone")
def test_a_bug_at_the_alert_door_is_503_and_elsewhere_500(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its text stays in the log."""

    def broken(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(alert_door, "why_ignored", broken)
    monkeypatch.setattr("triggers.automation_doors.read_fields", broken)
    for name, expected in (("receive_service_health_alert", 503), ("suspend_automation", 500)):
        status, problem = knock(name, nobody(), ALERT)
        assert status == expected
        assert "secret detail" not in json.dumps(problem)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("door", [door for door in DOORS if "alert" not in door.name and "plan" not in door.route])
def test_every_other_door_is_503_while_the_backend_is_away(door: Any) -> None:
    """With Retry-After, and as a problem."""
    body = json.dumps({**START, "reason": "x"} if door.name == "start_failover" else {"reason": "x"}).encode()
    status, problem = knock(door.name, nobody(), b"" if door.method == "GET" else body, id="company-b-0123456789")
    assert status == 503
    assert problem["title"] == "Not now: try again"


def test_every_door_that_needs_documents_is_503_while_the_store_is_away(
    alone: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A store that is not set up is no different from one that is down."""
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", "")
    with backend() as rpc:
        for name in ("list_plans", "read_runbook", "list_failovers", "read_failover"):
            status, problem = knock(name, rpc, id="company-b-0123456789", name="company-b")
            assert status == 503, name
            assert "document store" in problem["detail"]


def test_a_start_that_the_backend_refuses_can_be_tried_again_with_its_key(alone: Path) -> None:
    """Its record is withdrawn, so the key is free."""
    body = json.dumps(START).encode()
    with backend("orchestrators") as rpc:
        assert knock("start_failover", rpc, body)[0] == 503
    with backend() as rpc:
        assert knock("start_failover", rpc, body)[0] == 202
    record = alone / "documents" / "runs" / names.run_for_key("company-b", "k-1") / "request.json"
    assert "withdrawn" not in json.loads(record.read_text())


@pytest.mark.parametrize(("refused", "expected"), [((), None), (("instances",), "error")])
def test_a_run_is_absent_only_when_the_backend_says_so(refused: tuple[str, ...], expected: str | None) -> None:
    """The lock of a run that is merely not heard of is never broken: the activity fails, and is tried again."""

    async def ask(rpc: str) -> Any:
        binding = {"taskHubName": "hub", "creationUrls": {}, "managementUrls": {"id": "INSTANCEID"}, "rpcBaseUrl": rpc}
        client = df.DurableOrchestrationClient(json.dumps(binding))
        try:
            return await read_run_status({"run": "company-b-0123456789"}, client)
        finally:
            await http_utils._close_session()

    with backend(*refused) as rpc:
        if expected is None:
            assert asyncio.run(ask(rpc)) == {"status": None}
        else:
            with pytest.raises(Problem, match="could not say"):
                asyncio.run(ask(rpc))
