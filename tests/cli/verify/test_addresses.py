"""``bridgehead addresses --live`` and ``--assign`` against a simulated Azure, by the real clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from simulator.company_b import company_b

TYPE = "replicationProtectedItems"


@pytest.fixture
def asked(root: Path, tmp_path: Path) -> list[str]:
    """Company B's plan, and the estate of three machines that the simulated Azure began with."""
    snapshot = tmp_path / "snapshot.json"
    snapshot.write_text(json.dumps(company_b(3)))
    return ["addresses", str(root / "plans" / "company-b.yaml"), "--snapshot", str(snapshot)]


def run(asked: list[str], *more: str) -> Result:
    return CliRunner().invoke(app, [*asked, *more])


def configuration(azure: Any, name: str) -> dict[str, Any]:
    item = next(one for one in azure.world.documents.all() if one["type"].endswith(TYPE) and one["name"] == name)
    found: dict[str, Any] = item["properties"]["providerSpecificDetails"]["vmNics"][0]["ipConfigs"][0]
    return found


def patches(azure: Any) -> list[str]:
    return [event["path"].rsplit("/", 1)[1] for event in azure.requests() if event["method"] == "PATCH"]


def test_live_reads_what_azure_has_now(azure: Any, asked: list[str]) -> None:
    """The snapshot is old; nothing is written."""
    configuration(azure, "dc1")["recoveryStaticIPAddress"] = "10.1.3.99"
    assert run(asked).exit_code == 0
    done = run(asked, "--live")
    assert done.exit_code == 1, done.output
    assert "target 10.1.3.99 is not 10.1.3.4" in done.stdout
    assert patches(azure) == []


def test_live_asks_azure_whether_the_address_is_free(azure: Any, asked: list[str]) -> None:
    """Somebody has taken it since the snapshot was made; the next free ones are named."""
    from simulator.core.scenario import parse_fault

    fault = {"address": {"address": "10.1.3.4", "takenIn": "vnet-companyb-southeastasia"}}
    azure.world.faults.add(parse_fault(fault))
    done = run(asked, "--live")
    assert done.exit_code == 1
    assert "10.1.3.4 is taken, says Azure; next free: 10.1.3.5" in done.stdout


def test_assign_writes_what_differs_once(azure: Any, asked: list[str]) -> None:
    """It shows before and after; asked again it writes nothing."""
    configuration(azure, "dc1")["recoveryStaticIPAddress"] = "10.1.3.99"
    configuration(azure, "web1")["recoveryStaticIPAddress"] = None
    done = run(asked, "--assign")
    assert done.exit_code == 0, done.output
    assert "dc1: dc1-nic: 10.1.3.99 -> 10.1.3.4" in done.stdout
    assert "web1: assigned" in done.stdout
    assert configuration(azure, "dc1")["recoveryStaticIPAddress"] == "10.1.3.4"
    assert configuration(azure, "web1")["recoveryIPAddressType"] == "Static"
    assert patches(azure) == ["dc1", "web1"]
    assert run(asked, "--assign").exit_code == 0
    assert patches(azure) == ["dc1", "web1"]


def test_each_item_has_a_result_of_its_own(azure: Any, asked: list[str]) -> None:
    """One that Azure refuses does not keep the next one from being written."""
    for name in ("dc1", "web1"):
        configuration(azure, name)["recoveryStaticIPAddress"] = None
    azure.fault("PATCH", "/dc1$", status=409, code="Conflict", message="busy", match={"times": 1})
    done = run(asked, "--assign", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["assigned"]["web1"] == "assigned"
    assert told["assigned"]["dc1"].startswith("not assigned: ")
    assert configuration(azure, "web1")["recoveryStaticIPAddress"] == "10.1.1.4"
    assert [row["machine"] for row in told["addresses"] if not row["ok"]] == ["dc1"]
