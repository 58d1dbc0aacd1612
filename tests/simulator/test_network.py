"""Microsoft.Network as it was recorded, seen through the SDK client or, where headers matter, on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

SUB = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
SOURCE, RECOVERY, DR = "rg-companyb-eastasia", "rg-companyb-southeastasia", "rg-companyb-dr"
NET = f"{SUB}/resourceGroups/{RECOVERY}/providers/Microsoft.Network"
V = "?api-version=2024-05-01"
CONNECTION = f"{NET}/connections/cn-1"


def body(**more: Any) -> dict[str, Any]:
    return {
        "location": "southeastasia",
        "properties": {
            "virtualNetworkGateway1": {"id": f"{NET}/virtualNetworkGateways/vgw-companyb-southeastasia"},
            "localNetworkGateway2": {
                "id": f"{NET}/localNetworkGateways/lng-datacenter-southeastasia",
                "properties": {},
            },
            "connectionType": "IPsec",
            "sharedKey": "a-key-of-the-test",
            **more,
        },
    }


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def test_a_new_connection_is_201_updating_with_a_poll_url_and_no_location(azure: Any) -> None:
    """Recorded: PUT of what is new has Azure-AsyncOperation alone; references come back as ids alone."""
    answer = azure.raw("PUT", CONNECTION + V, body())
    shown = answer.json()["properties"]
    assert answer.status_code == 201
    assert "Location" not in answer.headers
    assert answer.headers["Azure-AsyncNotification"] == "Enabled"
    assert "/providers/Microsoft.Network/locations/southeastasia/operations/" in answer.headers["Azure-AsyncOperation"]
    assert answer.headers["Retry-After"] == "10"
    assert shown["provisioningState"] == "Updating"
    assert list(shown["localNetworkGateway2"]) == ["id"]
    assert shown["sharedKey"] == "a-key-of-the-test"
    assert "ETag" not in answer.headers


def test_a_status_body_holds_the_status_alone_and_advises_ever_longer_waits(azure: Any) -> None:
    """Recorded poll times of connections: 10, 10, 20, 20, 40 seconds apart."""
    started = azure.raw("PUT", CONNECTION + V, body())
    polls = [azure.raw("GET", started.headers["Azure-AsyncOperation"]) for _ in range(5)]
    assert all(poll.json() == {"status": "InProgress"} for poll in polls)
    assert [poll.headers["Retry-After"] for poll in polls] == ["10", "20", "20", "40", "40"]
    azure.advance(41)
    ended = azure.raw("GET", started.headers["Azure-AsyncOperation"])
    assert ended.json() == {"status": "Succeeded"}
    assert "Retry-After" not in ended.headers


def test_provisioned_is_not_connected(azure: Any) -> None:
    """Trap 10: connectionStatus is absent while Updating, Unknown just after Succeeded, then the tunnel's own."""
    azure.raw("PUT", CONNECTION + V, body(enableBgp=True, sharedKey=azure.secret("psk-datacenter")))
    assert "connectionStatus" not in azure.raw("GET", CONNECTION + V).json()["properties"]
    azure.advance(41)
    seen = []
    for _ in range(30):
        seen.append(azure.raw("GET", CONNECTION + V).json()["properties"]["connectionStatus"])
        azure.advance(1)
    assert list(dict.fromkeys(seen)) == ["Unknown", "Connecting", "Connected"]


def test_a_list_of_connections_says_nothing_of_their_tunnels(azure: Any) -> None:
    """The thin list: connectionStatus is for GET alone."""
    (listed,) = azure.network().virtual_network_gateway_connections.list(SOURCE)
    assert listed.connection_status is None
    shown = azure.network().virtual_network_gateway_connections.get(SOURCE, listed.name)
    assert shown.connection_status == "Connected"
    assert shown.ingress_bytes_transferred >= 918273645


def test_the_shared_key_comes_back_in_clear(azure: Any) -> None:
    """Trap 15: GET of a connection and of its sharedkey tell the secret."""
    client = azure.network().virtual_network_gateway_connections
    key = azure.secret("psk-datacenter")
    assert client.get(SOURCE, "cn-eastasia-datacenter").shared_key == key
    assert client.get_shared_key(SOURCE, "cn-eastasia-datacenter").value == key


def test_setting_a_shared_key_is_200_without_a_body_and_takes_forty_seconds(azure: Any) -> None:
    """Recorded; the tunnel falls when the two ends no longer agree."""
    path = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Network/connections/cn-eastasia-datacenter"
    answer = azure.raw("PUT", f"{path}/sharedkey{V}", {"value": "another-key-of-the-test"})
    assert (answer.status_code, answer.text) == (200, "")
    assert "Location" not in answer.headers
    azure.advance(40)
    assert azure.raw("GET", f"{path}/sharedkey{V}").json() == {"value": "another-key-of-the-test"}
    azure.advance(46)
    assert azure.raw("GET", path + V).json()["properties"]["connectionStatus"] == "NotConnected"


def test_the_sdk_resets_a_shared_key_through_both_headers(azure: Any) -> None:
    """Recorded: 202 without a body, Azure-AsyncOperation and Location, and `null` where the result would be."""
    path = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Network/connections/cn-eastasia-datacenter"
    answer = azure.raw("POST", f"{path}/sharedkey/reset{V}", {"keyLength": 64})
    assert (answer.status_code, answer.text) == (202, "")
    azure.advance(40)
    assert azure.raw("GET", answer.headers["Azure-AsyncOperation"]).json() == {"status": "Succeeded", "properties": {}}
    result = azure.raw("GET", answer.headers["Location"])
    assert (result.status_code, result.text) == (200, "null")
    assert len(azure.raw("GET", f"{path}/sharedkey{V}").json()["value"]) == 64


def test_delete_is_202_with_both_headers_then_gone_then_204(azure: Any) -> None:
    """Recorded; asked again while under way it names the same operation."""
    path = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Network/connections/cn-eastasia-datacenter"
    first, again = azure.raw("DELETE", path + V), azure.raw("DELETE", path + V)
    assert (first.status_code, first.text, again.status_code) == (202, "", 202)
    assert first.headers["Azure-AsyncOperation"] == again.headers["Azure-AsyncOperation"]
    assert "/operationResults/" in first.headers["Location"]
    assert azure.raw("GET", path + V).json()["properties"]["provisioningState"] == "Deleting"
    azure.advance(41)
    assert azure.raw("GET", first.headers["Azure-AsyncOperation"]).json() == {"status": "Succeeded"}
    assert azure.raw("GET", path + V).status_code == 404
    gone = azure.raw("DELETE", path + V)
    assert (gone.status_code, gone.text) == (204, "")
    deletes = [event for event in azure.events("operation.accepted") if event["action"] == "connections/delete"]
    assert len(deletes) == 1


def test_what_is_missing_is_told_apart_by_where_it_is_missing(azure: Any) -> None:
    """404 from ARM for a top-level resource, from the provider for a child, and another for a group."""
    client = azure.network()
    with pytest.raises(ResourceNotFoundError) as missing:
        client.virtual_networks.get(RECOVERY, "nowhere")
    assert missing.value.error.code == "ResourceNotFound"
    assert "'Microsoft.Network/virtualNetworks/nowhere' under resource group" in missing.value.message
    with pytest.raises(ResourceNotFoundError) as child:
        client.virtual_network_peerings.get(RECOVERY, "vnet-companyb-southeastasia", "nowhere")
    assert child.value.error.code == "NotFound"
    with pytest.raises(ResourceNotFoundError) as group:
        client.virtual_networks.get("rg-nowhere", "nowhere")
    assert group.value.error.code == "ResourceGroupNotFound"
    orphan = azure.raw("PUT", f"{NET}/virtualNetworks/nowhere/subnets/s{V}", {"properties": {}})
    assert code(orphan) == "ParentResourceNotFound"
    assert azure.raw("GET", f"{NET}/virtualNetworks/nowhere{V}").headers["x-ms-failure-cause"] == "gateway"


def test_a_gateway_takes_one_write_at_a_time_and_answers_429_not_409(azure: Any) -> None:
    """Recorded: RetryableError with RetryableErrorDueToAnotherOperation and the seconds in its text."""
    azure.raw("PUT", CONNECTION + V, body())
    second = azure.raw("PUT", f"{NET}/connections/cn-2{V}", body())
    assert second.status_code == 429
    assert code(second) == "RetryableError"
    (detail,) = second.json()["error"]["details"]
    assert detail["code"] == "RetryableErrorDueToAnotherOperation"
    assert "PutVirtualNetworkGatewayConnectionOperation" in detail["message"]
    assert "The call can be retried in" in detail["message"]
    assert "Retry-After" not in second.headers
    azure.advance(41)
    assert azure.raw("PUT", f"{NET}/connections/cn-2{V}", body()).status_code == 201


def test_a_subnet_written_meanwhile_cancels_the_networks_own_write(azure: Any) -> None:
    """Trap 13: the network's operation ends Canceled although the network is there."""
    net = f"{NET}/virtualNetworks/vnet-new"
    put = {"location": "southeastasia", "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}}
    started = azure.raw("PUT", net + V, put)
    child = azure.raw("PUT", f"{net}/subnets/s1{V}", {"properties": {"addressPrefix": "10.9.1.0/24"}})
    assert child.status_code == 201
    status = azure.raw("GET", started.headers["Azure-AsyncOperation"]).json()
    assert status["status"] == "Canceled"
    detail = status["error"]["details"][0]
    assert detail["code"] == "CanceledAndSupersededDueToAnotherOperation"
    assert child.headers["Azure-AsyncOperation"].split("/")[-1].split("?")[0] in detail["message"]
    azure.advance(20)
    assert [subnet["name"] for subnet in azure.raw("GET", net + V).json()["properties"]["subnets"]] == ["s1"]


def test_etags_change_with_each_write_and_again_when_it_has_ended(azure: Any) -> None:
    """Recorded; a header for networks and subnets, never for gateways and connections; children share the parent's."""
    net = f"{NET}/virtualNetworks/vnet-companyb-southeastasia"
    before = azure.raw("GET", net + V)
    started = azure.raw("PUT", f"{net}/subnets/extra{V}", {"properties": {"addressPrefix": "10.1.9.0/24"}})
    azure.advance(20)
    after = azure.raw("GET", net + V)
    etags = {before.json()["etag"], started.json()["etag"], after.json()["etag"]}
    assert len(etags) == 3
    assert after.headers["ETag"] == after.json()["etag"] == after.json()["properties"]["subnets"][0]["etag"]
    gateway = azure.raw("GET", f"{NET}/virtualNetworkGateways/vgw-companyb-southeastasia{V}")
    assert "ETag" not in gateway.headers
    assert gateway.json()["etag"].startswith('W/"')


def test_a_stale_if_match_is_412(azure: Any) -> None:
    """Guessed for network writes: the body that other providers answer."""
    net = f"{NET}/localNetworkGateways/lng-datacenter-southeastasia"
    shown = azure.raw("GET", net + V).json()
    stale = azure.raw("PUT", net + V, shown, headers={"If-Match": 'W/"old"'})
    assert (stale.status_code, code(stale)) == (412, "PreconditionFailed")
    assert azure.raw("PUT", net + V, shown, headers={"If-Match": shown["etag"]}).status_code == 200


def test_ids_compare_without_case_and_come_back_in_the_providers(azure: Any) -> None:
    """Trap 7: a lower-cased id finds the resource; the answer has the canonical spelling."""
    path = f"{NET}/virtualNetworks/vnet-companyb-southeastasia"
    shown = azure.raw("GET", path.lower() + V).json()
    assert shown["id"] == path
    made = azure.raw(
        "PUT",
        f"{SUB}/resourcegroups/{RECOVERY.upper()}/providers/microsoft.network/ROUTETABLES/rt-New{V}",
        {"location": "Southeast Asia", "properties": {}},
    ).json()
    assert made["id"] == f"{NET}/routeTables/rt-New"
    assert made["location"] == "southeastasia"


def test_learned_routes_are_null_until_they_are_there(azure: Any) -> None:
    """Recorded: 202 with the JSON literal null and Location only, then 200 with value."""
    path = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Network/virtualNetworkGateways/vgw-companyb-eastasia"
    started = azure.raw("POST", f"{path}/getLearnedRoutes{V}")
    assert (started.status_code, started.text) == (202, "null")
    assert "Azure-AsyncOperation" not in started.headers
    waiting = azure.raw("GET", started.headers["Location"])
    assert (waiting.status_code, waiting.text) == (202, "null")
    azure.advance(12)
    rows = azure.raw("GET", started.headers["Location"]).json()["value"]
    assert [(row["network"], row["origin"]) for row in rows] == [("10.1.0.0/16", "Network"), ("10.50.0.0/16", "EBgp")]


def test_bgp_peers_and_advertised_routes_through_the_sdk(azure: Any) -> None:
    """A live session is Connected; a gateway connected to nothing has no peers and advertises as recorded."""
    gateways = azure.network().virtual_network_gateways
    live = gateways.begin_get_bgp_peer_status(SOURCE, "vgw-companyb-eastasia", polling=azure.polling()).result(60)
    assert [(peer["neighbor"], peer["state"]) for peer in live["value"]] == [("10.50.255.1", "Connected")]
    idle = gateways.begin_get_bgp_peer_status(RECOVERY, "vgw-companyb-southeastasia", polling=azure.polling())
    assert idle.result(60)["value"] == []
    told = gateways.begin_get_advertised_routes(
        RECOVERY, "vgw-companyb-southeastasia", peer="10.50.255.1", polling=azure.polling()
    ).result(60)
    assert told["value"] == [
        {"localAddress": "", "network": "10.1.0.0/16", "nextHop": "Virtual Network", "origin": "Network", "weight": 0}
    ]


def test_patching_a_gateway_leaves_it_updating_with_nothing_to_poll(azure: Any) -> None:
    """Recorded: 200, Updating, no header; 130 s later Succeeded. A local gateway is done at once."""
    path = f"{NET}/virtualNetworkGateways/vgw-companyb-southeastasia"
    answer = azure.raw("PATCH", path + V, {"tags": {"a": "b"}})
    assert answer.status_code == 200
    assert answer.json()["properties"]["provisioningState"] == "Updating"
    assert "Azure-AsyncOperation" not in answer.headers
    azure.advance(131)
    assert azure.raw("GET", path + V).json()["properties"]["provisioningState"] == "Succeeded"
    local = azure.raw("PATCH", f"{NET}/localNetworkGateways/lng-datacenter-southeastasia{V}", {"tags": {"a": "b"}})
    assert local.json()["properties"]["provisioningState"] == "Succeeded"


def test_a_gateway_may_fail_after_two_hours_over_http_200(start_azure: Any) -> None:
    """Trap 12: GwmOperationTimeOut at 7207 s; the resource stays readable."""
    job = {
        "action": "virtualNetworkGateways/write",
        "duration": 7207,
        "failsWith": {"code": "GwmOperationTimeOut", "message": "Operation timed out."},
    }
    azure = start_azure({"faults": [{"job": job}]})
    path = f"{NET}/virtualNetworkGateways/vgw-companyb-southeastasia"
    started = azure.raw("PUT", path + V, azure.raw("GET", path + V).json())
    azure.advance(7200)
    assert azure.raw("GET", started.headers["Azure-AsyncOperation"]).json() == {"status": "InProgress"}
    azure.advance(8)
    ended = azure.raw("GET", started.headers["Azure-AsyncOperation"])
    assert ended.status_code == 200
    assert ended.json()["error"]["code"] == "GwmOperationTimeOut"
    assert azure.raw("GET", path + V).status_code == 200


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("publicIPAddresses/pip-vgw-companyb-southeastasia", "PublicIPAddressCannotBeDeleted"),
        ("virtualNetworks/vnet-companyb-southeastasia", "InUseSubnetCannotBeDeleted"),
        ("virtualNetworks/vnet-companyb-southeastasia/subnets/GatewaySubnet", "InUseSubnetCannotBeDeleted"),
    ],
)
def test_what_is_in_use_is_refused_with_400_not_409(azure: Any, what: str, expected: str) -> None:
    """Recorded: a synchronous 400 names who uses it."""
    refused = azure.raw("DELETE", f"{NET}/{what}{V}")
    assert (refused.status_code, code(refused)) == (400, expected)


def test_a_connection_to_a_gateway_that_is_not_there_is_refused(azure: Any) -> None:
    """Documented: InvalidResourceReference."""
    wrong = body(virtualNetworkGateway1={"id": f"{NET}/virtualNetworkGateways/nowhere"})
    refused = azure.raw("PUT", CONNECTION + V, wrong)
    assert (refused.status_code, code(refused)) == (400, "InvalidResourceReference")


def test_next_hop_and_connectivity_are_read_from_a_running_machine(azure: Any) -> None:
    """Trap 9: the values that Azure really sends, not those of its OpenAPI."""
    watchers = azure.network().network_watchers
    machine = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Compute/virtualMachines/web1"
    question = {"targetResourceId": machine, "sourceIPAddress": "10.1.1.4", "destinationIPAddress": "10.50.3.3"}
    hop = watchers.begin_get_next_hop(DR, "NetworkWatcher_eastasia", question, polling=azure.polling()).result(60)
    assert (hop["nextHopType"], hop["routeTableId"]) == ("VirtualNetworkGateway", "System Route")
    check = {"source": {"resourceId": machine}, "destination": {"address": "10.50.3.3", "port": 443}}
    with pytest.raises(HttpResponseError, match="extension is not installed"):
        watchers.begin_check_connectivity(DR, "NetworkWatcher_eastasia", check, polling=azure.polling())
    agent = {
        "publisher": "Microsoft.Azure.NetworkWatcher",
        "type": "NetworkWatcherAgentLinux",
        "typeHandlerVersion": "1.4",
    }
    extension = f"{machine}/extensions/NetworkWatcherAgentLinux?api-version=2023-07-01"
    azure.raw("PUT", extension, {"location": "eastasia", "properties": agent})
    azure.advance(120)
    found = watchers.begin_check_connectivity(DR, "NetworkWatcher_eastasia", check, polling=azure.polling()).result(60)
    assert found["connectionStatus"] == "Reachable"
    interfaces = azure.network().network_interfaces
    rows = interfaces.begin_get_effective_route_table(SOURCE, "web1-nic", polling=azure.polling()).result(60)["value"]
    assert "VirtualNetworkGateway" in {row["source"] for row in rows}


def test_a_machine_that_does_not_run_has_no_effective_routes(start_azure: Any) -> None:
    """Documented: the machine must be running; in a dark region it is not."""
    azure = start_azure({"faults": [{"region": "eastasia", "dark": "data-plane"}]})
    with pytest.raises(HttpResponseError) as refused:
        azure.network().network_interfaces.begin_get_effective_route_table(SOURCE, "web1-nic", polling=azure.polling())
    assert refused.value.error.code == "VMNotRunning"


def test_an_address_is_free_or_the_next_ones_are_named(azure: Any) -> None:
    """CheckIPAddressAvailability, as recorded for a free one."""
    networks = azure.network().virtual_networks
    free = networks.check_ip_address_availability(RECOVERY, "vnet-companyb-southeastasia", ip_address="10.1.1.4")
    assert free.available is True
    taken = networks.check_ip_address_availability(SOURCE, "vnet-companyb-eastasia", ip_address="10.1.1.4")
    assert taken.available is False
    assert taken.available_ip_addresses[0] == "10.1.1.7"
