"""What lets the fleet's traffic through to the new ranges: rules of our own, added and taken away whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain import arm_ids
from domain.edge.model import Edge, Firewall
from domain.edge.ranges import ServiceTag, family_of
from domain.edge.routes import Choice
from domain.findings import Findings
from domain.snapshot import Document, properties

GROUP_TYPE = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
NSG_TYPE = "Microsoft.Network/networkSecurityGroups"
LOWEST, HIGHEST = {GROUP_TYPE: 100, NSG_TYPE: 100}, {GROUP_TYPE: 65000, NSG_TYPE: 4096}

Child = dict[str, Any]


@dataclass(frozen=True)
class Opening:
    """What is added to the firewall: ``children`` of the list ``field`` of the resource ``target``."""

    target: str
    field: str
    children: tuple[Child, ...]


def read_firewall(edge: Edge, findings: Findings) -> Document | None:
    """The group of rule collections, or the network security group, that the plan names."""
    firewall = edge.firewall
    if firewall.network_security_group is not None:
        return findings.resolve("edge.firewall.networkSecurityGroup", NSG_TYPE, firewall.network_security_group)
    reference = str(firewall.rule_collection_group)
    policy, _, group = reference.rpartition("/")
    path = "edge.firewall.ruleCollectionGroup"
    if arm_ids.is_arm_id(reference) or not policy:
        return findings.resolve(path, GROUP_TYPE, reference)
    named = findings.snapshot.named(GROUP_TYPE, group)
    own = [one for one in named if arm_ids.name_of(arm_ids.parent_of(one["id"])).lower() == policy.lower()]
    return own[0] if len(own) == 1 else findings.resolve(path, GROUP_TYPE, reference)


def opening(
    edge: Edge, document: Document, choice: Choice, tags: Iterable[ServiceTag], region: str, findings: Findings
) -> Opening | None:
    """The rules for what the routes will carry: by prefix, or by service tag where the routes name those."""
    by_tag = tuple(tag.name for tag in tags) if choice.how == "service-tags" else ()
    if str(document.get("type") or GROUP_TYPE).lower() == NSG_TYPE.lower():
        return _security_rules(edge, document, choice.prefixes, by_tag, region, findings)
    return _collection(edge, document, choice.prefixes, by_tag, region, findings)


def sources_of(edge: Edge) -> list[str]:
    return list(edge.firewall.sources or edge.client_address_pool) or ["*"]


def _collection(
    edge: Edge, document: Document, prefixes: tuple[str, ...], tags: tuple[str, ...], region: str, findings: Findings
) -> Opening | None:
    if any(family_of(prefix) == "ipv6" for prefix in prefixes) and not tags:
        findings.refuse(
            "edge.addressFamilies",
            "ipv6 ranges for an Azure Firewall policy",
            "IPv4 alone: Azure Firewall filters no IPv6",
            "addressFamilies: [ipv4] leaves IPv6 outside the tunnel knowingly",
        )
        return None
    name = f"bridgehead-edge-{region}"
    there = properties(document).get("ruleCollections") or []
    priority = _priority(edge.firewall, GROUP_TYPE, (one.get("priority") for one in there), 1, document, findings)
    rule = {
        "ruleType": "NetworkRule",
        "name": "services",
        "ipProtocols": ["TCP"],
        "sourceAddresses": sources_of(edge),
        "destinationAddresses": list(tags or prefixes),
        "destinationPorts": ["443"],
    }
    child = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": name,
        "priority": priority,
        "action": {"type": "Allow"},
        "rules": [rule],
    }
    return Opening(document["id"], "ruleCollections", (child,)) if priority else None


def _security_rules(
    edge: Edge, document: Document, prefixes: tuple[str, ...], tags: tuple[str, ...], region: str, findings: Findings
) -> Opening | None:
    """One rule a family, or one a tag: Azure takes neither two families nor two tags in one rule."""
    wanted: list[tuple[str, dict[str, Any]]] = [
        (tag.lower().replace(".", "-"), {"destinationAddressPrefix": tag}) for tag in tags
    ]
    for family in () if tags else ("ipv4", "ipv6"):
        own = [prefix for prefix in prefixes if family_of(prefix) == family]
        wanted += [(f"{region}-{family}", {"destinationAddressPrefixes": own})] if own else []
    there = [properties(one).get("priority") for one in properties(document).get("securityRules") or []]
    first = _priority(edge.firewall, NSG_TYPE, there, len(wanted), document, findings)
    if first is None:
        return None
    sources = sources_of(edge)
    source = {"sourceAddressPrefix": "*"} if sources == ["*"] else {"sourceAddressPrefixes": sources}
    fixed = {"protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": "443", "access": "Allow"}
    children = tuple(
        {
            "name": f"bridgehead-edge-{name}",
            "properties": {**fixed, **source, **to, "direction": "Outbound", "priority": first + number},
        }
        for number, (name, to) in enumerate(wanted)
    )
    return Opening(document["id"], "securityRules", children)


def _priority(
    firewall: Firewall, kind: str, taken: Iterable[Any], count: int, document: Document, findings: Findings
) -> int | None:
    """The plan's priority, or the first free one with room for ``count`` rules."""
    used = {int(one) for one in taken if isinstance(one, int)}
    name, path = arm_ids.name_of(document["id"]), "edge.firewall.priority"
    if firewall.priority is not None:
        wanted = range(firewall.priority, firewall.priority + count)
        clash = sorted(used.intersection(wanted))
        if clash or wanted[-1] > HIGHEST[kind]:
            found = f"{clash[0]}, which {name} uses already" if clash else str(wanted[-1])
            findings.refuse(path, found, f"a free one, at most {HIGHEST[kind]}")
            return None
        return firewall.priority
    for first in range(LOWEST[kind], HIGHEST[kind] - count + 2):
        if not used.intersection(range(first, first + count)):
            return first
    findings.refuse(path, f"no free one in {name}", f"{count} free priorities")
    return None
