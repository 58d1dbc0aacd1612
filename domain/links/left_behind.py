"""A part of a network fails over: what stays in it shares an address space with what has left.

Of a network that stays joined to on-premises this is impossible. Of one that is joined to networks only it is not
advisable: it takes other addresses, or somebody's word (``accept: [partial-connectivity]``).
"""

from __future__ import annotations

from domain import arm_ids
from domain.addresses import overlapping
from domain.findings import Findings
from domain.links.halves import far_gateway, half_of, peerings
from domain.links.networks import Networks
from domain.links.resolving import ResolvedLink
from domain.plans.reading import Plan
from domain.snapshot import Snapshot, properties
from domain.topology import CONNECTION_TYPE, prefixes_of
from domain.workload import Workload

SHOWN = 5
ADVICE = "give the machines target addresses of another space, or fail the whole network over"


def check_left_behind(
    plan: Plan, workload: Workload, links: list[ResolvedLink], networks: Networks, findings: Findings
) -> None:
    """Refuse, unless the plan accepts it, that machines which stay lose what they are joined to."""
    for source, target in networks.pairs.items():
        moved, stays = machines_in(source, workload, findings)
        old, new = findings.snapshot.get(source), findings.snapshot.get(target)
        if moved and stays and overlapping(prefixes_of(old), prefixes_of(new)):
            _judge(plan, source, links, _shown(stays), findings)


def _judge(plan: Plan, source: str, links: list[ResolvedLink], told: str, findings: Findings) -> None:
    name = arm_ids.name_of((findings.snapshot.get(source) or {"id": source})["id"])
    goes = [half.id for found in links for half in found.goes if arm_ids.same(half.network, source)]
    lost = ", ".join(found.link.name for found in links if found.goes and arm_ids.same(found.goes[0].network, source))
    sites, nets = _stays_joined(findings.snapshot, source, goes)
    accepted = "partial-connectivity" in plan.accept
    if plan.scope == "region" and goes:
        findings.warn(f"{told} of {name} are not in the workload: they do not fail over")
    elif sites:
        findings.refuse(
            "workload",
            f"a part of {name} fails over while {', '.join(sites)} keeps {name} joined to on-premises "
            f"({told} stay in it)",
            "its links disconnected: a subnet cannot move while its address space stays joined to on-premises",
            ADVICE,
        )
    elif nets and not accepted:
        findings.refuse(
            "workload",
            f"a part of {name} fails over while {', '.join(nets)} keeps {name} joined to other networks "
            f"({told} stay in it)",
            "accept: [partial-connectivity], by somebody who knows that these networks reach one part only",
            ADVICE,
        )
    elif lost and not accepted:
        findings.refuse(
            "workload",
            f"a part of {name} fails over, and {told} lose {lost}",
            "accept: [partial-connectivity], by somebody who knows what these machines then cannot reach",
            ADVICE,
        )
    elif lost or nets:
        findings.warn(f"{told} of {name} stay: they lose {lost or 'nothing'}, as the plan accepts")


def _stays_joined(snapshot: Snapshot, source: str, goes: list[str]) -> tuple[list[str], list[str]]:
    """Names of the connections and peerings that a network keeps: those that lead out, and those to networks."""
    gone = {arm_ids.key(one) for one in goes}
    sites: list[str] = []
    kept = [half for half in peerings(snapshot) if arm_ids.key(half.id) not in gone]
    nets = [half.name for half in kept if arm_ids.same(half.network, source)]
    for document in snapshot.of_type(CONNECTION_TYPE):
        half = half_of(snapshot, document)
        if arm_ids.same(half.network, source) and arm_ids.key(half.id) not in gone:
            (nets if far_gateway(snapshot, document) else sites).append(half.name)
    return sorted(sites), sorted(nets)


def machines_in(network: str, workload: Workload, findings: Findings) -> tuple[list[str], list[str]]:
    """Names of the machines of a network that fail over, and of those that stay."""
    moved: set[str] = set()
    stays: set[str] = set()
    failing = {arm_ids.key(item.source_machine) for item in workload.items if item.source_machine}
    for interface in findings.snapshot.of_type("Microsoft.Network/networkInterfaces"):
        machine = (properties(interface).get("virtualMachine") or {}).get("id")
        inside = any(
            arm_ids.same(arm_ids.parent_of((properties(one).get("subnet") or {}).get("id") or "/a/b/c"), network)
            for one in properties(interface).get("ipConfigurations") or []
        )
        if machine and inside:
            (moved if arm_ids.key(machine) in failing else stays).add(arm_ids.name_of(machine))
    return sorted(moved), sorted(stays)


def _shown(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" and others" if len(names) > SHOWN else "")
