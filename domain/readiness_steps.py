"""The recovery side is read before anything is changed; never the failing side."""

from __future__ import annotations

from domain.group_steps import readiness_items
from domain.links.connecting import shared_key_of
from domain.links.networks import Networks
from domain.links.resolving import ResolvedLink
from domain.plans.links import Site
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Snapshot
from domain.steps import make_step
from domain.topology import prefixes_of
from domain.workload import Workload


def readiness_steps(
    plan: Plan, snapshot: Snapshot, workload: Workload, links: list[ResolvedLink], networks: Networks
) -> tuple[Step, ...]:
    """A step for each link's recovery side, and one for each handful of items. What the run makes is not there yet."""
    made = {one.target for one in networks.made}
    steps = []
    for found in links:
        if not found.comes or found.new_network in made:
            continue
        settings = {
            "network": found.new_network,
            "prefixes": list(prefixes_of(snapshot.get(found.new_network))),
            "gateway": found.new_gateway["id"] if found.new_gateway else None,
            "local_network_gateways": [one["id"] for one in found.new_local_gateways],
            "secrets": _secrets(found, plan.sites.get(found.site)),
            "looking_glass_url": plan.sites[found.site].looking_glass if found.site else None,
        }
        name = f"the recovery side of {found.link.name} is ready"
        steps.append(make_step(plan, "check-readiness", found.comes[0].id, name, "ready", settings=settings))
    for number, items in enumerate(readiness_items(workload.items)):
        name = f"protected items are ready ({len(items)})"
        settings = {"items": items}
        steps.append(make_step(plan, "check-readiness", f"items:{number}", name, "ready", settings=settings))
    return tuple(steps)


def _secrets(found: ResolvedLink, site: Site | None) -> list[dict[str, str]]:
    """What a run will want to read of Key Vault for a link: better missed in calm times than on the day."""
    fence = site.automation.secret.model_dump() if site and site.automation else None
    wish = found.link.connect
    authorization = wish.authorization_key.model_dump() if wish and wish.authorization_key else None
    key = None if found.kind in ("expressroute", "peering") else shared_key_of(found)
    return [secret for secret in (key, authorization, fence) if secret]
