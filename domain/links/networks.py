"""Source networks and what takes the place of each: networks that are there, and networks that a run makes.

A network that a run makes is planned as ARM documents beforehand. They join the snapshot that the rest of a
compilation reads, so that links, proofs and checks know no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from domain import arm_ids
from domain.findings import Findings
from domain.links.new_gateway import CREATION_SECONDS, DEADLINE_SECONDS, plan_gateway
from domain.plans.links import NetworkPair, NewNetwork
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Document, Snapshot, properties, region_name, snapshot_of
from domain.steps import make_step
from domain.topology import GATEWAY_TYPE, NETWORK_TYPE

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SECURITY_TYPE = "Microsoft.Network/networkSecurityGroups"
ROUTES_TYPE = "Microsoft.Network/routeTables"
_SUBNET_KEEPS = (
    "addressPrefix",
    "addressPrefixes",
    "serviceEndpoints",
    "delegations",
    "defaultOutboundAccess",
    "privateEndpointNetworkPolicies",
    "privateLinkServiceNetworkPolicies",
)
_RULE_READ_ONLY = ("provisioningState", "hasBgpOverride")


@dataclass(frozen=True)
class Made:
    """A network that the run makes: its documents in the order in which Azure takes them; the last may be a gateway."""

    source: str
    target: str
    documents: tuple[Document, ...]


@dataclass
class Networks:
    """``pairs``: key of a source network's id -> id of the network in its place."""

    pairs: dict[str, str] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)

    def counterpart(self, network: str | None) -> str | None:
        return self.pairs.get(arm_ids.key(network)) if network else None


def read_networks(plan: Plan, findings: Findings) -> Networks:
    """The pairs that the plan tells. Adds what will be made to the snapshot of ``findings``."""
    networks = Networks()
    for index, pair in enumerate(plan.networks):
        path = f"networks[{index}]"
        source = findings.resolve(f"{path}.source", NETWORK_TYPE, pair.source)
        if source is None:
            continue
        if arm_ids.key(source["id"]) in networks.pairs:
            findings.refuse(f"{path}.source", repr(pair.source), "each source network once")
            continue
        target = _target(plan, path, pair, source, findings)
        if isinstance(target, Made):
            networks.made.append(target)
            networks.pairs[arm_ids.key(source["id"])] = target.target
        elif target:
            networks.pairs[arm_ids.key(source["id"])] = target["id"]
    if plan.primary.network and plan.recovery.network:
        one = findings.resolve("primary.network", NETWORK_TYPE, plan.primary.network)
        other = findings.resolve("recovery.network", NETWORK_TYPE, plan.recovery.network)
        if one and other:
            networks.pairs.setdefault(arm_ids.key(one["id"]), other["id"])
    if networks.made:
        planned = [document for made in networks.made for document in made.documents]
        findings.snapshot = extended(findings.snapshot, planned)
    return networks


def extended(snapshot: Snapshot, documents: Iterable[Document]) -> Snapshot:
    """The snapshot as it will be once ``documents`` have been made."""
    fresh = {arm_ids.key(one["id"]): one for one in documents}
    kept = [one for one in snapshot.documents if arm_ids.key(one["id"]) not in fresh]
    return Snapshot(snapshot_of([*kept, *fresh.values()]).documents, snapshot.warnings)


def _target(plan: Plan, path: str, pair: NetworkPair, source: Document, findings: Findings) -> Document | Made | None:
    if pair.target is not None:
        return findings.resolve(f"{path}.target", NETWORK_TYPE, pair.target)
    assert pair.create is not None
    group = findings.resolve(f"{path}.create.resourceGroup", GROUP_TYPE, pair.create.resource_group)
    if group is None:
        return None
    if region_name(group.get("location")) == plan.primary.region and plan.scope == "region":
        findings.refuse(
            f"{path}.create.resourceGroup",
            f"{arm_ids.name_of(group['id'])} in {plan.primary.region}",
            "a resource group outside the failing region: ARM cannot update what such a group holds",
        )
    return _plan_network(plan, path, pair.create, source, group["id"], findings)


def _plan_network(
    plan: Plan, path: str, create: NewNetwork, source: Document, group: str, findings: Findings
) -> Made | None:
    """The network like its source, after the security groups and route tables of its subnets."""
    name = create.name or f"{arm_ids.name_of(source['id'])}-recovery"
    target = f"{group}/providers/{NETWORK_TYPE}/{name}"
    if findings.snapshot.get(target):
        findings.refuse(
            f"{path}.create.name", f"{name}, which is there already", "target: a network that is there is not made"
        )
        return None
    copies: dict[str, Document] = {}
    subnets = [_subnet(one, plan, group, copies, f"{path}.source", findings) for one in _subnets(source)]
    space = {"addressPrefixes": list((properties(source).get("addressSpace") or {}).get("addressPrefixes") or [])}
    body: dict[str, Any] = {"addressSpace": space, "subnets": subnets}
    if properties(source).get("dhcpOptions"):
        body["dhcpOptions"] = properties(source)["dhcpOptions"]
    network = {
        "id": target,
        "type": NETWORK_TYPE,
        "name": name,
        "location": plan.recovery.region,
        "properties": body,
    }
    documents = [*copies.values(), network]
    if create.gateway is not None:
        documents += plan_gateway(plan, path, create.gateway, source, network, findings)
    return Made(source["id"], target, tuple(documents))


def _subnets(network: Document) -> list[Document]:
    return list(properties(network).get("subnets") or [])


def _subnet(
    subnet: Document, plan: Plan, group: str, copies: dict[str, Document], path: str, findings: Findings
) -> Document:
    details = properties(subnet)
    kept = {name: details[name] for name in _SUBNET_KEEPS if details.get(name)}
    for field_name, kind, children in (
        ("networkSecurityGroup", SECURITY_TYPE, "securityRules"),
        ("routeTable", ROUTES_TYPE, "routes"),
    ):
        found = (details.get(field_name) or {}).get("id")
        if found:
            kept[field_name] = {"id": _copy(found, kind, children, plan, group, copies, path, findings)}
    return {"name": subnet.get("name") or arm_ids.name_of(subnet["id"]), "properties": kept}


def _copy(
    found: str, kind: str, children: str, plan: Plan, group: str, copies: dict[str, Document], path: str,
    findings: Findings,
) -> str:  # fmt: skip
    """A security group or route table of the source, planned once in the target region; its id there."""
    own_group = arm_ids.same(arm_ids.resource_group_id(found), group)
    name = arm_ids.name_of(found) + ("-recovery" if own_group else "")
    target = f"{group}/providers/{kind}/{name}"
    document = findings.snapshot.get(found)
    if document is None:
        findings.refuse(
            path,
            f"a subnet with {arm_ids.name_of(found)}, which the snapshot does not hold",
            f"every {kind.rsplit('/', 1)[-1]} of the network that is to be made again",
        )
    elif findings.snapshot.get(target) is None:
        rules = [
            {
                "name": rule.get("name") or arm_ids.name_of(rule["id"]),
                "properties": {name: value for name, value in properties(rule).items() if name not in _RULE_READ_ONLY},
            }
            for rule in properties(document).get(children) or []
        ]
        body: dict[str, Any] = {children: rules}
        if "disableBgpRoutePropagation" in properties(document):
            body["disableBgpRoutePropagation"] = properties(document)["disableBgpRoutePropagation"]
        copies[target] = {
            "id": target,
            "type": kind,
            "name": name,
            "location": plan.recovery.region,
            "properties": body,
        }
    return target


def build_steps(plan: Plan, networks: Networks, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """Everything that is to be made, each after what it refers to; what does not depend on another at once."""
    steps: list[Step] = []
    by_id: dict[str, str] = {}
    for made in networks.made:
        for document in made.documents:
            inside = [by_id[one] for one in _references(document["properties"]) if one in by_id]
            body = {name: document[name] for name in ("location", "sku", "properties") if name in document}
            step = make_step(
                plan,
                "put-resource",
                document["id"],
                f"make {arm_ids.name_of(document['id'])}",
                "build",
                settings={"body": body, "lock": [made.target]},
                needs=(*needs, *inside),
                compensation={
                    "kind": "delete-resource",
                    "name": f"remove {arm_ids.name_of(document['id'])}",
                    "settings": {"lock": [made.target]},
                },
            )
            if document["type"] == GATEWAY_TYPE:
                step = replace(step, expected_seconds=CREATION_SECONDS, timeout_seconds=DEADLINE_SECONDS)
            steps.append(step)
            by_id[arm_ids.key(document["id"])] = step.id
    return tuple(steps)


def _references(value: Any) -> list[str]:
    """Ids, as keys, that a body refers to: a resource's own, and those of the resources that hold it."""
    if isinstance(value, list):
        return [one for item in value for one in _references(item)]
    if not isinstance(value, dict):
        return []
    found = [one for item in value.values() for one in _references(item)]
    own = value.get("id")
    if isinstance(own, str):
        parent = own.split("/subnets/")[0]
        found += [arm_ids.key(own), arm_ids.key(parent)]
    return found
