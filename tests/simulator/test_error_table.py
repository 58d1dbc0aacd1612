"""Azure's errors, line by line (sources: Errors): raised by the real SDK's clients, and what ours make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from azure_clients.errors import CallFailed, Missing, Refused, Throttled, Unanswered, calling
from azure_clients.factory import Clients
from azure_clients.long_running import outcome_of
from azure_clients.resources import begin_put, poll_operation
from azure_clients.settings import read_settings
from domain.outcomes import Operation
from simulator.company_b import company_b

SUB = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
SOURCE, RECOVERY, DR = "rg-companyb-eastasia", "rg-companyb-southeastasia", "rg-companyb-dr"
NET = f"{SUB}/resourceGroups/{RECOVERY}/providers/Microsoft.Network"
EAST = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Network"
VAULT = f"{SUB}/resourceGroups/{DR}/providers/Microsoft.RecoveryServices/vaults/rsv-companyb"
CONNECTION = f"{NET}/connections/cn-1"
LOCAL = "lng-datacenter-southeastasia"


class Side:
    """What the rows below do to a simulated Azure, through the SDK's clients and ours."""

    def __init__(self, azure: Any) -> None:
        self.azure, self.sdk = azure, azure.network()
        self.clients = Clients(read_settings({**azure.environment, "BRIDGEHEAD_DOCUMENTS": "not-used"}))

    def network(self, name: str, *prefixes: str, wait: bool = True) -> None:
        body = {"location": "southeastasia", "properties": {"addressSpace": {"addressPrefixes": list(prefixes)}}}
        begun = self.sdk.virtual_networks.begin_create_or_update(RECOVERY, name, body, polling=self._polling(wait))
        if wait:
            begun.result(60)

    def peer(self, local: str, remote: str, name: str | None = None, **more: Any) -> None:
        body = {"properties": {"remoteVirtualNetwork": {"id": f"{NET}/virtualNetworks/{remote}"}, **more}}
        peerings = self.sdk.virtual_network_peerings
        peerings.begin_create_or_update(
            RECOVERY, local, name or f"to-{remote}", body, polling=self.azure.polling()
        ).result(60)

    def subnet(self, network: str, prefix: str, *, wait: bool = True) -> None:
        body = {"properties": {"addressPrefix": prefix}}
        begun = self.sdk.subnets.begin_create_or_update(RECOVERY, network, "s", body, polling=self._polling(wait))
        if wait:
            begun.result(60)

    def interface(self, name: str, **more: Any) -> None:
        configuration = {"name": "one", "properties": {"subnet": {"id": f"{NET}/virtualNetworks/a/subnets/s"}}}
        body = {"location": "southeastasia", "properties": {"ipConfigurations": [configuration], **more}}
        interfaces = self.sdk.network_interfaces
        interfaces.begin_create_or_update(RECOVERY, name, body, polling=self.azure.polling()).result(60)

    def local_gateway(self) -> None:
        """A harmless write."""
        gateways = self.sdk.local_network_gateways
        body = gateways.get(RECOVERY, LOCAL)
        gateways.begin_create_or_update(RECOVERY, LOCAL, body, polling=False)

    def connect(self, **more: Any) -> Operation:
        """Our own client's PUT of a connection; the operation that it begins."""
        ends = {
            "virtualNetworkGateway1": {"id": f"{NET}/virtualNetworkGateways/vgw-companyb-southeastasia"},
            "localNetworkGateway2": {"id": f"{NET}/localNetworkGateways/{LOCAL}"},
        }
        body = {"location": "southeastasia", "properties": {**ends, "connectionType": "IPsec", **more}}
        _, operation = begin_put(self.clients, CONNECTION, body, "2026-03-14T02:00:00+00:00")
        assert operation is not None
        return operation

    def _polling(self, wait: bool) -> Any:
        return self.azure.polling() if wait else False


def pair(side: Side) -> None:
    """Networks a and b, peered both ways."""
    side.network("a", "10.8.0.0/16")
    side.network("b", "10.9.0.0/16")
    side.peer("a", "b")
    side.peer("b", "a")


def missing_resource(side: Side) -> None:
    side.sdk.virtual_networks.get(RECOVERY, "nowhere")


def missing_child(side: Side) -> None:
    side.network("a", "10.8.0.0/16")
    side.sdk.virtual_network_peerings.get(RECOVERY, "a", "to-nobody")


def child_of_nobody(side: Side) -> None:
    side.subnet("nowhere", "10.8.1.0/24")


def missing_item(side: Side) -> None:
    path = f"{VAULT}/replicationFabrics/asr-eastasia/replicationProtectionContainers/asr-container-eastasia"
    from azure_clients.answers import request

    client = side.clients.site_recovery(SUB.rsplit("/", 1)[-1])
    url = f"{side.azure.endpoint}{path}/replicationProtectedItems/nobody?api-version=2025-08-01"
    request("reading nobody", client, "GET", url)


def subnet_in_use(side: Side) -> None:
    side.sdk.subnets.begin_delete(RECOVERY, "vnet-companyb-southeastasia", "GatewaySubnet", polling=False)


def interface_in_use(side: Side) -> None:
    side.sdk.network_interfaces.begin_delete(SOURCE, "web1-nic", polling=False)


def address_in_use(side: Side) -> None:
    side.sdk.public_ip_addresses.begin_delete(RECOVERY, "pip-vgw-companyb-southeastasia", polling=False)


def group_in_use(side: Side) -> None:
    body = {"location": "southeastasia", "properties": {"securityRules": []}}
    groups = side.sdk.network_security_groups
    groups.begin_create_or_update(RECOVERY, "nsg", body, polling=side.azure.polling()).result(60)
    side.network("a", "10.8.0.0/16")
    side.subnet("a", "10.8.1.0/24")
    side.interface("nic", networkSecurityGroup={"id": f"{NET}/networkSecurityGroups/nsg"})
    groups.begin_delete(RECOVERY, "nsg", polling=False)


def no_group_on_interface(side: Side) -> None:
    machine = f"{SUB}/resourceGroups/{SOURCE}/providers/Microsoft.Compute/virtualMachines/web1"
    question = {
        "targetResourceId": machine, "direction": "Outbound", "protocol": "TCP", "localIPAddress": "10.1.1.4",
        "localPort": "443", "remoteIPAddress": "10.50.3.3", "remotePort": "443",
    }  # fmt: skip
    side.sdk.network_watchers.begin_verify_ip_flow(DR, "NetworkWatcher_eastasia", question, polling=False)


def disconnected_remote(side: Side) -> None:
    pair(side)
    peerings = side.sdk.virtual_network_peerings
    peerings.begin_delete(RECOVERY, "a", "to-b", polling=side.azure.polling()).result(60)
    side.peer("a", "b")


def overlapping(side: Side) -> None:
    side.network("a", "10.8.0.0/16")
    side.network("b", "10.8.4.0/24")
    side.peer("a", "b")


def overlapping_by_growth(side: Side) -> None:
    pair(side)
    side.network("a", "10.8.0.0/16", "10.9.4.0/24")


def overlapping_with_peered(side: Side) -> None:
    pair(side)
    side.network("c", "10.9.4.0/24")
    side.peer("c", "a")


def peered_overlaps_with_ours(side: Side) -> None:
    pair(side)
    side.network("c", "10.9.4.0/24")
    side.peer("a", "c")


def peered_twice(side: Side) -> None:
    pair(side)
    side.peer("a", "b", "again")


def no_gateways_there(side: Side) -> None:
    side.network("a", "10.8.0.0/16")
    side.network("b", "10.9.0.0/16")
    side.peer("a", "b", useRemoteGateways=True)


def no_transit_there(side: Side) -> None:
    pair(side)
    side.peer("a", "b", useRemoteGateways=True)


def referred_network_updating(side: Side) -> None:
    side.network("a", "10.8.0.0/16")
    side.network("b", "10.9.0.0/16")
    side.subnet("b", "10.9.1.0/24", wait=False)
    side.peer("a", "b")


def referred_subnet_updating(side: Side) -> None:
    side.network("a", "10.8.0.0/16")
    side.subnet("a", "10.8.1.0/24", wait=False)
    side.interface("nic")


def locked_by_another(side: Side) -> None:
    side.connect()
    side.connect(routingWeight=7)


def any_write(side: Side) -> None:
    side.local_gateway()


def any_connection(side: Side) -> None:
    side.connect()


def referring_to_nobody(side: Side) -> None:
    side.connect(localNetworkGateway2={"id": f"{NET}/localNetworkGateways/nobody"})


def many_writes(side: Side) -> None:
    for _ in range(3):
        side.local_gateway()


def answers(status: int, code: str, **more: Any) -> dict[str, Any]:
    match = {"method": "PUT", "path": "/(localNetworkGateways|connections)/", "times": 1}
    return {"faults": [{"match": match, "then": {"status": status, "code": code, **more}}]}


def denied(by: str, path: str = "/connections/") -> dict[str, Any]:
    return {"faults": [{"deny": {"by": by, "method": "PUT", "path": path}}]}


def variant(name: str, answer: str) -> dict[str, Any]:
    return {"variants": {f"network.{name}": answer}}


TOKEN = {"code": "InvalidChannelIntegrityKeyToken", "message": "The request is invalid."}
STALE = {"code": "ReferencedResourceNotProvisioned", "message": "Cannot proceed."}

Row = tuple[Callable[[Side], None], dict[str, Any], type[CallFailed], int, str, bool]
ROWS: list[Row] = [
    # what is done, in which scenario; what it is to our clients: kind, status and code, and whether to try again
    (missing_resource, {}, Missing, 404, "ResourceNotFound", False),
    (missing_child, {}, Missing, 404, "NotFound", False),
    (child_of_nobody, {}, Missing, 404, "ParentResourceNotFound", False),
    (missing_item, {}, Missing, 404, "ArmResourceDoesNotExist", False),
    (subnet_in_use, {}, Refused, 400, "InUseSubnetCannotBeDeleted", False),
    (interface_in_use, {}, Refused, 400, "NicInUse", False),
    (address_in_use, {}, Refused, 400, "PublicIPAddressCannotBeDeleted", False),
    (group_in_use, {}, Refused, 400, "InUseNetworkSecurityGroupCannotBeDeleted", False),
    (no_group_on_interface, {}, Refused, 400, "NsgsNotAppliedOnNic", False),
    (disconnected_remote, {}, Refused, 400, "RemotePeeringIsDisconnected", False),
    (overlapping, {}, Refused, 400, "VnetAddressSpacesOverlap", False),
    (overlapping_by_growth, {}, Refused, 400, "VnetAddressSpacesOverlap", False),
    (overlapping_with_peered, {}, Refused, 400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", False),
    (peered_overlaps_with_ours, {}, Refused, 400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", False),
    (peered_twice, {}, Refused, 400, "AnotherPeeringAlreadyReferencesRemoteVnet", False),
    (no_gateways_there, {}, Refused, 400, "RemoteVnetHasNoGateways", False),
    (no_transit_there, {}, Refused, 400, "PeeringCannotUseRemoteGateways", False),
    (referring_to_nobody, {}, Refused, 400, "InvalidResourceReference", False),
    (referred_network_updating, {}, Throttled, 429, "ReferencedResourceNotProvisioned", True),
    (referred_subnet_updating, {}, Throttled, 429, "ReferencedResourceNotProvisioned", True),
    (referred_network_updating, variant("reference_not_ready", "400"),
     Refused, 400, "ReferencedResourceNotProvisioned", True),
    (locked_by_another, {}, Throttled, 429, "RetryableErrorDueToAnotherOperation", True),
    (locked_by_another, variant("lock", "409"), Refused, 409, "AnotherOperationInProgress", True),
    (many_writes, {"faults": [{"throttle": {"kind": "writes", "bucket": 1, "refill": 0.1}}]},
     Throttled, 429, "SubscriptionRequestsThrottled", True),
    (any_write, answers(429, "RetryableError", details=[STALE]),
     Throttled, 429, "ReferencedResourceNotProvisioned", True),
    (any_write, answers(400, "BadRequest", details=[TOKEN]), Refused, 400, "InvalidChannelIntegrityKeyToken", False),
    (any_write, answers(500, "InternalServerError"), Unanswered, 500, "InternalServerError", True),
    (any_write, answers(503, "ServerTimeout"), Unanswered, 503, "ServerTimeout", True),
    (any_connection, denied("registration"), Refused, 409, "MissingSubscriptionRegistration", False),
    (any_connection, denied("lock"), Refused, 409, "ScopeLocked", False),
    (any_connection, denied("policy"), Refused, 403, "RequestDisallowedByPolicy", False),
    (any_connection, denied("linked-authorization"), Refused, 403, "LinkedAuthorizationFailed", False),
    (any_connection, denied("authorization"), Refused, 403, "AuthorizationFailed", False),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].__name__}-{row[3]}-{row[4]}")
def test_each_error_of_the_table_is_raised_and_told_apart(start_azure: Any, row: Row) -> None:
    """Its status and code on the wire, the kind of failure that it is to us, and whether the same call may succeed."""
    provoke, scenario, kind, status, code, retries = row
    side = Side(start_azure(scenario or None))
    with pytest.raises(CallFailed) as failed, calling("testing"):
        provoke(side)
    assert (type(failed.value), failed.value.status, failed.value.code) == (kind, status, code)
    assert failed.value.retries is retries
    assert failed.value.outcome().status == ("retryable" if retries else "failed")


ENDS = [
    ("GwmOperationTimeOut", "retryable"),
    ("AnotherOperationInProgress", "retryable"),
    ("ReferencedResourceNotProvisioned", "retryable"),
    ("VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", "failed"),
    ("SubscriptionNotAuthorized", "failed"),
    ("InitiatingCircuitNotProvisioned", "failed"),
]


@pytest.mark.parametrize(("code", "outcome"), ENDS)
def test_an_operation_that_fails_at_its_end_is_told_apart_too(start_azure: Any, code: str, outcome: str) -> None:
    """Over HTTP 200: some codes come there as well as in a refusal."""
    job = {"action": "connections/write", "failsWith": {"code": code, "message": "m"}}
    side = Side(start_azure({"faults": [{"job": job}]}))
    operation = side.connect()
    assert outcome_of(poll_operation(side.clients, operation), operation).status == "running"
    side.azure.advance(60)
    ended = outcome_of(poll_operation(side.clients, operation), operation)
    assert (ended.status, ended.code) == (outcome, code)


def test_a_status_poll_that_is_throttled_in_plain_text_fails_nothing(start_azure: Any) -> None:
    """No JSON, minutes ahead: the operation goes on, and is not asked about before."""
    text = "You have reached the limit of allowed 'GetOperationStatus' API calls.Please retry after '{}' UTC."
    then = {"status": 429, "text": text.format("2099-01-01T00:00:00Z")}
    side = Side(start_azure({"faults": [{"match": {"path": "/operations/", "times": 1}, "then": then}]}))
    operation = side.connect()
    polled = poll_operation(side.clients, operation)
    assert (polled.state, polled.code) == ("running", "TooManyRequests")
    assert polled.poll_after is not None
    assert polled.poll_after > 60
    side.azure.advance(60)
    assert poll_operation(side.clients, operation).state == "succeeded"


def test_a_superseded_write_may_be_begun_again(start_azure: Any) -> None:
    """Canceled says nothing: the code inside does."""
    side = Side(start_azure(estate=company_b()))
    body = {"location": "southeastasia", "properties": {"addressSpace": {"addressPrefixes": ["10.8.0.0/16"]}}}
    begun = side.azure.raw("PUT", f"{NET}/virtualNetworks/a?api-version=2024-05-01", body)
    side.subnet("a", "10.8.1.0/24", wait=False)
    url = begun.headers["Azure-AsyncOperation"]
    operation = Operation("network", f"{NET}/virtualNetworks/a", poll_url=url)
    ended = outcome_of(poll_operation(side.clients, operation), operation)
    assert (ended.status, ended.code) == ("retryable", "CanceledAndSupersededDueToAnotherOperation")


def test_nobody_is_told_of_a_provider_that_others_may_use(start_azure: Any) -> None:
    """What a subscription has not registered is named, with how to register it; a read is answered."""
    side = Side(start_azure(denied("registration")))
    with pytest.raises(CallFailed, match=r"namespace 'Microsoft.Network'.*aka.ms/rps-not-found"), calling("testing"):
        side.connect()
    assert side.sdk.virtual_networks.get(RECOVERY, "vnet-companyb-southeastasia").name
