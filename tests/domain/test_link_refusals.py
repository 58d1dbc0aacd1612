"""Refusals of docs/topologies.md that are about more than one link or a circuit, with their full messages.

Those of one network and its gateways are in test_network_refusals.py, those of groups and sizes in
test_write_refusals.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from variants import Topology

Vary = Callable[[Topology], None]


def _stays(topology: Topology) -> None:
    """The first link's old connection stays; the new one is like it."""
    link = topology.link()
    link["like"] = link.pop("disconnect")


def _only_the_vpn_moves(topology: Topology) -> None:
    topology.plan["links"] = topology.plan["links"][1:]


def _second_connection_the_plan_forgets(topology: Topology) -> None:
    topology.copy_of("cn-shop-datacenter", "connections", "cn-forgotten")


def _circuits_group_fails_with_the_region(topology: Topology) -> None:
    topology.document("rg-companyb-circuits")["location"] = "eastasia"


def _standard_circuit(topology: Topology) -> None:
    topology.document("er-datacenter")["sku"] = {"name": "Standard_MeteredData", "tier": "Standard"}


def _whole_region_of_two_source_networks(topology: Topology) -> None:
    topology.plan["scope"] = "region"


def _both_networks_peered(topology: Topology) -> None:
    """The recovery network has the space of the network it would be peered with."""
    topology.document("vnet-shared")["properties"]["addressSpace"]["addressPrefixes"] = ["10.6.0.0/16"]


CASES: dict[str, tuple[str, Vary]] = {
    "a connection that the plan forgets": ("replica-network", _second_connection_the_plan_forgets),
    "a VPN to the new network while the circuit joins the old one": ("company-b-both", _only_the_vpn_moves),
    "two networks of one space peered with one hub": ("peered-application", _stays),
    "a circuit's authorization in a resource group of the failing region": (
        "company-b-expressroute",
        _circuits_group_fails_with_the_region,
    ),
    "a circuit that does not reach the recovery region": ("company-b-expressroute", _standard_circuit),
    "a link to a network that fails as well": ("company-a-app", _whole_region_of_two_source_networks),
    "a link between networks of one space": ("peered-application", _both_networks_peered),
}
MESSAGES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "data" / "link-refusals.yaml").read_text())


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_plan_is_refused_with_what_was_expected_what_was_found_and_what_to_do(case: str) -> None:
    """The whole message, and nothing beside it; without the variation the plan compiles."""
    name, vary = CASES[case]
    topology = Topology(name)
    topology.compile()
    vary(topology)
    assert topology.refusals() == MESSAGES[case]


def test_no_message_is_left_over() -> None:
    """Every one of the file is asserted."""
    assert set(MESSAGES) == set(CASES)
