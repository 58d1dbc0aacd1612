"""verify-azure against a simulated Azure: it asks first, leaves nothing behind, and records no secret."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from cli.main import app
from cli.verify.anonymous import Anonymizer, Leak
from cli.verify.steps import Order
from simulator.conformance.cassettes import read_folder
from simulator.conformance.replay import replay

SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
GATEWAY = (
    f"{GROUPS}/rg-companyb-southeastasia/providers/Microsoft.Network/virtualNetworkGateways/vgw-companyb-southeastasia"
)
ITEM = (
    f"{GROUPS}/rg-companyb-dr/providers/Microsoft.RecoveryServices/vaults/rsv-companyb/replicationFabrics/asr-eastasia"
    "/replicationProtectionContainers/asr-container-eastasia/replicationProtectedItems/dc1"
)
ORDER = Order(SUBSCRIPTION, "southeastasia")
ASKED = ["verify-azure", "--subscription", SUBSCRIPTION, "--location", "southeastasia"]


def verify(*more: str | Path) -> Result:
    return CliRunner().invoke(app, [*ASKED, *map(str, more)])


def test_a_dry_run_asks_azure_nothing(azure: Any, tmp_path: Path) -> None:
    """It names what it would make, the tag, the time, the money and the rights; no call and no file comes of it."""
    done = verify("--gateway", GATEWAY, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    for said in (ORDER.group_name, f"bridgehead-verify={ORDER.id}", "verify-connection", "min", "0.015 USD/h x 1 h"):
        assert said in done.output
    assert "Microsoft.Network/connections/write" in done.output
    assert azure.requests() == []
    assert not (tmp_path / "out").exists()


def test_all_of_it_goes_through_and_leaves_nothing(azure: Any, tmp_path: Path) -> None:
    """Every step shows what the simulator says, and afterwards Azure holds what it held before."""
    before = azure.resources()
    done = verify("--gateway", GATEWAY, "--protected-item", ITEM, "--out", tmp_path, "--apply")
    assert done.exit_code == 0, done.output
    assert azure.resources() == before
    written = [event for event in azure.requests() if event["method"] in ("PUT", "DELETE", "PATCH", "POST")]
    assert {f"{GROUPS}/{ORDER.group_name}".lower()} == {
        "/".join(event["path"].split("/")[:5]).lower() for event in written
    }, "nothing outside its own group was written"


def test_recordings_hold_no_secret_and_no_name(azure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the subscription, nor what the owner named, nor the shared key, nor a token."""
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "the-shared-key")
    done = verify("--gateway", GATEWAY, "--protected-item", ITEM, "--out", tmp_path / "out", "--apply")
    assert done.exit_code == 0, done.output
    texts = "\n".join(path.read_text() for path in (tmp_path / "out").glob("*.yaml")).lower()
    for secret in (SUBSCRIPTION, "companyb", "asr-eastasia", "dc1", "the-shared-key", "127.0.0.1", "bearer", ORDER.id):
        assert secret not in texts
    assert texts.count("authorization") == 0
    assert '"peeringstate": "disconnected"' in " ".join(texts.split())


def test_ids_in_a_recording_still_refer_to_each_other(azure: Any, tmp_path: Path) -> None:
    """Each long operation is polled at the URL that an answer gave; the item's points are below the item."""
    assert verify("--protected-item", ITEM, "--out", tmp_path / "out", "--apply").exit_code == 0
    rows = yaml.safe_load((tmp_path / "out" / "networks.yaml").read_text())["interactions"]
    uris = {row["request"]["uri"] for row in rows}
    given = [row["response"]["headers"].get("azure-asyncoperation", [None])[0] for row in rows]
    assert [url for url in given if url] != []
    assert {url for url in given if url} <= uris
    item, points, _ = yaml.safe_load((tmp_path / "out" / "protected-item.yaml").read_text())["interactions"]
    assert points["request"]["uri"].startswith(item["request"]["uri"].split("?")[0] + "/recoveryPoints")


def test_recordings_replay(azure: Any, tmp_path: Path) -> None:
    """What was recorded from the simulator agrees with it, call by call."""
    done = verify("--gateway", GATEWAY, "--protected-item", ITEM, "--out", tmp_path / "out", "--apply")
    assert done.exit_code == 0, done.output
    cassettes = read_folder(tmp_path / "out")
    assert {one.name for one in cassettes} == {"networks.yaml", "protected-item.yaml"}
    verdicts = [verdict for cassette in cassettes for verdict in replay(cassette)]
    assert [(one.operation, one.difference) for one in verdicts if one.outcome != "agreed"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "resourceGroups/[^/]*$"),
        ("PUT", "virtualNetworks/verify-b$"),
        ("DELETE", "a-to-b$"),
        ("GET", "b-to-a$"),
        ("PUT", "localNetworkGateways"),
    ],
)
@pytest.mark.parametrize("lost", [False, True])
def test_a_failing_step_leaves_nothing(azure: Any, tmp_path: Path, method: str, path: str, lost: bool) -> None:
    """Refused, or done with its answer lost: the group goes, what was recorded stays, and the exit code says it."""
    before = azure.resources()
    then = {"accepted": True, "lose": True} if lost else {"status": 500, "code": "InternalError"}
    azure.fault(method, path, **then)
    done = verify("--out", tmp_path / "out", "--apply")
    assert done.exit_code == 1, done.output
    assert azure.resources() == before
    assert read_folder(tmp_path / "out")


def test_a_clean_up_that_fails_twice_is_tried_again(azure: Any, tmp_path: Path) -> None:
    """Azure's moods do not leave anything behind."""
    before = azure.resources()
    azure.fault("DELETE", "resourceGroups/[^/]*$", status=503, match={"times": 2})
    assert verify("--out", tmp_path / "out", "--apply").exit_code == 0
    assert azure.resources() == before


def test_what_cannot_be_deleted_is_named(azure: Any, tmp_path: Path) -> None:
    """With the command that deletes it; and the next run does so first."""
    before = azure.resources()
    azure.fault("DELETE", "resourceGroups/[^/]*$", status=503, match={"times": 6})
    done = verify("--out", tmp_path / "out", "--apply")
    assert done.exit_code == 1
    assert f"az group delete --subscription {SUBSCRIPTION} --name {ORDER.group_name} --yes" in done.output
    assert "verify-site" in done.output
    again = verify("--out", tmp_path / "out", "--apply")
    assert again.exit_code == 0, again.output
    assert azure.resources() == before


def test_somebody_elses_group_is_left_alone(azure: Any, tmp_path: Path) -> None:
    """A group of that name without our tag is neither used nor deleted."""
    azure.world.documents.put(
        {"id": ORDER.group, "name": ORDER.group_name, "type": "Microsoft.Resources/resourceGroups",
         "location": "southeastasia", "tags": {"team": "other"}, "properties": {}}
    )  # fmt: skip
    done = verify("--out", tmp_path / "out", "--apply")
    assert done.exit_code == 4, done.output
    assert {event["method"] for event in azure.requests() if "resourceGroups" in event["path"]} == {"GET"}


def test_a_difference_is_a_finding(azure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sequence goes on, and says what Azure shows and the simulator does not."""
    monkeypatch.setattr("cli.verify.steps._shown", _expecting_otherwise)
    done = verify("--out", tmp_path / "out", "--apply")
    assert done.exit_code == 1
    assert "the simulator says Elsewhere" in done.output
    assert azure.requests()[-1]["status"] == 404


def _expecting_otherwise(what: str, path: str, where: str, value: str) -> Any:
    from cli.verify.steps import Step

    return Step(what, "GET", path, (200,), shows=(where, "Elsewhere" if value == "Disconnected" else value))


def test_a_gateway_elsewhere_ends_it(azure: Any, tmp_path: Path) -> None:
    """A connection lives where its gateway does."""
    before = azure.resources()
    elsewhere = GATEWAY.replace("southeastasia", "eastasia")
    done = verify("--gateway", elsewhere, "--out", tmp_path / "out", "--apply")
    assert done.exit_code == 1
    assert "location is eastasia" in done.output
    assert azure.resources() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--subscription", "mine"], "--subscription"),
        (["--location", "West Europe"], "--location"),
        (["--gateway", ITEM], "--gateway"),
        (["--protected-item", GATEWAY], "--protected-item"),
    ],
)
def test_input_that_cannot_be_meant_is_refused(more: list[str], said: str) -> None:
    """Exit code 2 and the option's name, before anything is asked."""
    done = verify(*more)
    assert done.exit_code == 2
    assert said in done.output


def test_ctrl_c_leaves_nothing(start_azure: Callable[..., Any], tmp_path: Path, root: Path) -> None:
    """A real SIGINT in the middle: the group goes, the recordings stay, and the exit code is 130."""
    azure = start_azure(speed=40)
    before = azure.resources()
    command = [sys.executable, "-m", "cli", *ASKED, "--apply", "--out", str(tmp_path / "out")]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background shell passes it on ignored
    )
    deadline = time.monotonic() + 60
    while not any(re.search("verify-a$", event["path"]) for event in azure.requests()):
        assert time.monotonic() < deadline, "it does not get going"
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "stopped after" in said
    assert azure.resources() == before
    assert read_folder(tmp_path / "out")


def test_the_commands_of_the_page_work(azure: Any, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/verify-azure.md shows them: the first asks nothing, the second leaves recordings and nothing else."""
    monkeypatch.chdir(tmp_path)
    dry, real = re.findall(r"^\$ bridgehead (.*)$", (root / "docs" / "verify-azure.md").read_text(), re.MULTILINE)
    assert CliRunner().invoke(app, shlex.split(dry)).exit_code == 0
    assert azure.requests() == []
    assert CliRunner().invoke(app, shlex.split(real)).exit_code == 0
    assert [path.name for path in (tmp_path / "recordings").iterdir()] == ["networks.yaml"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"sharedKey": "abc"}', '{"sharedKey": "REDACTED"}'),
        ('{"initiatedBy": "ann@corp.example"}', '{"initiatedBy": "person-1@example.com"}'),
        ('{"vmName": "sql1", "message": "sql1 is down"}', '{"vmName": "owner-1", "message": "owner-1 is down"}'),
        ('{"tags": {"costs": "42"}}', '{"tags": {}}'),
        ('{"ip": "20.1.2.3", "net": "10.1.2.3"}', '{"ip": "198.51.100.1", "net": "10.1.2.3"}'),
        ("https://x.example/a?api-version=1&t=6&c=MII", "https://x.example/a?api-version=1&t=REDACTED&c=REDACTED"),
        (f"/subscriptions/{SUBSCRIPTION}", "/subscriptions/00000000-0000-0000-0000-000000000000"),
    ],
)  # fmt: skip
def test_what_gives_an_owner_away_is_replaced(text: str, expected: str) -> None:
    """By form, by field, and wherever a known name turns up again."""
    anonymizer = Anonymizer(SUBSCRIPTION, ORDER.id, [], [])
    anonymizer.learn(text)
    assert anonymizer.clean(text) == expected
    anonymizer.check(expected)
    with pytest.raises(Leak):
        Anonymizer(SUBSCRIPTION, ORDER.id, [], []).check(f"id: {SUBSCRIPTION}")
