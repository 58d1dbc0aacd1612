"""A network made from nothing, in the order that Azure demands, by the real client; and what stands in its way."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

GROUP, REGION = "rg-companyb-southeastasia", "southeastasia"
PROVIDER = f"/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/{GROUP}/providers/Microsoft.Network"
NET = f"{PROVIDER}/virtualNetworks/again"
GUARD, TABLE, ADDRESS = (
    f"{PROVIDER}/networkSecurityGroups/nsg-again",
    f"{PROVIDER}/routeTables/rt-again",
    f"{PROVIDER}/publicIPAddresses/pip-again",
)


def subnet(name: str, prefix: str, **more: str) -> dict[str, Any]:
    return {"name": name, "properties": {"addressPrefix": prefix, **{key: {"id": one} for key, one in more.items()}}}


def network(*subnets: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
        "dhcpOptions": {"dnsServers": ["10.1.3.4"]},
        "subnets": list(subnets),
    }
    return {"location": REGION, "properties": properties}


WEB = subnet("web", "10.1.1.0/24", networkSecurityGroup=GUARD, routeTable=TABLE)
EDGE = subnet("GatewaySubnet", "10.1.255.0/27")


def gateway(in_subnet: str = f"{NET}/subnets/GatewaySubnet", address: str = ADDRESS) -> dict[str, Any]:
    told = {"subnet": {"id": in_subnet}, "publicIPAddress": {"id": address}}
    properties = {
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": "VpnGw2", "tier": "VpnGw2"},
        "enableBgp": True,
        "bgpSettings": {"asn": 65515},
        "ipConfigurations": [{"name": "default", "properties": told}],
    }
    return {"location": REGION, "properties": properties}


class Maker:
    """One simulator, and short words for what is made in it."""

    def __init__(self, azure: Any) -> None:
        self.azure, self.client = azure, azure.network()

    def make(self, operations: str, name: str, body: dict[str, Any]) -> Any:
        begun = getattr(self.client, operations).begin_create_or_update(GROUP, name, body, polling=self.azure.polling())
        return begun.result(60)

    def delete(self, operations: str, name: str) -> None:
        getattr(self.client, operations).begin_delete(GROUP, name, polling=self.azure.polling()).result(60)

    def what_networks_need(self) -> None:
        self.make("network_security_groups", "nsg-again", {"location": REGION})
        self.make("route_tables", "rt-again", {"location": REGION})
        address = {
            "location": REGION,
            "sku": {"name": "Standard"},
            "properties": {"publicIPAllocationMethod": "Static"},
        }
        self.make("public_ip_addresses", "pip-again", address)

    def whole_network(self) -> None:
        self.what_networks_need()
        self.make("virtual_networks", "again", network(WEB, EDGE))


@pytest.fixture
def maker(azure: Any) -> Maker:
    return Maker(azure)


def refused(code: str, act: Any) -> str:
    with pytest.raises(HttpResponseError) as error:
        act()
    assert error.value.status_code == 400
    assert error.value.error is not None
    assert error.value.error.code == code
    return str(error.value.message)


def test_a_whole_network_is_made_and_its_gateway_takes_twenty_to_thirty_seven_minutes(maker: Maker) -> None:
    """Subnets keep what they refer to, and those know who uses them; the gateway finds its addresses at the end."""
    maker.whole_network()
    read = maker.client.virtual_networks.get(GROUP, "again")
    assert read.dhcp_options.dns_servers == ["10.1.3.4"]
    assert {one.name for one in read.subnets} == {"web", "GatewaySubnet"}
    web = maker.client.subnets.get(GROUP, "again", "web")
    assert (web.network_security_group.id, web.route_table.id) == (GUARD, TABLE)
    assert [one.id for one in maker.client.route_tables.get(GROUP, "rt-again").subnets] == [f"{NET}/subnets/web"]
    assert [one.id for one in maker.client.network_security_groups.get(GROUP, "nsg-again").subnets] == [web.id]
    before = maker.azure.world.seconds
    made = maker.make("virtual_network_gateways", "vgw-again", gateway())
    assert 20 * 60 <= maker.azure.world.seconds - before <= 40 * 60
    assert (made.provisioning_state, made.bgp_settings.bgp_peering_address) == ("Succeeded", "10.1.255.30")


def test_a_gateway_that_fails_can_be_written_again(start_azure: Any) -> None:
    """The operation fails over HTTP 200, the gateway says Failed and keeps its place."""
    job = {"action": "virtualNetworkGateways/write", "duration": 7207, "failsWith": {"code": "GwmOperationTimeOut"}}
    maker = Maker(start_azure(scenario={"faults": [{"job": {**job, "times": 1}}]}))
    maker.whole_network()
    with pytest.raises(HttpResponseError) as failed:
        maker.make("virtual_network_gateways", "vgw-again", gateway())
    assert failed.value.error is not None
    assert failed.value.error.code == "GwmOperationTimeOut"
    assert maker.client.virtual_network_gateways.get(GROUP, "vgw-again").provisioning_state == "Failed"
    assert maker.make("virtual_network_gateways", "vgw-again", gateway()).provisioning_state == "Succeeded"


def test_a_gateway_waits_until_its_network_is_written(maker: Maker) -> None:
    """While a subnet is written, whoever refers to the network is told to come back (recorded, and reported)."""
    maker.whole_network()
    more = subnet("app", "10.1.2.0/24")
    maker.client.subnets.begin_create_or_update(GROUP, "again", "app", more, polling=False)
    with pytest.raises(HttpResponseError) as busy:
        maker.client.virtual_network_gateways.begin_create_or_update(GROUP, "vgw-again", gateway(), polling=False)
    assert busy.value.status_code == 429
    assert "ReferencedResourceNotProvisioned" in str(busy.value.error)
    with pytest.raises(HttpResponseError) as locked:
        maker.client.virtual_networks.begin_create_or_update(GROUP, "again", network(WEB, EDGE, more), polling=False)
    assert locked.value.status_code == 429
    maker.azure.advance(30)
    maker.make("virtual_network_gateways", "vgw-again", gateway())


def test_the_lock_may_also_be_told_as_a_409(start_azure: Any) -> None:
    """As owners report it."""
    maker = Maker(start_azure(scenario={"variants": {"network.lock": "409"}}))
    maker.whole_network()
    more = subnet("app", "10.1.2.0/24")
    maker.client.subnets.begin_create_or_update(GROUP, "again", "app", more, polling=False)
    with pytest.raises(HttpResponseError) as locked:
        maker.client.subnets.begin_create_or_update(
            GROUP, "again", "data", subnet("data", "10.1.3.0/24"), polling=False
        )
    assert locked.value.status_code == 409
    assert locked.value.error is not None
    assert locked.value.error.code == "AnotherOperationInProgress"


def test_a_gateway_is_refused_without_a_subnet_that_fits(maker: Maker) -> None:
    """Missing, of another name, too small, with an address that is another's, or in a network that has one."""
    maker.what_networks_need()
    maker.make("virtual_networks", "again", network(WEB, subnet("GatewaySubnet", "10.1.255.0/30")))

    def create(**told: str) -> Any:
        return lambda: maker.make("virtual_network_gateways", "vgw-again", gateway(**told))

    refused("InvalidResourceReference", create(in_subnet=f"{NET}/subnets/none"))
    refused("SubnetNotGatewaySubnet", create(in_subnet=f"{NET}/subnets/web"))
    assert "needs /29 or larger" in refused("GatewaySubnetTooSmall", create())
    maker.make("virtual_networks", "again", network(WEB, EDGE))
    taken = f"{PROVIDER}/publicIPAddresses/pip-vgw-companyb-southeastasia"
    assert "already allocated to resource" in refused("PublicIPAddressInUse", create(address=taken))
    there = f"{PROVIDER}/virtualNetworks/vnet-companyb-southeastasia/subnets/GatewaySubnet"
    refused("VirtualNetworkAlreadyHasGateway", create(in_subnet=there))
    assert (
        maker.azure.raw("GET", f"{PROVIDER}/virtualNetworkGateways/vgw-again?api-version=2021-02-01").status_code == 404
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (subnet("web", "10.2.1.0/24"), "NetcfgInvalidSubnet"),
        (subnet("web", "10.1.255.16/28"), "NetcfgSubnetRangesOverlap"),
        (subnet("web", "10.1.1.0/24", routeTable=f"{PROVIDER}/routeTables/none"), "InvalidResourceReference"),
        (
            subnet("web", "10.1.1.0/24", networkSecurityGroup=GUARD.replace("southeastasia", "eastasia")),
            "InvalidResourceReference",
        ),
    ],
)
def test_a_subnet_that_cannot_be_is_refused_in_its_network_and_by_itself(
    maker: Maker, wrong: dict[str, Any], code: str
) -> None:
    """Outside the space, over another subnet, or referring to what is not in its region."""
    refused(code, lambda: maker.make("virtual_networks", "again", network(EDGE, wrong)))
    maker.make("virtual_networks", "again", network(EDGE))

    def alone() -> None:
        maker.client.subnets.begin_create_or_update(GROUP, "again", "web", wrong, polling=False)

    refused(code, alone)


def test_what_a_network_uses_stays_and_a_network_with_a_gateway_too(maker: Maker) -> None:
    """Until the way back is gone in the opposite order: gateway, network, and then all that it used."""
    maker.whole_network()
    maker.make("virtual_network_gateways", "vgw-again", gateway())
    refused("InUseRouteTableCannotBeDeleted", lambda: maker.delete("route_tables", "rt-again"))
    refused("InUseNetworkSecurityGroupCannotBeDeleted", lambda: maker.delete("network_security_groups", "nsg-again"))
    refused("PublicIPAddressCannotBeDeleted", lambda: maker.delete("public_ip_addresses", "pip-again"))
    refused("InUseSubnetCannotBeDeleted", lambda: maker.delete("virtual_networks", "again"))
    refused("InUseSubnetCannotBeDeleted", lambda: maker.make("virtual_networks", "again", network(WEB)))
    resized = subnet("GatewaySubnet", "10.1.255.0/26")
    refused("InUseSubnetCannotBeUpdated", lambda: maker.make("virtual_networks", "again", network(WEB, resized)))
    refused(
        "InUseSubnetCannotBeUpdated",
        lambda: maker.client.subnets.begin_create_or_update(GROUP, "again", "GatewaySubnet", resized, polling=False),
    )
    for operations, name in (
        ("virtual_network_gateways", "vgw-again"),
        ("virtual_networks", "again"),
        ("public_ip_addresses", "pip-again"),
        ("route_tables", "rt-again"),
        ("network_security_groups", "nsg-again"),
    ):
        maker.delete(operations, name)
