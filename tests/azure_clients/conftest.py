"""A wire of our own: an HTTPS server on loopback that answers what a test lays down, and records what it is asked."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from azure_clients.factory import Clients
from azure_clients.settings import read_settings
from simulator.door.tls import make_certificate


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Said:
    """One answer. ``cut`` drops the connection without one."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


Answering = Callable[[Asked], Said]


class Wire:
    """Answers by method and path; the first rule that fits and is not used up."""

    def __init__(self, server: ThreadingHTTPServer, ca: Path) -> None:
        self.server, self.ca = server, ca
        self.endpoint = f"https://127.0.0.1:{server.server_address[1]}"
        self.asked: list[Asked] = []
        self._rules: list[tuple[str, str, list[Answering]]] = []

    def answer(self, method: str, path: str, *said: Said | Answering) -> None:
        """The answers to requests whose path matches, in turn; the last one stays."""
        answers = [one if callable(one) else (lambda _, fixed=one: fixed) for one in said]
        self._rules.append((method, path, answers))

    def of(self, method: str) -> list[Asked]:
        return [one for one in self.asked if one.method == method]

    def take(self, asked: Asked) -> Said:
        if asked.path.startswith("/msi/token"):
            token = {"access_token": "token", "expires_on": str(int(time.time()) + 86_400), "token_type": "Bearer"}
            return Said(body={**token, "resource": "any"})
        self.asked.append(asked)
        for method, path, answers in self._rules:
            if method == asked.method and re.search(path, asked.path):
                return (answers.pop(0) if len(answers) > 1 else answers[0])(asked)
        return Said(404, {"error": {"code": "ResourceNotFound", "message": f"nothing is laid down for {asked.path}"}})

    def environment(self, documents: Path) -> dict[str, str]:
        return {
            "BRIDGEHEAD_ARM_ENDPOINT": self.endpoint,
            "BRIDGEHEAD_ARM_AUDIENCE": self.endpoint,
            "BRIDGEHEAD_VAULT_URL": f"{self.endpoint}/vaults/{{name}}",
            "BRIDGEHEAD_LOGS_ENDPOINT": self.endpoint,
            "BRIDGEHEAD_DOCUMENTS": str(documents),
            "BRIDGEHEAD_CA_BUNDLE": str(self.ca),
            "IDENTITY_ENDPOINT": f"{self.endpoint}/msi/token",
            "IDENTITY_HEADER": "header",
        }


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def wire(certificate: Any) -> Iterator[Wire]:
    """The server, up for one test."""
    holder: list[Wire] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = holder[0].take(Asked(self.command, self.path, headers, content))
            if said.cut:
                self.close_connection = True
                self.connection.close()
                return
            body = said.body if isinstance(said.body, bytes) else b""
            if isinstance(said.body, str):
                body = said.body.encode()
            elif said.body is not None and not isinstance(said.body, bytes):
                body = json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    holder.append(Wire(server, certificate.ca_bundle))
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    yield holder[0]
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def clients(wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Real SDK clients against the wire."""
    environment = wire.environment(tmp_path / "documents")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Clients(read_settings(environment))


@pytest.fixture(scope="session")
def said() -> type[Said]:
    return Said
