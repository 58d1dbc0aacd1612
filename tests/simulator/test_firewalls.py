"""Firewall policies and their rule collection groups, spoken to by the real network client."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

GROUP = "rg-companyb-southeastasia"
SUBSCRIPTION = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
POLICY = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/firewallPolicies/fwp"


def rules(*addresses: str, priority: int = 200) -> dict[str, Any]:
    rule = {
        "ruleType": "NetworkRule",
        "name": "azure",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["172.24.0.0/16"],
        "destinationAddresses": list(addresses),
        "destinationPorts": ["443"],
    }
    collection = {
        "name": "services",
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "priority": 1000,
        "action": {"type": "ALLOW"},
        "rules": [rule],
    }
    return {"properties": {"priority": priority, "ruleCollections": [collection]}}


@pytest.fixture
def policy(azure: Any) -> Any:
    """The simulator, with a policy that was just made."""
    body = {"location": "southeastasia"}
    policies = azure.network().firewall_policies
    policies.begin_create_or_update(GROUP, "fwp", body, polling=azure.polling()).result(60)
    return azure


def write(azure: Any, name: str, body: dict[str, Any]) -> Any:
    groups = azure.network().firewall_policy_rule_collection_groups
    return groups.begin_create_or_update(GROUP, "fwp", name, body, polling=azure.polling()).result(60)


def test_a_group_of_rules_is_written_and_its_policy_names_it(policy: Any) -> None:
    """The client reads collections and rules by their own types; the action is spelt as Azure spells it."""
    made = write(policy, "edge", rules("20.1.0.0/16", "Storage.EastAsia", "*"))
    assert made.provisioning_state == "Succeeded"
    collection = made.rule_collections[0]
    assert (type(collection).__name__, collection.action.type) == ("FirewallPolicyFilterRuleCollection", "Allow")
    rule = collection.rules[0]
    assert rule.destination_addresses == ["20.1.0.0/16", "Storage.EastAsia", "*"]
    assert (rule.source_ip_groups, rule.destination_fqdns) == ([], [])
    read = policy.network().firewall_policies.get(GROUP, "fwp")
    assert [group.id for group in read.rule_collection_groups] == [f"{POLICY}/ruleCollectionGroups/edge"]


def test_it_answers_as_recorded(policy: Any) -> None:
    """A poll at nfvOperations, bare etags that stay at the end, a location on the child, a casing of its own."""
    path = f"{POLICY}/ruleCollectionGroups/edge?api-version=2022-01-01"
    begun = policy.raw("PUT", path, rules("20.1.0.0/16"))
    assert begun.status_code == 201
    assert "/locations/southeastasia/nfvOperations/" in begun.headers["Azure-AsyncOperation"]
    assert not {"Location", "Azure-AsyncNotification"} & set(begun.headers)
    policy.advance(30)
    assert policy.raw("GET", begun.headers["Azure-AsyncOperation"]).json() == {"status": "Succeeded"}
    read = policy.raw("GET", path)
    assert read.json()["etag"] == begun.json()["etag"]
    assert read.headers["ETag"] == f'"{read.json()["etag"]}"'
    assert (read.json()["type"], read.json()["location"]) == (
        "Microsoft.Network/FirewallPolicies/RuleCollectionGroups",
        "southeastasia",
    )
    assert read.json()["properties"]["size"].endswith(" MB")
    stale = policy.raw("PUT", path, rules("20.2.0.0/16"), headers={"If-Match": '"stale"'})
    assert stale.status_code == 412


def test_two_groups_of_one_policy_are_written_one_after_the_other(policy: Any) -> None:
    """The policy is busy meanwhile, and takes the second when the first has ended."""
    groups = policy.network().firewall_policy_rule_collection_groups
    groups.begin_create_or_update(GROUP, "fwp", "one", rules("20.1.0.0/16"), polling=False)
    with pytest.raises(HttpResponseError) as busy:
        groups.begin_create_or_update(GROUP, "fwp", "two", rules("20.2.0.0/16", priority=300), polling=False)
    assert busy.value.status_code == 429
    policy.advance(30)
    write(policy, "two", rules("20.2.0.0/16", priority=300))
    assert len(list(groups.list(GROUP, "fwp"))) == 2


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rules("20.1.0.0/33"), "has '20.1.0.0/33' among its destinationAddresses"),
        (rules("20.1.0.0/16", priority=99), "priority 99 is not between"),
        ({"properties": {"priority": 200, "ruleCollections": [{"name": "x", "priority": 200}]}}, "no known"),
    ],
)
def test_rules_that_mean_nothing_are_refused(policy: Any, body: dict[str, Any], why: str) -> None:
    """By the collection group's name, before anything is written."""
    with pytest.raises(HttpResponseError, match="edge is invalid") as refused:
        write(policy, "edge", body)
    assert why in refused.value.message
    assert list(policy.network().firewall_policy_rule_collection_groups.list(GROUP, "fwp")) == []


def test_a_policy_in_use_stays_and_takes_its_groups_with_it_when_it_goes(policy: Any) -> None:
    """A firewall holds it."""
    write(policy, "edge", rules("20.1.0.0/16"))
    firewall = {"location": "southeastasia", "properties": {"firewallPolicy": {"id": POLICY}}}
    client, poll = policy.network(), {"polling": policy.polling()}
    client.azure_firewalls.begin_create_or_update(GROUP, "fw", firewall, **poll).result(60)
    assert client.firewall_policies.get(GROUP, "fwp").firewalls[0].id.endswith("/azureFirewalls/fw")
    with pytest.raises(HttpResponseError, match="is in use by"):
        client.firewall_policies.begin_delete(GROUP, "fwp", **poll)
    client.azure_firewalls.begin_delete(GROUP, "fw", **poll).result(60)
    client.firewall_policies.begin_delete(GROUP, "fwp", **poll).result(60)
    assert policy.raw("GET", f"{POLICY}/ruleCollectionGroups/edge?api-version=2022-01-01").status_code == 404
