"""A canary: a machine kept in the recovery network. It proves a new link before any other machine boots.

A link that comes before the failover, or before a group, is proven as soon as it is there; what waits for the link
waits for the proof. Nothing that has failed over is asked for.
"""

from __future__ import annotations

from ipaddress import ip_network

from domain import arm_ids
from domain.addresses import contains
from domain.findings import Findings
from domain.links.moments import connect_ids, gated_group, stage_of
from domain.links.resolving import ResolvedLink
from domain.machine_checks import Check, connectivity, far_prefixes, machine_named, next_hop, subnet_of
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.routing_steps import checks_of
from domain.runbook import Step
from domain.snapshot import Snapshot, properties
from domain.steps import make_step
from domain.workload import Workload

PATH = "routing.canary"
EXTENSION_TYPE = "Microsoft.Compute/virtualMachines/extensions"
NOT_PROVEN_EARLY = frozenset({"tunnel-bytes"})
"""Checks that need somebody's traffic."""


def canary_of(plan: Plan, workload: Workload, links: list[ResolvedLink], findings: Findings) -> str | None:
    """The canary's id. Refuses one that fails over itself, or that no new link joins."""
    if plan.routing.canary is None:
        return None
    document = machine_named(plan.routing.canary, PATH, findings)
    if document is None:
        return None
    name, canary = arm_ids.name_of(document["id"]), str(document["id"])
    subnet = subnet_of(findings.snapshot, canary)
    if any(arm_ids.same(item.source_machine, canary) for item in workload.items):
        findings.refuse(PATH, f"{name}, which fails over", "a machine that is kept in the recovery network")
    elif subnet is None:
        findings.refuse(PATH, f"{name}, whose network interface the snapshot does not hold", "its interface, too")
    elif not any(_joins(findings.snapshot, found, subnet) for found in links):
        network = arm_ids.name_of(arm_ids.parent_of(subnet))
        findings.refuse(
            PATH,
            f"{name} in {network}, which no new link joins",
            "a machine that is kept in a network that a link's connect joins",
        )
    else:
        if plan.routing.connectivity and not _has_agent(findings.snapshot, canary):
            findings.warn(
                f"the snapshot holds no Network Watcher extension of {name}: without it {PATH} reaches nothing"
            )
        return canary
    return None


def _has_agent(snapshot: Snapshot, machine: str) -> bool:
    """Connectivity is checked from inside: by an extension that the canary's owner keeps there (sources: Routing)."""
    return any(
        arm_ids.same(arm_ids.parent_of(one["id"]), machine)
        and str(properties(one).get("type") or one.get("name")).lower().startswith("networkwatcheragent")
        for one in snapshot.of_type(EXTENSION_TYPE)
    )


def canary_checks(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink], canary: str) -> list[Check]:
    """Where the canary's packets go to each far end of ``links``, and what it reaches of what the plan asks for.

    Where the plan names no address of a far end, the first of its prefix is asked for: a next hop needs no answer.
    """
    subnet = subnet_of(snapshot, canary)
    checks: list[Check] = []
    for found in links:
        if subnet is None or not _joins(snapshot, found, subnet):
            continue
        far = far_prefixes(plan, snapshot, found)
        told = [one.address for one in plan.routing.next_hop if contains(far, one.address)]
        told += [one.address for one in plan.routing.connectivity if contains(far, one.address)]
        wanted = dict.fromkeys(told or [_first(prefix) for prefix in far[:1]])
        checks += [next_hop(plan, snapshot, links, canary, subnet, address) for address in wanted]
        checks += [
            connectivity(canary, one.address, one.port)
            for one in plan.routing.connectivity
            if contains(far, one.address)
        ]
    return [check for number, check in enumerate(checks) if check not in checks[:number]]


def late_checks(
    plan: Plan, workload: Workload, links: list[ResolvedLink], canary: str | None, findings: Findings
) -> list[Check]:
    """What the canary tells of links that no group waits for: with the last verification."""
    late = [found for found in links if (found.comes or found.prefer) and not gated_group(plan, workload, found)]
    return canary_checks(plan, findings.snapshot, late, canary) if canary else []


def proof_steps(
    plan: Plan,
    workload: Workload,
    links: list[ResolvedLink],
    canary: str | None,
    needs: tuple[str, ...],
    findings: Findings,
) -> dict[str, tuple[Step, ...]]:
    """Stage -> a proof for each far end of the links that come then, of those that a group waits for."""
    if canary is None:
        return {}
    subnet = subnet_of(findings.snapshot, canary) or ""
    gating = [found for found in links if (found.comes or found.prefer) and gated_group(plan, workload, found)]
    found_steps: dict[str, tuple[Step, ...]] = {}
    for moment in dict.fromkeys(stage_of(found.link) for found in gating):
        stage = moment.replace("connect", "prove", 1)
        here = [found for found in gating if stage_of(found.link) == moment]
        for far in dict.fromkeys(found.site or found.far or "" for found in here):
            own = [found for found in here if (found.site or found.far) == far]
            if any(_joins(findings.snapshot, found, subnet) for found in own):
                step = _proof(plan, own, canary, stage, needs, findings)
                found_steps[stage] = (*found_steps.get(stage, ()), step)
    return found_steps


def proven(
    plan: Plan, workload: Workload, links: list[ResolvedLink], steps: dict[str, tuple[Step, ...]]
) -> dict[str, tuple[str, ...]]:
    """Group -> the proofs that it waits for."""
    waits: dict[str, tuple[str, ...]] = {}
    connects = {one: gated_group(plan, workload, found) for found in links for one in connect_ids(plan, found)}
    for step in (one for own in steps.values() for one in own):
        for group in dict.fromkeys(connects[need] for need in step.needs if connects.get(need)):
            waits[str(group)] = (*waits.get(str(group), ()), step.id)
    return waits


def _proof(
    plan: Plan, own: list[ResolvedLink], canary: str, stage: str, needs: tuple[str, ...], findings: Findings
) -> Step:
    checks = [one for one in checks_of(plan, findings.snapshot, own) if one["check"] not in NOT_PROVEN_EARLY]
    far = own[0].site or own[0].far or ""
    return make_step(
        plan,
        "verify-routing",
        f"site:{far}" if own[0].site else far,
        f"{arm_ids.name_of(canary)} proves the way to {own[0].far_name}",
        stage,
        settings={
            "checks": [*checks, *canary_checks(plan, findings.snapshot, own, canary)],
            "site": own[0].far_name,
        },
        needs=(*needs, *(one for found in own for one in connect_ids(plan, found))),
        timeout_seconds=plan.routing.deadline,
    )


def _joins(snapshot: Snapshot, found: ResolvedLink, subnet: str) -> bool:
    """Whether a link's new halves join the network of a subnet, or one that carries it."""
    joined = found.prefer[1].network if found.prefer else found.new_network
    network = arm_ids.key(arm_ids.parent_of(subnet))
    return bool(joined) and any(
        one == network
        for one in (arm_ids.key(joined or "-"), *(known for known, _ in announced(snapshot, joined or "")))
    )


def _first(prefix: str) -> str:
    found = ip_network(prefix)
    return str(found[1] if found.num_addresses > 2 else found[0])
