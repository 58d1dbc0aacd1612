"""How far a circuit reaches, by where its provider meets Microsoft."""

from __future__ import annotations

from typing import Any

import pytest
from variants import Topology

from domain.links.geographies import OF_LOCATION, OF_REGION, geography_of
from domain.regions import DISPLAY_NAMES


def test_every_region_of_the_table_is_one_of_azures() -> None:
    """And both halves of the table name the same geographies."""
    assert set(OF_REGION) <= set(DISPLAY_NAMES)
    assert set(OF_REGION.values()) == set(OF_LOCATION.values())


@pytest.mark.parametrize(
    ("location", "geography"),
    [
        ("Hong Kong", "Asia"),
        ("Hong Kong2", "Asia"),
        ("Hong Kong SAR", "Asia"),
        ("Newport(Wales)", "Europe"),
        ("Queretaro (Mexico)", "North America"),
        ("washington dc2", "North America"),
        ("Atlantis", None),
        (None, None),
    ],
)
def test_a_location_is_known_however_it_is_spelt(location: str | None, geography: str | None) -> None:
    """Second sites have a number, and some names a country."""
    assert geography_of(location) == geography


def _circuit(tier: str, location: str) -> Topology:
    topology = Topology("company-b-expressroute")
    circuit: dict[str, Any] = topology.document("er-datacenter")
    circuit["sku"] = {"name": f"{tier}_MeteredData", "tier": tier}
    circuit["properties"]["serviceProviderProperties"]["peeringLocation"] = location
    return topology


def test_a_standard_circuit_reaches_its_own_geography() -> None:
    """Hong Kong and Singapore are both in Asia."""
    assert not any("er-datacenter" in warning for warning in _circuit("Standard", "Hong Kong").compile().warnings)


def test_a_local_circuit_asks_whether_the_region_is_near() -> None:
    """It reaches one or two regions, and no table here says which."""
    warnings = _circuit("Local", "Hong Kong").compile().warnings
    told = "er-datacenter is a Local circuit: it reaches only the regions next to Hong Kong; is Southeast Asia one?"
    assert told in warnings


def test_a_location_that_nobody_knows_is_told_and_not_judged() -> None:
    """Azure opens new ones."""
    warnings = _circuit("Standard", "Atlantis").compile().warnings
    assert "whether er-datacenter (Standard, at Atlantis) reaches Southeast Asia is not known here" in warnings
