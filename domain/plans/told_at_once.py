"""Names that only the later part of a compilation reads, looked up while something else is wrong already.

Whoever mends a plan wants to hear of every mistake at once, not of the second half when the first is mended.
"""

from __future__ import annotations

from domain.canary import PATH
from domain.findings import Findings
from domain.internet import internet_steps
from domain.links.resolving import ResolvedLink
from domain.machine_checks import machine_checks, machine_named
from domain.machines import machines_of
from domain.plans.reading import Plan
from domain.routing_steps import check_reach, evidence_steps
from domain.workload import Workload


def tell_the_rest(plan: Plan, workload: Workload | None, links: list[ResolvedLink], findings: Findings) -> None:
    """Refuse what names nothing in ``routing`` and ``internet``. Only with errors already: warnings are not wanted."""
    if workload is not None:
        machine_checks(plan, links, machines_of(workload, findings.snapshot), findings)
    if plan.routing.canary:
        machine_named(plan.routing.canary, PATH, findings)
    if len(links) == len(plan.links):
        check_reach(plan, links, findings)
    evidence_steps(plan, links, (), findings)
    internet_steps(plan, (), findings)
