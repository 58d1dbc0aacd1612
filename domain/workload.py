"""Which machines fail over and in which groups, read from Site Recovery's documents and the plan.

Shapes: recovery plan ``groups[]`` with groupType Shutdown, Failover, Boot and their start and end actions; protected
items of the A2A provider (Site Recovery REST 2025-08-01, sources: Site Recovery).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain import arm_ids
from domain.actions import Action, read_actions, refuse_outside_actions
from domain.findings import Findings
from domain.plans.reading import Plan, nearest
from domain.snapshot import Document, properties

ITEM_TYPE = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
)
PLAN_TYPE = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
VAULT_TYPE = "Microsoft.RecoveryServices/vaults"
NIC_TYPE = "Microsoft.Network/networkInterfaces"

PLAN_ITEM_LIMIT = 100
"""Protected instances in one recovery plan (Azure docs: recovery-plan-overview; sources: Site Recovery)."""
GROUP_ITEM_LIMIT = 1200
"""Our own: what is said of one group must fit into one message (rule 9)."""
PLAN_GROUP_LIMIT = 7
"""Groups in one recovery plan (Azure docs: azure-to-azure-common-questions; sources: Site Recovery)."""


@dataclass(frozen=True)
class Item:
    """A protected item and the machine that it becomes. ``replication_group``: multi-VM consistency, goes together."""

    id: str
    name: str
    machine: str
    source_machine: str
    source_addresses: tuple[str, ...]
    target_addresses: tuple[str, ...]
    network: str
    resource_group: str
    replication_group: str | None = None


@dataclass(frozen=True)
class RecoveryGroup:
    """Items that fail over together, and what people do before and after."""

    name: str
    items: tuple[Item, ...]
    quorum: int
    before: tuple[Action, ...] = ()
    after: tuple[Action, ...] = ()


@dataclass(frozen=True)
class Workload:
    """The recovery groups in order, and the Site Recovery plan they were read from, if any.

    ``together`` maps a replication group to the recovery plan that holds exactly its items.
    """

    vault: str
    groups: tuple[RecoveryGroup, ...]
    recovery_plan: str | None = None
    together: dict[str, str] = field(default_factory=dict)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)


def read_workload(plan: Plan, findings: Findings) -> Workload | None:
    """The plan's workload against the snapshot; None, with the reasons found, when it cannot be read."""
    vault = findings.resolve("workload.vault", VAULT_TYPE, plan.workload.vault)
    if vault is None:
        return None
    if plan.workload.groups:
        groups, recovery_plan = _listed_groups(plan, findings), None
    else:
        document = findings.resolve("workload.recoveryPlan", PLAN_TYPE, plan.workload.recovery_plan or "")
        if document is None:
            return None
        groups, recovery_plan = _plan_groups(plan, document, findings), document["id"]
    ready = _with_quorum(plan, groups, findings)
    together = {} if plan.workload.drive == "plan" else _plans_for_replication_groups(ready, findings)
    workload = Workload(vault["id"], ready, recovery_plan, together)
    _check_workload(plan, workload, findings)
    return workload


def _plans_for_replication_groups(groups: tuple[RecoveryGroup, ...], findings: Findings) -> dict[str, str]:
    """Items of one replication group refuse to fail over singly: they need a recovery plan with exactly them."""
    members: dict[str, set[str]] = {}
    homes: dict[str, set[str]] = {}
    for group in groups:
        for item in group.items:
            if item.replication_group:
                members.setdefault(item.replication_group, set()).add(arm_ids.key(item.id))
                homes.setdefault(item.replication_group, set()).add(group.name)
    found: dict[str, str] = {}
    for name, items in members.items():
        plans = [one for one in findings.snapshot.of_type(PLAN_TYPE) if _members(one) == items]
        shown = ", ".join(sorted(arm_ids.name_of(item) for item in items))
        if len(homes[name]) > 1:
            findings.refuse(
                "workload",
                f"replication group {name!r} ({shown}) spread over the groups {', '.join(sorted(homes[name]))}",
                "its items in one recovery group: multi-VM consistency makes them fail over together",
            )
        elif not plans:
            findings.refuse(
                "workload",
                f"replication group {name!r} ({shown}), whose items refuse to fail over singly",
                "a recovery plan in Site Recovery that holds exactly these items",
                "create it, or use drive: plan",
            )
        else:
            found[name] = plans[0]["id"]
    return found


def _members(recovery_plan: Document) -> set[str]:
    groups = properties(recovery_plan).get("groups") or []
    return {
        arm_ids.key(one.get("id") or "") for group in groups for one in group.get("replicationProtectedItems") or []
    }


def _listed_groups(plan: Plan, findings: Findings) -> list[RecoveryGroup]:
    groups = []
    for number, group in enumerate(plan.workload.groups):
        items = []
        for index, reference in enumerate(group.items):
            document = findings.resolve(f"workload.groups[{number}].items[{index}]", ITEM_TYPE, reference)
            if document:
                items.append(read_item(document, findings))
        groups.append(RecoveryGroup(group.name, tuple(items), group.quorum or len(items)))
    return groups


def _plan_groups(plan: Plan, document: Document, findings: Findings) -> list[RecoveryGroup]:
    path = "workload.recoveryPlan"
    boots = [group for group in properties(document).get("groups") or [] if group.get("groupType") == "Boot"]
    if not any(group.get("replicationProtectedItems") for group in boots):
        findings.refuse(
            path,
            f"{arm_ids.name_of(document['id'])}, in which no Boot group has an item",
            "a recovery plan with items",
            "a list of recovery plans comes without its groups: capture the plan with a GET of its own",
        )
        return []
    if len(plan.workload.names) > len(boots):
        findings.refuse(
            "workload.names", f"{len(plan.workload.names)} names", f"at most {len(boots)}, one for each Boot group"
        )
    groups = []
    for name, group in zip(_group_names(plan, len(boots)), boots, strict=True):
        items = []
        for member in group.get("replicationProtectedItems") or []:
            found = findings.snapshot.get(member.get("id"))
            if found is None:
                findings.refuse(
                    path, f"{member.get('id')!r}, which the snapshot does not hold", "every item of the plan"
                )
            else:
                items.append(read_item(found, findings))
        before = read_actions(plan, group.get("startGroupActions"), findings)
        after = read_actions(plan, group.get("endGroupActions"), findings)
        groups.append(RecoveryGroup(name, tuple(items), len(items), before, after))
    for group in properties(document).get("groups") or []:
        if group.get("groupType") != "Boot":
            refuse_outside_actions(group, findings)
    return groups


def _group_names(plan: Plan, count: int) -> list[str]:
    """The plan's names in order, then group-N; no name twice."""
    names = list(plan.workload.names[:count])
    for number in range(len(names) + 1, count + 1):
        name = f"group-{number}"
        while name in names:
            name += "-more"
        names.append(name)
    return names


def _with_quorum(plan: Plan, groups: list[RecoveryGroup], findings: Findings) -> tuple[RecoveryGroup, ...]:
    known = {group.name for group in groups}
    for name in plan.workload.quorum:
        if name not in known:
            findings.refuse(f"workload.quorum.{name}", repr(name), "the name of a group", nearest(name, known))
    result = []
    for group in groups:
        quorum = plan.workload.quorum.get(group.name, group.quorum)
        if quorum > len(group.items):
            findings.refuse(
                f"workload.quorum.{group.name}", str(quorum), f"at most the group's {len(group.items)} items"
            )
        result.append(replace(group, quorum=quorum))
    return tuple(group for group in result if group.items or group.before or group.after)


def read_item(document: Document, findings: Findings) -> Item:
    """A protected item as Site Recovery describes it."""
    details = properties(document).get("providerSpecificDetails") or {}
    name = arm_ids.name_of(document["id"])
    if details.get("instanceType") != "A2A":
        findings.refuse(
            f"workload item {name}", f"replication of kind {details.get('instanceType')!r}", "A2A (Azure to Azure)"
        )
    source, target, network = _addresses(details)
    group = details.get("multiVmGroupName") or details.get("multiVmGroupId")
    return Item(
        id=document["id"],
        name=name,
        machine=details.get("recoveryAzureVMName") or properties(document).get("friendlyName") or name,
        source_machine=details.get("fabricObjectId") or "",
        source_addresses=source or _nic_addresses(details, findings),
        target_addresses=target,
        network=network or details.get("selectedRecoveryAzureNetworkId") or "",
        resource_group=details.get("recoveryAzureResourceGroupId") or "",
        replication_group=group if details.get("multiVmGroupCreateOption") == "UserSpecified" else None,
    )


def _addresses(details: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    source: list[str] = []
    target: list[str] = []
    network = ""
    for nic in details.get("vmNics") or []:
        network = network or nic.get("recoveryVMNetworkId") or ""
        configurations = nic.get("ipConfigs") or []
        source += [one["staticIPAddress"] for one in configurations if one.get("staticIPAddress")]
        target += [one["recoveryStaticIPAddress"] for one in configurations if one.get("recoveryStaticIPAddress")]
        if not configurations:
            source += [nic["primaryNicStaticIPAddress"]] if nic.get("primaryNicStaticIPAddress") else []
            target += [nic["replicaNicStaticIPAddress"]] if nic.get("replicaNicStaticIPAddress") else []
    return tuple(source), tuple(target), network


def _nic_addresses(details: dict[str, Any], findings: Findings) -> tuple[str, ...]:
    """The source's addresses as its network interfaces have them, where the item does not say."""
    found = []
    for nic in details.get("vmNics") or []:
        document = findings.snapshot.get(nic.get("sourceNicArmId"))
        for configuration in properties(document).get("ipConfigurations") or []:
            address = properties(configuration).get("privateIPAddress")
            found += [address] if address else []
    return tuple(found)


def _check_workload(plan: Plan, workload: Workload, findings: Findings) -> None:
    seen: set[str] = set()
    for group in workload.groups:
        if len(group.items) > GROUP_ITEM_LIMIT:
            findings.refuse(
                f"workload group {group.name}", f"{len(group.items)} items", f"at most {GROUP_ITEM_LIMIT} in one group"
            )
    for item in workload.items:
        if not arm_ids.key(item.id).startswith(f"{arm_ids.key(workload.vault)}/"):
            findings.refuse(f"workload item {item.name}", "an item of another vault", "items of workload.vault")
        if arm_ids.key(item.id) in seen:
            findings.refuse("workload", f"{item.name} in two groups", "each item in one group")
        seen.add(arm_ids.key(item.id))
        if plan.workload.addresses == "keep":
            _check_addresses(item, findings)
    _check_landing(workload, findings)
    unknown = [name for name in plan.workload.probes if name not in {item.name for item in workload.items}]
    for name in unknown:
        hint = nearest(name, [item.name for item in workload.items])
        findings.refuse(f"workload.probes.{name}", repr(name), "the name of a protected item", hint)
    whole = properties(findings.snapshot.get(workload.recovery_plan)).get("groups") or []
    groups = sum(group.get("groupType") == "Boot" for group in whole)
    if plan.workload.drive == "plan" and (len(workload.items) > PLAN_ITEM_LIMIT or groups > PLAN_GROUP_LIMIT):
        findings.refuse(
            "workload.drive",
            f"plan, with {len(workload.items)} items in {groups} groups",
            f"at most {PLAN_ITEM_LIMIT} items and {PLAN_GROUP_LIMIT} groups",
            "use drive: items",
        )


def _check_landing(workload: Workload, findings: Findings) -> None:
    """No two items may become one machine, or want one address in one network: Azure would quietly give another."""
    machines: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for item in workload.items:
        machine = f"{arm_ids.key(item.resource_group)}/{item.machine.lower()}"
        wanted = [(f"{arm_ids.key(item.network)} {one}", one) for one in item.target_addresses]
        for known, key, what in [
            (machines, machine, f"machine {item.machine}"),
            *((addresses, k, a) for k, a in wanted),
        ]:
            if key in known:
                findings.refuse(
                    f"workload item {item.name}", f"the target {what}, which {known[key]} has too", "one of its own"
                )
            known[key] = item.name


def _check_addresses(item: Item, findings: Findings) -> None:
    if sorted(item.source_addresses) == sorted(item.target_addresses) and item.target_addresses:
        return
    found = f"target addresses {', '.join(item.target_addresses) or 'chosen by Azure'}"
    expected = f"the source's {', '.join(item.source_addresses) or 'addresses'} (workload.addresses: keep)"
    findings.refuse(
        f"workload item {item.name}",
        found,
        expected,
        "set static target addresses on the item, or say addresses: may-change",
    )
