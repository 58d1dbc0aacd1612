"""Traffic Manager, Resource Health, ExpressRoute, watchers, vaults and groups: the promises that recordings show."""

from __future__ import annotations

from typing import Any

import pytest

SUBSCRIPTION = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
SOURCE, RECOVERY = "rg-companyb-eastasia", "rg-companyb-southeastasia"
NET = f"{SUBSCRIPTION}/resourceGroups/{RECOVERY}/providers/Microsoft.Network"
PROFILE = f"{NET}/trafficmanagerprofiles/tm"
TM, V = "?api-version=2018-04-01", "?api-version=2021-02-01"
EVENTS = f"{SUBSCRIPTION}/providers/Microsoft.ResourceHealth/events?api-version=2025-05-01"
WEB1 = f"{SUBSCRIPTION}/resourceGroups/{SOURCE}/providers/Microsoft.Compute/virtualMachines/web1"
VAULTS = f"{SUBSCRIPTION}/resourceGroups/{RECOVERY}/providers/Microsoft.RecoveryServices/vaults"


@pytest.fixture
def profile(azure: Any) -> Any:
    """A profile with one endpoint; the simulator in which it is."""
    dns = {"relativeName": "companyb", "ttl": 30}
    body = {"location": "global", "properties": {"dnsConfig": dns, "trafficRoutingMethod": "Priority"}}
    assert azure.raw("PUT", PROFILE + TM, body).status_code == 201
    target = {"properties": {"target": "east.companyb.example"}}
    assert azure.raw("PUT", f"{PROFILE}/externalEndpoints/east{TM}", target).status_code == 201
    return azure


def test_traffic_manager_does_everything_at_once(profile: Any) -> None:
    """No poll URL, no etag, no provisioning state; the provider's casing; a null of its own."""
    answer = profile.raw("GET", PROFILE + TM)
    assert not {"Azure-AsyncOperation", "Location", "ETag"} & set(answer.headers)
    assert answer.json()["id"].endswith("/trafficManagerProfiles/tm")
    endpoint = answer.json()["properties"]["endpoints"][0]["properties"]
    assert endpoint["NestedProfile"] is None
    assert endpoint["endpointMonitorStatus"] == "CheckingEndpoint"


def test_an_endpoints_update_is_201_too_and_its_end_an_empty_200(profile: Any) -> None:
    """Recorded."""
    off = {"properties": {"target": "east.companyb.example", "endpointStatus": "Disabled"}}
    answer = profile.raw("PUT", f"{PROFILE}/externalEndpoints/east{TM}", off)
    assert (answer.status_code, answer.json()["properties"]["endpointMonitorStatus"]) == (201, "Disabled")
    assert profile.raw("GET", PROFILE + TM).json()["properties"]["monitorConfig"]["profileMonitorStatus"] == "Inactive"
    gone = profile.raw("DELETE", f"{PROFILE}/externalEndpoints/east{TM}")
    assert (gone.status_code, gone.text) == (200, "")


def test_a_name_is_taken_once_and_an_endpoint_comes_online(profile: Any) -> None:
    """Checking for a while, then Online (a guess)."""
    check = f"/providers/Microsoft.Network/checkTrafficManagerNameAvailability{TM}"
    asked = {"name": "companyb", "type": "Microsoft.Network/trafficManagerProfiles"}
    assert profile.raw("POST", check, asked).json()["nameAvailable"] is False
    profile.advance(100)
    assert profile.raw("GET", PROFILE + TM).json()["properties"]["monitorConfig"]["profileMonitorStatus"] == "Online"
    listed = profile.raw("GET", f"{NET}/trafficManagerProfiles{TM}").json()["value"][0]
    assert listed["properties"]["monitorConfig"]["profileMonitorStatus"] is None


def test_an_outage_becomes_an_event_that_ends_with_it(start_azure: Any) -> None:
    """Not at once; with the region by the name that people read, active and then resolved."""
    azure = start_azure(scenario={"faults": [{"at": 0, "region": "eastasia", "dark": "data-plane", "for": 3600}]})
    assert azure.raw("GET", EVENTS).json()["value"] == []
    azure.advance(301)
    event = azure.raw("GET", EVENTS).json()["value"][0]
    assert (event["properties"]["eventType"], event["properties"]["status"]) == ("ServiceIssue", "Active")
    assert event["properties"]["impact"][0]["impactedRegions"][0]["impactedRegion"] == "East Asia"
    one = azure.raw("GET", EVENTS.replace("/events", f"/events/{event['name']}"))
    assert one.json()["name"] == event["name"]
    azure.advance(3600)
    active = f"{EVENTS}&$filter=properties/Status eq 'Active'"
    assert azure.raw("GET", active).json()["value"] == []
    assert azure.raw("GET", f"{EVENTS}&queryStartTime=2030-01-01T00:00:00Z").json()["value"] == []
    assert azure.raw("GET", EVENTS).json()["value"][0]["properties"]["status"] == "Resolved"


def circuit(azure: Any, name: str, asn: int) -> None:
    provider = {"serviceProviderName": "Any", "peeringLocation": "Any", "bandwidthInMbps": 50}
    body = {"location": "southeastasia", "properties": {"serviceProviderProperties": provider}}
    circuits, peerings = azure.network().express_route_circuits, azure.network().express_route_circuit_peerings
    circuits.begin_create_or_update(RECOVERY, name, body, polling=azure.polling()).result(60)
    peering = {"properties": {"peerASN": asn, "vlanId": 101}}
    peerings.begin_create_or_update(RECOVERY, name, "AzurePrivatePeering", peering, polling=azure.polling()).result(60)


def test_a_circuits_key_and_its_peerings_ports_come_when_they_are_provisioned(azure: Any) -> None:
    """Recorded; no ETag header on either."""
    circuit(azure, "c1", 10001)
    shown = azure.raw("GET", f"{NET}/expressRouteCircuits/c1{V}")
    properties = shown.json()["properties"]
    assert "ETag" not in shown.headers
    assert properties["circuitProvisioningState"] == "Enabled"
    assert properties["serviceKey"] != "00000000-0000-0000-0000-000000000000"
    peering = properties["peerings"][0]["properties"]
    assert (peering["azureASN"], peering["peeringType"], peering["lastModifiedBy"]) == (
        12076,
        "AzurePrivatePeering",
        "Customer",
    )


def test_global_reach_of_unprovisioned_circuits_fails_with_the_whole_tree(azure: Any) -> None:
    """Recorded: the operation fails over HTTP 200, and circuit, peering and connection say Failed."""
    from azure.core.exceptions import HttpResponseError

    circuit(azure, "c1", 10001)
    circuit(azure, "c2", 10002)
    ends = {
        "expressRouteCircuitPeering": {"id": f"{NET}/expressRouteCircuits/c1/peerings/AzurePrivatePeering"},
        "peerExpressRouteCircuitPeering": {"id": f"{NET}/expressRouteCircuits/c2/peerings/AzurePrivatePeering"},
    }
    connections = azure.network().express_route_circuit_connections
    with pytest.raises(HttpResponseError) as failed:
        connections.begin_create_or_update(
            RECOVERY, "c1", "AzurePrivatePeering", "reach", {"properties": ends}, polling=azure.polling()
        ).result(60)
    assert failed.value.error is not None
    assert failed.value.error.code == "InitiatingCircuitNotProvisioned"
    assert azure.network().express_route_circuits.get(RECOVERY, "c1").provisioning_state == "Failed"
    assert azure.network().express_route_circuits.get(RECOVERY, "c2").provisioning_state == "Succeeded"


def test_effective_routes_have_every_key_and_say_what_goes_nowhere(azure: Any) -> None:
    """Recorded for a network without a gateway; what the gateway learned comes with it."""
    interfaces = azure.network().network_interfaces
    machine = azure.raw("GET", f"{WEB1}?api-version=2024-07-01").json()
    name = machine["properties"]["networkProfile"]["networkInterfaces"][0]["id"].rsplit("/", 1)[1]
    rows = interfaces.begin_get_effective_route_table(SOURCE, name, polling=azure.polling()).result(60).value
    hops = {row.address_prefix[0]: row.next_hop_type for row in rows}
    assert hops["10.1.0.0/16"] == "VnetLocal"
    assert hops["10.50.0.0/16"] == "VirtualNetworkGateway"
    assert (hops["0.0.0.0/0"], hops["192.168.0.0/16"]) == ("Internet", "None")


def test_a_flow_is_decided_by_the_group_on_the_interface(azure: Any) -> None:
    """Refused where no group guards it; else the default rules decide what no rule does (recorded)."""
    watcher = azure.world.documents.of_type("Microsoft.Network/networkWatchers")[0]["id"]
    interface = azure.world.documents.get(
        azure.world.documents.get(WEB1)["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    )
    flow = {
        "targetResourceId": WEB1,
        "direction": "Inbound",
        "protocol": "Tcp",
        "localPort": "22",
        "remotePort": "*",
        "localIPAddress": "10.1.1.4",
        "remoteIPAddress": "100.1.2.3",
    }
    refused = azure.raw("POST", f"{watcher}/ipFlowVerify{V}", flow)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "NsgsNotAppliedOnNic")
    group = f"{SUBSCRIPTION}/resourceGroups/{SOURCE}/providers/Microsoft.Network/networkSecurityGroups/g"
    azure.raw("PUT", group + V, {"location": "eastasia", "properties": {}})
    azure.advance(20)
    interface["properties"]["networkSecurityGroup"] = {"id": group}
    for direction, access, rule in (
        ("Inbound", "Deny", "DenyAllInBound"),
        ("Outbound", "Allow", "AllowInternetOutBound"),
    ):
        begun = azure.raw("POST", f"{watcher}/ipFlowVerify{V}", {**flow, "direction": direction})
        assert (begun.status_code, begun.text) == (202, "null")
        azure.advance(15)
        result = azure.raw("GET", begun.headers["Location"]).json()
        assert result == {"access": access, "ruleName": f"defaultSecurityRules/{rule}", "ruleId": ""}


def test_a_vault_takes_a_minute_and_then_only_an_answer(azure: Any) -> None:
    """201 and Provisioning, polled with id and name; an update is 200 at once (recorded)."""
    body = {"location": "southeastasia", "properties": {"publicNetworkAccess": "Enabled"}, "sku": {"name": "Standard"}}
    made = azure.raw("PUT", f"{VAULTS}/v?api-version=2023-02-01", body)
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Provisioning")
    poll = azure.raw("GET", made.headers["Azure-AsyncOperation"]).json()
    assert (poll["status"], sorted(poll)) == ("InProgress", ["id", "name", "status"])
    azure.advance(61)
    assert azure.raw("GET", made.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    assert azure.raw("PUT", f"{VAULTS}/v?api-version=2023-02-01", body).status_code == 200
    assert azure.raw("DELETE", f"{VAULTS}/v?api-version=2023-02-01").status_code == 200


def test_a_group_goes_with_all_that_is_in_it(azure: Any) -> None:
    """202 with Location alone, 202 until it is an empty 200 (recorded)."""
    group = f"{SUBSCRIPTION}/resourceGroups/rg-new"
    version = "?api-version=2022-09-01"
    assert azure.raw("PUT", group + version, {"location": "westus"}).status_code == 201
    assert azure.raw("PUT", group + version, {"location": "westus"}).status_code == 200
    table = f"{group}/providers/Microsoft.Network/routeTables/t"
    azure.raw("PUT", table + V, {"location": "westus"})
    azure.advance(20)
    gone = azure.raw("DELETE", group + version)
    assert (gone.status_code, "Azure-AsyncOperation" in gone.headers) == (202, False)
    assert azure.raw("GET", gone.headers["Location"]).status_code == 202
    azure.advance(200)
    assert (azure.raw("GET", gone.headers["Location"]).status_code, azure.raw("HEAD", group + version).status_code) == (
        200,
        404,
    )
    assert azure.world.documents.get(table) is None


def test_a_put_that_changes_nothing_is_done_at_once(azure: Any) -> None:
    """Recorded: Succeeded in the answer itself, tags or no tags."""
    gateway = f"{NET}/localNetworkGateways/lng-datacenter-southeastasia"
    there = azure.raw("GET", gateway + V).json()
    same = {"location": there["location"], "properties": there["properties"], "tags": {"a": "b"}}
    answer = azure.raw("PUT", gateway + V, same).json()
    assert answer["properties"]["provisioningState"] == "Succeeded"
    same["properties"] = {**there["properties"], "gatewayIpAddress": "203.0.113.99"}
    assert azure.raw("PUT", gateway + V, same).json()["properties"]["provisioningState"] == "Updating"
