"""Commands about runs, against real doors: the command's own host serves them, with orchestrators that play parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which ``bridgehead serve`` runs, with Company B's plan published."""
    folder = tmp_path_factory.mktemp("host")
    serve = [sys.executable, "-m", "cli", "serve", "--app", str(root / "tests" / "triggers" / "stage"), "--port", "0"]
    host = subprocess.Popen([*serve, "--tethered"], cwd=folder, env=_environment(root), stdin=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not (folder / ".bridgehead" / "host.json").exists():
            assert host.poll() is None, "the host died"
            assert time.monotonic() < deadline, "the host does not start"
            time.sleep(0.05)
        files = (str(root / "plans" / "company-b.yaml"), str(root / "estates" / "company-b.json"))
        done = _run(root, folder, "publish", *files, "--documents", ".bridgehead/documents")
        assert done.returncode == 0, done.stderr
        yield folder
    finally:
        assert host.stdin is not None
        host.stdin.close()
        host.wait(10)


@pytest.fixture
def bridgehead(root: Path, folder: Path) -> Command:
    return lambda *arguments: _run(root, folder, *arguments)


def _environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root)}


def _run(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env=_environment(root), capture_output=True, text=True, timeout=60, check=False
    )


def _started(bridgehead: Command, reason: str) -> str:
    done = bridgehead("start", "company-b", "--reason", reason, "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["run"])


def _until_asked(bridgehead: Command, run: str) -> None:
    deadline = time.monotonic() + 20
    while not json.loads(bridgehead("status", run, "--json").stdout)["control"].get("waits"):
        assert time.monotonic() < deadline, "nothing is asked"


def test_a_run_is_started_asked_answered_and_watched_to_its_end(bridgehead):
    """A commander's whole way, by name of the local host that serve announced."""
    run = _started(bridgehead, "ask one")
    _until_asked(bridgehead, run)
    shown = bridgehead("status", run)
    assert "?" in shown.stdout
    answered = bridgehead("approve", run, "--reason", "confirmed", "--by", "anna")
    assert (answered.returncode, answered.stdout.strip()) == (0, "approve: done (approval)")
    watched = bridgehead("watch", run)
    assert watched.returncode == 0
    assert "the run ended: completed" in watched.stdout


def test_watch_ends_with_1_when_the_run_ended_badly(bridgehead):
    """A script can wait for a run and know."""
    run = _started(bridgehead, "badly")
    watched = bridgehead("watch", run, "--json")
    assert watched.returncode == 1
    assert [json.loads(line)["text"] for line in watched.stdout.splitlines()][-1] == "the run ended: partly_failed"


def test_the_same_idempotency_key_is_the_same_run(bridgehead):
    """A repeated command does not start a second failover."""
    first, second = (bridgehead("start", "company-b", "--key", "monday", "--json") for _ in range(2))
    assert json.loads(first.stdout)["run"] == json.loads(second.stdout)["run"]


def test_status_without_a_run_lists_all(bridgehead):
    """Newest first, one line each."""
    run = _started(bridgehead, "listed")
    assert run in bridgehead("status").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("start", "company-c"), 2, "company-c"),
        (("start", "company-b", "--mode", "drill"), 2, "drill"),
        (("status", "no-such-run"), 4, "no run"),
        (("approve", "company-b-0123456789"), 4, "no run"),
        (("skip", "company-b-0123456789"), 2, "--reason"),
    ],
)
def test_what_the_host_refuses_is_told_in_its_words(bridgehead, arguments, code, said):
    """Unknown names and missing reasons, with no stack trace."""
    done = bridgehead(*arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_file_is_private_and_its_key_is_never_printed(bridgehead, folder):
    """Whoever reads the terminal's history learns nothing."""
    keys = folder / ".bridgehead" / "host.db.keys.json"
    assert keys.stat().st_mode & 0o077 == 0
    key = json.loads(keys.read_text())["functionKeys"]["default"]
    for arguments in (("status",), ("status", "--json"), ("start", "company-b")):
        done = bridgehead(*arguments)
        assert key not in done.stdout + done.stderr
