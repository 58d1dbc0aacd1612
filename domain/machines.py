"""The machines that a plan speaks of after the failover: those that its items become, and those that stay."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain import arm_ids
from domain.findings import Findings
from domain.plans.errors import nearest
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Document, Snapshot, properties
from domain.steps import make_step
from domain.workload import Workload

MACHINE_TYPE = "Microsoft.Compute/virtualMachines"


@dataclass(frozen=True)
class Machines:
    """``recovered``: an item's or its machine's name, lower case -> id of the machine that it becomes."""

    recovered: dict[str, str]
    at: dict[str, str] = field(default_factory=dict)
    """Target address -> id of the machine that is to have it."""
    subnets: dict[str, str] = field(default_factory=dict)
    """Key of a machine's id -> id of the subnet that it comes up in, where the snapshot tells."""

    def find(self, path: str, named: str, findings: Findings) -> str | None:
        """The id of the machine that a field of the plan means."""
        own = self.recovered.get(named.lower())
        if own:
            return own
        if findings.snapshot.named(MACHINE_TYPE, named):
            document = findings.resolve(path, MACHINE_TYPE, named)
            return document["id"] if document else None
        findings.refuse(
            path, repr(named), "an item of the workload, or a machine of the snapshot", nearest(named, self.recovered)
        )
        return None


def machines_of(workload: Workload, snapshot: Snapshot) -> Machines:
    found: dict[str, str] = {}
    at: dict[str, str] = {}
    subnets: dict[str, str] = {}
    for item in workload.items:
        machine = f"{item.resource_group}/providers/{MACHINE_TYPE}/{item.machine}"
        found |= {item.name.lower(): machine, item.machine.lower(): machine}
        at |= dict.fromkeys(item.target_addresses, machine)
        name = _subnet_name(snapshot.get(item.id))
        if item.network and name:
            subnets[arm_ids.key(machine)] = f"{item.network}/subnets/{name}"
    return Machines(found, at, subnets)


def _subnet_name(item: Document | None) -> str | None:
    for nic in (properties(item).get("providerSpecificDetails") or {}).get("vmNics") or []:
        for one in nic.get("ipConfigs") or [{}]:
            name = one.get("recoverySubnetName") or nic.get("recoveryVMSubnetName")
            if name:
                return str(name)
    return None


def agent_steps(plan: Plan, machines: Machines, needs: tuple[str, ...], findings: Findings) -> tuple[Step, ...]:
    """The Network Watcher extension in the machines that connectivity is checked from: it does not survive a failover.

    Source: sources, Routing.
    """
    if not plan.routing.install_agent:
        return ()
    wanted = {}
    for index, path in enumerate(plan.routing.connectivity):
        machine = machines.find(f"routing.connectivity[{index}].machine", path.machine, findings)
        if machine:
            wanted[machine] = path.machine
    return tuple(
        make_step(
            plan,
            "install-extension",
            machine,
            f"install the Network Watcher extension in {name}",
            "agents",
            needs=needs,
        )
        for machine, name in wanted.items()
    )
