"""Which machines would come up with another address than they should, and why."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address_check import Row, changes_of, check_addresses
from domain.snapshot import Snapshot, snapshot_of
from simulator.company_b import company_b

RECOVERY = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-southeastasia"
PROVIDER = f"{RECOVERY}/providers/Microsoft.Network"
NETWORK = f"{PROVIDER}/virtualNetworks/vnet-companyb-southeastasia"
ITEM = "replicationProtectedItems"


def estate(change: Any = None, *more: dict[str, Any]) -> tuple[list[dict[str, Any]], Snapshot]:
    """Company B with three machines; ``change`` gets dc1's interface in its item."""
    documents = [*copy.deepcopy(company_b(3)), *more]
    items = [one for one in documents if one["type"].endswith(ITEM)]
    if change is not None:
        change(items[0]["properties"]["providerSpecificDetails"]["vmNics"][0])
    return items, snapshot_of(documents)


def first(change: Any = None, *more: dict[str, Any], **how: Any) -> Row:
    items, snapshot = estate(change, *more)
    return check_addresses(items, snapshot, **how)[0]


def target(address: str | None, **more: Any) -> Any:
    def change(nic: dict[str, Any]) -> None:
        nic["ipConfigs"][0] |= {"recoveryStaticIPAddress": address, **more}

    return change


def frontend(kind: str, word: str) -> dict[str, Any]:
    told = {"privateIPAddress": "10.1.3.4", "subnet": {"id": f"{NETWORK}/subnets/data"}}
    name = f"{PROVIDER}/{kind}/there"
    properties = {word: [{"name": "one", "id": f"{name}/one", "properties": told}]}
    return {"id": name, "name": "there", "type": f"Microsoft.Network/{kind}", "properties": properties}


def test_company_b_is_well(root: Any) -> None:
    """Each machine at its own address; nothing is left to be assigned."""
    del root
    items, snapshot = estate()
    rows = check_addresses(items, snapshot)
    assert [(row.machine, row.nic, row.expected, row.found) for row in rows] == [
        ("dc1", "dc1-nic", "10.1.3.4", "10.1.3.4"),
        ("app1", "app1-nic", "10.1.2.4", "10.1.2.4"),
        ("web1", "web1-nic", "10.1.1.4", "10.1.1.4"),
    ]
    assert all(row.ok and not row.assignable for row in rows)


def test_another_target_than_the_source_is_told_and_can_be_mended() -> None:
    """With both addresses."""
    row = first(target("10.1.3.9"))
    assert row.problems == ("target 10.1.3.9 is not 10.1.3.4",)
    assert row.assignable


def test_no_static_target_is_any_address() -> None:
    """Dynamic: Azure gives what is free."""
    row = first(target(None))
    assert row.problems == ("no static target address: Azure gives any free one",)
    assert row.assignable


def test_an_address_outside_its_target_subnet_cannot_be_assigned() -> None:
    """The subnet and its range are named."""
    row = first(target("10.1.3.4", recoverySubnetName="app"))
    assert row.problems == ("10.1.3.4 lies outside app (10.1.2.0/24)",)
    assert not row.assignable


def test_a_subnet_or_network_that_is_not_there_is_told() -> None:
    """By name."""
    row = first(target("10.1.3.4", recoverySubnetName="backend"))
    assert row.problems == ("backend is no subnet of vnet-companyb-southeastasia",)

    def elsewhere(nic: dict[str, Any]) -> None:
        nic["recoveryVMNetworkId"] = f"{PROVIDER}/virtualNetworks/gone"

    assert first(elsewhere).problems == ("target network gone is not there",)


@pytest.mark.parametrize("last", [0, 1, 2, 3, 255])
def test_azures_five_of_each_subnet_are_nobodys(last: int) -> None:
    """The first four and the last; kept only where a plan lets addresses change, as no source can have one."""
    row = first(target(f"10.1.3.{last}"), keep=False)
    assert row.problems == (f"10.1.3.{last} is one of the five that Azure keeps of data (10.1.3.0/24)",)


@pytest.mark.parametrize(
    "other",
    [
        frontend("networkInterfaces", "ipConfigurations"),
        frontend("loadBalancers", "frontendIPConfigurations"),
        frontend("azureFirewalls", "ipConfigurations"),
        frontend("privateEndpoints", "ipConfigurations"),
    ],
    ids=lambda one: one["type"].rsplit("/", 1)[1],
)
def test_whoever_has_the_address_is_named(other: dict[str, Any]) -> None:
    """It is not assigned over somebody else's head."""
    row = first(target("10.1.3.9"), other)
    assert row.problems == ("target 10.1.3.9 is not 10.1.3.4", "10.1.3.4 is taken by there")
    assert not row.assignable


def test_a_gateways_peering_address_is_taken_too() -> None:
    """In the subnet where it lives."""
    row = first(target("10.1.254.30", recoverySubnetName="GatewaySubnet"), keep=False)
    assert row.problems == ("10.1.254.30 is taken by vgw-companyb-southeastasia",)


def test_a_machine_that_has_failed_over_has_its_address_by_right() -> None:
    """Its own interface is no stranger."""
    mine = frontend("networkInterfaces", "ipConfigurations")
    mine["properties"]["virtualMachine"] = {"id": f"{RECOVERY}/providers/Microsoft.Compute/virtualMachines/DC1"}
    assert first(None, mine).ok


def test_two_that_want_one_address_are_both_told() -> None:
    """Where a plan lets addresses change, two items may be told the same one."""
    items, snapshot = estate(target("10.1.2.4", recoverySubnetName="app"))
    rows = check_addresses(items, snapshot, keep=False)
    assert rows[0].problems == ("10.1.2.4 is wanted by app1 app1-nic too",)
    assert rows[1].problems == ("10.1.2.4 is wanted by dc1 dc1-nic too",)


def test_the_plans_network_counts() -> None:
    """An item that goes elsewhere is told."""
    source = NETWORK.replace("southeastasia", "eastasia")
    other = {source.lower(): f"{PROVIDER}/virtualNetworks/another"}
    row = first(None, pairs=other)
    assert row.problems == ("goes to vnet-companyb-southeastasia, the plan says another",)


def test_what_azure_says_at_this_moment_counts() -> None:
    """Beside what the snapshot knows."""
    said = {(NETWORK.lower(), "10.1.3.4"): "10.1.3.4 is taken, says Azure"}
    assert first(None, unavailable=said).problems == ("10.1.3.4 is taken, says Azure",)


def test_an_assignment_says_all_that_the_item_says_already() -> None:
    """Only the address is another."""
    items, snapshot = estate(target("10.1.3.9"))
    rows = check_addresses(items, snapshot)
    body = changes_of(items[0], rows)
    nic = items[0]["properties"]["providerSpecificDetails"]["vmNics"][0]
    assert body["selectedRecoveryAzureNetworkId"] == NETWORK
    assert body["vmNics"][0]["nicId"] == nic["nicId"]
    assert body["vmNics"][0]["ipConfigs"] == [
        {
            "ipConfigName": "ipconfig1",
            "isPrimary": True,
            "isSeletedForFailover": True,
            "recoverySubnetName": "data",
            "recoveryStaticIPAddress": "10.1.3.4",
        }
    ]


@given(st.integers(0, 255))
def test_where_addresses_may_change_one_that_is_missing_is_wanted_at_the_same_place(last: int) -> None:
    """As far into the target subnet as the source lies in its own; never outside it."""

    def change(nic: dict[str, Any]) -> None:
        nic["sourceNicArmId"] = ""
        nic["ipConfigs"][0] |= {
            "staticIPAddress": f"10.1.3.{last}",
            "recoveryStaticIPAddress": None,
            "recoverySubnetName": "app",
        }

    row = first(change, keep=False)
    assert row.expected == f"10.1.2.{last}"
    assert row.assignable == (last not in (0, 1, 2, 3, 4, 255))
