"""compile(plan, snapshot, mode) -> Runbook: the heart, and pure.

Everything that a person wants to know before the event is a question to its result; everything that stands in the
way is told at once, by field, as ``Refused``.
"""

from __future__ import annotations

import hashlib

from domain import arm_ids, names
from domain.addresses import contains
from domain.codec import wire_size
from domain.findings import Findings, Refused
from domain.group_steps import group_stages, readiness_items
from domain.lanes import Stage, cut, longest_path
from domain.link_steps import connect_step, disconnect_steps, new_way, shared_key_of
from domain.links import ResolvedLink, resolve_links
from domain.plan import Plan, PlanError
from domain.plan_links import Site
from domain.proof import prove_one_way_home
from domain.routing_steps import evidence_steps, routing_steps
from domain.runbook import STEP_BYTES, UNDO_BYTES, Runbook, Step
from domain.snapshot import Snapshot
from domain.steps import make_step, take_turns
from domain.survivors import check_survivors
from domain.topology import NETWORK_TYPE, prefixes_of, ways_home
from domain.workload import Workload, read_workload

__all__ = ["COMPILED_MODES", "Refused", "compile_runbook"]

COMPILED_MODES = ("failover",)
"""Modes that this version compiles; the others are refused by name."""


def compile_runbook(plan: Plan, snapshot: Snapshot, mode: str) -> Runbook:
    """The runbook of a plan against what exists. Raises Refused with every reason."""
    if mode not in COMPILED_MODES:
        known = f"one of {', '.join(COMPILED_MODES)}"
        hint = "this version does not compile it" if mode in names.MODES else None
        raise Refused([PlanError("mode", repr(str(mode)), known, hint)])
    findings = Findings(snapshot)
    findings.warnings += snapshot.warnings
    if plan.edge is not None:
        from domain.edge_compile import compile_edge

        return compile_edge(plan, snapshot, findings)
    workload, links = read_workload(plan, findings), resolve_links(plan, findings)
    for found in links:
        _check_networks(plan, found, findings)
    if workload:
        _check_targets(workload, links, findings)
        check_survivors(plan, workload, findings)
    findings.check()
    assert workload is not None
    return _assemble(plan, snapshot, workload, links, findings)


def _assemble(
    plan: Plan, snapshot: Snapshot, workload: Workload, links: list[ResolvedLink], findings: Findings
) -> Runbook:
    ready = _readiness(plan, snapshot, workload, links)
    ready_ids = tuple(step.id for step in ready)
    early, late, fences = _disconnects(plan, snapshot, links, ready_ids)
    stages = [Stage("ready", "check that the recovery side is ready", ready)]
    stages += [Stage("disconnect", "disconnect the old links", early, (), ("ready",))] if early else []
    early_ids = {step.id for step in early}
    # Where both write to one gateway, the late ones take their turn after the early ones.
    turn = ("disconnect",) if any(early_ids.intersection(step.after) for step in late) else ("ready",)
    stages += [Stage("disconnect-late", "disconnect beside the failover", late, (), turn)] if late else []
    gates = tuple(fence for fence in fences.values() if fence in early_ids) or ready_ids
    groups = group_stages(plan, workload, gates, ("disconnect",) if early else ("ready",))
    stages += groups
    last_gate = groups[-1].last[-1].id if groups else gates[0]
    # A new link waits for the last group, and for every old link: two ways home would split routes.
    connects = {
        found.link.name: connect_step(plan, found, (last_gate, *fences.values()))
        for found in links
        if found.link.connect
    }
    turns: dict[str, tuple[str, ...]] = {step.id: (str(step.settings["gateway"]),) for step in connects.values()}
    connecting = take_turns(tuple(connects.values()), turns)
    before = tuple(stage.id for stage in (groups[-1:] or stages[-1:])) + (("disconnect-late",) if late else ())
    stages += [Stage("connect", "connect the recovery side", connecting, (), before)] if connects else []
    verify = routing_steps(plan, links, connects, findings)
    stages += [
        Stage(
            "verify",
            "verify routing from on-premises",
            verify,
            evidence_steps(plan, links, verify, findings),
            ("connect",),
        )
    ]
    lanes, steps = cut(stages)
    _check_sizes(steps, findings)
    _prove(plan, snapshot, links, steps, connects, fences, findings)
    findings.check()
    expected, path = longest_path(steps)
    return Runbook(
        plan=plan.name,
        mode="failover",
        plan_hash=plan.hash,
        snapshot_hash=snapshot.hash,
        steps=steps,
        lanes=lanes,
        claims=_claims(plan, workload, links),
        expected_seconds=expected,
        critical_path=path,
        warnings=tuple(findings.warnings),
        facts=_facts(plan, workload),
    )


def _readiness(plan: Plan, snapshot: Snapshot, workload: Workload, links: list[ResolvedLink]) -> tuple[Step, ...]:
    """The recovery side is read before anything is changed; never the failing side."""
    steps = []
    for found in links:
        if found.new_gateway is None or found.new_network is None:
            continue
        site = plan.sites[found.link.site]
        settings = {
            "network": found.new_network,
            "prefixes": list(prefixes_of(snapshot.get(found.new_network))),
            "gateway": found.new_gateway["id"],
            "local_network_gateways": [found.new_local_gateway["id"]] if found.new_local_gateway else [],
            "secrets": _secrets(found, site),
            "looking_glass_url": site.looking_glass,
        }
        steps.append(
            make_step(
                plan,
                "check-readiness",
                found.new_id,
                f"the recovery side of {found.link.name} is ready",
                "ready",
                settings=settings,
            )
        )
    for number, items in enumerate(readiness_items(workload.items)):
        name = f"protected items are ready ({len(items)})"
        settings = {"items": items}
        steps.append(make_step(plan, "check-readiness", f"items:{number}", name, "ready", settings=settings))
    return tuple(steps)


def _secrets(found: ResolvedLink, site: Site) -> list[dict[str, str]]:
    """What a run will want to read of Key Vault for a link: better missed in calm times than on the day."""
    fence = site.automation.secret.model_dump() if site.automation else None
    return [secret for secret in (shared_key_of(found), fence) if secret]


def _disconnects(
    plan: Plan, snapshot: Snapshot, links: list[ResolvedLink], needs: tuple[str, ...]
) -> tuple[tuple[Step, ...], tuple[Step, ...], dict[str, str]]:
    """Steps that the first group waits for, steps that only the new connection waits for, and each link's last step."""
    early: list[Step] = []
    late: list[Step] = []
    ends: dict[str, str] = {}
    writes: dict[str, tuple[str, ...]] = {}
    for found in links:
        steps = disconnect_steps(plan, snapshot, found, needs)
        if steps:
            ends[found.link.name] = steps[-1].id
            writes[steps[0].id] = (steps[0].settings["gateway"],)
            (early if found.link.before == "failover" else late).extend(steps)
    turns = take_turns((*early, *late), writes)
    return turns[: len(early)], turns[len(early) :], ends


def _prove(
    plan: Plan,
    snapshot: Snapshot,
    links: list[ResolvedLink],
    steps: tuple[Step, ...],
    connects: dict[str, Step],
    ends: dict[str, str],
    findings: Findings,
) -> None:
    coming = {
        connects[found.link.name].id: (f"{found.path}.connect", new_way(snapshot, found))
        for found in links
        if found.link.connect
    }
    closed = {
        arm_ids.key(found.old["id"]): ends[found.link.name] for found in links if found.old and found.link.name in ends
    }
    prove_one_way_home(steps, list(ways_home(plan, snapshot)), coming, closed, findings)


def _check_sizes(steps: tuple[Step, ...], findings: Findings) -> None:
    """Nothing that crosses into a history may be large (rule 9): told before the event, by name."""
    ids = [step.id for step in steps]
    for step in steps:
        if ids.count(step.id) > 1:
            findings.refuse(
                f"step {step.name!r}", f"the id {step.id}, which another step has", "an id of its own", "rename it"
            )
        for what, size, limit in (
            ("", wire_size(step), STEP_BYTES),
            (" (its way back)", wire_size(step.compensation), UNDO_BYTES),
        ):
            if size > limit:
                findings.refuse(
                    f"step {step.name!r}{what}",
                    f"{size} bytes of settings",
                    f"at most {limit}",
                    "fewer prefixes, policies or checks in one link or site",
                )


def _check_networks(plan: Plan, found: ResolvedLink, findings: Findings) -> None:
    """The two sides' networks: those that the plan names, known to the snapshot, the old one in the primary region."""
    for side, network, which in (
        (plan.primary, found.old_network, "primary"),
        (plan.recovery, found.new_network, "recovery"),
    ):
        if side.network:
            named = findings.resolve(f"{which}.network", NETWORK_TYPE, side.network)
            if named and network and not arm_ids.same(named["id"], network):
                findings.refuse(
                    f"{which}.network", side.network, f"the network of the link's gateway, {arm_ids.name_of(network)}"
                )
        if network and findings.snapshot.get(network) is None:
            findings.refuse(
                found.path,
                f"a gateway in {arm_ids.name_of(network)}, which the snapshot does not hold",
                "its virtual network, too",
            )
    old_region = (found.old or {}).get("location")
    if old_region and str(old_region).replace(" ", "").lower() != plan.primary.region:
        findings.refuse(
            f"{found.path}.disconnect",
            f"a connection in {old_region}",
            f"one in the primary region {plan.primary.region}",
        )


def _check_targets(workload: Workload, links: list[ResolvedLink], findings: Findings) -> None:
    """Every machine lands in a network that the new links join."""
    targets = {arm_ids.key(found.new_network) for found in links if found.new_network}
    for item in workload.items:
        path = f"workload item {item.name}"
        if targets and arm_ids.key(item.network or "-") not in targets:
            findings.refuse(
                path,
                f"the target network {arm_ids.name_of(item.network or 'none')}",
                "a network that a link's connect joins to on-premises",
            )
        network = findings.snapshot.get(item.network)
        if item.network and network is None:
            findings.refuse(path, f"the target network {arm_ids.name_of(item.network)}", "a network of the snapshot")
        space = prefixes_of(network)
        outside = [one for one in item.target_addresses if space and not _is_within(space, one)]
        if outside:
            findings.refuse(
                path,
                f"the target address {', '.join(outside)}",
                f"an address of the target network {arm_ids.name_of(item.network)} ({', '.join(space)})",
            )


def _is_within(space: tuple[str, ...], address: str) -> bool:
    try:
        return contains(space, address)
    except ValueError:
        return False


def _claims(plan: Plan, workload: Workload, links: list[ResolvedLink]) -> tuple[str, ...]:
    """Everything that the run writes to, by names short enough for a lock's message."""
    ids: list[str] = []
    for found in links:
        documents = (found.old, found.old_gateway, found.new_gateway)
        ids += [document["id"] for document in documents if document]
        ids += [network for network in (found.old_network, found.new_network) if network]
        ids += [found.new_id] if found.link.connect else []
    named = (claim_name(one) for one in ids)
    machines = (f"~{_digest(item.id)}" for item in workload.items)
    return (f"plan:{plan.name}", *dict.fromkeys(named), *machines)


def claim_name(resource_id: str) -> str:
    return f"{arm_ids.name_of(resource_id)[:40].lower()}~{_digest(resource_id)}"


def _digest(resource_id: str) -> str:
    return hashlib.sha256(arm_ids.key(resource_id).encode()).hexdigest()[:8]


def _facts(plan: Plan, workload: Workload) -> dict[str, object]:
    return {
        "primary_region": plan.primary.region,
        "recovery_region": plan.recovery.region,
        "rto_seconds": plan.objectives.rto,
        "rpo_seconds": plan.objectives.rpo,
        "automatic": plan.trigger.automatic,
        "hold_seconds": plan.trigger.hold,
        "decide_within_seconds": plan.trigger.decide_within,
        "groups": [
            {"name": group.name, "items": len(group.items), "quorum": group.quorum} for group in workload.groups
        ],
    }
