"""Where packets go in a hub and its spokes: transit, an appliance's next hop, security groups, the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ESTATES = Path(__file__).parents[2] / "estates"
VERSION = "?api-version=2024-05-01"


@pytest.fixture
def azure(start_azure: Any) -> Any:
    return start_azure(estate=json.loads((ESTATES / "hub-and-spoke.json").read_text()))


def machine(azure: Any, name: str) -> Any:
    """web1 is in a spoke, nva1 is the hub's appliance."""
    return next(one for one in azure.world.machines.all() if one.name == name)


def of_type(azure: Any, kind: str, network: str = "") -> list[dict[str, Any]]:
    found = azure.world.documents.of_type(f"Microsoft.Network/{kind}")
    return [document for document in found if network in document["id"]]


def reach(azure: Any, address: str, port: int = 443) -> dict[str, Any]:
    return dict(azure.looking_glass(address, port=port)["reach"])


def hops(azure: Any, name: str) -> dict[str, tuple[str, str]]:
    """prefix -> (type of its next hop, source) of a machine's effective routes that are active."""
    interface = next(
        document for document in of_type(azure, "networkInterfaces") if document["name"].startswith(f"{name}")
    )
    started = azure.raw("POST", f"{interface['id']}/effectiveRouteTable{VERSION}")
    azure.advance(15)
    rows = azure.raw("GET", started.headers["Location"]).json()["value"]
    return {row["addressPrefix"][0]: (row["nextHopType"], row["source"]) for row in rows if row["state"] == "Active"}


def test_spokes_are_reached_through_their_hubs_gateway_and_its_appliance(azure: Any) -> None:
    """The site's device has the hub's and both spokes' prefixes, and each machine answers."""
    routes = {route["prefix"] for route in azure.looking_glass()["routes"]}
    assert routes == {"10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"}
    web = machine(azure, "web1")
    assert reach(azure, web.address)["reachable"] is True


def test_a_spokes_own_table_stands_before_what_the_gateway_learned(azure: Any) -> None:
    """User routes to the appliance; the peered hub's prefix stays Azure's own route."""
    web = machine(azure, "web1")
    found = hops(azure, web.name)
    assert ("VirtualAppliance", "User") in found.values()
    assert found["10.0.0.0/16"] == ("VNetPeering", "Default")


def test_without_its_appliance_a_spoke_is_cut_off(azure: Any) -> None:
    """What a table sends to an appliance that is down gets nowhere; on-premises sees it at once."""
    web = machine(azure, "web1")
    appliance = machine(azure, "nva1")
    azure.world.machines.stop(appliance.id)
    seen = reach(azure, web.address)
    assert seen["reachable"] is False
    assert appliance.address in seen["detail"]


def test_an_appliance_without_ip_forwarding_passes_nothing_on(azure: Any) -> None:
    """Documented: the interface must have it enabled."""
    appliance = machine(azure, "nva1")
    for interface in of_type(azure, "networkInterfaces"):
        addresses = [one["properties"]["privateIPAddress"] for one in interface["properties"]["ipConfigurations"]]
        if appliance.address in addresses:
            interface["properties"]["enableIPForwarding"] = False
    web = machine(azure, "web1")
    assert "does not forward" in reach(azure, web.address)["detail"]


def test_a_deny_rule_keeps_one_port_closed(azure: Any) -> None:
    """On the interface's subnet; the other ports stay open, and the default rules let on-premises in."""
    web = machine(azure, "web1")
    group_path = f"{web.network.rsplit('/virtualNetworks/', 1)[0]}/networkSecurityGroups/nsg-test"
    rule = {
        "name": "no-ssh",
        "properties": {
            "access": "Deny",
            "direction": "Inbound",
            "priority": 100,
            "protocol": "Tcp",
            "sourcePortRange": "*",
            "destinationPortRange": "22",
            "sourceAddressPrefix": "10.70.0.0/16",
            "destinationAddressPrefix": "*",
        },
    }
    body = {"location": "eastasia", "properties": {"securityRules": [rule]}}
    assert azure.raw("PUT", group_path + VERSION, body).status_code == 201
    azure.advance(15)
    subnet = next(
        one
        for one in of_type(azure, "virtualNetworks/subnets", "vnet-web-eastasia")
        if one["name"].lower() != "gatewaysubnet"
    )
    subnet["properties"]["networkSecurityGroup"] = {"id": group_path}
    azure.world.documents.changed(subnet["id"])
    assert reach(azure, web.address, 443)["reachable"] is True
    closed = reach(azure, web.address, 22)
    assert closed["reachable"] is False
    assert "nsg-test" in closed["detail"]


def test_a_hub_that_no_longer_allows_transit_hides_its_spokes(azure: Any) -> None:
    """One side's delete leaves the other Disconnected and takes the spoke's prefix off the site's table."""
    (half,) = [
        document
        for document in of_type(azure, "virtualNetworks/virtualNetworkPeerings", "vnet-web-eastasia")
        if document["properties"].get("useRemoteGateways")
    ]
    azure.raw("DELETE", half["id"] + VERSION)
    azure.advance(20)
    assert "10.1.0.0/16" not in {route["prefix"] for route in azure.looking_glass()["routes"]}
    states = {
        document["properties"]["peeringState"]
        for document in of_type(azure, "virtualNetworks/virtualNetworkPeerings", "vnet-hub-eastasia")
    }
    assert states == {"Connected", "Disconnected"}


def test_the_next_hop_of_a_machine_in_a_spoke_is_the_appliance(azure: Any) -> None:
    """Network Watcher tells type, address and the owner's table."""
    web = machine(azure, "web1")
    (watcher, *_) = of_type(azure, "networkWatchers")
    question = {"targetResourceId": web.id, "sourceIPAddress": web.address, "destinationIPAddress": "10.70.0.4"}
    started = azure.raw("POST", f"{watcher['id']}/nextHop{VERSION}", question)
    azure.advance(15)
    hop = azure.raw("GET", started.headers["Location"]).json()
    appliance = machine(azure, "nva1")
    assert (hop["nextHopType"], hop["nextHopIpAddress"]) == ("VirtualAppliance", appliance.address)
    assert "/routeTables/" in hop["routeTableId"]
