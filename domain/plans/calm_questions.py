"""What nobody can read from Azure and a plan should say: does a site's device know the recovery gateway already?

Asked in calm times, with exactly what must be there; on the day the answer is used, not looked for.
"""

from __future__ import annotations

from domain import arm_ids
from domain.links.peers import peers
from domain.links.resolving import ResolvedLink, is_bgp, shared_key
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.snapshot import Snapshot


def calm_questions(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink]) -> list[str]:
    """A question for each link to a site whose device the plan does not speak of."""
    return [
        _question(snapshot, found)
        for found in links
        if found.kind == "site-to-site"
        and found.comes
        and found.site
        and plan.sites[found.site].device.prepared is None
    ]


def _question(snapshot: Snapshot, found: ResolvedLink) -> str:
    device = found.new_local_gateways[0] if found.new_local_gateways else None
    gateway = found.new_gateway or {"id": "/gateway"}
    known = peers(snapshot, found.new_gateway, device)
    key = shared_key(found.link)
    prefixes = ", ".join(prefix for _, prefix in announced(snapshot, found.new_network or ""))
    tunnels = " and ".join(
        peer["publicAddress"] or f"the public address of {arm_ids.name_of(gateway['id'])}, which the run makes"
        for peer in known
    )
    held = f"the pre-shared key of {key.vault}/{key.secret}" if key else "a pre-shared key"
    must = [f"a tunnel to {tunnels} with {held}"]
    if is_bgp(found.comes[0]):
        neighbors = " and ".join(f"{peer['bgpPeeringAddress']} (ASN {peer['asn']})" for peer in known)
        must.append(f"the BGP neighbor {neighbors}, from which it accepts {prefixes}")
    else:
        must.append(f"static routes for {prefixes} through it, less preferred than the old ones")
    site = found.site
    return (
        f"does the device at {site} know {arm_ids.name_of(gateway['id'])} already? It needs {'; '.join(must)}. "
        f"Taken to be so: say sites.{site}.device.prepared, true or false"
    )
