"""The checks that prove where routing points, at each site and at each network that stays, and the evidence kept."""

from __future__ import annotations

from collections.abc import Sequence

from domain import arm_ids
from domain.findings import Findings
from domain.links.peers import circuit_peers, neighbors
from domain.links.resolving import ResolvedLink, is_bgp
from domain.machine_checks import Check, machine_checks
from domain.machines import Machines
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.runbook import Step
from domain.snapshot import Document, Snapshot, properties
from domain.steps import make_step
from domain.topology import reference

WORKSPACE_TYPE = "Microsoft.OperationalInsights/workspaces"


def verified(links: list[ResolvedLink]) -> list[str]:
    """Names of the sites, and ids of the networks, at which new ways end: there routing is verified."""
    return list(dict.fromkeys(found.site or found.far or "" for found in links if found.comes or found.prefer))


def routing_steps(
    plan: Plan,
    links: list[ResolvedLink],
    connects: dict[str, tuple[Step, ...]],
    machines: Machines,
    needs: tuple[str, ...],
    findings: Findings,
    told: Sequence[Check] = (),
) -> tuple[Step, ...]:
    """One verification a far end, with all checks of its new links. ``connects``: a link's name -> its steps.

    What the plan asks of recovered machines is checked with the first far end, and so is what is ``told`` besides.
    """
    check_reach(plan, links, findings)
    steps: list[Step] = []
    for far in verified(links):
        own = [found for found in links if (found.site or found.far) == far and (found.comes or found.prefer)]
        checks = [*checks_of(plan, findings.snapshot, own), *_reach_checks(plan, own[0].site, machines)]
        if not steps:
            checks += [*machine_checks(plan, links, machines, findings), *told]
        steps.append(
            make_step(
                plan,
                "verify-routing",
                f"site:{far}" if own[0].site else far,
                f"routing from {own[0].far_name} points at {plan.recovery.region}",
                "verify",
                settings={"checks": checks, "site": own[0].far_name},
                needs=(*needs, *(step.id for found in own for step in connects[found.link.name])),
                timeout_seconds=plan.routing.deadline,
            )
        )
    return (*steps, *_reaching_steps(plan, links, connects, machines, needs))


def _reaching_steps(
    plan: Plan,
    links: list[ResolvedLink],
    connects: dict[str, tuple[Step, ...]],
    machines: Machines,
    needs: tuple[str, ...],
) -> tuple[Step, ...]:
    """Sites that no new link leads to, and that yet must reach: their own way stays, and is carried on by another."""
    everything = (*needs, *(step.id for own in connects.values() for step in own))
    return tuple(
        make_step(
            plan,
            "verify-routing",
            f"site:{site}",
            f"{site} reaches {plan.recovery.region}",
            "verify",
            settings={"checks": _reach_checks(plan, site, machines), "site": site},
            needs=everything,
            timeout_seconds=plan.routing.deadline,
        )
        for site in plan.sites
        if plan.routing.reach and site not in verified(links) and plan.sites[site].looking_glass
    )


def observing_steps(
    plan: Plan, links: list[ResolvedLink], needs: tuple[str, ...], snapshot: Snapshot
) -> tuple[Step, ...]:
    """The same readings before anything is changed: kept for the report, judged by nobody."""
    steps = []
    for far in verified(links):
        own = [found for found in links if (found.site or found.far) == far and (found.comes or found.prefer)]
        checks = [check for check in checks_of(plan, snapshot, own) if check["check"] == "site-routes"]
        checks += _reach_checks(plan, own[0].site)
        if not checks:
            continue
        steps.append(
            make_step(
                plan,
                "observe-routing",
                f"site:{far}" if own[0].site else far,
                f"keep where routing from {own[0].far_name} points before",
                "observe",
                settings={"checks": checks, "site": own[0].far_name},
                needs=needs,
                on_failure="continue",
            )
        )
    return tuple(steps)


def evidence_steps(
    plan: Plan, links: list[ResolvedLink], verified_by: tuple[Step, ...], findings: Findings
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
            needs=tuple(step.id for step in verified_by),
            on_failure="continue",
        )
        for gateway in gateways
    )


def checks_of(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink]) -> list[Check]:
    """What must be seen of links that end at one place."""
    checks: list[Check] = []
    for found in links:
        if found.prefer:
            checks += _preference_checks(plan, snapshot, found)
        elif found.site:
            checks += _site_checks(plan, snapshot, found, links)
        else:
            checks += _network_checks(snapshot, found)
    return checks


def _site_checks(plan: Plan, snapshot: Snapshot, found: ResolvedLink, links: list[ResolvedLink]) -> list[Check]:
    """A network that several links join to one site (a circuit and a VPN beside it) is reached through any of them."""
    site, gateway, new = plan.sites[found.site], found.new_gateway or {}, found.comes[0]
    prefixes = [prefix for _, prefix in announced(snapshot, found.new_network or "")]
    checks: list[Check] = [{"check": "connection-state", "connection": new.id}]
    if site.looking_glass:
        beside = [one for one in links if one.comes and arm_ids.same(one.new_network, found.new_network)]
        here = [name for one in beside for name in _as_neighbors(snapshot, one.comes[0].document, one.new_gateway)]
        gone = [
            name
            for one in beside
            if one.goes
            for name in _as_neighbors(snapshot, one.like[0].document, one.old_gateway)
        ]
        checks.append(
            {
                "check": "site-routes",
                "url": site.looking_glass,
                "prefixes": prefixes,
                "neighbors": list(dict.fromkeys(here)),
                "not_neighbors": [one for one in dict.fromkeys(gone) if one not in here],
            }
        )
    if is_bgp(new):
        learned = {"check": "learned-routes", "gateway": gateway["id"], "prefixes": list(site.prefixes)}
        checks.append({**learned, "asn": site.asn})
    if is_bgp(new) and found.kind == "site-to-site":
        peer = _device_peer(found)
        checks.insert(2 if site.looking_glass else 1, {"check": "bgp-peer", "gateway": gateway["id"], "peer": peer})
        checks.append({"check": "advertised-routes", "gateway": gateway["id"], "peer": peer, "prefixes": prefixes})
    if not is_bgp(new):
        checks.append({"check": "tunnel-bytes", "connection": new.id})
    return checks


def _network_checks(snapshot: Snapshot, found: ResolvedLink) -> list[Check]:
    """Seen from the network that stays: both halves are up, and its gateway has learned the recovered prefixes."""
    checks: list[Check] = []
    for half in found.comes:
        if half.is_peering:
            checks.append({"check": "peering-state", "peering": half.id})
        else:
            checks.append({"check": "connection-state", "connection": half.id})
    far = found.comes[-1]
    if not far.is_peering and is_bgp(far):
        prefixes = [prefix for _, prefix in announced(snapshot, found.new_network or "")]
        checks.append({"check": "learned-routes", "gateway": far.holder, "prefixes": prefixes, "asn": None})
    return checks


def _preference_checks(plan: Plan, snapshot: Snapshot, found: ResolvedLink) -> list[Check]:
    assert found.prefer is not None
    other = found.prefer[1]
    here = [peer["bgpPeeringAddress"] for peer in circuit_peers(snapshot, reference(other.document, "peer"))]
    return [
        {"check": "connection-state", "connection": other.id},
        {
            "check": "site-routes",
            "url": plan.sites[found.site].looking_glass,
            "prefixes": [prefix for _, prefix in announced(snapshot, other.network)],
            "neighbors": here,
            "not_neighbors": [],
            "best": True,
        },
    ]


def _as_neighbors(snapshot: Snapshot, connection: Document, gateway: Document | None) -> list[str]:
    """How a site's own table names the other end of a connection."""
    circuit = reference(connection, "peer")
    if circuit:
        return [peer["bgpPeeringAddress"] for peer in circuit_peers(snapshot, circuit)]
    return neighbors(snapshot, gateway, snapshot.get(reference(connection, "localNetworkGateway2")))


def _device_peer(found: ResolvedLink) -> str | None:
    local = found.new_local_gateways[0] if found.new_local_gateways else None
    settings = properties(local).get("bgpSettings") or {}
    return settings.get("bgpPeeringAddress")


def _reach_checks(plan: Plan, site: str, machines: Machines | None = None) -> list[Check]:
    """Without ``machines`` (nothing has failed over yet) an address is asked as it stands."""
    if not site:
        return []
    glass = plan.sites[site].looking_glass
    checks: list[Check] = []
    for reach in plan.routing.reach:
        check = {"check": "site-reach", "url": glass, "address": reach.address, "port": reach.port}
        machine = machines.at.get(reach.address) if machines else None
        checks.append({**check, "machine": machine} if machine else check)
    return checks


def check_reach(plan: Plan, links: list[ResolvedLink], findings: Findings) -> None:
    """``routing.reach`` is seen from on-premises: each site where it is verified has a looking glass."""
    if not plan.routing.reach:
        return
    if not plan.sites:
        findings.refuse("routing.reach", "given", "a site with a looking glass: reach is seen from on-premises")
    for site in [one for one in verified(links) if one in plan.sites] or plan.sites:
        if plan.sites[site].looking_glass is None:
            findings.refuse(
                f"sites.{site}.lookingGlass",
                "nothing",
                "a looking glass: routing.reach is seen from on-premises",
            )
