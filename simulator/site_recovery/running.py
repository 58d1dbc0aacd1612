"""One scenario on one item: accepted once, run through its job, ended with its effect or its error.

This is the only place that makes an item busy. The mark is set before the 202 goes out and in the same moment, so of
any number of equal requests exactly one is accepted; what shows of it (currentScenario, the job) may come later when
the scenario file says that jobs show up late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from simulator.core.scenario import Job as JobFault
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import wire
from simulator.site_recovery.bodies import no_scenario, stable_guid
from simulator.site_recovery.jobs import Job, plan_tasks
from simulator.site_recovery.models import Document, Item, SiteRecovery, of
from simulator.site_recovery.transitions import Transition

Effect = Callable[[], Document | None]
NOT_IDEMPOTENT = (
    "unplannedFailover",
    "testFailover",
    "testFailoverCleanup",
    "failoverCommit",
    "applyRecoveryPoint",
    "reProtect",
    "switchprotection",
)
SHUTDOWN_AT = 0.25
"""The part of a failover's time at which the source is asked to shut down (a guess)."""


@dataclass
class Run:
    """What one scenario on one item is to do. ``at_end`` gives an ARM error object or None."""

    row: Transition
    item: Item
    at_end: Effect
    midway: Callable[[], object] | None = None
    skipping: frozenset[str] = frozenset()
    custom: Document = field(default_factory=dict)
    showing: Document = field(default_factory=dict)
    job_id: str = ""


@dataclass(frozen=True)
class Course:
    """How long a run takes and what will strike it, known when it is accepted. Seconds."""

    queued: float
    seconds: float
    fault: JobFault | None

    @property
    def total(self) -> float:
        return self.queued + self.seconds

    @property
    def error(self) -> Document | None:
        if self.fault is None or self.fault.fails_with is None:
            return None
        return {"code": self.fault.fails_with.code, "message": self.fault.fails_with.message}


def course(world: World, action: str, wire_action: str, resource: str, name: str) -> Course:
    fault = world.faults.job(action, name)
    seconds = fault.duration if fault and fault.duration is not None else world.draw(wire_action, resource)
    return Course(max(0.0, world.draw("site-recovery/queued", resource)), seconds, fault)


def begin(world: World, request: Request, run: Run, *, action: str = "", resource: str = "") -> Response:
    """Accept ``run`` as an operation of its own: one job, one 202. ``take`` must have allowed it."""
    item = run.item
    action, resource = action or run.row.wire, resource or item.id
    planned = course(world, run.row.action, action, resource, item.name)
    name = world.fresh_guid("operation", action, resource)
    job = start(world, run, planned, name)
    operation = world.operations.begin(
        action,
        resource,
        location=world.documents.location_of(item.vault),
        finish=lambda: end(world, run, planned, job),
        abandon=lambda: cancel(world, run, job),
        idempotent=action.rsplit("/", 1)[1] not in NOT_IDEMPOTENT,
        duration=planned.total,
        style=wire.STYLE,
        method=request.method,
        title=run.row.scenario,
        operation_id=name,
        data={"queued_until": world.now + timedelta(seconds=planned.queued), "result_of": resource},
    )
    return wire.accepted(world, request, operation)


def start(world: World, run: Run, planned: Course, name: str) -> Job:
    """Make the job, mark the item busy, and schedule what happens on the way."""
    site, item = of(world), run.item
    began = world.now + timedelta(seconds=planned.queued)
    late = planned.fault.appears_after if planned.fault else 0.0
    job = site.jobs.add(
        Job(
            vault=item.vault,
            name=name,
            scenario=run.row.scenario,
            target_id=stable_guid(item.id, "target"),
            target_name=str(item.properties["friendlyName"]),
            target_kind="ProtectionEntity",
            began=began,
            tasks=plan_tasks(run.row.scenario, began, planned.seconds, run.skipping),
            custom={**run.custom, "affectedObjectDetails": affected(item)},
            visible_from=world.now + timedelta(seconds=late),
            fabric_id=item.fabric_id,
            target_resource=item.id,
        )
    )
    run.job_id = job.id
    site.busy[item.key] = run.row.scenario
    run.showing = {key: item.properties.get(key) for key in ("allowedOperations", "protectionState")}
    if late > 0:
        world.after(late, lambda: _show(site, run, job))
    else:
        _show(site, run, job)
    if run.midway is not None:
        world.after(planned.queued + planned.seconds * SHUTDOWN_AT, lambda: _midway(run, job))
    return job


def _show(site: SiteRecovery, run: Run, job: Job) -> None:
    if not job.running:
        return
    item = run.item
    item.properties["currentScenario"] = {
        "scenarioName": run.row.scenario,
        "jobId": job.id,
        "startTime": wire.precise(job.began),
    }
    item.properties["allowedOperations"] = []
    if run.row.action == "unplannedFailover":
        item.properties["protectionState"] = site.guesses.while_failing_over
    site.world.documents.changed(item.id)


def _midway(run: Run, job: Job) -> None:
    if job.running and run.midway is not None:
        run.midway()


def end(world: World, run: Run, planned: Course, job: Job) -> Document | None:
    """The run's end: its effect, or its error with the item as it was before."""
    if not job.running:
        return None
    site, item = of(world), run.item
    error = planned.error
    free(site, run)
    if error is None:
        error = run.at_end()
    if error is not None:
        error = {**error, "details": error.get("details")}
        if run.row.action == "unplannedFailover":
            item.properties["protectionState"] = site.guesses.after_failed_failover
    job.close(world.now, error)
    return error


def cancel(world: World, run: Run, job: Job) -> None:
    """The run was cancelled: the item is as before (a guess; no cancelled failover was recorded)."""
    free(of(world), run)
    job.close(world.now, cancelled=True)


def free(site: SiteRecovery, run: Run) -> None:
    """The item takes operations again and shows what it showed before."""
    item = run.item
    site.busy.pop(item.key, None)
    item.properties["currentScenario"] = no_scenario(item.vault)
    item.properties.update(run.showing)
    site.world.documents.changed(item.id)


def affected(item: Item) -> Document:
    """``affectedObjectDetails`` of a job (PowerShell excerpt reprotect_job)."""
    p = item.properties
    recovery_container = str(p["recoveryContainerId"])
    return {
        "primaryVmId": stable_guid(item.id, "target"),
        "primaryVmName": p["friendlyName"],
        "recoveryVmId": "",
        "recoveryVmName": item.details["recoveryAzureVMName"],
        "protectionProfileId": stable_guid(str(p["policyId"])),
        "primaryCloudId": stable_guid(item.container_id),
        "primaryCloudName": p["primaryProtectionContainerFriendlyName"],
        "recoveryCloudId": stable_guid(recovery_container),
        "recoveryCloudName": p["recoveryProtectionContainerFriendlyName"],
        "primaryVmmId": stable_guid(item.fabric_id),
        "primaryVmmName": p["primaryFabricFriendlyName"],
        "recoveryVmmId": stable_guid(str(p["recoveryFabricId"])),
        "recoveryVmmName": p["recoveryFabricFriendlyName"],
        "primaryFabricProviderId": "Azure",
        "recoveryFabricProviderId": "Azure",
    }


def _vault_number(vault: str) -> str:
    """A vault's own jobs name it by a number (VAULT #28)."""
    return str(int(stable_guid(vault, "number").replace("-", ""), 16) % 10**19)


def simple(
    world: World,
    request: Request,
    *,
    action: str,
    resource: str,
    scenario: str,
    target_kind: str,
    finish: Effect,
    warning: Document | None = None,
    duration: float | None = None,
    target: str | None = None,
    name: str | None = None,
    result_at: str | None = None,
) -> Response:
    """Accept a write that is no item's scenario (a fabric, a mapping, a policy, a plan): one job, one 202."""
    vault = wire.vault_of(resource)
    name = name or world.fresh_guid("operation", action, resource)
    target = resource.rsplit("/", 1)[1] if target is None else target
    planned = course(world, action.rsplit("/", 1)[1], action, resource, target)
    if duration is not None:
        planned = Course(0.0, duration, None)
    began = world.now + timedelta(seconds=planned.queued)
    job = of(world).jobs.add(
        Job(
            vault=vault,
            name=name,
            scenario=scenario,
            target_id=_vault_number(vault) if target_kind == "Vault" else stable_guid(resource),
            target_name=target,
            target_kind=target_kind,
            began=began,
            tasks=plan_tasks(scenario, began, planned.seconds),
            custom={"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
            visible_from=world.now,
            target_resource=resource,
        )
    )

    def ended() -> Document | None:
        error = planned.error or finish()
        job.close(world.now, error)
        return error

    operation = world.operations.begin(
        action,
        resource,
        location=world.documents.location_of(vault),
        finish=ended,
        abandon=lambda: job.close(world.now, cancelled=True),
        duration=planned.total,
        style=wire.STYLE,
        method=request.method,
        title=scenario,
        operation_id=name,
        data={"queued_until": began, "result_of": resource, "warning": warning, "result_at": result_at},
    )
    return wire.accepted(world, request, operation)
