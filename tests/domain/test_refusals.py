"""Every refusal that docs/topologies.md names, on variants of its estates, with its full message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from variants import Topology

from simulator.company_b import company_b

Vary = Callable[[Topology], None]


def _subnet_of_company_b(topology: Topology) -> None:
    """Only the web tier fails over; the network stays joined to the datacenter."""
    topology.plan["scope"] = "application"
    topology.only("web1", "web2", "web3")
    _stays(topology)


def _stays(topology: Topology) -> None:
    """The first link's old connection stays; the new one is like it."""
    link = topology.link()
    link["like"] = link.pop("disconnect")


def _subnet_of_company_a(topology: Topology) -> None:
    topology.plan["scope"] = "application"
    topology.only("web1")
    _stays(topology)


def _subnet_with_the_link(topology: Topology) -> None:
    """The web tier fails over and takes the link along."""
    topology.plan["scope"] = "application"
    topology.only("web1")


def _both_circuits_to_one_site(topology: Topology) -> None:
    topology.plan["links"] = topology.plan["links"][1:]


def _second_connection_the_plan_forgets(topology: Topology) -> None:
    topology.copy_of("cn-shop-datacenter", "connections", "cn-forgotten")


def _no_gateway(topology: Topology) -> None:
    topology.remove("vgw-hub-southeastasia", "virtualNetworkGateways")


def _no_gateway_to_be_made(topology: Topology) -> None:
    del topology.plan["networks"][0]["create"]["gateway"]


def _subnets_differ(topology: Topology) -> None:
    network = topology.document("vnet-web-southeastasia")
    network["properties"]["subnets"][0]["properties"]["addressPrefix"] = "10.1.2.0/24"


def _group_fails_with_the_region(topology: Topology) -> None:
    topology.document("rg-contoso-southeastasia")["location"] = "eastasia"


def _circuits_group_fails_with_the_region(topology: Topology) -> None:
    topology.document("rg-companyb-circuits")["location"] = "eastasia"


def _same_address(topology: Topology) -> None:
    settings = topology.document("vgw-companyb-southeastasia")["properties"]["bgpSettings"]
    settings["bgpPeeringAddress"] = "10.1.255.30"
    settings["bgpPeeringAddresses"][0]["defaultBgpIpAddresses"] = ["10.1.255.30"]


def _same_address_of_the_new_gateway(topology: Topology) -> None:
    del topology.plan["networks"][0]["create"]["gateway"]["bgpAddress"]


def _standard_circuit(topology: Topology) -> None:
    topology.document("er-datacenter")["sku"] = {"name": "Standard_MeteredData", "tier": "Standard"}


def _one_circuit_twice(topology: Topology) -> None:
    for name in ("cn-er-eastasia", "cn-er-southeastasia"):
        topology.document(name)["properties"]["peer"] = {"id": topology.document("er-singapore")["id"]}


def _virtual_wan(topology: Topology) -> None:
    hub = topology.document("vnet-hub-eastasia")["id"]
    join = hub.replace("virtualNetworks/vnet-hub-eastasia", "virtualHubs/hub-asia/hubVirtualNetworkConnections/hub")
    topology.estate.append(
        {"id": join, "name": "hub", "type": "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections",
         "properties": {"remoteVirtualNetwork": {"id": hub}}}
    )  # fmt: skip


def _route_server(topology: Topology) -> None:
    network = topology.document("vnet-hub-eastasia")
    subnet = {"name": "RouteServerSubnet", "id": f"{network['id']}/subnets/RouteServerSubnet",
              "properties": {"addressPrefix": "10.0.3.0/27"}}  # fmt: skip
    network["properties"]["subnets"].append(subnet)


def _whole_region_of_two_source_networks(topology: Topology) -> None:
    topology.plan["scope"] = "region"


def _peered_twice(topology: Topology) -> None:
    _stays(topology)


def _both_networks_peered(topology: Topology) -> None:
    """The recovery network has the space of the network it would be peered with."""
    topology.document("vnet-shared")["properties"]["addressSpace"]["addressPrefixes"] = ["10.6.0.0/16"]


CASES: dict[str, tuple[str, Vary]] = {
    "a subnet while its network stays joined to on-premises": ("company-b", _subnet_of_company_b),
    "a subnet while its network stays joined to a network": ("company-a", _subnet_of_company_a),
    "a subnet that takes its network's link along": ("company-a", _subnet_with_the_link),
    "both networks joined to one site": ("replica-network", _stays),
    "a connection that the plan forgets": ("replica-network", _second_connection_the_plan_forgets),
    "a VPN to the new network while the circuit joins the old one": ("company-b-both", _both_circuits_to_one_site),
    "two networks of one space peered with one hub": ("peered-application", _peered_twice),
    "a recovery side without a gateway": ("hub-and-spoke", _no_gateway),
    "a network that is made without a gateway": ("recreated-network", _no_gateway_to_be_made),
    "a target network whose subnets are others": ("hub-and-spoke", _subnets_differ),
    "a resource group whose own region is the failing one": ("hub-and-spoke", _group_fails_with_the_region),
    "a circuit's authorization in such a group": ("company-b-expressroute", _circuits_group_fails_with_the_region),
    "two gateways of one BGP address on one device": ("company-b", _same_address),
    "a gateway that is made with the source's BGP address": ("recreated-network", _same_address_of_the_new_gateway),
    "a circuit that does not reach the recovery region": ("company-b-expressroute", _standard_circuit),
    "a preference between two connections to one circuit": ("company-b-two-circuits", _one_circuit_twice),
    "a network of a Virtual WAN": ("hub-and-spoke", _virtual_wan),
    "a network with a Route Server": ("hub-and-spoke", _route_server),
    "a link to a network that fails as well": ("company-a-app", _whole_region_of_two_source_networks),
    "a link between networks of one space": ("peered-application", _both_networks_peered),
}
MESSAGES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "data" / "refusals.yaml").read_text())


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


TOO_LARGE = (
    "workload.drive: expected at most 100 items and 7 groups, found plan, with {items} items in {groups} groups; "
    "use drive: items"
)


def test_a_recovery_plan_handed_over_whole_holds_a_hundred_machines() -> None:
    """With one more, Site Recovery itself would not take it."""
    topology = Topology("company-b")
    topology.plan["workload"]["drive"] = "plan"
    topology.estate = company_b(100)
    topology.compile()
    topology.estate = company_b(101)
    assert topology.refusals() == [TOO_LARGE.format(items=101, groups=3)]


def test_a_recovery_plan_handed_over_whole_has_seven_groups() -> None:
    """Shutdown and Failover are not counted: they are Azure's own."""
    topology = Topology("company-b")
    topology.plan["workload"]["drive"] = "plan"
    topology.plan["workload"].pop("names")
    plan = topology.document("rp-companyb", "replicationRecoveryPlans")["properties"]
    boots = [group for group in plan["groups"] if group["groupType"] == "Boot"]
    members = [member for group in boots for member in group["replicationProtectedItems"]]
    _regroup(plan, members, 7)
    topology.compile()
    _regroup(plan, members, 8)
    assert topology.refusals() == [TOO_LARGE.format(items=9, groups=8)]


def _regroup(plan: dict[str, Any], members: list[dict[str, Any]], count: int) -> None:
    empty = {"startGroupActions": [], "endGroupActions": []}
    spread = [members[number::count] for number in range(count)]
    plan["groups"] = [
        {"groupType": kind, "replicationProtectedItems": [], **empty} for kind in ("Shutdown", "Failover")
    ]
    plan["groups"] += [{"groupType": "Boot", "replicationProtectedItems": one, **empty} for one in spread]


def test_a_part_of_company_a_may_go_with_somebodys_word() -> None:
    """It is told what stays behind."""
    topology = Topology("company-a")
    _subnet_with_the_link(topology)
    topology.plan["accept"] = ["partial-connectivity"]
    assert "app1, sql1 of vnet-source stay: they lose azure, as the plan accepts" in topology.compile().warnings


RECOVERY_SIDES = {
    "company-a": ("vnet-recovery", "vgw-recovery", "lng-recovery-southeastasia"),
    "company-b": ("vnet-companyb-southeastasia", "vgw-companyb-southeastasia"),
}


@pytest.mark.parametrize("name", sorted(RECOVERY_SIDES))
def test_a_part_may_go_to_addresses_of_another_space(name: str) -> None:
    """Then nothing is in two places, and the network's own link stays as it is."""
    topology = Topology(name)
    topology.plan["scope"] = "application"
    topology.only("web1")
    topology.plan["workload"]["addresses"] = "may-change"
    topology.plan["routing"] = {}
    _stays(topology)
    for one in RECOVERY_SIDES[name]:
        found = topology.document(one)
        found |= json.loads(json.dumps(found).replace("10.1.", "10.9."))
    details = topology.document("web1", "replicationProtectedItems")["properties"]["providerSpecificDetails"]
    details["vmNics"][0]["ipConfigs"][0]["recoveryStaticIPAddress"] = "10.9.1.4"
    assert topology.compile().steps
