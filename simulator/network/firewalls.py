"""Azure Firewall: policies, their rule collection groups, and firewalls as far as a failover changes their rules.

Recorded (azure-cli-extensions azure-firewall, api-versions 2020-05-01 and 2022-01-01): polls at nfvOperations, an etag
that is a bare guid of each resource's own, a location on the child, and types in a casing that their ids do not have.
"""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Sequence
from typing import Any

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network.kind import TEN, Kind

POLICY = "Microsoft.Network/firewallPolicies"
RULES = f"{POLICY}/ruleCollectionGroups"
FIREWALL = "Microsoft.Network/azureFirewalls"
PRIORITIES = range(100, 65001)
COLLECTIONS = {
    "FirewallPolicyFilterRuleCollection": ("Allow", "Deny"),
    "FirewallPolicyNatRuleCollection": ("Dnat",),
}
_NAMED = {"ApplicationRule": (), "NetworkRule": ("destinationAddresses",), "NatRule": ("destinationAddresses",)}
_LISTS = {
    "ApplicationRule": ("sourceAddresses", "protocols", "targetFqdns", "fqdnTags", "sourceIpGroups"),
    "NetworkRule": (
        "sourceAddresses",
        "sourceIpGroups",
        "destinationAddresses",
        "destinationIpGroups",
        "destinationFqdns",
        "destinationPorts",
    ),
    "NatRule": ("sourceAddresses", "sourceIpGroups", "destinationAddresses", "destinationPorts"),
}


def lock_policy(world: World, document: Document) -> Sequence[str]:
    """One writer at a time per policy (documented for its rule collection groups)."""
    parent = ids.parent_of(document["id"])
    return [parent] if parent else []


def show_policy(world: World, body: Document, verb: str) -> None:
    """Its groups and firewalls by id alone, and how large its rules are."""
    body["type"] = "Microsoft.Network/FirewallPolicies"
    groups = world.documents.children(body["id"], RULES)
    users = [one["id"] for one in world.documents.of_type(FIREWALL) if _uses(one, "firewallPolicy", body["id"])]
    children = [one["id"] for one in world.documents.of_type(POLICY) if _uses(one, "basePolicy", body["id"])]
    body["properties"] |= {
        "childPolicies": [{"id": child} for child in children],
        "ruleCollectionGroups": [{"id": group["id"]} for group in groups],
        "firewalls": [{"id": user} for user in users],
        "size": _size([body, *groups]),
    }


def show_rules(world: World, body: Document, verb: str) -> None:
    body["type"] = "Microsoft.Network/FirewallPolicies/RuleCollectionGroups"
    body["properties"]["size"] = _size([body])
    policy = world.documents.get(ids.parent_of(body["id"]) or "")
    if policy is not None:
        body["location"] = policy["location"]


def show_firewall(world: World, body: Document, verb: str) -> None:
    body["type"] = "Microsoft.Network/AzureFirewalls"


def shape_rules(world: World, document: Document) -> None:
    """Every list of a rule is there, and an action is spelt Dnat, whatever was sent (recorded)."""
    for collection in document["properties"].get("ruleCollections") or ():
        words = COLLECTIONS.get(str(collection.get("ruleCollectionType")), ())
        action = collection.get("action") or {}
        spelt = {word.lower(): word for word in words}.get(str(action.get("type", "")).lower())
        if spelt:
            collection["action"] = {"type": spelt}
        for rule in collection.get("rules") or ():
            for name in _LISTS.get(str(rule.get("ruleType")), ()):
                rule.setdefault(name, [])


def check_rules(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """Priorities, types and addresses (documented; the words are a guess)."""
    for why in _mistakes(world, wanted):
        message = f"Firewall Policy Rule Collection Group {wanted['name']} is invalid: {why}"
        return errors.error(400, "FirewallPolicyRuleCollectionGroupInvalid", message, [])
    return None


def _mistakes(world: World, wanted: Document) -> Iterator[str]:
    properties = wanted["properties"]
    if properties.get("priority") not in PRIORITIES:
        yield f"priority {properties.get('priority')} is not between 100 and 65000."
    for other in world.documents.children(ids.parent_of(wanted["id"]) or "", RULES):
        same = other["properties"].get("priority") == properties.get("priority")
        if same and not ids.same(other["id"], wanted["id"]):
            yield f"priority {properties['priority']} is that of {other['name']} already."
    names: set[str] = set()
    for collection in properties.get("ruleCollections") or ():
        name = str(collection.get("name"))
        if collection.get("ruleCollectionType") not in COLLECTIONS:
            yield f"collection {name} has no known ruleCollectionType."
        if collection.get("priority") not in PRIORITIES:
            yield f"collection {name} has priority {collection.get('priority')}, not one between 100 and 65000."
        if name.lower() in names:
            yield f"two collections are called {name}."
        names.add(name.lower())
        yield from _rule_mistakes(collection.get("rules") or ())


def _rule_mistakes(rules: Sequence[Document]) -> Iterator[str]:
    for rule in rules:
        if rule.get("ruleType") not in _NAMED:
            yield f"rule {rule.get('name')} has no known ruleType."
            continue
        for word in ("sourceAddresses", *_NAMED[rule["ruleType"]]):
            for address in rule.get(word) or ():
                if not _is_range(address):
                    yield f"rule {rule.get('name')} has '{address}' among its {word}."


def _is_range(text: Any) -> bool:
    """An address, a prefix, a range from-to, ``*``, or a service tag (a word)."""
    text = str(text)
    if text == "*" or (text.replace(".", "").isalnum() and text[:1].isalpha()):
        return True
    try:
        for part in text.split("-"):
            ipaddress.ip_network(part, strict=False)
    except ValueError:
        return False
    return True


def policy_in_use(world: World, document: Document) -> Response | None:
    """Which code it is was never recorded."""
    for kind, word in ((FIREWALL, "firewallPolicy"), (POLICY, "basePolicy")):
        for user in world.documents.of_type(kind):
            if _uses(user, word, document["id"]):
                message = f"Firewall Policy {document['id']} is in use by {user['id']} and cannot be deleted."
                return errors.error(400, "FirewallPolicyInUse", message, [])
    return None


def _uses(user: Document, word: str, policy: str) -> bool:
    return ids.same((user["properties"].get(word) or {}).get("id"), policy)


def _size(documents: Sequence[Document]) -> str:
    """In MB, with nine places (recorded); of which bytes is a guess."""
    bodies = [{name: one["properties"].get(name) for name in ("priority", "ruleCollections")} for one in documents]
    return f"{len(json.dumps(bodies)) / 1024 / 1024:.9f} MB"


FIREWALLS = (
    Kind(
        POLICY,
        "FirewallPolicy",
        defaults={"threatIntelMode": "Alert", "sku": {"tier": "Standard"}},
        since={"properties.sku": "2020-07-01", "properties.size": "2022-01-01"},
        words={"threatIntelMode": ("Alert", "Deny", "Off")},
        retry_after=TEN,
        notifies=False,
        guid=False,
        own_etag=True,
        polls="nfvOperations",
        show=show_policy,
        in_use=policy_in_use,
    ),
    Kind(
        RULES,
        "FirewallPolicyRuleCollectionGroup",
        defaults={"ruleCollections": []},
        since={"properties.size": "2022-01-01"},
        retry_after=TEN,
        notifies=False,
        guid=False,
        own_etag=True,
        polls="nfvOperations",
        locks=lock_policy,
        shape=shape_rules,
        check=check_rules,
        show=show_rules,
    ),
    Kind(
        FIREWALL,
        "AzureFirewall",
        defaults={"threatIntelMode": "Alert", "additionalProperties": {}},
        retry_after=TEN,
        notifies=False,
        guid=False,
        own_etag=True,
        polls="nfvOperations",
        show=show_firewall,
    ),
)
