"""What is refused of networks, each with its whole message: the field, what was found, what is expected, and advice.

And beside each what is like it and must compile: nothing legal is refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from variants import Topology, refused

OTHER_SPACE = "give the machines target addresses of another space, or fail the whole network over"
OTHER_ADDRESS = (
    "another BGP address: one on-premises device cannot tell the two apart, found {}, whose BGP address {} is {}'s "
    "too; give gateway and local network gateway an APIPA address"
)
GATEWAY_BEFORE = (
    "one that is there before the event: Azure takes 20 to 37 minutes to make it, found no Vpn gateway in {}; "
    "or let the run make the network: networks, create with a gateway"
)


# A single subnet


def test_one_subnet_of_a_network_that_stays_joined_to_on_premises_is_impossible() -> None:
    """Company B, whatever the plan accepts: the site would see one space in two places."""
    topology = Topology("company-b")
    topology.only("web1", "web2", "web3")
    topology.link().pop("disconnect")
    expected = (
        "workload: expected its links disconnected: a subnet cannot move while its address space stays joined to "
        "on-premises, found a part of vnet-companyb-eastasia fails over while cn-eastasia-datacenter keeps "
        "vnet-companyb-eastasia joined to on-premises (app1, app2, app3, dc1, sql1 and others stay in it); "
        + OTHER_SPACE
    )
    refused(topology, expected)
    topology.plan |= {"scope": "application", "accept": ["partial-connectivity"]}
    refused(topology, expected)


def test_one_subnet_of_a_network_that_loses_its_links_takes_somebodys_word() -> None:
    """Company A: not advisable; with accept it compiles, and explain says who loses what."""
    topology = Topology("company-a")
    topology.only("web1")
    topology.plan |= {"scope": "application", "routing": {}}
    refused(
        topology,
        "workload: expected accept: [partial-connectivity], by somebody who knows what these machines then cannot "
        "reach, found a part of vnet-source fails over, and app1, sql1 lose azure; " + OTHER_SPACE,
    )
    topology.plan["accept"] = ["partial-connectivity"]
    assert topology.compile().warnings == ("app1, sql1 of vnet-source stay: they lose azure, as the plan accepts",)


def test_one_subnet_of_a_network_that_stays_joined_to_a_peer_takes_somebodys_word_and_one_way() -> None:
    """The recovery network may not join the peer that still sees the source."""
    topology = Topology("company-a")
    topology.only("web1")
    topology.plan |= {"scope": "application", "routing": {}}
    link = topology.link()
    link["like"] = link.pop("disconnect")
    refused(
        topology,
        "workload: expected accept: [partial-connectivity], by somebody who knows that these networks reach one part "
        "only, found a part of vnet-source fails over while cn-source-azure keeps vnet-source joined to other networks "
        "(app1, sql1 stay in it); " + OTHER_SPACE,
    )
    topology.plan["accept"] = ["partial-connectivity"]
    refused(
        topology,
        "links[0].connect: expected never two ways from one network to the same addresses, found vnet-recovery "
        "(10.1.0.0/16) joined to vnet-azure while cn-azure-source still joins vnet-source (10.1.0.0/16); disconnect it "
        "in a link whose connect comes after",
    )


def test_one_subnet_at_other_addresses_may_move_while_its_network_stays_joined() -> None:
    """Company A's way: another space in the recovery network, and the source keeps its link."""
    topology = Topology("company-a")
    topology.only("web1")
    topology.plan |= {"scope": "application", "routing": {}}
    topology.plan["workload"]["addresses"] = "may-change"
    link = topology.link()
    link["like"] = link.pop("disconnect")
    for name, kind in (
        ("vnet-recovery", "/virtualNetworks"),
        ("lng-recovery-southeastasia", "/localNetworkGateways"),
        ("vgw-recovery", "/virtualNetworkGateways"),
    ):
        document = topology.document(name, kind)
        document["properties"] = json.loads(json.dumps(document["properties"]).replace("10.1.", "10.7."))
    item = topology.document("web1", "replicationProtectedItems")
    for nic in item["properties"]["providerSpecificDetails"]["vmNics"]:
        for one in nic["ipConfigs"]:
            one["recoveryStaticIPAddress"] = "10.7.1.4"
    assert topology.compile().steps


# Two ways


def test_two_networks_of_one_space_are_never_both_joined_to_one_site() -> None:
    """By a connection that the plan forgets."""
    topology = Topology("company-b-app")
    link = topology.link()
    link["like"] = link.pop("disconnect")
    refused(
        topology,
        "links[0].connect: expected never two ways home to one site for the same addresses, found "
        "vnet-orders-southeastasia (10.4.0.0/16) joined to datacenter while cn-orders-datacenter still joins "
        "vnet-orders-eastasia (10.4.0.0/16); disconnect it in a link whose connect comes after",
    )


def test_two_networks_of_one_space_are_never_both_on_one_circuit() -> None:
    """A preference needs two circuits."""
    topology = Topology("company-b-two-circuits")
    other = topology.document("cn-er-southeastasia")["properties"]
    other["peer"] = topology.document("cn-er-eastasia")["properties"]["peer"]
    refused(
        topology,
        "links[0].prefer: expected two circuits, found two connections to one circuit, er-hongkong; two networks of "
        "one address space cannot both join one circuit: disconnect one, then connect the other",
    )


# Gateways and subnets


def test_a_recovery_gateway_that_is_not_there_and_that_no_step_makes() -> None:
    """In a network that stands, and in one that the run makes without a gateway."""
    topology = Topology("replica-network")
    topology.remove("vgw-shop-koreacentral")
    refused(topology, "links[0].connect.gateway: expected " + GATEWAY_BEFORE.format("vnet-shop-koreacentral"))
    topology = Topology("recreated-network")
    topology.plan["networks"][0]["create"].pop("gateway")
    refused(topology, "links[0].connect.gateway: expected " + GATEWAY_BEFORE.format("vnet-orders-southeastasia"))


def test_a_target_network_without_its_sources_subnets() -> None:
    """One is missing, one is smaller; a prefix told as a list of one is the same."""
    expected = (
        "networks: expected the same subnets: a machine keeps its address only in one that has it, found vnet-recovery "
        "without data 10.1.3.0/24 of vnet-source"
    )
    for change in ({"addressPrefix": "10.1.3.0/25"}, {"addressPrefix": "10.1.4.0/24"}):
        topology = Topology("company-a")
        _subnet(topology, "data")["properties"] |= change
        refused(topology, expected)
    topology = Topology("company-a")
    details = _subnet(topology, "data")["properties"]
    details["addressPrefixes"] = [details.pop("addressPrefix")]
    assert topology.compile().steps


def test_a_target_subnet_of_another_name_is_refused_for_the_machines_that_ask_for_it() -> None:
    """Site Recovery lands a machine in a subnet by its name."""
    topology = Topology("company-a")
    _subnet(topology, "data")["name"] = "database"
    refused(
        topology,
        "workload item sql1: expected one of its subnets (GatewaySubnet, app, database, web), found the target subnet "
        "data, which vnet-recovery does not have; set it on the item, or name the subnet so",
    )


def _subnet(topology: Topology, name: str) -> dict[str, Any]:
    subnets = topology.document("vnet-recovery", "/virtualNetworks")["properties"]["subnets"]
    return next(one for one in subnets if one["name"] == name)


# One BGP address, one device


def _speaks_from(topology: Topology, gateway: str, address: str, custom: str = "") -> None:
    settings = topology.document(gateway, "/virtualNetworkGateways")["properties"]["bgpSettings"]
    settings["bgpPeeringAddress"] = address
    settings["bgpPeeringAddresses"][0]["defaultBgpIpAddresses"] = [address]
    settings["bgpPeeringAddresses"][0]["customBgpIpAddresses"] = [custom] if custom else []


COLLIDES = "links[0].connect.gateway: expected " + OTHER_ADDRESS.format(
    "vgw-companyb-southeastasia", "10.1.255.30", "vgw-companyb-eastasia"
)


def test_two_gateways_of_one_bgp_address_collide_at_a_device_and_apipa_at_both_ends_cures_it() -> None:
    """A gateway speaks from its APIPA address only to a device that is known by one."""
    topology = Topology("company-b")
    _speaks_from(topology, "vgw-companyb-southeastasia", "10.1.255.30")
    refused(topology, COLLIDES)
    _speaks_from(topology, "vgw-companyb-southeastasia", "10.1.255.30", "169.254.21.2")
    refused(topology, COLLIDES)
    device = topology.document("lng-datacenter-southeastasia")["properties"]["bgpSettings"]
    device["bgpPeeringAddress"] = "169.254.21.1"
    assert topology.compile().steps
    _speaks_from(topology, "vgw-companyb-southeastasia", "10.1.255.30")
    refused(topology, COLLIDES)


def test_a_tunnel_without_bgp_collides_with_nothing() -> None:
    """No session, no address."""
    topology = Topology("company-b")
    _speaks_from(topology, "vgw-companyb-southeastasia", "10.1.255.30")
    topology.link()["connect"]["enableBgp"] = False
    assert topology.compile().steps


def test_a_third_gateway_of_the_device_counts_as_well_where_it_speaks_bgp() -> None:
    """It has nothing to do with the plan, and the device cannot tell it from the new one."""
    topology = Topology("company-b")
    third = topology.copy_of("vgw-companyb-southeastasia", "/virtualNetworkGateways", "vgw-third")
    network = topology.copy_of("vnet-companyb-southeastasia", "/virtualNetworks", "vnet-third")
    network["properties"]["addressSpace"] = {"addressPrefixes": ["10.9.0.0/16"]}
    subnet = {"id": f"{network['id']}/subnets/GatewaySubnet"}
    third["properties"]["ipConfigurations"] = [{"properties": {"subnet": subnet}}]
    connection = topology.copy_of(
        "cn-eastasia-datacenter", "/connections", "cn-third", virtualNetworkGateway1={"id": third["id"]}
    )
    refused(
        topology,
        "links[0].connect.gateway: expected "
        + OTHER_ADDRESS.format("vgw-companyb-southeastasia", "10.1.254.30", "vgw-third"),
    )
    connection["properties"]["enableBgp"] = False
    assert topology.compile().steps


def test_a_network_made_in_the_run_has_its_sources_gateway_subnet_and_so_its_bgp_address() -> None:
    """Unless the plan gives it an APIPA address."""
    topology = Topology("recreated-network")
    topology.plan["networks"][0]["create"]["gateway"].pop("bgpAddress")
    refused(
        topology,
        "links[0].connect.gateway: expected "
        + OTHER_ADDRESS.format("vgw-orders-southeastasia", "10.1.255.30", "vgw-orders"),
    )


# Virtual WAN and Route Server

SERVED = (
    "links: expected a network without one: it carries routes between gateways in ways that are not proven here, found "
    "{}, which has an Azure Route Server; take that network out of the plan, and fail its appliances over by steps of "
    "your own"
)
IN_A_WAN = (
    "links: expected networks that are joined by gateways and peerings of their own, found {}, joined to the Virtual "
    "WAN hub hub-east; move it by the Virtual WAN's own routing, or join the network to a hub network instead"
)


@pytest.mark.parametrize("name", ["vnet-hub-eastasia", "vnet-hub-southeastasia", "vnet-web-eastasia"])
def test_route_server_is_refused_by_name(name: str) -> None:
    """In a network of a link, and in a spoke that only fails over."""
    topology = Topology("hub-and-spoke")
    network = topology.document(name, "/virtualNetworks")["properties"]
    network["subnets"].append({"name": "RouteServerSubnet", "properties": {"addressPrefix": "10.0.250.0/27"}})
    assert SERVED.format(name) in topology.refusals()


@pytest.mark.parametrize("name", ["vnet-hub-eastasia", "vnet-web-southeastasia"])
@pytest.mark.parametrize("nested", [True, False])
def test_virtual_wan_is_refused_by_name(name: str, nested: bool) -> None:
    """However the snapshot tells of the hub: with its joins in it, or each as a document."""
    topology = Topology("hub-and-spoke")
    network = topology.document(name, "/virtualNetworks")["id"]
    join = {"properties": {"remoteVirtualNetwork": {"id": network}}}
    kind = "Microsoft.Network/virtualHubs"
    hub: dict[str, Any] = {"id": network.rsplit("/", 2)[0] + "/virtualHubs/hub-east", "name": "hub-east", "type": kind}
    topology.estate.append(hub | {"properties": {"virtualNetworkConnections": [join] if nested else []}})
    if not nested:
        own = {"id": f"{hub['id']}/hubVirtualNetworkConnections/to-it", "name": "to-it"}
        topology.estate.append(own | {"type": f"{kind}/hubVirtualNetworkConnections"} | join)
    refused(topology, IN_A_WAN.format(name))
