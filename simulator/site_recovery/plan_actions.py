"""A recovery plan run as one job: boot groups in order, the items of a group in parallel, a child job for each.

That a plan of Azure-to-Azure items can be run over HTTP at all is documented and was never recorded; the tasks' names,
what happens to later groups when an item fails (they do not start), and that a plan with one member in another state is
refused, are guesses (`guesses.whole_plan`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import wire
from simulator.site_recovery.bodies import stable_guid
from simulator.site_recovery.item_actions import Settings, allowed, prepare, refused
from simulator.site_recovery.jobs import Job, Task
from simulator.site_recovery.models import Document, boot_groups, of
from simulator.site_recovery.running import Course, Run, course, end, start
from simulator.site_recovery.transitions import ACTIONS, Refusal

IN_ORDER = ("unplannedFailover", "testFailover")
SCENARIOS = {"reProtect": "ReverseReplication"}
PREFLIGHT_SECONDS = 2.0


@dataclass
class Leg:
    """One item's part: its run, how long it takes, and when it begins (seconds after the acceptance)."""

    run: Run
    planned: Course
    begins: float
    name: str

    @property
    def ends(self) -> float:
        return self.begins + self.planned.total


@dataclass
class PlanRun:
    """The whole: the legs by group, the plan's job, and the first error of any leg."""

    plan: Document
    groups: list[list[Leg]] = field(default_factory=list)
    failed: Document | None = None


def begin(world: World, request: Request, plan: Document, action: str, settings: Settings) -> Response:
    """Accept ``action`` on a plan, all members or none."""
    site = of(world)
    busy = site.busy.get(plan["id"].lower())
    if busy:
        return refused(world, Refusal("AnotherOperationInProgress", f"'{busy}' is in progress on '{plan['name']}'."))
    if site.guesses.whole_plan == "refused":
        message = f"Operation '{action}' is not supported on the recovery plan '{plan['name']}'."
        return refused(world, Refusal("OperationNotSupported", message))
    runs = _members(world, plan, action, settings)
    if isinstance(runs, Response):
        return runs
    whole = _lay_out(world, plan, action, runs)
    total = max((leg.ends for group in whole.groups for leg in group), default=PREFLIGHT_SECONDS) + 1.0
    name = world.fresh_guid("operation", action, plan["id"])
    job = _job(world, whole, action, name, total)
    _mark(world, plan, job)
    for number, legs in enumerate(whole.groups):
        for leg in legs:
            _schedule(world, whole, job, number, leg)
    operation = world.operations.begin(
        f"replicationRecoveryPlans/{action}",
        plan["id"],
        location=world.documents.location_of(job.vault),
        finish=lambda: _end(world, whole, job),
        abandon=lambda: _abandon(world, whole, job),
        idempotent=False,
        duration=total,
        style=wire.STYLE,
        method=request.method,
        title=job.scenario,
        operation_id=name,
        data={"queued_until": world.now, "result_of": plan["id"]},
    )
    return wire.accepted(world, request, operation)


def _members(world: World, plan: Document, action: str, settings: Settings) -> list[list[Run]] | Response:
    """The runs of all members by group, or the first member's refusal."""
    groups: list[list[Run]] = []
    for members in boot_groups(plan):
        runs: list[Run] = []
        for member in members:
            item = of(world).item(member)
            if item is None:
                return wire.not_found(member.rsplit("/", 1)[1])
            row = allowed(world, item, action, by_plan=True)
            if isinstance(row, Response):
                return row
            run = prepare(world, item, row, settings)
            if isinstance(run, Response):
                return run
            runs.append(run)
        groups.append(runs)
    if not any(groups):
        return refused(world, Refusal("RecoveryPlanIsEmpty", f"The recovery plan '{plan['name']}' protects nothing."))
    return groups


def _lay_out(world: World, plan: Document, action: str, groups: list[list[Run]]) -> PlanRun:
    """When each leg begins. Durations are drawn, and faults struck, at the acceptance."""
    whole, at = PlanRun(plan), PREFLIGHT_SECONDS
    for runs in groups:
        legs = []
        for run in runs:
            planned = course(world, action, run.row.wire, run.item.id, run.item.name)
            legs.append(Leg(run, planned, at, world.fresh_guid("operation", action, run.item.id)))
        whole.groups.append(legs)
        if action in IN_ORDER and legs:
            at = max(leg.ends for leg in legs) + world.draw("site-recovery/recoveryPlanStep", plan["id"])
    return whole


def _schedule(world: World, whole: PlanRun, job: Job, number: int, leg: Leg) -> None:
    site = of(world)
    site.busy[leg.run.item.key] = leg.run.row.scenario
    before = [earlier for legs in whole.groups[:number] for earlier in legs]

    def go() -> None:
        if whole.failed and any(earlier.begins < leg.begins for earlier in before):
            site.busy.pop(leg.run.item.key, None)
            return
        child = start(world, leg.run, leg.planned, leg.name)
        task = next(task for task in job.tasks if task.group and task.group[0] == str(number + 1))
        if task.children is not None:
            task.children.append(child)
        world.after(leg.planned.total, lambda: finish(child))

    def finish(child: Job) -> None:
        error = end(world, leg.run, leg.planned, child)
        if error and whole.failed is None:
            whole.failed = {
                "code": error["code"],
                "message": f"The recovery plan stopped because '{leg.run.item.name}' failed: {error['message']}",
            }

    world.after(leg.begins, go)


def _job(world: World, whole: PlanRun, action: str, name: str, total: float) -> Job:
    plan, began = whole.plan, world.now
    row = ACTIONS[action.lower()]
    fault = world.faults.job(action, plan["name"])
    if fault and fault.fails_with:
        whole.failed = {"code": fault.fails_with.code, "message": fault.fails_with.message}
    done = began + timedelta(seconds=PREFLIGHT_SECONDS)
    tasks = [Task("RecoveryPlanPreflightTask", "RecoveryPlanPreflightTask", "Prerequisites check", began, done)]
    for number, legs in enumerate(whole.groups, start=1):
        first = began + timedelta(seconds=min((leg.begins for leg in legs), default=total))
        last = began + timedelta(seconds=max((leg.ends for leg in legs), default=total))
        title = f"Group {number}: {row.friendly_name} ({len(legs)})"
        group = (str(number), "Boot")
        tasks.append(Task("RecoveryPlanGroupTask", f"Group{number}", title, first, last, children=[], group=group))
    return of(world).jobs.add(
        Job(
            vault=wire.vault_of(plan["id"]),
            name=name,
            scenario=SCENARIOS.get(action, row.scenario),
            target_id=stable_guid(plan["id"]),
            target_name=plan["name"],
            target_kind="RecoveryPlan",
            began=began,
            tasks=tasks,
            custom={"instanceType": "FailoverJobDetails", "protectedItemDetails": [], "affectedObjectDetails": {}},
            visible_from=began + timedelta(seconds=fault.appears_after if fault else 0.0),
            target_resource=plan["id"],
        )
    )


def _mark(world: World, plan: Document, job: Job) -> None:
    of(world).busy[plan["id"].lower()] = job.scenario
    plan["properties"] |= {
        "currentScenario": {"scenarioName": job.scenario, "jobId": job.id, "startTime": wire.precise(job.began)},
        "currentScenarioStatus": "InProgress",
        "currentScenarioStatusDescription": "InProgress",
    }


def _end(world: World, whole: PlanRun, job: Job) -> Document | None:
    properties, site = whole.plan["properties"], of(world)
    site.busy.pop(whole.plan["id"].lower(), None)
    error = {**whole.failed, "details": None} if whole.failed else None
    job.close(world.now, error)
    properties["currentScenarioStatus"] = "Failed" if error else "Succeeded"
    properties["currentScenarioStatusDescription"] = "Failed" if error else "Completed"
    if job.scenario == "TestFailover" and not error:
        properties["currentScenarioStatus"] = "Suspended"
        properties["currentScenarioStatusDescription"] = "WaitingForStopTestFailover"
        properties["lastTestFailoverTime"] = wire.precise(job.began)
    if job.scenario == "UnplannedFailover":
        properties["lastUnplannedFailoverTime"] = wire.precise(job.began)
    for task, legs in zip(job.tasks[1:], whole.groups, strict=True):
        if task.began is not None and any(leg.planned.error for leg in legs):
            task.failed = True
    return error


def _abandon(world: World, whole: PlanRun, job: Job) -> None:
    """Cancelled: groups that have not begun never do; what runs runs on (a guess)."""
    whole.failed = {"code": "OperationCancelled", "message": "The job was cancelled."}
    of(world).busy.pop(whole.plan["id"].lower(), None)
    job.close(world.now, cancelled=True)
    status = {"currentScenarioStatus": "Cancelled", "currentScenarioStatusDescription": "Cancelled"}
    whole.plan["properties"].update(status)


def allowed_operations(world: World, plan: Document) -> list[str]:
    """What a plan offers: what all its members allow to start, what any of them has left to do (by analogy, SPEC)."""
    items = [of(world).item(member) for group in boot_groups(plan) for member in group]
    offered: list[list[str]] = [list(item.properties["allowedOperations"]) for item in items if item is not None]
    found = [word for word in ("UnplannedFailover", "TestFailover") if offered and all(word in o for o in offered)]
    left = {"TestFailoverCleanup": "TestFailoverCleanup", "Commit": "Commit", "SwitchProtection": "ReProtect"}
    return found + [shown for word, shown in left.items() if any(word in o for o in offered)]
