"""Every network of docs/topologies.md, rehearsed in calm weather: what Azure holds at the end, and what its log tells.

The report is not asked here: the end state is read from the simulated Azure itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from ends import ENDS, Left
from staging import ROOT, Rehearsed

from simulator.estates.drawing import drawing
from simulator.estates.page import left_by_its_plan

CALM = {
    "name": "calm",
    "people": [
        {"on": "approval", "answer": "approve", "after": 30, "by": "incident commander"},
        {"on": "wait-person", "answer": "done", "after": 60, "by": "operator"},
        {"on": "ask", "answer": "abort", "after": 1, "by": "incident commander"},
    ],
    "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"},
}
USUAL = (
    "company-a",
    "company-b-expressroute",
    "company-b-sites",
    "hub-and-spoke",
    "peered-application",
    "recreated-network",
)
"""Rehearsed with every change; the others take their turn with the long rehearsals."""
NAMES = [pytest.param(name, marks=() if name in USUAL else pytest.mark.long) for name in sorted(ENDS)]
Calm = Callable[[str], Rehearsed]


@pytest.fixture(scope="module")
def calm(rehearse) -> Calm:
    """``calm(name)``: a topology rehearsed with nothing failing; each once."""
    known: dict[str, Rehearsed] = {}

    def run(name: str) -> Rehearsed:
        if name not in known:
            plan, estate = ROOT / "plans" / f"{name}.yaml", ROOT / "estates" / f"{name}.json"
            known[name] = rehearse(CALM, plan=plan, estate=estate)
        return known[name]

    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_topology_comes_to_its_documented_end(calm: Calm, name: str) -> None:
    """Old links gone, new ones up, machines at their addresses, and one way to each of them."""
    done, end = calm(name), ENDS[name]
    assert done.code == 0, done.said
    left = Left(done.left, done.events)
    assert [link for link in end.gone if left.link(link)] == []
    for link in end.come:
        properties = left.link(link)[0]["properties"]
        assert properties["provisioningState"] == "Succeeded"
        assert properties.get("peeringState", "Connected") == "Connected"
        assert "/" in link or link in left.up() or link in left.unchanged()
    for machine, home in end.machines.items():
        assert home in left.interfaces(machine), machine
        assert left.lives(machine) == {home}, machine
    assert {way: left.homes(*way) for way in end.homes} == end.homes


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_is_drawn_as_the_page_draws_it(calm: Calm, name: str) -> None:
    """The page's second drawing is of what the runbook says; Azure's own documents give the same one."""
    assert drawing(calm(name).left) == drawing(left_by_its_plan(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_half_done_and_nobody_had_two_ways_home(calm: Calm, name: str) -> None:
    """No violation, no split, every operation that Azure accepted ended well, and no secret stands in what is left."""
    done = calm(name)
    assert done.of("invariant.violated") == []
    assert done.of("split.started") == []
    assert [event for event in done.of("operation.ended") if event["status"] != "Succeeded"] == []
    updating = [one["id"] for one in done.left if one.get("properties", {}).get("provisioningState") == "Updating"]
    assert updating == []
    assert "authorizationkey" not in json.dumps(done.left).lower()


OLD_FIRST = {
    "company-a": [("cn-source-azure", "cn-source-azure-recovery"), ("cn-azure-source", "cn-azure-source-recovery")],
    "company-b-expressroute": [("cn-er-eastasia", "cn-er-southeastasia")],
    "company-b-both": [
        (old, new)
        for old in ("cn-er-eastasia", "cn-vpn-eastasia")
        for new in ("cn-er-southeastasia", "cn-vpn-southeastasia")
    ],
    "hub-and-spoke": [("cn-hub-datacenter", "cn-hub-datacenter-recovery")],
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in USUAL else pytest.mark.long) for name in sorted(OLD_FIRST)]
)
def test_the_old_way_is_gone_before_the_new_one_is_begun(calm: Calm, name: str) -> None:
    """In Azure's own log: the delete has ended before the put is accepted."""
    left = Left(calm(name).left, calm(name).events)
    for old, new in OLD_FIRST[name]:
        assert max(left.ended("connections/delete", old)) < min(left.accepted("connections/write", new)), (old, new)


@pytest.mark.long
def test_the_source_network_that_lives_never_loses_the_link_it_needs(calm: Calm) -> None:
    """Company A, one application: nothing touches the link between network 1 and Azure VNet."""
    done = calm("company-a-app")
    changed = {event["connection"].split("/")[-1] for event in done.of("tunnel.changed")}
    assert not changed & {"cn-one-azure", "cn-azure-one"}
    homes = [one["homes"] for one in done.of("routes.changed", site="vnet-one") if one["prefix"] == "10.3.0.0/16"]
    assert [[home["gateway"].split("/")[-1] for home in one] for one in homes] == [["vgw-azure"]]


@pytest.mark.long
def test_the_rest_of_the_region_is_let_alone(calm: Calm) -> None:
    """Company B, one application: the datacenter's way to the other network in East Asia never changes."""
    done = calm("company-b-app")
    homes = [one["homes"] for one in done.of("routes.changed", site="datacenter") if one["prefix"] == "10.1.0.0/16"]
    assert [[home["gateway"].split("/")[-1] for home in one] for one in homes] == [["vgw-eastasia"]]


@pytest.mark.long
def test_two_circuits_change_their_preference_and_nothing_else(calm: Calm) -> None:
    """No connection is written or deleted; the device's preference is, once."""
    done = calm("company-b-two-circuits")
    assert [event["action"] for event in done.of("operation.accepted") if "connections" in event["action"]] == []
    assert [event["action"] for event in done.of("automation.done")] == ["prefer-peer"]
    site = Left(done.left, done.events).one("OnPremises/sites", "datacenter")
    preferences = site["properties"]["localPreferences"]
    assert preferences["10.50.251.2"] > preferences["10.50.250.2"]


def test_a_circuits_authorizations_say_who_uses_them(calm: Calm) -> None:
    """The source's is free again; the recovery side's is in use."""
    left = Left(calm("company-b-expressroute").left, calm("company-b-expressroute").events)
    use = {name: left.one("/authorizations", name)["properties"]["authorizationUseStatus"]
           for name in ("eastasia", "southeastasia")}  # fmt: skip
    assert use == {"eastasia": "Available", "southeastasia": "InUse"}


def test_the_branch_without_bgp_is_told_both_next_hops(calm: Calm) -> None:
    """And has them in its own table."""
    done = calm("company-b-sites")
    told = [event for event in done.of("automation.done", site="branch") if event["action"] == "prepare-peer"]
    hops = {(one["prefix"], one["nextHop"]) for event in told for one in event["routes"]}
    assert hops == {("10.1.0.0/16", "198.51.100.34"), ("10.1.0.0/16", "198.51.100.35")}
    site = Left(done.left, done.events).one("OnPremises/sites", "branch")
    assert hops <= {(one["prefix"], one["nextHop"]) for one in site["properties"]["staticRoutes"]}


def test_a_spokes_half_comes_after_the_hubs(calm: Calm) -> None:
    """A spoke may use a gateway only when the hub's half allows its transit."""
    done = calm("peered-application")
    left = Left(done.left, done.events)
    hub, spoke = (left.link(name)[0]["id"] for name in ("vnet-hub/to-orders-recovery",
                                                        "vnet-orders-southeastasia/to-hub-recovery"))  # fmt: skip
    puts = [event["resource"] for event in done.of("operation.accepted") if event["resource"] in (hub, spoke)]
    assert puts == [hub, spoke]
    assert left.link("vnet-hub/to-orders-recovery")[0]["properties"]["allowGatewayTransit"] is True
    assert left.link("vnet-orders-southeastasia/to-hub-recovery")[0]["properties"]["useRemoteGateways"] is True


def test_a_network_that_is_made_is_like_the_source(calm: Calm) -> None:
    """Space, subnets with their security group and route table, DNS servers; and the gateway is begun at once."""
    done = calm("recreated-network")
    left = Left(done.left, done.events)
    network = left.one("/virtualNetworks", "vnet-orders-southeastasia")
    assert network["location"] == "southeastasia"
    assert network["properties"]["addressSpace"]["addressPrefixes"] == ["10.1.0.0/16"]
    assert network["properties"]["dhcpOptions"]["dnsServers"] == ["10.80.1.10", "10.80.1.11"]
    subnets = {one["name"]: one["properties"] for one in left.documents
               if one["id"].lower().startswith(f"{network['id']}/subnets/".lower())}  # fmt: skip
    assert {name: one["addressPrefix"] for name, one in subnets.items()} == {
        "web": "10.1.1.0/24", "data": "10.1.2.0/24", "GatewaySubnet": "10.1.255.0/27"}  # fmt: skip
    for name, field in (("web", "networkSecurityGroup"), ("data", "networkSecurityGroup"), ("data", "routeTable")):
        assert "/rg-fabrikam-southeastasia/" in subnets[name][field]["id"].lower()
    begun = left.accepted("virtualNetworkGateways/write", "vgw-orders-southeastasia")[0]
    assert begun < min(event["seconds"] for event in done.of("operation.accepted", action="unplannedFailover"))
    gateway = left.one("/virtualNetworkGateways", "vgw-orders-southeastasia")
    assert gateway["properties"]["bgpSettings"]["bgpPeeringAddresses"][0]["customBgpIpAddresses"] == ["169.254.21.2"]


@pytest.mark.long
def test_the_internet_is_sent_over_once_routing_is_verified(calm: Calm) -> None:
    """One endpoint off, the other on, the record changed; none of it before the new link is up."""
    done = calm("replica-network")
    left = Left(done.left, done.events)
    status = {name: left.one("/externalEndpoints", name)["properties"]["endpointStatus"]
              for name in ("eastasia", "koreacentral")}  # fmt: skip
    assert status == {"eastasia": "Disabled", "koreacentral": "Enabled"}
    record = left.one("/dnszones/A", "api")["properties"]
    assert [one["ipv4Address"] for one in record["ARecords"]] == ["198.51.100.92"]
    up = next(event["seconds"] for event in done.of("tunnel.changed", connection="cn-shop-datacenter-recovery",
                                                    state="Connected"))  # fmt: skip
    written = [event for event in done.of("resource.written") if event["seconds"] > 0]
    switched = [event["seconds"] for event in written if "trafficmanager" in event["resource"].lower()
                or "dnszones" in event["resource"].lower()]  # fmt: skip
    assert switched
    assert min(switched) > up


def _without_automation(name: str, folder: Path) -> Path:
    """The plan, with a person at every site where it has a webhook."""
    plan = yaml.safe_load((ROOT / "plans" / f"{name}.yaml").read_text())
    for site in plan["sites"].values():
        site.pop("automation", None)
        if site.get("device"):
            site["device"]["change"] = "person"
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "site", "action"),
    [("company-b-two-circuits", "datacenter", "prefer-peer"), ("recreated-network", "datacenter", "prepare-peer")],
)
def test_a_device_without_automation_is_changed_by_a_person(
    rehearse, tmp_path: Path, name: str, site: str, action: str
) -> None:
    """The person does it and says so; the run believes what it then reads."""
    done = rehearse(CALM, plan=_without_automation(name, tmp_path), estate=ROOT / "estates" / f"{name}.json")
    assert done.code == 0, done.said
    assert [event["action"] for event in done.of("automation.done", site=site)] == [action]
    assert drawing(done.left) == drawing(left_by_its_plan(name))
