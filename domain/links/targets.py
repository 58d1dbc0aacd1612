"""What is refused about networks and where machines land, each with the reason and the advice."""

from __future__ import annotations

from domain import arm_ids
from domain.addresses import contains, overlapping
from domain.findings import Findings
from domain.links.hubs import check_hubs
from domain.links.left_behind import check_left_behind
from domain.links.networks import Networks
from domain.links.resolving import ResolvedLink
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Document, properties, region_name
from domain.topology import NETWORK_TYPE, prefixes_of
from domain.workload import Item, Workload

AZURE_SUBNETS = frozenset({"gatewaysubnet", "azurefirewallsubnet", "azurebastionsubnet", "routeserversubnet"})
WRITES = frozenset(
    {
        "remove-half",
        "connect-connection",
        "connect-peering",
        "put-resource",
        "update-resource",
        "delete-resource",
        "update-item",
        "revoke-authorization",
        "install-extension",
    }
)
"""Kinds of steps that must succeed on the day: what they write must be writable then."""


def check_networks(plan: Plan, links: list[ResolvedLink], networks: Networks, findings: Findings) -> None:
    """The two sides' networks: those that the plan names, known to the snapshot, and of a kind that we can move."""
    for found in links:
        for side, network, which in (
            (plan.primary, found.old_network, "primary"),
            (plan.recovery, found.new_network, "recovery"),
        ):
            if side.network and not plan.networks and not found.far:
                named = findings.resolve(f"{which}.network", NETWORK_TYPE, side.network)
                if named and network and not arm_ids.same(named["id"], network):
                    findings.refuse(
                        f"{which}.network",
                        side.network,
                        f"the network of the link's gateway, {arm_ids.name_of(network)}",
                    )
            if network and findings.snapshot.get(network) is None:
                findings.refuse(
                    found.path,
                    f"a gateway in {arm_ids.name_of(network)}, which the snapshot does not hold",
                    "its virtual network, too",
                )
    touched = [one for found in links for one in (found.old_network, found.new_network, found.far) if one]
    touched += [one for pair in networks.pairs.items() for one in pair]
    check_hubs(touched, findings)
    _check_mirrors(networks, findings)


def _check_mirrors(networks: Networks, findings: Findings) -> None:
    """Where a target network has its source's space, it has its subnets, too: machines keep their addresses in them."""
    made = {arm_ids.key(one.target) for one in networks.made}
    for source, target in networks.pairs.items():
        old, new = findings.snapshot.get(source), findings.snapshot.get(target)
        if arm_ids.key(target) in made or not overlapping(prefixes_of(old), prefixes_of(new)):
            continue
        there = {_prefix(one) for one in properties(new).get("subnets") or []}
        missing = [
            one
            for one in properties(old).get("subnets") or []
            if str(one.get("name")).lower() not in AZURE_SUBNETS and _prefix(one) and _prefix(one) not in there
        ]
        if missing:
            told = ", ".join(f"{one.get('name')} {_prefix(one)}" for one in missing)
            findings.refuse(
                "networks",
                f"{arm_ids.name_of(target)} without {told} of {arm_ids.name_of(source)}",
                "the same subnets: a machine keeps its address only in one that has it",
            )


def _prefix(subnet: dict[str, object]) -> str:
    details = properties(subnet)
    return str(details.get("addressPrefix") or ",".join(details.get("addressPrefixes") or []))


def check_targets(
    plan: Plan, workload: Workload, links: list[ResolvedLink], networks: Networks, findings: Findings
) -> None:
    """Every machine lands in a network that is joined again, at an address of it."""
    targets = {arm_ids.key(found.new_network) for found in links if found.new_network}
    targets |= {arm_ids.key(found.prefer[1].network) for found in links if found.prefer}
    targets |= {arm_ids.key(one) for one in networks.pairs.values()}
    made = {arm_ids.key(one.source) for one in networks.made}
    for item in workload.items:
        if arm_ids.key(source_network(item, findings) or "-") in made:
            continue
        path = f"workload item {item.name}"
        if targets and arm_ids.key(item.network or "-") not in targets:
            findings.refuse(
                path,
                f"the target network {arm_ids.name_of(item.network or 'none')}",
                "a network that a link's connect joins to on-premises",
            )
        network = findings.snapshot.get(item.network)
        if item.network and network is None:
            findings.refuse(path, f"the target network {arm_ids.name_of(item.network)}", "a network of the snapshot")
        space = prefixes_of(network)
        outside = [one for one in item.target_addresses if space and not _is_within(space, one)]
        if outside:
            findings.refuse(
                path,
                f"the target address {', '.join(outside)}",
                f"an address of the target network {arm_ids.name_of(item.network)} ({', '.join(space)})",
            )
        _check_subnets(item, network, findings)
    check_left_behind(plan, workload, links, networks, findings)


def _check_subnets(item: Item, network: Document | None, findings: Findings) -> None:
    """Site Recovery lands a machine in a subnet by its name."""
    there = {str(one.get("name")).lower(): str(one.get("name")) for one in properties(network).get("subnets") or []}
    nics = (properties(findings.snapshot.get(item.id)).get("providerSpecificDetails") or {}).get("vmNics") or []
    for nic in nics if there else ():
        own = nic.get("recoveryVMNetworkId") in (None, "") or arm_ids.same(nic["recoveryVMNetworkId"], item.network)
        for name in dict.fromkeys(
            one.get("recoverySubnetName") or nic.get("recoveryVMSubnetName") for one in nic.get("ipConfigs") or [{}]
        ):
            if own and name and str(name).lower() not in there:
                findings.refuse(
                    f"workload item {item.name}",
                    f"the target subnet {name}, which {arm_ids.name_of(item.network)} does not have",
                    f"one of its subnets ({', '.join(sorted(there.values()))})",
                    "set it on the item, or name the subnet so",
                )


def _is_within(space: tuple[str, ...], address: str) -> bool:
    try:
        return contains(space, address)
    except ValueError:
        return False


def pairs_of_items(workload: Workload, networks: Networks, findings: Findings) -> None:
    """Where an item's source machine and target network are known, they tell a pair that the plan did not."""
    for item in workload.items:
        source = source_network(item, findings)
        if source and item.network and not networks.counterpart(source):
            networks.pairs[arm_ids.key(source)] = item.network


def source_network(item: Item, findings: Findings) -> str | None:
    """The network in which an item's source machine has its first interface."""
    machine = findings.snapshot.get(item.source_machine)
    for reference in (properties(machine).get("networkProfile") or {}).get("networkInterfaces") or []:
        interface = findings.snapshot.get(reference.get("id"))
        for one in properties(interface).get("ipConfigurations") or []:
            subnet = (properties(one).get("subnet") or {}).get("id")
            if subnet:
                return arm_ids.parent_of(subnet)
    return None


def check_writes(plan: Plan, steps: tuple[Step, ...], findings: Findings) -> None:
    """No step writes into a resource group that the failing region holds: ARM could not (sources: Locks)."""
    if plan.scope == "application":
        return
    for step in steps:
        if step.kind in WRITES and arm_ids.is_arm_id(step.target):
            group = findings.snapshot.get(arm_ids.resource_group_id(step.target))
            if region_name((group or {}).get("location")) == plan.primary.region:
                findings.refuse(
                    f"step {step.name!r}",
                    f"{arm_ids.name_of(step.target)} in a resource group located in {plan.primary.region}",
                    "a resource group outside the failing region: ARM cannot update what such a group holds",
                    "move it to a group in another region",
                )
