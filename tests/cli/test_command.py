"""The command as such: help, exit codes, colours, completion, and what it says when no host is there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

COMMANDS = (
    "validate", "explain", "publish", "schema", "rehearse", "start", "status", "watch", "approve", "reject", "abort",
    "pause", "resume", "retry", "skip", "adopt", "serve", "simulate",
)  # fmt: skip
HEAVY = ("azure", "cryptography", "httpx", "pydantic", "starlette", "uvicorn", "yaml")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(bridgehead, command):
    """A person finds out without a manual."""
    done = bridgehead(command, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_help_imports_nothing_heavy(root: Path):
    """Help and tab completion must answer at once."""
    code = f"import sys, cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"


def test_completion_offers_plan_files(root: Path):
    """Tab after ``bridgehead validate pl``."""
    asked = {"_BRIDGEHEAD_COMPLETE": "complete_bash", "COMP_WORDS": "bridgehead validate plans/", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "cli"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    assert "plans/company-b.yaml" in done.stdout


def test_no_arguments_print_help(bridgehead):
    """It is what a newcomer types first."""
    assert "Usage" in bridgehead().output


def test_without_a_host_the_command_says_what_it_needs(bridgehead):
    """3 means: the host cannot be reached."""
    done = bridgehead("status")
    assert done.exit_code == 3
    assert "BRIDGEHEAD_URL" in done.stderr


def test_a_host_that_is_down_is_named(bridgehead):
    """Nothing listens there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    done = bridgehead("status", "--url", url)
    assert done.exit_code == 3
    assert url in done.stderr


def test_a_key_is_never_sent_in_clear_to_another_machine(bridgehead):
    """Plain http is for loopback."""
    done = bridgehead("status", "--url", "http://functions.example")
    assert done.exit_code == 2
    assert "https" in done.stderr


class _Door(BaseHTTPRequestHandler):
    """Answers every call with one problem, or with what it was sent."""

    problem: tuple[int, dict[str, object]] | None = None
    heard: list[tuple[str, dict[str, str], dict[str, object]]] = []

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        self.heard.append((self.path, dict(self.headers), body))
        status, answer = self.problem or (200, {"run": "company-b-0123456789", "applied": True})
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - http.server looks methods up by these names

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def door():
    """A host's doors, of one mind."""
    _Door.problem, _Door.heard = None, []
    server = HTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _url(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_an_answer_carries_who_why_and_the_key_in_a_header_only(bridgehead, door):
    """The key is no part of an address, a body or the output."""
    done = bridgehead(
        "skip", "company-b-0123456789", "--step", "verify", "--reason", "checked by hand", "--by", "anna",
        "--url", _url(door), BRIDGEHEAD_KEY="a-secret-key",
    )  # fmt: skip
    assert done.exit_code == 0
    path, headers, body = door.RequestHandlerClass.heard[0]
    assert path == "/api/failovers/company-b-0123456789/skip"
    assert body == {"by": "anna", "step": "verify", "reason": "checked by hand"}
    assert headers["x-functions-key"] == "a-secret-key"
    assert "a-secret-key" not in done.output + path


@pytest.mark.parametrize(("status", "code"), [(400, 2), (401, 3), (404, 4), (409, 4), (503, 3)])
def test_a_refusal_is_told_in_the_doors_own_words(bridgehead, door, status, code):
    """RFC 9457 problems become a sentence and an exit code."""
    detail = "run company-b-0123456789 has ended (completed): nothing to abort"
    _Door.problem = (status, {"detail": detail, "errors": [{"field": "step", "detail": "is needed"}]})
    done = bridgehead("abort", "company-b-0123456789", "--url", _url(door), BRIDGEHEAD_KEY="k")
    assert done.exit_code == code
    assert detail in done.stderr
    assert done.stdout == ""


def test_start_chooses_an_idempotency_key_unless_given_one(bridgehead, door):
    """Every start has a key, so that a repeated request is not a second run."""
    bridgehead("start", "company-b", "--url", _url(door))
    bridgehead("start", "company-b", "--key", "mine", "--accept-split-risk", "--url", _url(door))
    first, second = (body for _, _, body in door.RequestHandlerClass.heard)
    assert len(first["idempotencyKey"]) == 32
    assert "consents" not in first
    assert second["idempotencyKey"] == "mine"
    assert second["consents"] == ["accept-split-risk"]


def test_a_bug_is_one_line_with_exit_code_70(bridgehead, plan, monkeypatch):
    """A stack trace helps nobody at three in the morning; BRIDGEHEAD_DEBUG=1 shows it."""
    monkeypatch.setattr("domain.plans.reading.parse_plan", lambda *_, **__: 1 // 0)
    done = bridgehead("validate", plan)
    assert done.exit_code == 70
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
