"""Where items land whose recovery network a run makes: Site Recovery must be told before they fail over."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.findings import Findings
from domain.links.networks import Networks
from domain.links.targets import source_network
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Document, properties
from domain.steps import make_step
from domain.workload import Workload


def landing_steps(
    plan: Plan, workload: Workload, networks: Networks, needs: tuple[str, ...], findings: Findings
) -> tuple[Step, ...]:
    """A step for each item whose source network's counterpart is made in this run: network, subnet and address."""
    made = {arm_ids.key(one.source): one.target for one in networks.made}
    steps = []
    for item in workload.items:
        target = made.get(arm_ids.key(source_network(item, findings) or "-"))
        if target is None:
            continue
        nics = _nics(findings.snapshot.get(item.id))
        steps.append(
            make_step(
                plan,
                "update-item",
                item.id,
                f"{item.name} lands in {arm_ids.name_of(target)}",
                "landing",
                settings={"network": target, "nics": nics},
                needs=needs,
            )
        )
    return tuple(steps)


def _nics(item: Document | None) -> list[dict[str, Any]]:
    """Each interface: its id in Site Recovery, its subnet's name, and the address it is to keep."""
    found = []
    for nic in (properties(item).get("providerSpecificDetails") or {}).get("vmNics") or []:
        configurations = nic.get("ipConfigs") or [{}]
        first = configurations[0]
        found.append(
            {
                "id": nic.get("nicId"),
                "subnet": first.get("subnetName") or nic.get("vmSubnetName") or first.get("recoverySubnetName"),
                "address": first.get("staticIPAddress") or nic.get("primaryNicStaticIPAddress"),
            }
        )
    return found
