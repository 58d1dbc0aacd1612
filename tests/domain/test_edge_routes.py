"""Counting before writing: exact at 399, 400 and 401, and what is chosen when the routes do not fit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from edge_case import EdgeCase, listed, of_kind

from domain.edge.routes import ROUTE_LIMIT, fits, route_name

NEW = [f"198.18.{number}.0/25" for number in range(10)]


def _case(existing, **edge):
    """A table with so many routes, and ten new ranges that do not join."""
    case = EdgeCase(services=["Storage"], **edge)
    case.routes(existing)
    case.ranges("Storage", "WestUS", NEW)
    return case


def _added(runbook):
    """The routes that the run adds to the table."""
    (step,) = [one for one in of_kind(runbook, "extend-resource") if one.settings["list"] == "routes"]
    return listed(runbook, step)


@pytest.mark.parametrize(("existing", "total"), [(389, 399), (390, 400)])
def test_routes_that_fit_exactly_are_added(existing, total):
    """399 and 400 are at most 400."""
    runbook = _case(existing).compile()
    assert len(_added(runbook)) == 10
    assert (
        runbook.facts["edge"]["why"] == f"rt-edge-services with {existing} routes, and 10 more = {total}: at most 400"
    )


def test_one_route_too_many_is_refused_before_anything_is_written():
    """401 is more than 400, and the plan says to refuse."""
    assert _case(391).refusals() == [
        (
            "edge.routeTable: expected at most 400 routes in one table, found rt-edge-services with 391 "
            "routes, and 10 more "
            "= 401; onLimit: service-tag-routes needs 1 routes, onLimit: move-region a new gateway"
        )
    ]


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_limit_is_four_hundred_together(existing, new):
    """Whatever is there and whatever comes."""
    assert fits(existing, new) is (existing + new <= 400)


def test_what_joins_is_counted_as_one():
    """Two halves are one route: 399 and 2 ranges fit."""
    case = _case(399)
    case.ranges("Storage", "WestUS", ["198.18.0.0/25", "198.18.0.128/25"])
    assert [one["properties"]["addressPrefix"] for one in _added(case.compile())] == ["198.18.0.0/24"]


def test_ranges_of_ipv6_are_counted_too():
    """Nine ranges of IPv4 and two of IPv6 are eleven routes: 389 and 11 fit, 390 and 11 do not."""
    ipv6 = {"addressFamilies": ["ipv4", "ipv6"], "nextHopIpv6": {"type": "VirtualAppliance", "address": "fd00::4"},
            "firewall": {"networkSecurityGroup": "nsg-edge"}}  # fmt: skip
    for existing, good in ((389, True), (390, False)):
        case = _case(existing, **ipv6)
        case.ranges("Storage", "WestUS", [*NEW[:9], "2001:db8:1::/48", "2001:db8:3::/48"])
        case.estate.append(_security_group(case))
        if good:
            hops = {one["properties"]["nextHopIpAddress"] for one in _added(case.compile())}
            assert hops == {"10.20.1.4", "fd00::4"}
        else:
            assert "found rt-edge-services with 390 routes, and 11 more = 401;" in case.refusals()[0]


def _security_group(case):
    table = case.document("rt-edge-services")
    return {"id": table["id"].replace("routeTables/rt-edge-services", "networkSecurityGroups/nsg-edge"),
            "type": "Microsoft.Network/networkSecurityGroups", "name": "nsg-edge", "location": "eastus",
            "properties": {"securityRules": [{"name": "a", "properties": {"priority": 100}}]}}  # fmt: skip


def test_a_security_group_gets_a_rule_for_each_family():
    """Azure takes no rule with two families; the first free priorities are taken."""
    case = _case(
        10, addressFamilies=["ipv4", "ipv6"], nextHopIpv6={"type": "VirtualAppliance", "address": "fd00::4"},
        firewall={"networkSecurityGroup": "nsg-edge"},
    )  # fmt: skip
    case.ranges("Storage", "WestUS", ["198.18.0.0/25", "2001:db8:1::/48"])
    case.estate.append(_security_group(case))
    runbook = case.compile()
    (step,) = [one for one in of_kind(runbook, "extend-resource") if one.settings["list"] == "securityRules"]
    told = [(one["name"], one["properties"]["priority"], one["properties"]["destinationAddressPrefixes"])
            for one in listed(runbook, step)]  # fmt: skip
    assert told == [
        ("bridgehead-edge-westus-ipv4", 101, ["198.18.0.0/25"]),
        ("bridgehead-edge-westus-ipv6", 102, ["2001:db8:1::/48"]),
    ]


def test_ipv6_without_a_next_hop_is_refused():
    """Leaving it outside the tunnel is a decision, not a default."""
    case = _case(10, addressFamilies=["ipv4", "ipv6"], firewall={"networkSecurityGroup": "nsg-edge"})
    case.ranges("Storage", "WestUS", ["198.18.0.0/25", "2001:db8:1::/48"])
    case.estate.append(_security_group(case))
    assert case.refusals() == [
        (
            "edge.nextHopIpv6: expected where ipv6 routes lead: those of rt-edge-services do not say, found nothing; "
            "addressFamilies: [ipv4] leaves IPv6 outside the tunnel knowingly"
        )
    ]


def test_ipv6_for_an_azure_firewall_is_refused():
    """It filters IPv4 only."""
    hop = {"type": "VirtualAppliance", "address": "fd00::4"}
    case = _case(10, addressFamilies=["ipv4", "ipv6"], nextHopIpv6=hop)
    case.ranges("Storage", "WestUS", ["198.18.0.0/25", "2001:db8:1::/48"])
    assert case.refusals() == [
        (
            "edge.addressFamilies: expected IPv4 alone: Azure Firewall filters no IPv6, found ipv6 ranges for an Azure "
            "Firewall policy; addressFamilies: [ipv4] leaves IPv6 outside the tunnel knowingly"
        )
    ]


def test_a_route_that_is_there_already_is_not_added_again():
    """A run that was adopted, or a range that both regions share."""
    case = _case(399)
    case.ranges("Storage", "WestUS", [*NEW[:1]])
    route = case.document("rt-edge-services")["properties"]["routes"][0]
    route["properties"]["addressPrefix"] = NEW[0]
    assert _added(case.compile()) == []


def test_a_route_of_that_prefix_that_leads_elsewhere_is_refused():
    """Nobody's route is overwritten, and two routes of one prefix cannot be."""
    case = _case(3, nextHop={"type": "VirtualAppliance", "address": "10.20.1.4"})
    route = case.document("rt-edge-services")["properties"]["routes"][0]
    route["properties"] |= {"addressPrefix": NEW[0], "nextHopType": "Internet"}
    del route["properties"]["nextHopIpAddress"]
    assert case.refusals() == [
        (
            "edge.routeTable: expected no route of its own for 198.18.0.0/25, or one by way of VirtualAppliance, found "
            "198.18.0.0/25 by way of Internet in rt-edge-services already"
        )
    ]


def test_over_the_limit_routes_may_name_service_tags():
    """One route a service, the reason told in the warnings; the firewall names the tags as well."""
    case = EdgeCase(onLimit="service-tag-routes")
    case.routes(395)
    runbook = case.compile()
    assert [(one["name"], one["properties"]["addressPrefix"]) for one in _added(runbook)] == [
        ("edge-storage-westus", "Storage.WestUS"),
        ("edge-azurekeyvault-westus", "AzureKeyVault.WestUS"),
    ]
    why = (
        "rt-edge-services with 395 routes, and 18 more = 413: more than 400, so routes name service tags (edge.onLimit)"
    )
    assert why in runbook.warnings
    assert runbook.facts["edge"]["how"] == "service-tags"
    (fence, _) = of_kind(runbook, "extend-resource")
    (collection,) = listed(runbook, fence)
    assert collection["rules"][0]["destinationAddresses"] == ["Storage.WestUS", "AzureKeyVault.WestUS"]


@pytest.mark.parametrize(("there", "good"), [(23, True), (24, False)])
def test_a_table_takes_twenty_five_service_tags(there, good):
    """Two more are 25 or 26."""
    case = EdgeCase(onLimit="service-tag-routes")
    case.routes(395)
    for number, route in enumerate(case.document("rt-edge-services")["properties"]["routes"][:there]):
        route["properties"]["addressPrefix"] = f"Storage.Region{number}"
    if good:
        assert len(_added(case.compile())) == 2
    else:
        assert case.refusals() == [
            (
                "edge.onLimit: expected at most 25 service-tag routes and 400 routes in one table, found "
                "rt-edge-services "
                "with 24 service-tag routes, and 2 more = 26; 397 routes in all; onLimit: move-region, or fewer "
                "services"
            )
        ]


def test_a_tag_that_no_route_may_name_is_refused():
    """The list says of each tag where it may be used."""
    case = EdgeCase(onLimit="service-tag-routes")
    case.routes(395)
    for value in case.document("Public")["values"]:
        value["properties"]["networkFeatures"] = ["API", "NSG"]
    assert case.refusals() == [
        (
            "edge.onLimit: expected tags that a route may name (UDR), found service-tag-routes for Storage.WestUS, "
            "AzureKeyVault.WestUS; onLimit: move-region"
        )
    ]


def test_over_the_limit_the_fleet_may_move():
    """Then a gateway is made in the target region, and the old table is left as it is."""
    case = EdgeCase(onLimit="move-region")
    case.routes(395)
    runbook = case.compile()
    why = "rt-edge-services with 395 routes, and 18 more = 413: more than 400, so the fleet moves to westus"
    assert any(one.startswith(why) for one in runbook.warnings)
    assert runbook.facts["edge"]["how"] == "move-region"
    made = [step.target.rsplit("/", 1)[-1] for step in of_kind(runbook, "put-resource")]
    assert "vgw-edge-westus" in made
    old = case.document("rt-edge-services")["id"]
    assert old not in [step.target for step in runbook.steps]


@settings(max_examples=30, deadline=None)
@given(st.integers(380, 400), st.integers(1, 24))
def test_no_runbook_ever_fills_a_table_beyond_its_limit(existing, new):
    """Compiled or refused: what compiles ends at 400 at most."""
    case = EdgeCase(services=["Storage"])
    case.routes(existing)
    case.ranges("Storage", "WestUS", [f"198.18.{number}.0/25" for number in range(new)])
    if existing + new > ROUTE_LIMIT:
        assert case.refusals()
    else:
        assert existing + len(_added(case.compile())) <= ROUTE_LIMIT


def test_a_route_says_in_its_name_what_it_routes():
    """Letters that ARM takes in a name."""
    assert route_name("westus", "2001:db8::/48") == "edge-westus-2001_db8__-48"
