"""A failover's links put to the proof: what comes, what goes, and after which step."""

from __future__ import annotations

from domain.assembly import Parts
from domain.findings import Findings
from domain.links import ResolvedLink
from domain.plan import Plan
from domain.proof import prove_one_way_home
from domain.runbook import Step
from domain.snapshot import Snapshot
from domain.topology import Way, announced, ways_home


def prove_links(
    plan: Plan,
    snapshot: Snapshot,
    links: list[ResolvedLink],
    steps: tuple[Step, ...],
    parts: Parts,
    findings: Findings,
) -> None:
    """Refuse every order of the graph in which a site, or a network that stays, would have two ways."""
    coming = {
        parts.connects[found.link.name][-1].id: (f"{found.path}.connect", _new_way(snapshot, found))
        for found in links
        if found.comes and found.site
    }
    prove_one_way_home(steps, list(ways_home(plan, snapshot)), coming, parts.closed, findings)


def _new_way(snapshot: Snapshot, found: ResolvedLink) -> Way:
    """The way home that a link's connect opens."""
    network = found.new_network or ""
    return Way(found.comes[0].id, found.site, network, announced(snapshot, network))
