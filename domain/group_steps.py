"""The steps of a recovery group: people's actions, the items' failover, and the gate that the next group waits for."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.actions import Action
from domain.lanes import Stage
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.steps import make_step
from domain.workload import Item, RecoveryGroup, Workload

READINESS_CHUNK = 20


def group_stages(
    plan: Plan,
    workload: Workload,
    first_needs: tuple[str, ...],
    stages_before: tuple[str, ...],
    waits: dict[str, tuple[str, ...]],
) -> list[Stage]:
    """The groups' stages, each group after the one before it, and after the steps that it ``waits`` for by name."""
    if plan.workload.drive == "plan":
        return _whole_plan_stages(plan, workload, (*first_needs, *waits.get("all", ())), stages_before)
    stages: list[Stage] = []
    needs, before = first_needs, stages_before
    for group in workload.groups:
        stage = f"group-{group.name}"
        needs = (*needs, *waits.get(group.name, ()))
        actions = _action_steps(plan, stage, "before", group.before, needs)
        if actions:
            stages.append(Stage(f"{stage}.before", f"before group {group.name}", actions, (), before))
            needs, before = (actions[-1].id,), (f"{stage}.before",)
        stages.append(_group_stage(plan, workload, group, needs, before))
        needs, before = (stages[-1].last[-1].id,), (stage,)
    return stages


def _group_stage(
    plan: Plan, workload: Workload, group: RecoveryGroup, needs: tuple[str, ...], before: tuple[str, ...]
) -> Stage:
    stage = f"group-{group.name}"
    items = [*_single_steps(plan, stage, group, needs), *_together_steps(plan, stage, workload, group, needs)]
    machines = [step.id for step in items if step.kind != "failover-plan"]
    gate = make_step(
        plan,
        "group-up",
        f"group:{group.name}",
        f"group {group.name} is up",
        stage,
        settings={"group": group.name, "members": len(machines), "quorum": group.quorum},
        needs=tuple(machines) or needs,
    )
    after = _action_steps(plan, stage, "after", group.after, (gate.id,))
    return Stage(stage, f"fail over group {group.name}", tuple(items), (gate, *after), before)


def _single_steps(plan: Plan, stage: str, group: RecoveryGroup, needs: tuple[str, ...]) -> list[Step]:
    tolerant = group.quorum < len(group.items)
    alone = [item for item in group.items if item.replication_group is None]
    return [
        make_step(
            plan,
            "failover-item",
            item.id,
            f"fail over {item.name}",
            stage,
            settings={**machine_settings(plan, item), "concurrent": len(group.items)},
            needs=needs,
            on_failure="continue" if tolerant else None,
            irreversible=True,
        )
        for item in alone
    ]


def _together_steps(
    plan: Plan, stage: str, workload: Workload, group: RecoveryGroup, needs: tuple[str, ...]
) -> list[Step]:
    """Items of one replication group go together, through the recovery plan that holds exactly them."""
    steps: list[Step] = []
    for name, plan_id, items in replication_groups(group, workload):
        together = make_step(
            plan,
            "failover-plan",
            plan_id,
            f"fail over replication group {name}",
            stage,
            settings={
                "recovery_point": plan.workload.recovery_point,
                "items": arm_ids.packed_items(item.id for item in items),
            },
            needs=needs,
            irreversible=True,
        )
        tolerant = group.quorum < len(group.items)
        steps += [together, *_machine_checks(plan, stage, items, (together.id,), tolerant=tolerant)]
    return steps


def replication_groups(group: RecoveryGroup, workload: Workload) -> list[tuple[str, str, tuple[Item, ...]]]:
    """(replication group, recovery plan to go through, its items) of a recovery group."""
    names = dict.fromkeys(item.replication_group for item in group.items if item.replication_group)
    found = []
    for name in names:
        items = tuple(item for item in group.items if item.replication_group == name)
        found.append((str(name), workload.together.get(str(name), ""), items))
    return found


def _whole_plan_stages(
    plan: Plan, workload: Workload, needs: tuple[str, ...], stages_before: tuple[str, ...]
) -> list[Stage]:
    """``drive: plan``: Site Recovery walks its recovery plan as one job; each machine is checked afterwards."""
    stage = "machines"
    together = make_step(
        plan,
        "failover-plan",
        workload.recovery_plan or "",
        "fail over the recovery plan as one job",
        "workload",
        settings={
            "recovery_point": plan.workload.recovery_point,
            "items": arm_ids.packed_items(item.id for item in workload.items),
        },
        needs=needs,
        irreversible=True,
    )
    quorum = sum(group.quorum for group in workload.groups)
    checks = _machine_checks(plan, stage, workload.items, (together.id,), tolerant=quorum < len(workload.items))
    gate = make_step(
        plan,
        "group-up",
        "group:all",
        "every machine is up",
        stage,
        settings={"group": "all", "members": len(checks), "quorum": quorum},
        needs=tuple(step.id for step in checks),
    )
    return [
        Stage("workload", "fail over the recovery plan", (together,), (), stages_before),
        Stage(stage, "check every machine", tuple(checks), (gate,), ("workload",)),
    ]


def _machine_checks(
    plan: Plan, stage: str, items: tuple[Item, ...], needs: tuple[str, ...], *, tolerant: bool
) -> list[Step]:
    return [
        make_step(
            plan,
            "check-machine",
            item.id,
            f"{item.name} is up",
            stage,
            settings=machine_settings(plan, item),
            needs=needs,
            on_failure="continue" if tolerant else None,
        )
        for item in items
    ]


def machine_settings(plan: Plan, item: Item) -> dict[str, Any]:
    """What is needed to fail an item over and to know that its machine is up."""
    probe = plan.workload.probes.get(item.name)
    return {
        "machine": item.machine,
        "addresses": list(item.target_addresses),
        "recovery_point": plan.workload.recovery_point,
        "network": item.network,
        "resource_group": item.resource_group,
        "source_machine": item.source_machine,
        "probe": {"url": probe.url} if probe else None,
    }


def readiness_items(items: tuple[Item, ...]) -> list[list[dict[str, Any]]]:
    """Items in chunks small enough for one step's settings."""
    rows = [{"id": item.id, "machine": item.machine, "addresses": list(item.target_addresses)} for item in items]
    return [rows[start : start + READINESS_CHUNK] for start in range(0, len(rows), READINESS_CHUNK)]


def _action_steps(
    plan: Plan, stage: str, moment: str, actions: tuple[Action, ...], needs: tuple[str, ...]
) -> tuple[Step, ...]:
    """A person's actions, one after another."""
    steps: list[Step] = []
    for number, action in enumerate(actions):
        step = make_step(
            plan,
            "wait-person",
            f"action:{stage}:{moment}:{number}",
            f"{action.role}: {action.name}",
            stage,
            settings={"question": action.instruction, "role": action.role},
            needs=needs,
        )
        steps.append(step)
        needs = (step.id,)
    return tuple(steps)
