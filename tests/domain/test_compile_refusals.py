"""What compile refuses, by field and by name, before anything is touched."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from domain.compile import compile_runbook
from domain.findings import Refused
from domain.plans.reading import PlanErrors
from domain.snapshot import snapshot_of


def has(reasons: list[str], *parts: str) -> None:
    """One of the reasons holds every part."""
    assert any(all(part in reason for part in parts) for reason in reasons), "\n".join(reasons)


@pytest.mark.parametrize(
    ("name", "kind", "path", "near"),
    [
        ("cn-eastasia-datacenter", "/connections", "links[0].disconnect", ""),
        ("vgw-companyb-southeastasia", "/virtualNetworkGateways", "links[0].connect.gateway", "vgw-companyb-eastasia"),
        ("lng-datacenter-southeastasia", "/localNetworkGateways", ".localNetworkGateway", "lng-datacenter-eastasia"),
        ("rsv-companyb", "RecoveryServices/vaults", "workload.vault", "capture it again"),
        ("rp-companyb", "replicationRecoveryPlans", "workload.recoveryPlan", "capture it again"),
        ("sql1", "replicationProtectedItems", "workload.recoveryPlan", ""),
        ("law-companyb-dr", "/workspaces", "routing.workspace", "capture it again"),
        ("vnet-companyb-southeastasia", "/virtualNetworks", "links[0]", "vnet-companyb-southeastasia"),
        ("vgw-companyb-eastasia", "/virtualNetworkGateways", "links[0].disconnect", "gateway"),
    ],
)  # fmt: skip
def test_an_estate_that_lacks_what_the_plan_names_is_refused_with_the_nearest_name(
    case: Any, name: str, kind: str, path: str, near: str
) -> None:
    """The field of the plan, and where there is one the name that was probably meant."""
    case.estate.remove(case.document(name, kind))
    has(case.refusals(), path, near)


def test_a_name_that_two_resources_share_needs_its_id(case: Any) -> None:
    """Two gateways of one name: the plan must say which; with the id it compiles."""
    twin = copy.deepcopy(case.document("vgw-companyb-southeastasia"))
    wanted = twin["id"]
    twin["id"] = wanted.replace("rg-companyb-southeastasia", "rg-other")
    case.estate.append(twin)
    has(case.refusals(), "links[0].connect.gateway", "2 resources", "full ARM id")
    case.plan["links"][0]["connect"]["gateway"] = wanted.upper()
    assert case.compile().steps


def test_modes_that_are_not_compiled_are_refused_by_name(case: Any) -> None:
    """Known modes of later versions, and words that are none."""
    for mode in ("planned", "drill", "failback", "wait", "sideways", ""):
        with pytest.raises(Refused, match=f"mode: expected one of failover, found {mode!r}"):
            case.compile(mode)


def test_everything_is_told_at_once(case: Any) -> None:
    """Five things wrong in five places: five reasons."""
    case.estate.remove(case.document("law-companyb-dr"))
    case.estate.remove(case.document("web1", "replicationProtectedItems"))
    case.document("sql1", "replicationProtectedItems")["properties"]["providerSpecificDetails"]["instanceType"] = (
        "HyperV"
    )
    case.document("vgw-companyb-southeastasia")["location"] = "eastasia"
    case.plan["workload"]["probes"] = {"wbe2": {"url": "https://x.example"}}
    reasons = "\n".join(case.refusals())
    for part in ("web1", "sql1: expected A2A", "gateway in the recovery region", "'wbe2'"):
        assert part in reasons


# Never two ways home


def _second_connection(case: Any, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = case.copy_of("cn-eastasia-datacenter", "/connections", "cn-second", **changes)
    return found


def test_a_second_old_connection_that_the_plan_forgets_is_refused(case: Any) -> None:
    """The old network would still be joined to the site when the new one comes."""
    _second_connection(case)
    has(case.refusals(), "links[0].connect", "while cn-second still joins vnet-companyb-eastasia", "two ways home")
    case.plan["links"].append({"name": "second", "site": "datacenter", "disconnect": "cn-second"})
    assert case.compile().steps


def test_a_second_connection_to_the_same_device_by_another_local_gateway_is_seen(case: Any) -> None:
    """Static routing, other prefixes, no ASN: it is the same device, by its address."""
    lng = case.copy_of("lng-datacenter-eastasia", "/localNetworkGateways", "lng-static")
    del lng["properties"]["bgpSettings"]
    lng["properties"]["localNetworkAddressSpace"] = {"addressPrefixes": ["10.50.7.0/24"]}
    _second_connection(case, localNetworkGateway2={"id": lng["id"]}, enableBgp=False)
    has(case.refusals(), "while cn-second still joins")


def test_a_second_connection_to_a_part_of_the_sites_prefixes_is_seen(case: Any) -> None:
    """Another device of the same site, known by its prefixes only."""
    lng = case.copy_of(
        "lng-datacenter-eastasia", "/localNetworkGateways", "lng-static", gatewayIpAddress="203.0.113.99"
    )
    del lng["properties"]["bgpSettings"]
    lng["properties"]["localNetworkAddressSpace"] = {"addressPrefixes": ["10.50.7.0/24"]}
    _second_connection(case, localNetworkGateway2={"id": lng["id"]})
    has(case.refusals(), "while cn-second still joins")


def test_sites_that_share_an_asn_are_told_apart_by_what_the_plan_says(case: Any) -> None:
    """One private ASN everywhere is common: the link's own word decides whose way it is."""
    case.plan["sites"] = {"aaa-branch": {"prefixes": ["10.60.0.0/16"], "asn": 65050}, **case.plan["sites"]}
    _second_connection(case)
    has(case.refusals(), "joined to datacenter while cn-second still joins")


def test_a_new_way_without_an_old_one_that_goes_is_refused(case: Any) -> None:
    """Connect alone, while the old connection stays."""
    del case.plan["links"][0]["disconnect"]
    has(case.refusals(), "links[0].connect", "cn-eastasia-datacenter still joins")


def _peered_hub(case: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A hub in the source region with a gateway and a connection of its own, peered with the source network."""
    hub = case.copy_of("vnet-companyb-eastasia", "/virtualNetworks", "vnet-hub")
    hub["properties"]["addressSpace"] = {"addressPrefixes": ["10.9.0.0/16"]}
    gateway = case.copy_of("vgw-companyb-eastasia", "/virtualNetworkGateways", "vgw-hub")
    subnet = f"{hub['id']}/subnets/GatewaySubnet"
    gateway["properties"]["ipConfigurations"] = [{"properties": {"subnet": {"id": subnet}}}]
    return hub, gateway


def test_transit_through_a_hub_is_a_way_home_as_well(case: Any) -> None:
    """The source network is announced by a hub that it is peered with: its own connection gone is not enough."""
    hub, gateway = _peered_hub(case)
    remote = case.document("vnet-companyb-eastasia")["id"]
    hub["properties"]["virtualNetworkPeerings"] = [
        {
            "properties": {
                "remoteVirtualNetwork": {"id": remote},
                "allowGatewayTransit": True,
                "peeringState": "Connected",
            }
        }
    ]
    _second_connection(case, virtualNetworkGateway1={"id": gateway["id"]})
    has(case.refusals(), "while cn-second still joins vnet-hub", "10.1.0.0/16")


def test_a_peering_without_gateway_transit_carries_nothing_home(case: Any) -> None:
    """Two peered networks share no gateway: the hub's own connection may stay."""
    hub, gateway = _peered_hub(case)
    remote = case.document("vnet-companyb-eastasia")["id"]
    hub["properties"]["virtualNetworkPeerings"] = [
        {
            "properties": {
                "remoteVirtualNetwork": {"id": remote},
                "allowGatewayTransit": False,
                "peeringState": "Connected",
            }
        }
    ]
    _second_connection(case, virtualNetworkGateway1={"id": gateway["id"]})
    assert case.compile().steps


def _joined(case: Any, one: str, other: dict[str, Any], *, bgp: bool) -> None:
    case.copy_of(
        "cn-eastasia-datacenter", "/connections", "cn-vnets", connectionType="Vnet2Vnet", enableBgp=bgp,
        virtualNetworkGateway1={"id": case.document(one)["id"]}, virtualNetworkGateway2={"id": other["id"]},
        localNetworkGateway2=None,
    )  # fmt: skip


def test_vnet_to_vnet_with_bgp_carries_the_source_network_home(case: Any) -> None:
    """A hub joined by a VNet-to-VNet connection announces what it learns there."""
    _, gateway = _peered_hub(case)
    _joined(case, "vgw-companyb-eastasia", gateway, bgp=True)
    _second_connection(case, virtualNetworkGateway1={"id": gateway["id"]})
    has(case.refusals(), "while cn-second still joins vnet-hub")


def test_vnet_to_vnet_without_bgp_carries_nothing(case: Any) -> None:
    """Static routes are not announced on."""
    _, gateway = _peered_hub(case)
    _joined(case, "vgw-companyb-eastasia", gateway, bgp=False)
    _second_connection(case, virtualNetworkGateway1={"id": gateway["id"]})
    assert case.compile().steps


def test_a_recovery_gateway_that_carries_both_networks_splits_all_by_itself(case: Any) -> None:
    """Joined to a hub that the failing network is joined to as well: the one new way announces both."""
    _, gateway = _peered_hub(case)
    _joined(case, "vgw-companyb-eastasia", gateway, bgp=True)
    case.copy_of(
        "cn-eastasia-datacenter", "/connections", "cn-hub-recovery", connectionType="Vnet2Vnet", enableBgp=True,
        virtualNetworkGateway1={"id": gateway["id"]}, localNetworkGateway2=None,
        virtualNetworkGateway2={"id": case.document("vgw-companyb-southeastasia")["id"]},
    )  # fmt: skip
    has(case.refusals(), "links[0].connect", "both carried to datacenter by the gateway of vnet-companyb-southeastasia")


def test_two_new_networks_of_one_space_are_refused(case: Any) -> None:
    """Both would be joined at the end."""
    network = case.copy_of("vnet-companyb-southeastasia", "/virtualNetworks", "vnet-other")
    gateway = case.copy_of("vgw-companyb-southeastasia", "/virtualNetworkGateways", "vgw-other")
    gateway["properties"]["ipConfigurations"] = [{"properties": {"subnet": {"id": f"{network['id']}/subnets/G"}}}]
    gateway["properties"]["bgpSettings"] = {"asn": 65515, "bgpPeeringAddress": "10.1.253.30"}
    local = {"localNetworkGateway": "lng-datacenter-southeastasia"}
    case.plan["links"].append(
        {"name": "b", "site": "datacenter", "connect": {"gateway": "vgw-other", "name": "cn-b", **local}}
    )
    has(case.refusals(), "links[1].connect", "join only one of them")


def test_one_connection_goes_or_comes_in_one_link_only(case: Any) -> None:
    """Two links about one connection would be one step with two meanings."""
    link = case.plan["links"][0]
    case.plan["links"].append(copy.deepcopy(link) | {"name": "again"})
    reasons = case.refusals()
    has(reasons, "links[1].disconnect", "links[0].disconnect too")
    has(reasons, "links[1].connect.name", "links[0].connect.name too")


# The recovery side


def test_the_recovery_side_must_not_fail_with_the_source(case: Any) -> None:
    """Gateway, its resource group, the local gateway, the vault and the targets: none of it in the failing region."""
    for name, kind, part in (
        ("vgw-companyb-southeastasia", "/virtualNetworkGateways", "a gateway in the recovery region southeastasia"),
        ("lng-datacenter-southeastasia", "/localNetworkGateways", "a local network gateway in the gateway's region"),
        ("rsv-companyb", "RecoveryServices/vaults", "workload.vault: expected one outside the failing region"),
        ("kv-companyb-dr", "KeyVault/vaults", "links[0].sharedKey: expected one outside the failing region"),
        ("rg-companyb-dr", "/resourceGroups", "the resource group rg-companyb-dr in eastasia"),
        ("rg-companyb-southeastasia", "/resourceGroups", "a resource group outside the failing region"),
    ):
        spoilt = type(case)()
        spoilt.document(name, kind)["location"] = "East Asia"
        has(spoilt.refusals(), part)


def test_a_gateway_with_the_old_gateways_bgp_address_is_refused(case: Any) -> None:
    """One device cannot hold two peers of one address."""
    case.document("vgw-companyb-southeastasia")["properties"]["bgpSettings"]["bgpPeeringAddress"] = "10.1.255.30"
    has(case.refusals(), "10.1.255.30 is vgw-companyb-eastasia's too", "APIPA")


def test_a_connection_of_the_wrong_region_or_kind_does_not_go(case: Any) -> None:
    """The plan's primary is where things fail; only connections of a known kind are disconnected."""
    case.document("cn-eastasia-datacenter")["location"] = "westeurope"
    has(case.refusals(), "links[0].disconnect", "a connection in westeurope")
    case.document("cn-eastasia-datacenter")["properties"]["connectionType"] = "VPNClient"
    has(case.refusals(), "links[0].disconnect", "'VPNClient'", "IPsec, Vnet2Vnet or ExpressRoute")


def test_machines_land_in_a_network_that_a_new_link_joins(case: Any) -> None:
    """An item whose target network nobody can reach is named."""
    details = case.document("web1", "replicationProtectedItems")["properties"]["providerSpecificDetails"]
    for nic in details["vmNics"]:
        nic["recoveryVMNetworkId"] = case.document("vnet-companyb-eastasia")["id"]
    has(case.refusals(), "workload item web1", "vnet-companyb-eastasia", "joins to on-premises")


def test_a_target_address_lies_in_its_target_network(case: Any) -> None:
    """Azure would give the machine another address, and nobody would find out before the day."""
    case.document("vnet-companyb-southeastasia")["properties"]["addressSpace"]["addressPrefixes"] = ["10.2.0.0/16"]
    has(case.refusals(), "workload item web1", "10.1.1.4", "vnet-companyb-southeastasia (10.2.0.0/16)")


def test_a_mode_that_is_not_compiled_is_named_in_plain_words(case: Any) -> None:
    """The command line's own kind of text is not shown."""
    from cli.arguments import Mode

    with pytest.raises(Refused, match="found 'drill'; this version does not compile it"):
        case.compile(Mode.drill)


def test_the_key_that_the_new_connection_will_use_is_looked_for_before_anything_is_changed(case: Any) -> None:
    """A key of the new connection's own comes before that of the link."""
    case.plan["links"][0]["connect"]["sharedKey"] = {"vault": "kv-own", "secret": "psk-own"}
    ready = next(one for one in case.compile().steps if one.kind == "check-readiness" and "gateway" in one.settings)
    fence = {"vault": "kv-companyb-dr", "secret": "fence-datacenter"}
    assert ready.settings["secrets"] == [{"vault": "kv-own", "secret": "psk-own"}, fence]


def test_two_items_that_want_one_address_or_one_machine_are_refused(case: Any) -> None:
    """Azure would quietly give the second another address, after the point of no return."""
    details = [case.document(name, "replicationProtectedItems")["properties"]["providerSpecificDetails"]
               for name in ("web1", "web2")]  # fmt: skip
    details[1]["vmNics"] = details[0]["vmNics"]
    has(case.refusals(), "workload item web2", "the target 10.1.1.4, which web1 has too")
    details[1]["recoveryAzureVMName"] = "WEB1"
    has(case.refusals(), "workload item web2", "machine WEB1, which web1 has too")


def test_a_network_that_overlaps_the_site_itself_is_not_joined_to_it(case: Any) -> None:
    """The site would hear its own addresses from Azure."""
    space = case.document("vnet-companyb-southeastasia")["properties"]["addressSpace"]
    space["addressPrefixes"] += ["10.50.7.0/24"]
    has(case.refusals(), "links[0].connect.gateway", "10.50.7.0/24", "overlaps datacenter's own 10.50.0.0/16")


def test_a_device_of_another_asn_than_the_sites_is_refused(case: Any) -> None:
    """Routing is verified by the site's ASN: the run would end unverified, past the point of no return."""
    case.document("lng-datacenter-southeastasia")["properties"]["bgpSettings"]["asn"] = 65999
    has(case.refusals(), "links[0].connect.localNetworkGateway", "ASN 65999", "sites.datacenter, 65050")


def test_a_link_without_a_key_compiles_and_warns(case: Any) -> None:
    """Azure does not copy a shared key from one connection to another."""
    del case.plan["links"][0]["sharedKey"]
    assert any("links[0] names no sharedKey" in one for one in case.compile().warnings)


def test_reach_needs_eyes_on_premises(case: Any) -> None:
    """Reachable is seen from the site: without a looking glass there is nobody to see it."""
    del case.plan["sites"]["datacenter"]["lookingGlass"]
    has(case.refusals(), "sites.datacenter.lookingGlass")
    del case.plan["routing"]["reach"]
    assert case.compile().steps


def test_a_snapshot_with_secrets_compiles_and_warns(case: Any) -> None:
    """The key is gone, the plan's reference stands in; the runbook's warnings say so."""
    case.document("cn-eastasia-datacenter")["properties"]["sharedKey"] = "hunter2-hunter2"
    runbook = compile_runbook(case.parsed(), snapshot_of(case.estate), "failover")
    assert "cn-eastasia-datacenter: a secret in properties.sharedKey was removed" in runbook.warnings[0]
    assert "hunter2" not in str(runbook)


def test_each_kind_of_step_may_fail_in_its_own_way(case: Any) -> None:
    """``policies`` wins over ``onFailure``; what could leave two ways home may not go on."""
    case.plan |= {"onFailure": "stop", "policies": {"machine": "continue", "readiness": "ask"}}
    found = {step.kind: step.on_failure for step in case.compile().steps}
    assert (found["failover-item"], found["check-readiness"]) == ("continue", "ask")
    assert found["connect-connection"] == "stop"
    case.plan["policies"] = {"fence": "continue"}
    with pytest.raises(PlanErrors, match=r"policies\.fence: expected one of ask, stop, found 'continue'"):
        case.compile()
