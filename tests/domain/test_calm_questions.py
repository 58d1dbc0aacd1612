"""Whether a site's device knows the recovery gateway is asked in calm times, with what must be there."""

from __future__ import annotations

from typing import Any

import pytest
from variants import Topology

TUNNELS = (
    "does the device at {site} know vgw-southeastasia already? It needs a tunnel to 198.51.100.34 and 198.51.100.35"
)
KNOWN = "Taken to be so: say sites.{site}.device.prepared, true or false"
DATACENTER = (
    f"{TUNNELS} with the pre-shared key of kv-companyb-dr/psk-datacenter; the BGP neighbor 10.1.254.4 (ASN 65515) and "
    f"10.1.254.5 (ASN 65515), from which it accepts 10.1.0.0/16. {KNOWN}"
).format(site="datacenter")
BRANCH = (
    f"{TUNNELS} with the pre-shared key of kv-companyb-dr/psk-branch; static routes for 10.1.0.0/16 through it, less "
    f"preferred than the old ones. {KNOWN}"
).format(site="branch")


def _questions(topology: Topology) -> Any:
    return topology.compile().facts["calm_questions"]


def test_peers_prefixes_and_key_are_asked_for_of_every_site_that_the_plan_does_not_speak_of() -> None:
    """A device with BGP, and one with routes by hand; both instances of an active-active gateway."""
    topology = Topology("company-b-sites")
    assert _questions(topology)[0] == DATACENTER
    assert not any("at branch" in one for one in _questions(topology))
    topology.plan["sites"]["branch"].pop("device")
    assert _questions(topology)[2] == BRANCH


@pytest.mark.parametrize("prepared", [True, False])
def test_what_the_plan_says_is_not_asked(prepared: bool) -> None:
    """Said either way: no question; and only a device that is not prepared is told in the run."""
    topology = Topology("company-b-sites")
    topology.plan["sites"]["datacenter"]["device"] = {"prepared": prepared}
    assert not any("at datacenter" in one for one in _questions(topology))
    assert any("datacenter" in step.name for step in topology.steps("prepare-device")) is not prepared
