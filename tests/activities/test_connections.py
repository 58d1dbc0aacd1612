"""Connections between networks and to circuits, and what is taken away at their surviving side."""

from __future__ import annotations

from typing import Any

import pytest

SUBSCRIPTION = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
RECOVERY = f"{SUBSCRIPTION}/rg-companyb-southeastasia/providers/Microsoft.Network"
SOURCE = f"{SUBSCRIPTION}/rg-companyb-eastasia/providers/Microsoft.Network"
CIRCUIT = f"{SUBSCRIPTION}/rg-companyb-circuits/providers/Microsoft.Network/expressRouteCircuits/er-datacenter"


@pytest.fixture
def express(start_azure: Any) -> Any:
    return start_azure(name="company-b-expressroute")


def to_circuit(step: Any) -> Any:
    body = {"location": "southeastasia", "properties": {
        "connectionType": "ExpressRoute", "routingWeight": 0, "peer": {"id": CIRCUIT},
        "virtualNetworkGateway1": {"id": f"{RECOVERY}/virtualNetworkGateways/ergw-southeastasia"}}}  # fmt: skip
    key = {"vault": "kv-companyb-dr", "secret": "er-southeastasia"}
    target = f"{RECOVERY}/connections/cn-er-southeastasia"
    return step("connect-connection", target, body=body, shared_key=None, authorization_key=key)


def test_a_circuit_is_joined_by_the_key_from_the_vault(express: Any, step: Any) -> None:
    """The old one goes first; the key is in the PUT and in nothing that comes back."""
    key = str(express.running.world.secrets.value("kv-companyb-dr", "er-southeastasia"))
    assert express.walk(step("disconnect-connection", f"{SOURCE}/connections/cn-er-eastasia")).status == "succeeded"
    connect = to_circuit(step)
    outcomes = [express.begin(connect), express.begin(connect), express.walk(connect), express.begin(connect)]
    assert [one.status for one in outcomes] == ["running", "running", "succeeded", "succeeded"]
    assert express.writes(connect.target) == ["write"]
    assert express.running.world.documents.get(connect.target)["properties"]["authorizationKey"] == key
    assert key not in repr(outcomes)
    assert not [one for one in express.documents.rglob("*") if one.is_file() and key in one.read_text()]


def test_a_connection_that_comes_back_redeems_its_authorization_again(express: Any, step: Any) -> None:
    """By the key that the circuit tells; with the authorization revoked it comes back without one."""
    old, authorization = f"{SOURCE}/connections/cn-er-eastasia", f"{CIRCUIT}/authorizations/eastasia"
    documents = express.running.world.documents
    body = {name: documents.get(old)[name] for name in ("location", "properties")}
    assert express.walk(step("disconnect-connection", old)).status == "succeeded"
    assert documents.get(authorization)["properties"]["authorizationUseStatus"] == "Available"
    restore = step("restore-connection", old, body=body, shared_key=None, authorization=authorization)
    outcomes = [express.begin(restore), express.walk(restore)]
    assert [one.status for one in outcomes] == ["running", "succeeded"]
    assert documents.get(authorization)["properties"]["authorizationUseStatus"] == "InUse"
    assert documents.get(old)["properties"]["authorizationKey"] not in repr(outcomes)
    express.walk(step("disconnect-connection", old))
    express.walk(step("revoke-authorization", authorization, circuit=CIRCUIT))
    assert express.walk(restore).status == "succeeded"


def test_another_circuit_behind_the_same_name_is_a_conflict(express: Any, step: Any) -> None:
    """Ends decide, whatever the case of their ids."""
    target = f"{SOURCE}/connections/cn-er-eastasia"
    details = {"connectionType": "expressroute", "peer": {"id": CIRCUIT.upper()}}
    same = step("connect-connection", target, body={"properties": details})
    assert express.begin(same).reason == "cn-er-eastasia is there already"
    other = step("connect-connection", target, body={"properties": {**details, "peer": {"id": f"{CIRCUIT}-2"}}})
    outcome = express.begin(other)
    assert (outcome.status, outcome.code) == ("failed", "Conflict")
    assert "properties.peer.id" in outcome.reason


def test_an_authorization_is_revoked_at_the_circuit(express: Any, step: Any) -> None:
    """The circuit's side of the fence: it needs nothing from the failing region."""
    express.fault(region="eastasia", dark="control-plane", answer="hang")
    revoke = step("revoke-authorization", f"{CIRCUIT}/authorizations/eastasia", circuit=CIRCUIT)
    assert express.walk(revoke).reason == "eastasia is gone"
    assert express.begin(revoke).reason == "eastasia is gone"
    assert express.writes(revoke.target) == ["delete"]


def test_two_networks_are_joined_by_two_connections(azure: Any, step: Any) -> None:
    """VNet-to-VNet: one at each end, each with the same key; removing one half is a desired state of its own."""
    ends = {name: {"id": f"{where}/virtualNetworkGateways/vgw-companyb-{name}"}
            for name, where in (("eastasia", SOURCE), ("southeastasia", RECOVERY))}  # fmt: skip
    halves = []
    for (here, where), there in ((("southeastasia", RECOVERY), "eastasia"), (("eastasia", SOURCE), "southeastasia")):
        details = {"connectionType": "Vnet2Vnet", "enableBgp": True,
                   "virtualNetworkGateway1": ends[here], "virtualNetworkGateway2": ends[there]}  # fmt: skip
        half = step(
            "connect-connection", f"{where}/connections/cn-{here}-{there}",
            body={"location": here, "properties": details},
            shared_key={"vault": "kv-companyb-dr", "secret": "psk-datacenter"},
        )  # fmt: skip
        assert azure.walk(half).status == "succeeded"
        halves.append(half)
    survivor = halves[0].target
    assert azure.walk(step("remove-half", survivor)).status == "succeeded"
    assert azure.begin(step("remove-half", survivor)).reason == "cn-southeastasia-eastasia is gone"
    assert azure.writes(survivor) == ["write", "delete"]


def test_a_connections_weight_is_changed_and_its_key_stays(azure: Any, step: Any) -> None:
    """Read, merged, written back whole: ARM answers the key in clear, and it goes back as it came."""
    target = f"{SOURCE}/connections/cn-eastasia-datacenter"
    before = azure.running.world.documents.get(target)["properties"].get("sharedKey")
    update = step("update-resource", target, changes={"properties": {"routingWeight": 77}})
    outcome = azure.walk(update)
    after = azure.running.world.documents.get(target)["properties"]
    assert (outcome.status, after["routingWeight"], after.get("sharedKey")) == ("succeeded", 77, before)
    assert str(before) not in repr(outcome)
