"""The checks that prove where on-premises routing points, and the evidence that is kept of it."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.findings import Findings
from domain.links import ResolvedLink
from domain.peers import neighbors
from domain.plan import Plan
from domain.runbook import Step
from domain.snapshot import Snapshot, properties
from domain.steps import make_step
from domain.topology import announced

WORKSPACE_TYPE = "Microsoft.OperationalInsights/workspaces"


def routing_steps(
    plan: Plan, links: list[ResolvedLink], connects: dict[str, Step], findings: Findings
) -> tuple[Step, ...]:
    """One verification a site, with all checks of its new links. ``connects`` maps a link's name to its step."""
    _check_reach(plan, links, findings)
    steps = []
    for site in dict.fromkeys(found.link.site for found in links if found.link.connect):
        own = [found for found in links if found.link.site == site and found.link.connect]
        checks = [check for found in own for check in _link_checks(plan, findings.snapshot, found)]
        steps.append(
            make_step(
                plan,
                "verify-routing",
                f"site:{site}",
                f"routing from {site} points at {plan.recovery.region}",
                "verify",
                settings={"checks": [*checks, *_reach_checks(plan, site)], "site": site},
                needs=tuple(connects[found.link.name].id for found in own),
                timeout_seconds=plan.routing.deadline,
            )
        )
    return tuple(steps)


def evidence_steps(
    plan: Plan, links: list[ResolvedLink], verified: tuple[Step, ...], findings: Findings
) -> tuple[Step, ...]:
    """Gateway logs kept as evidence after the fact, where the plan names a workspace."""
    if plan.routing.workspace is None:
        return ()
    workspace = findings.resolve("routing.workspace", WORKSPACE_TYPE, plan.routing.workspace)
    customer = properties(workspace).get("customerId")
    if workspace and not customer:
        findings.refuse(
            "routing.workspace", "a workspace without customerId", "its document as az resource show prints it"
        )
    gateways = dict.fromkeys(arm_ids.name_of(found.new_gateway["id"]) for found in links if found.new_gateway)
    return tuple(
        make_step(
            plan,
            "collect-evidence",
            f"logs:{gateway}",
            f"keep the logs of {gateway}",
            "verify",
            settings={
                "workspace": customer,
                "queries": ["tunnel-events", "route-events"],
                "parameters": {"gateway": gateway},
            },
            needs=tuple(step.id for step in verified),
            on_failure="continue",
        )
        for gateway in gateways
    )


def _link_checks(plan: Plan, snapshot: Snapshot, found: ResolvedLink) -> list[dict[str, Any]]:
    site, gateway = plan.sites[found.link.site], found.new_gateway or {}
    prefixes = [prefix for _, prefix in announced(snapshot, found.new_network or "")]
    checks: list[dict[str, Any]] = [{"check": "connection-state", "connection": found.new_id}]
    if site.looking_glass:
        checks.append(
            {
                "check": "site-routes",
                "url": site.looking_glass,
                "prefixes": prefixes,
                "neighbors": neighbors(snapshot, gateway),
                "not_neighbors": neighbors(snapshot, found.old_gateway),
            }
        )
    if _speaks_bgp(found):
        peer = _device_peer(found)
        checks.append({"check": "bgp-peer", "gateway": gateway["id"], "peer": peer})
        checks.append(
            {"check": "learned-routes", "gateway": gateway["id"], "prefixes": list(site.prefixes), "asn": site.asn}
        )
        checks.append({"check": "advertised-routes", "gateway": gateway["id"], "peer": peer, "prefixes": prefixes})
    return checks


def _speaks_bgp(found: ResolvedLink) -> bool:
    mirror = found.link.connect
    if mirror and mirror.enable_bgp is not None:
        return mirror.enable_bgp
    return bool(properties(found.old).get("enableBgp"))


def _device_peer(found: ResolvedLink) -> str | None:
    settings = properties(found.new_local_gateway).get("bgpSettings") or {}
    return settings.get("bgpPeeringAddress")


def _reach_checks(plan: Plan, site: str) -> list[dict[str, Any]]:
    glass = plan.sites[site].looking_glass
    return [
        {"check": "site-reach", "url": glass, "address": reach.address, "port": reach.port}
        for reach in plan.routing.reach
    ]


def _check_reach(plan: Plan, links: list[ResolvedLink], findings: Findings) -> None:
    if not plan.routing.reach:
        return
    for site in dict.fromkeys(found.link.site for found in links if found.link.connect):
        if plan.sites[site].looking_glass is None:
            findings.refuse(
                f"sites.{site}.lookingGlass",
                "nothing",
                "a looking glass: routing.reach is seen from on-premises",
            )
