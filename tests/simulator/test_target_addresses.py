"""The address that a recovered machine comes up with: the wanted one, or silently another; and how it is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient
from azure.mgmt.recoveryservicessiterecovery import models as told

from simulator.company_b import company_b

SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
RECOVERY = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-companyb-southeastasia"
NETWORK = f"{RECOVERY}/providers/Microsoft.Network/virtualNetworks/vnet-companyb-southeastasia"
AT = ("rg-companyb-dr", "rsv-companyb", "asr-eastasia", "asr-container-eastasia")


def items(azure: Any) -> Any:
    client = SiteRecoveryManagementClient(
        azure.credential(),
        SUBSCRIPTION,
        base_url=azure.endpoint,
        credential_scopes=[f"{azure.endpoint}/.default"],
        **azure._pipeline(),
    )
    return client.replication_protected_items


def change(azure: Any, name: str, network: str | None = None, **configuration: str) -> None:
    """PATCH an item's first interface, as Bridgehead does, and wait for its job."""
    nic = items(azure).get(*AT, name).properties.provider_specific_details.vm_nics[0]
    given = told.IPConfigInputDetails(ip_config_name=nic.ip_configs[0].name, **configuration)
    properties = told.UpdateReplicationProtectedItemInputProperties(
        selected_recovery_azure_network_id=network,
        vm_nics=[told.VMNicInputDetails(nic_id=nic.nic_id, ip_configs=[given])],
        provider_specific_details=told.A2AUpdateReplicationProtectedItemInput(),
    )
    body = told.UpdateReplicationProtectedItemInput(properties=properties)
    items(azure).begin_update(*AT, name, body, polling=azure.polling()).result(60)


def recovered(azure: Any, name: str) -> tuple[str, str]:
    """(address, subnet's name) of a machine after its failover."""
    assert azure.fail_over(name).status_code == 202
    azure.advance(300)
    nic = azure.network().network_interfaces.get("rg-companyb-southeastasia", f"{name}-nic")
    configuration = nic.ip_configurations[0]
    return configuration.private_ip_address, configuration.subnet.id.rsplit("/", 1)[1]


def test_the_next_failover_uses_the_address_that_was_assigned(azure: Any) -> None:
    """Everything else of the interface stays as it was."""
    before = items(azure).get(*AT, "dc1").properties.provider_specific_details.vm_nics[0]
    change(azure, "dc1", recovery_static_ip_address="10.1.3.77")
    after = items(azure).get(*AT, "dc1").properties.provider_specific_details.vm_nics[0]
    assert after.ip_configs[0].recovery_static_ip_address == "10.1.3.77"
    assert after.ip_configs[0].recovery_ip_address_type == "Static"
    assert len(after.ip_configs) == 1
    assert (after.recovery_vm_network_id, after.ip_configs[0].recovery_subnet_name) == (
        before.recovery_vm_network_id,
        before.ip_configs[0].recovery_subnet_name,
    )
    assert recovered(azure, "dc1") == ("10.1.3.77", "data")


def test_another_subnet_and_another_network_can_be_chosen(azure: Any) -> None:
    """The network is the whole item's; an unknown one fails the job and changes nothing."""
    change(azure, "web1", recovery_subnet_name="app", recovery_static_ip_address="10.1.2.200")
    assert recovered(azure, "web1") == ("10.1.2.200", "app")
    with pytest.raises(HttpResponseError, match="was not found"):
        change(azure, "web2", network=f"{NETWORK}-none", recovery_static_ip_address="10.1.1.99")
    details = items(azure).get(*AT, "web2").properties.provider_specific_details
    assert details.vm_nics[0].ip_configs[0].recovery_static_ip_address == "10.1.1.5"
    source = NETWORK.replace("southeastasia", "eastasia")
    change(azure, "web2", network=source)
    details = items(azure).get(*AT, "web2").properties.provider_specific_details
    assert details.selected_recovery_azure_network_id == details.vm_nics[0].recovery_vm_network_id == source


@pytest.mark.parametrize(
    "wanted", ["10.1.3.0", "10.1.3.1", "10.1.3.2", "10.1.3.3", "10.1.3.255", "10.1.9.4", "10.2.0.4"]
)
def test_an_address_that_cannot_be_had_is_silently_another(azure: Any, wanted: str) -> None:
    """Azure's five of each subnet, another subnet's, one outside the network: the first free one, and no failure."""
    change(azure, "dc1", recovery_static_ip_address=wanted)
    assert recovered(azure, "dc1") == ("10.1.3.4", "data")


def holder(kind: str, told_by: str, configuration: dict[str, Any], **more: Any) -> dict[str, Any]:
    name = f"{RECOVERY}/providers/Microsoft.Network/{kind}/there"
    properties = {told_by: [{"name": "one", "properties": configuration}], **more}
    return {"id": name, "name": "there", "type": f"Microsoft.Network/{kind}", "location": "southeastasia"} | {
        "properties": properties
    }


SUBNET = {"id": f"{NETWORK}/subnets/data"}
FRONT = {"privateIPAddress": "10.1.3.4", "subnet": SUBNET}


@pytest.mark.parametrize(
    "other",
    [
        holder("networkInterfaces", "ipConfigurations", FRONT),
        holder("loadBalancers", "frontendIPConfigurations", FRONT),
        holder("azureFirewalls", "ipConfigurations", FRONT),
        holder("privateEndpoints", "ipConfigurations", {"privateIPAddress": "10.1.3.4"}, subnet=SUBNET),
    ],
    ids=lambda one: one["type"].rsplit("/", 1)[1],
)
def test_whoever_really_has_the_address_keeps_it(start_azure: Any, other: dict[str, Any]) -> None:
    """An interface, a load balancer's frontend, a firewall or a private endpoint: the machine gets the next one."""
    azure = start_azure(estate=[*company_b(3), other])
    answer = azure.network().virtual_networks.check_ip_address_availability(
        "rg-companyb-southeastasia", "vnet-companyb-southeastasia", ip_address="10.1.3.4"
    )
    assert (answer.available, answer.available_ip_addresses[0]) == (False, "10.1.3.5")
    assert recovered(azure, "dc1") == ("10.1.3.5", "data")


def test_a_machine_comes_up_with_all_its_interfaces_and_addresses(start_azure: Any) -> None:
    """Each in its own subnet; a second address of an interface is not its primary one."""
    estate = company_b(3)
    item = next(one for one in estate if one["type"].endswith("replicationProtectedItems"))
    nics = item["properties"]["providerSpecificDetails"]["vmNics"]
    second = json.loads(json.dumps(nics[0]))
    second |= {
        "nicId": "second",
        "sourceNicArmId": f"{RECOVERY}/providers/Microsoft.Network/networkInterfaces/dc1-nic2",
    }
    second["ipConfigs"][0] |= {"recoverySubnetName": "app", "recoveryStaticIPAddress": "10.1.2.70"}
    nics[0]["ipConfigs"].append({**nics[0]["ipConfigs"][0], "name": "more", "recoveryStaticIPAddress": "10.1.3.4"})
    nics.append(second)
    azure = start_azure(estate=estate)
    assert recovered(azure, "dc1") == ("10.1.3.4", "data")
    interfaces = azure.network().network_interfaces
    first = interfaces.get("rg-companyb-southeastasia", "dc1-nic")
    assert [(one.name, one.private_ip_address, one.primary) for one in first.ip_configurations] == [
        ("ipconfig1", "10.1.3.4", True),
        ("more", "10.1.3.5", False),
    ]
    other = interfaces.get("rg-companyb-southeastasia", "dc1-nic2")
    assert (other.primary, other.ip_configurations[0].private_ip_address) == (False, "10.1.2.70")
    machine = f"{RECOVERY}/providers/Microsoft.Compute/virtualMachines/dc1?api-version=2024-07-01"
    told = azure.raw("GET", machine).json()["properties"]["networkProfile"]["networkInterfaces"]
    assert [one["properties"]["primary"] for one in told] == [True, False]
