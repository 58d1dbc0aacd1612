"""What explain and validate say of links: not like for like, the other sort, and what to ask in calm times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DIFFERS = (
    "gateway hops: peering: none; VPN: one at each end",
    "transit: peering: the two networks' own prefixes, and more only by gateway transit; VPN: with BGP whatever",
    "encryption: peering: stays on Azure's network, not encrypted by itself; VPN: IPsec",
    "cost: peering: by volume, in and out; VPN: by the hour of each gateway, and by volume out",
)


def _explained(bridgehead: Any, folder: Path, name: str, connect: Any) -> str:
    plan = yaml.safe_load((ROOT / "plans" / f"{name}.yaml").read_text())
    plan["links"][0]["connect"] = connect
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    done = bridgehead("explain", folder / "plan.yaml", "--snapshot", ROOT / "estates" / f"{name}.json")
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def test_both_sorts_are_shown_with_what_differs_where_both_are_possible(bridgehead: Any, tmp_path: Path) -> None:
    """Two networks that could be peered and are joined by VPN."""
    said = _explained(bridgehead, tmp_path, "company-a", "mirror")
    assert "Link azure is site-to-site; peering is possible, too" in said
    assert [line for line in DIFFERS if line not in said] == []


def test_another_kind_than_the_old_links_is_said(bridgehead: Any, tmp_path: Path) -> None:
    """The plan asks for a peering where there was a VPN."""
    said = _explained(bridgehead, tmp_path, "company-a", {"kind": "peering"})
    assert "Link azure is peering, where the old one is site-to-site; vnet-to-vnet is possible, too" in said
    assert [line for line in DIFFERS if line not in said] == []


def test_a_field_that_is_not_the_old_links_is_said(bridgehead: Any, tmp_path: Path) -> None:
    """Of two connections: which field, and what each has."""
    said = _explained(bridgehead, tmp_path, "company-b", {"routingWeight": 50})
    assert "routingWeight 50, where cn-eastasia-datacenter has 10" in said


def test_to_a_site_only_a_vpn_is_possible_and_nothing_is_compared(bridgehead: Any, tmp_path: Path) -> None:
    """Like for like and without a choice: not a word."""
    assert "is possible, too" not in _explained(bridgehead, tmp_path, "company-b", "mirror")


def test_validate_and_explain_ask_what_a_device_must_know(bridgehead: Any, tmp_path: Path) -> None:
    """On standard error, as JSON, and at the end of the runbook."""
    plan = ROOT / "plans" / "replica-network.yaml"
    asked = "does the device at datacenter know vgw-shop-koreacentral already? It needs a tunnel to "
    assert asked in bridgehead("validate", plan).stderr
    assert json.loads(bridgehead("validate", plan, "--json").stdout)["calm_questions"][0].startswith(asked)
    assert f"To be answered in calm times: {asked}" in _explained(bridgehead, tmp_path, "replica-network", "mirror")
