"""After a whole run with a fence, a kill and errors that echo secrets: not one of them in anything that is kept."""

from __future__ import annotations

import json
import re

import pytest
from staging import accepted

from simulator.core.secrets import Secrets

SEED = 7
NAMES = ("psk-datacenter", "fence-datacenter")
KEY, FENCE = (Secrets(SEED).value("kv-companyb-dr", name) for name in NAMES)
SIGNED = re.compile(rb"https?://[^\s\"'<>\\]+\?[^\s\"'<>\\]*\b(?:s|h|c|sig)=[^\s\"'<>\\&]{8,}")
TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}")
ECHO = f"The shared key {KEY} of the connection, sharedKey='{KEY}', was not stored; ask https://x.example/?sig={FENCE}."


@pytest.fixture(scope="module")
def played(theatre):
    """A run past every secret: the device is fenced by signed webhook, the connection made with its shared key."""
    faults = [
        {"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "hang"},
        {"match": {"method": "PUT", "path": "/connections/", "times": 1},
         "then": {"status": 503, "code": "ServiceUnavailable", "message": ECHO}},
        {"match": {"method": "POST", "path": "/owner/automation", "times": 1},
         "then": {"status": 500, "code": "Oops", "text": f"cannot verify with {FENCE}"}},
        {"match": {"method": "GET", "path": "/secrets/psk-datacenter", "skip": 2, "times": 1},
         "then": {"kill": "devhost", "accepted": True}},
    ]  # fmt: skip
    stage = theatre({"seed": SEED, "faults": faults})
    run = stage.start()
    view = stage.ended(run)
    assert view["outcome"] == "completed", view["output"]
    assert stage.of("process.killed")
    assert stage.of("automation.done", action="block-peer")
    assert len(accepted(stage.events, "connections/write")) == 1
    return stage, run, view


def _files(stage, run):
    """Whatever a run leaves on disk, less the host's own keys, and less what the scenario itself says of its faults."""
    places = [stage.stage.documents, stage.folder / "host.db", stage.folder / "host.log", stage.folder / "azure"]
    found = {}
    for place in places:
        for path in place.rglob("*") if place.is_dir() else place.parent.glob(f"{place.name}*"):
            if path.is_file() and not path.name.endswith((".keys.json", ".pem", ".key")):
                lines = path.read_bytes().splitlines(keepends=True)
                found[path] = b"".join(line for line in lines if b'"kind":"fault.' not in line)
    return found


def test_no_secret_lies_in_the_database_documents_logs_or_report(played):
    """Neither as they are, nor as JSON writes them."""
    stage, run, _ = played
    files = _files(stage, run)
    names = {path.name for path in files}
    assert {"host.db", "host.log", "report.json", "report.html", "events.jsonl"} <= names
    assert any(run.encode() in content for path, content in files.items() if path.name.startswith("host.db"))
    for path, content in files.items():
        for value in (KEY, FENCE):
            assert value.encode() not in content, path
            assert json.dumps(value)[1:-1].encode() not in content, path


def test_no_key_of_a_door_lies_where_others_read(played):
    """The host's keys stand in one file that only its owner may read."""
    stage, run, _ = played
    keys = stage.folder / "host.db.keys.json"
    assert keys.stat().st_mode & 0o077 == 0
    known = json.loads(keys.read_text())
    values = [known["masterKey"], *known["functionKeys"].values(), *known["systemKeys"].values()]
    header = json.loads((stage.folder / "azure" / "simulator.json").read_text())["identity_header"]
    for path, content in _files(stage, run).items():
        for value in (*values, *([header] if path.name != "simulator.json" else [])):
            assert value.encode() not in content, path


def test_no_token_and_no_signed_url_lies_in_logs_documents_or_report(played):
    """A poll URL keeps its signature in the operation's record alone, which is the durable backend's."""
    stage, run, _ = played
    for path, content in _files(stage, run).items():
        assert not TOKEN.search(content), path
        if not path.name.startswith("host.db"):
            assert not SIGNED.search(content), path


def test_no_secret_is_told_at_a_door(played):
    """The run as its commander sees it, and the platform's own view of every instance."""
    stage, _, view = played
    told = json.dumps(view) + stage.durable("GET", "instances?showInput=true").text
    for one in stage.instances():
        told += stage.durable("GET", f"instances/{one['instanceId']}?showHistory=true&showHistoryOutput=true").text
    assert "TaskCompleted" in told
    assert KEY not in told
    assert FENCE not in told
    assert not TOKEN.search(told.encode())
    assert not SIGNED.search(json.dumps(view).encode())


def test_azure_saw_no_secret_where_none_belongs(played):
    """The simulator looks at every call: a shared key goes into a shared key's place and nowhere else."""
    stage, _, _ = played
    assert stage.verdict()["violations"] == []
    assert stage.document("cn-southeastasia-datacenter")["properties"].get("sharedKey") is None, "redacted by the door"
