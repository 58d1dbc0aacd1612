"""Refused: writes into what fails with the region, and plans too large to be handed over whole, each in full words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from variants import Topology, refused

ELSEWHERE = "a resource group outside the failing region: ARM cannot update what such a group holds"
MOVE = "move it to a group in another region"


def in_a_failing_group(topology: Topology, name: str, kind: str) -> None:
    """One resource, and what stands in it, moves to a group of its own, whose region is the failing one."""
    whole = topology.document(name, kind)["id"]
    own = whole.split("/")[4]
    topology.estate = json.loads(json.dumps(topology.estate).replace(whole, whole.replace(f"/{own}/", "/rg-east/")))
    group = topology.copy_of(own, "resourceGroups", "rg-east")
    group["location"] = "eastasia"


@pytest.mark.parametrize(
    ("plan", "name", "kind", "told"),
    [
        (
            "replica-network",
            "tm-shop",
            "trafficManagerProfiles",
            [
                ("step 'enable koreacentral of tm-shop'", "koreacentral"),
                ("step 'disable eastasia of tm-shop'", "eastasia"),
            ],
        ),
        (
            "replica-network",
            "fabrikam.example",
            "dnszones",
            [("step 'point api.fabrikam.example at 198.51.100.92'", "api")],
        ),
        (
            "company-b-expressroute",
            "er-datacenter",
            "Circuits",
            [("step 'revoke eastasia of er-datacenter'", "eastasia")],
        ),
        (
            "replica-network",
            "lng-datacenter-koreacentral",
            "Gateways",
            [("links[0].connect.localNetworkGateway", "lng-datacenter-koreacentral")],
        ),
    ],
)  # fmt: skip
def test_a_write_into_a_group_of_the_failing_region(
    plan: str, name: str, kind: str, told: list[tuple[str, str]]
) -> None:
    """A profile, a zone, a circuit's authorization, a local network gateway."""
    topology = Topology(plan)
    in_a_failing_group(topology, name, kind)
    refused(
        topology,
        *(
            f"{field}: expected {ELSEWHERE}, found {what} in a resource group located in eastasia; {MOVE}"
            for field, what in told
        ),
    )


def test_a_gateway_in_a_group_of_the_failing_region() -> None:
    """The connection would be made in that group, too."""
    topology = Topology("replica-network")
    in_a_failing_group(topology, "vgw-shop-koreacentral", "Gateways")
    refused(
        topology,
        f"links[0].connect.gateway: expected {ELSEWHERE}, found vgw-shop-koreacentral in a resource group located in "
        "eastasia; move the gateway to a group in another region",
    )


def test_a_peering_at_a_network_that_stays_in_a_group_of_the_failing_region() -> None:
    """That half is what is taken away on the day."""
    topology = Topology("peered-application")
    in_a_failing_group(topology, "vnet-shared", "virtualNetworks")
    refused(
        topology,
        "links[1].network: expected a network outside the failing region, in a resource group outside it, found "
        "vnet-shared, whose half of the link is in eastasia too; say scope: application when the region itself lives",
    )


def test_vault_and_recovery_group_in_a_group_of_the_failing_region() -> None:
    """Failing over writes into both."""
    topology = Topology("peered-application")
    for name in ("rg-contoso-dr", "rg-contoso-southeastasia"):
        topology.document(name, "resourceGroups")["location"] = "eastasia"
    tail = "ARM cannot update what a group holds whose own region is down: move it to a group elsewhere"
    refused(
        topology,
        *(
            f"{path}: expected one outside the failing region, usable on the day, found the resource group {group} in "
            f"eastasia; {tail}"
            for path, group in (
                ("workload.vault", "rg-contoso-dr"),
                ("workload item ordersql", "rg-contoso-southeastasia"),
                ("workload item orderweb", "rg-contoso-southeastasia"),
            )
        ),
    )


def test_where_an_application_fails_alone_its_region_lives_and_groups_there_are_written_to() -> None:
    """But a vault never stands in the region that it protects."""
    topology = Topology("company-a-app")
    for name in ("rg-companya-dr", "rg-companya-recovery", "rg-companya-azure"):
        topology.document(name, "resourceGroups")["location"] = "eastasia"
    assert topology.compile().steps
    topology.document("rsv-companya", "vaults")["location"] = "eastasia"
    refused(
        topology,
        "workload.vault: expected one outside the failing region, usable on the day, found rsv-companya in eastasia",
    )


def test_an_authorizations_key_must_be_readable_on_the_day() -> None:
    """Its vault, as those of shared keys."""
    topology = Topology("company-b-expressroute")
    topology.document("kv-companyb-dr", "vaults")["location"] = "eastasia"
    refused(
        topology,
        "links[0].connect.authorizationKey: expected one outside the failing region, usable on the day, found "
        "kv-companyb-dr in eastasia",
    )


# Handed over whole


@pytest.mark.parametrize(("machines", "fits"), [(100, True), (101, False)])
def test_a_plan_handed_over_whole_has_at_most_a_hundred_items(
    make_case: Callable[..., Any], machines: int, fits: bool
) -> None:
    """Item by item any number goes."""
    case = make_case(machines)
    case.plan["workload"]["drive"] = "plan"
    if fits:
        assert case.compile().steps
    else:
        told = "found plan, with 101 items in 3 groups; use drive: items"
        assert case.refusals() == [f"workload.drive: expected at most 100 items and 7 groups, {told}"]
        case.plan["workload"]["drive"] = "items"
        assert case.compile().steps


@pytest.mark.parametrize(("groups", "fits"), [(7, True), (8, False)])
def test_a_plan_handed_over_whole_has_at_most_seven_groups(groups: int, fits: bool) -> None:
    """Empty ones count: Azure counts them."""
    topology = Topology("company-b")
    topology.plan["workload"]["drive"] = "plan"
    topology.plan["workload"].pop("names")
    known = topology.document("rp-companyb")["properties"]["groups"]
    boots = sum(one["groupType"] == "Boot" for one in known)
    known += [{"groupType": "Boot", "replicationProtectedItems": []} for _ in range(groups - boots)]
    if fits:
        assert topology.compile().steps
    else:
        refused(
            topology,
            "workload.drive: expected at most 100 items and 7 groups, found plan, with 9 items in 8 groups; use drive: "
            "items",
        )


def test_a_circuit_whose_group_fails_is_not_chosen_as_the_fence() -> None:
    """Where the plan does not ask for it: the site's own automation or person fences instead."""
    topology = Topology("company-b-expressroute")
    topology.link().pop("fence", None)
    assert len(topology.steps("revoke-authorization")) == 1
    topology.document("rg-companyb-circuits", "resourceGroups")["location"] = "eastasia"
    assert len(topology.steps("fence-by-person")) == 1
