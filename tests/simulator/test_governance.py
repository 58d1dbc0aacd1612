"""Locks, policies and rights: ARM says no before the provider sees the call, in the words that it uses."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from simulator.company_b import company_b

GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
SOURCE, RECOVERY = "rg-companyb-eastasia", "rg-companyb-southeastasia"
CONNECTION = f"{GROUPS}/{SOURCE}/providers/Microsoft.Network/connections/cn-eastasia-datacenter"


def lock(scope: str, level: str) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/keep",
        "name": "keep",
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": level},
    }


def refused(call: Any) -> HttpResponseError:
    with pytest.raises(HttpResponseError) as error:
        call()
    return error.value


def delete(azure: Any) -> Any:
    connections = azure.network().virtual_network_gateway_connections
    return lambda: connections.begin_delete(SOURCE, "cn-eastasia-datacenter", polling=azure.polling()).result(60)


@pytest.mark.parametrize("scope", [CONNECTION, f"{GROUPS}/{SOURCE}"])
def test_a_delete_lock_keeps_a_connection_and_lets_it_be_changed(start_azure: Any, scope: str) -> None:
    """A lock on the resource or on its group; ScopeLocked names it, and a PATCH goes through."""
    azure = start_azure(estate=[*company_b(), lock(scope, "CanNotDelete")])
    error = refused(delete(azure))
    assert (error.status_code, error.error.code) == (409, "ScopeLocked")
    assert scope in error.message
    connections = azure.network().virtual_network_gateway_connections
    connections.begin_update_tags(SOURCE, "cn-eastasia-datacenter", {"tags": {"a": "b"}}, polling=azure.polling())
    assert azure.events("operation.accepted") == []


def test_a_read_only_lock_refuses_every_write(start_azure: Any) -> None:
    """Also actions; reading goes on."""
    azure = start_azure(estate=[*company_b(), lock(f"{GROUPS}/{RECOVERY}", "ReadOnly")])
    assert refused(azure.connect).error.code == "ScopeLocked"
    assert azure.network().virtual_networks.get(RECOVERY, "vnet-companyb-southeastasia").name


def test_a_lock_inside_keeps_its_group_from_being_deleted(start_azure: Any) -> None:
    """What is below a locked scope's parent holds the parent, too."""
    azure = start_azure(estate=[*company_b(), lock(CONNECTION, "CanNotDelete")])
    answer = azure.raw("DELETE", f"{GROUPS}/{SOURCE}?api-version=2022-09-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ScopeLocked")


@pytest.mark.parametrize(
    ("by", "code", "told"),
    [
        ("policy", "RequestDisallowedByPolicy", "policyAssignments/allowed-locations"),
        ("linked-authorization", "LinkedAuthorizationFailed", "virtualNetworkGateways/vgw-companyb-southeastasia"),
        ("authorization", "AuthorizationFailed", "Microsoft.Network/connections/write"),
        ("lock", "ScopeLocked", "cn-southeastasia-datacenter"),
    ],
)
def test_a_scenario_denies_a_write_with_azures_own_body(start_azure: Any, by: str, code: str, told: str) -> None:
    """Once, as told; the second try goes through, and nothing was accepted before it."""
    denial = {"by": by, "method": "PUT", "path": "/connections/", "name": "allowed-locations", "times": 1}
    azure = start_azure(scenario={"faults": [{"deny": denial}]})
    error = refused(azure.connect)
    assert error.status_code == (409 if by == "lock" else 403)
    assert error.error.code == code
    assert told in str(error.response.json())
    azure.connect()
    assert [event["action"] for event in azure.events("operation.accepted")] == ["connections/write"]


def test_a_policy_says_what_it_is_in_its_additional_info(start_azure: Any) -> None:
    """PolicyViolation with the assignment, for a person to act on."""
    azure = start_azure(scenario={"faults": [{"deny": {"by": "policy", "path": "/connections/"}}]})
    violation = refused(azure.connect).response.json()["error"]["additionalInfo"][0]
    assert (violation["type"], violation["info"]["policyDefinitionEffect"]) == ("PolicyViolation", "deny")
