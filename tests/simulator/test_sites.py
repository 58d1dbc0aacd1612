"""Several sites over the wire: active-active gateways, routes by hand, devices to be told, and who tells whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ESTATES = Path(__file__).parents[2] / "estates"
GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
EAST, SOUTH = (f"{GROUPS}/rg-companyb-{region}/providers/Microsoft.Network" for region in ("eastasia", "southeastasia"))
VERSION = "?api-version=2024-05-01"
FIRST, SECOND = "10.1.255.4", "10.1.255.5"
NEW = ("198.51.100.34", "198.51.100.35")


def estate(name: str) -> list[dict[str, Any]]:
    return list(json.loads((ESTATES / f"{name}.json").read_text()))


@pytest.fixture
def azure(start_azure: Any) -> Any:
    """Three sites at one active-active gateway: two with BGP, one with routes by hand."""
    return start_azure(estate=estate("company-b-sites"))


def neighbors(azure: Any, site: str, prefix: str = "10.1.0.0/16") -> list[str]:
    seen = azure.looking_glass(site=site)["routes"]
    return [route["neighbor"] for route in seen if route["prefix"] == prefix and route["best"]]


def connect(azure: Any, site: str, *, bgp: bool = True) -> None:
    """The recovery gateway's connection to a site, once the old one is gone."""
    azure.raw("DELETE", f"{EAST}/connections/cn-eastasia-{site}{VERSION}")
    azure.advance(45)
    properties = {
        "connectionType": "IPsec",
        "virtualNetworkGateway1": {"id": f"{SOUTH}/virtualNetworkGateways/vgw-southeastasia"},
        "localNetworkGateway2": {"id": f"{SOUTH}/localNetworkGateways/lng-{site}-southeastasia"},
        "sharedKey": azure.secret(f"psk-{site}"),
        "enableBgp": bgp,
    }
    path = f"{SOUTH}/connections/cn-southeastasia-{site}{VERSION}"
    assert azure.raw("PUT", path, {"location": "southeastasia", "properties": properties}).status_code == 201
    azure.advance(90)


def test_both_instances_of_a_gateway_are_neighbours_and_no_split(azure: Any) -> None:
    """Two tunnels, two sessions, two equal ways into one network."""
    assert neighbors(azure, "datacenter") == [FIRST, SECOND]
    peers = {peer["neighbor"]: peer["state"] for peer in azure.looking_glass()["peers"]}
    assert peers == {FIRST: "Established", SECOND: "Established"}
    assert azure.looking_glass("10.1.1.4")["reach"]["reachable"] is True
    assert azure.verdict()["violations"] == []


def test_each_instance_is_blocked_by_itself(azure: Any) -> None:
    """The other goes on, also as the connection's status."""
    azure.order("block-peer", "a", peer={"bgpPeeringAddress": FIRST})
    assert neighbors(azure, "datacenter") == [SECOND]
    old = azure.raw("GET", f"{EAST}/connections/cn-eastasia-datacenter{VERSION}").json()["properties"]
    assert old["connectionStatus"] == "Connected"
    azure.order("block-peer", "b", peer={"publicAddress": "198.51.100.22"})
    assert azure.looking_glass()["routes"] == []
    old = azure.raw("GET", f"{EAST}/connections/cn-eastasia-datacenter{VERSION}").json()["properties"]
    assert old["connectionStatus"] == "NotConnected"
    assert neighbors(azure, "office") == [FIRST, SECOND]


def test_a_gateway_tells_one_site_of_another(azure: Any) -> None:
    """Over BGP what it learned goes on to its other sessions."""
    assert neighbors(azure, "datacenter", "10.51.0.0/16") == [FIRST, SECOND]
    assert neighbors(azure, "office", "10.50.0.0/16") == [FIRST, SECOND]
    (path,) = {tuple(route["asPath"]) for route in azure.looking_glass()["routes"] if route["prefix"] == "10.51.0.0/16"}
    assert path == (65515, 65051)


def test_a_gateway_lists_a_peer_for_each_instance(azure: Any) -> None:
    """BGP peers and learned routes carry the instance's own address; a site without BGP is no peer."""
    gateway = f"{EAST}/virtualNetworkGateways/vgw-eastasia"
    started = azure.raw("POST", f"{gateway}/getBgpPeerStatus{VERSION}")
    azure.advance(15)
    rows = azure.raw("GET", started.headers["Location"]).json()["value"]
    assert {(row["localAddress"], row["neighbor"]) for row in rows} == {
        (FIRST, "10.50.255.1"),
        (SECOND, "10.50.255.1"),
        (FIRST, "10.51.255.1"),
        (SECOND, "10.51.255.1"),
    }
    assert {row["state"] for row in rows} == {"Connected"}


def test_a_site_without_bgp_has_the_routes_that_its_owner_entered(azure: Any) -> None:
    """Until the device is told of the new gateway nothing leads there, though the tunnels are up."""
    assert neighbors(azure, "branch") == [FIRST, SECOND]
    connect(azure, "branch", bgp=False)
    assert azure.looking_glass(site="branch")["routes"] == []
    routes = [{"prefix": "10.1.0.0/16", "nextHop": address} for address in NEW]
    told = azure.order("prepare-peer", "k", site="branch", peers=[{"publicAddress": one} for one in NEW], routes=routes)
    assert told.status_code == 200
    assert len(neighbors(azure, "branch")) == 2
    azure.order("forget-peer", "k2", site="branch", peers=[{"publicAddress": one} for one in NEW], routes=routes)
    assert azure.looking_glass(site="branch")["routes"] == []


def test_a_device_that_was_not_told_of_a_gateway_builds_no_tunnel(start_azure: Any) -> None:
    """requiresPreparation: only prepared peers come up; prepare-peer lets the others in, forget-peer out again."""
    documents = estate("company-b-sites")
    (site,) = [document for document in documents if document["id"] == "/onPremises/datacenter"]
    site["properties"] |= {"requiresPreparation": True, "preparedPeers": ["198.51.100.21", "198.51.100.22"]}
    azure = start_azure(estate=documents)
    assert neighbors(azure, "datacenter") == [FIRST, SECOND]
    connect(azure, "datacenter")
    assert azure.looking_glass()["routes"] == []
    new = azure.raw("GET", f"{SOUTH}/connections/cn-southeastasia-datacenter{VERSION}").json()["properties"]
    assert new["connectionStatus"] == "Connecting"
    azure.order("prepare-peer", "k", peers=[{"publicAddress": one} for one in NEW], prefixes=["10.1.0.0/16"])
    azure.advance(60)
    assert len(neighbors(azure, "datacenter")) == 2
    azure.order("forget-peer", "k2", peers=[{"publicAddress": one} for one in NEW])
    assert azure.looking_glass()["routes"] == []


@pytest.mark.parametrize("order", [{}, {"peer": {"bgpPeeringAddress": FIRST}}, {"peer": {}, "over": {}}])
def test_an_order_that_lacks_a_peer_is_refused(azure: Any, order: dict[str, Any]) -> None:
    """400 says what is missing."""
    refused = azure.order("prefer-peer", "k", **order)
    assert refused.status_code == 400
    assert "prefer-peer needs" in refused.json()["error"]


def test_the_failover_of_a_site_at_a_time_leaves_nobody_torn(azure: Any) -> None:
    """Each site moves by itself; a site that has not moved yet keeps its one way."""
    connect(azure, "datacenter")
    assert neighbors(azure, "datacenter") == ["10.1.254.4", "10.1.254.5"]
    assert neighbors(azure, "office") == [FIRST, SECOND]
    assert azure.verdict()["violations"] == []
