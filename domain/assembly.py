"""The stages of a failover: what is checked, made, taken away, failed over, joined and verified, and after what.

A step needs only what it cannot do without; whatever does not depend on another runs at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain import arm_ids
from domain.canary import canary_of, late_checks, proof_steps, proven
from domain.findings import Findings
from domain.group_steps import group_stages
from domain.internet import internet_steps
from domain.item_steps import landing_steps
from domain.lanes import Stage
from domain.links.connecting import connect_steps, preference_steps, prepare_steps, writes_of
from domain.links.disconnecting import Closing, disconnect_steps
from domain.links.moments import first_need, group_waits, stage_of
from domain.links.networks import Networks, build_steps
from domain.links.resolving import ResolvedLink
from domain.machines import agent_steps, machines_of
from domain.plans.reading import Plan
from domain.readiness_steps import readiness_steps
from domain.rewriting_steps import record_steps, rule_steps
from domain.routing_steps import evidence_steps, observing_steps, routing_steps
from domain.runbook import Step
from domain.snapshot import Snapshot
from domain.stages import in_order
from domain.steps import take_turns
from domain.topology import GATEWAY_TYPE
from domain.workload import Workload

TITLES = {
    "connect": "connect the recovery side",
    "connect-first": "connect the recovery side before the failover",
}


@dataclass(frozen=True)
class Assembly:
    """What the stages are made of."""

    plan: Plan
    snapshot: Snapshot
    workload: Workload
    links: list[ResolvedLink]
    networks: Networks
    findings: Findings


@dataclass
class Parts:
    """The stages in order; each link's connecting steps; and for each half that goes, the step that closes it."""

    stages: list[Stage] = field(default_factory=list)
    connects: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)


def assemble(of: Assembly) -> Parts:
    """All stages of a failover."""
    plan, links = of.plan, of.links
    parts = Parts()
    ready = readiness_steps(plan, of.snapshot, of.workload, links, of.networks)
    ready_ids = tuple(step.id for step in ready)
    observe = observing_steps(plan, links, ready_ids, of.snapshot)
    seen = (*ready_ids, *(step.id for step in observe))
    build = build_steps(plan, of.networks, ready_ids)
    gateways = [step for step in build if arm_ids.parse(step.target).type == GATEWAY_TYPE]
    networks = tuple(step for step in build if step not in gateways)
    prepare = _prepare(of, ready_ids, gateways)
    closings = {found.link.name: disconnect_steps(plan, of.snapshot, found, seen) for found in links}
    early, later, beside = _disconnects(of, closings)
    parts.closed = {key: closing.end for closing in closings.values() for key in closing.closes}
    landing = landing_steps(plan, of.workload, of.networks, tuple(step.id for step in networks), of.findings)
    canary = canary_of(plan, of.workload, links, of.findings)
    proofs = proof_steps(plan, of.workload, links, canary, (), of.findings)
    groups = _groups(of, closings, [*networks, *landing], ready_ids, proofs)
    connects = _connects(of, parts, closings, prepare, gateways, groups)
    machines = machines_of(of.workload, of.findings.snapshot)
    agents = agent_steps(plan, machines, _last(groups), of.findings)
    rules = rule_steps(plan, of.workload, ready_ids, of.findings)
    before_verify = (*_early(links, groups), *(step.id for step in (*agents, *rules)))
    late = late_checks(plan, of.workload, links, canary, of.findings)
    verify = routing_steps(plan, links, parts.connects, machines, before_verify, of.findings, late)
    evidence = evidence_steps(plan, links, verify, of.findings)
    verified = tuple(step.id for step in verify)
    internet = (*internet_steps(plan, verified, of.findings), *record_steps(plan, of.workload, verified, of.findings))
    parts.stages = in_order(
        [
            Stage("ready", "check that the recovery side is ready", ready),
            Stage("observe", "keep where routing points before", observe),
            Stage("build", "make the recovery networks", networks),
            Stage("build-gateways", "make the recovery gateways", tuple(gateways)),
            Stage("prepare", "tell the devices of the new gateways", tuple(prepare.values())),
            Stage("disconnect", "disconnect the old links", early),
            Stage("disconnect-late", "disconnect beside the failover", later),
            Stage("disconnect-failing", "disconnect what the failing side still holds", beside),
            Stage("landing", "say where machines land", landing),
            *groups,
            *connects,
            *(Stage(stage, f"{plan.routing.canary} proves the new links", own) for stage, own in proofs.items()),
            Stage("rewrite", "rewrite rules and routes that name old addresses", rules),
            Stage("agents", "install what checks from inside need", agents),
            Stage("verify", "verify routing", verify, evidence),
            Stage("internet", "switch names on the internet", internet),
        ]
    )
    return parts


def _prepare(of: Assembly, ready: tuple[str, ...], gateways: list[Step]) -> dict[str, Step]:
    made = {arm_ids.key(step.target): step.id for step in gateways}
    prepared: dict[str, Step] = {}
    for found in of.links:
        own = made.get(arm_ids.key((found.new_gateway or {}).get("id", "-")))
        prepared |= prepare_steps(of.plan, of.snapshot, [found], (*ready, own) if own else ready)
    return prepared


def _disconnects(of: Assembly, closings: dict[str, Closing]) -> tuple[tuple[Step, ...], ...]:
    """Steps that the first group waits for, steps that only the new links wait for, and steps that nothing waits for.

    The last are halves of the failing side whose other half is taken away: nobody waits for a dead region there.
    """
    early: list[Step] = []
    late: list[Step] = []
    beside: list[Step] = []
    writes: dict[str, tuple[str, ...]] = {}
    for found in of.links:
        closing = closings[found.link.name]
        writes |= closing.writes
        (early if found.link.before == "failover" else late).extend(closing.steps)
        beside += closing.beside
    turns = take_turns((*early, *late, *beside), writes)
    return turns[: len(early)], turns[len(early) : len(early) + len(late)], turns[len(early) + len(late) :]


def _groups(
    of: Assembly,
    closings: dict[str, Closing],
    made: list[Step],
    ready: tuple[str, ...],
    proofs: dict[str, tuple[Step, ...]],
) -> list[Stage]:
    ends = [
        closings[found.link.name].end
        for found in of.links
        if found.link.before == "failover" and closings[found.link.name].end
    ]
    gates = tuple(ends) or ready
    gates = (*gates, *(step.id for step in made))
    waits = group_waits(of.plan, of.workload, of.links)
    for group, own in proven(of.plan, of.workload, of.links, proofs).items():
        waits[group] = (*waits.get(group, ()), *own)
    return group_stages(of.plan, of.workload, gates, ("disconnect",), waits)


def _early(links: list[ResolvedLink], groups: list[Stage]) -> tuple[str, ...]:
    """What is verified is verified of every group, also where a new link has not waited for the last of them."""
    told = [found.link for found in links if found.comes or found.prefer]
    waits = any(one.comes == "before-failover" or one.comes_after or one.comes_before for one in told)
    return _last(groups) if waits else ()


def _last(groups: list[Stage]) -> tuple[str, ...]:
    """The step that says that every group is up."""
    return (groups[-1].last[-1].id,) if groups and groups[-1].last else ()


def _connects(
    of: Assembly,
    parts: Parts,
    closings: dict[str, Closing],
    prepare: dict[str, Step],
    gateways: list[Step],
    groups: list[Stage],
) -> list[Stage]:
    """The new links. Each waits for its moment, and for every old link: two ways home would split routes."""
    gates = {stage.id.removeprefix("group-"): stage.last[-1].id for stage in groups if stage.last}
    ends = [closing.end for closing in closings.values() if closing.end]
    made = {arm_ids.key(step.target): step.id for step in gateways}
    steps: dict[str, list[Step]] = {}
    for found in sorted(of.links, key=lambda one: bool(first_need(one.link, gates))):
        told = [prepare[found.link.name].id] if found.link.name in prepare else []
        told += [made[key] for half in found.comes if (key := arm_ids.key(half.holder)) in made]
        needs = (*first_need(found.link, gates), *ends, *told)
        if found.prefer:
            own = preference_steps(of.plan, of.snapshot, found, needs)
        elif found.comes:
            own = connect_steps(of.plan, found, needs)
        else:
            continue
        parts.connects[found.link.name] = own
        steps.setdefault(stage_of(found.link), []).extend(own)
    flat = take_turns(
        tuple(step for own in steps.values() for step in own),
        {step.id: writes_of(step) for own in steps.values() for step in own},
    )
    turned = {step.id: step for step in flat}
    parts.connects = {name: tuple(turned[step.id] for step in own) for name, own in parts.connects.items()}
    after = (groups[-1].id,) if groups else ()
    return [
        Stage(
            stage,
            TITLES.get(stage, f"connect {stage.removeprefix('connect-').replace('-', ' ')}"),
            tuple(turned[step.id] for step in own),
            (),
            after if stage == "connect" else (),
        )
        for stage, own in steps.items()
    ]
