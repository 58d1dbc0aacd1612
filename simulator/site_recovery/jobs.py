"""Site Recovery jobs: what ran, with tasks and child jobs, in full for one and thin in a list.

A job is a timeline (planned moments, cut off where it failed); what it shows is a function of the moment at which it
is asked for. It never acts: effects are scheduled by whoever made it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.core import ids
from simulator.site_recovery.bodies import JOB_TYPE, site_recovery_id, stable_guid
from simulator.site_recovery.job_tasks import FRIENDLY_NAMES, tasks_of
from simulator.site_recovery.wire import NEVER, job_end, precise

Document = dict[str, Any]


@dataclass
class Task:
    """One line of a job. ``began`` and ``ended`` may lie ahead; ``children`` make it a group."""

    task_id: str
    name: str
    friendly_name: str
    began: datetime | None
    ended: datetime | None
    failed: bool = False
    skipped: bool = False
    children: list[Job] | None = None
    group: tuple[str, str] | None = None

    def state(self, now: datetime) -> tuple[str, str]:
        """(state, description) at ``now``."""
        if self.skipped:
            return "Other", "Skipped"
        if self.began is None or now < self.began:
            return "NotStarted", "NotStarted"
        if self.ended is None or now < self.ended:
            return "InProgress", "InProgress"
        return ("Failed", "Failed") if self.failed else ("Succeeded", "Completed")


@dataclass
class Job:
    """One job. Until ``visible_from`` neither GET nor a list knows it; a child's ``began`` may lie ahead."""

    vault: str
    name: str
    scenario: str
    target_id: str
    target_name: str
    target_kind: str
    began: datetime
    tasks: list[Task]
    custom: Document
    visible_from: datetime
    fabric_id: str = ""
    target_resource: str = ""
    ended: datetime | None = None
    state: str = "InProgress"
    state_description: str = "InProgress"
    errors: list[Document] = field(default_factory=list)

    @property
    def id(self) -> str:
        return site_recovery_id(self.vault, "replicationJobs", self.name)

    @property
    def friendly_name(self) -> str:
        return FRIENDLY_NAMES.get(self.scenario, self.scenario)

    @property
    def running(self) -> bool:
        return self.ended is None

    def close(self, now: datetime, error: Document | None = None, *, cancelled: bool = False) -> None:
        """End it. The last task that had begun ends with it, Failed if there is an error; later ones never begin."""
        self.ended = now
        self.state, self.state_description = "Succeeded", "Completed"
        if cancelled:
            self.state = self.state_description = "Cancelled"
        begun = [task for task in self.tasks if task.began is not None and task.began <= now]
        for task in self.tasks:
            if task not in begun:
                task.began = task.ended = None
        if begun:
            begun[-1].ended, begun[-1].failed = now, bool(error)
        if error:
            self.state = self.state_description = "Failed"
            self.errors = [self._error(now, error)]

    def _error(self, now: datetime, error: Document) -> Document:
        """(SPEC; no failed Azure-to-Azure failover was ever recorded)"""
        return {
            "serviceErrorDetails": {
                "code": error["code"],
                "message": error["message"],
                "possibleCauses": error.get("possibleCauses", ""),
                "recommendedAction": error.get("recommendedAction", ""),
                "activityId": self.name,
            },
            "providerErrorDetails": None,
            "errorLevel": "Error",
            "creationTime": precise(now),
            "taskId": next((t.task_id for t in self.tasks if t.failed), self.tasks[-1].task_id if self.tasks else ""),
        }


def plan_tasks(scenario: str, began: datetime, seconds: float, skipping: frozenset[str] = frozenset()) -> list[Task]:
    """The tasks of a job that will take ``seconds``; rows whose condition is in ``skipping`` are Skipped."""
    tasks, at = [], began
    for row in tasks_of(scenario):
        if row.skipped_when and row.skipped_when in skipping:
            tasks.append(Task(row.task_id, row.name or row.task_id, row.friendly_name, None, None, skipped=True))
            continue
        until = began + timedelta(seconds=seconds * row.until)
        tasks.append(Task(row.task_id, row.name or row.task_id, row.friendly_name, at, until))
        at = until
    return tasks


def full(job: Job, now: datetime) -> Document:
    """What GET shows."""
    document = thin(job, now)
    document["properties"]["activityId"] = f"{job.name} ActivityId: {stable_guid(job.name)}"
    document["properties"]["tasks"] = [_task(task, now) for task in job.tasks]
    document["properties"]["errors"] = job.errors
    document["properties"]["customDetails"] = job.custom
    return document


def thin(job: Job, now: datetime) -> Document:
    """What a list shows: no tasks, no customDetails, no activityId (trap 5). An unfinished job has no endTime key."""
    started = now >= job.began
    properties: Document = {
        "activityId": None,
        "scenarioName": job.scenario,
        "friendlyName": job.friendly_name,
        "state": job.state if started else "NotStarted",
        "stateDescription": job.state_description if started else "NotStarted",
        "tasks": [],
        "errors": [],
        "startTime": precise(job.began),
        "endTime": job_end(job.ended) if job.ended else None,
        "allowedActions": ["Cancel"] if job.running and started else [],
        "targetObjectId": job.target_id,
        "targetObjectName": job.target_name,
        "targetInstanceType": job.target_kind,
        "customDetails": None,
    }
    if job.ended is None:
        del properties["endTime"]
    return {"id": job.id, "name": job.name, "type": JOB_TYPE, "properties": properties}


def _task(task: Task, now: datetime) -> Document:
    state, description = task.state(now)
    group = task.children is not None
    shown: Document = {
        "taskId": task.task_id,
        "name": task.name,
        "startTime": _moment(task.began if state != "NotStarted" else None),
        "endTime": _moment(task.ended if state not in ("NotStarted", "InProgress") else None),
        "allowedActions": [],
        "friendlyName": task.friendly_name,
        "state": state,
        "stateDescription": description,
        "taskType": "GroupTaskDetails" if group else "TaskDetails",
        "customDetails": None if group else {"instanceType": "TaskDetails"},
        "groupTaskCustomDetails": None,
        "errors": [],
    }
    if task.children is not None:
        details: Document = {
            "instanceType": "RecoveryPlanGroupTaskDetails" if task.group else "GroupTaskDetails",
            "childTasks": [_child(child, now) for child in task.children],
        }
        if task.group:
            details |= {"name": task.friendly_name, "groupId": task.group[0], "rpGroupType": task.group[1]}
        shown["groupTaskCustomDetails"] = details
    return shown


def _child(job: Job, now: datetime) -> Document:
    """A child job as a task of its parent's group (PowerShell excerpts)."""
    started = now >= job.began
    ended = job.ended is not None and now >= job.ended
    return {
        "taskId": job.scenario,
        "name": job.target_name,
        "startTime": _moment(job.began if started else None),
        "endTime": job_end(job.ended) if ended and job.ended else NEVER,
        "allowedActions": [],
        "friendlyName": job.target_name,
        "state": job.state if started else "NotStarted",
        "stateDescription": job.state_description if started else "NotStarted",
        "taskType": "JobTaskDetails",
        "customDetails": {
            "jobTask": {
                "jobId": job.id,
                "jobFriendlyName": job.friendly_name,
                "targetObjectId": job.target_id,
                "targetObjectName": job.target_name,
                "targetInstanceType": "Vm",
                "jobScenarioName": job.scenario,
            },
            "instanceType": "JobTaskDetails",
        },
        "groupTaskCustomDetails": None,
        "errors": [],
    }


def _moment(moment: datetime | None) -> str:
    return precise(moment) if moment else NEVER


class Jobs:
    """The jobs of all vaults, newest first in a list (a guess: no recorded list has more than one)."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], Job] = {}

    def add(self, job: Job) -> Job:
        self._jobs[(ids.key(job.vault), job.name.lower())] = job
        return job

    def get(self, vault: str, name: str, now: datetime) -> Job | None:
        """The job, unless it does not show yet."""
        job = self._jobs.get((ids.key(vault), name.lower()))
        return job if job and now >= job.visible_from else None

    def listed(self, vault: str, now: datetime, wanted: dict[str, str]) -> list[Job]:
        here = [job for (at, _), job in self._jobs.items() if at == ids.key(vault) and now >= job.visible_from]
        return sorted((job for job in here if _matches(job, now, wanted)), key=lambda job: job.began, reverse=True)


FILTER_KEYS = ("starttime", "endtime", "fabricid", "affectedobjecttypes", "jobstatus", "jobname", "joboutputtype")
_CLAUSE = re.compile(r"(\w+)\s+(eq|ge|le|gt|lt)\s+(?:datetime)?(?:'([^']*)'|(\S+))", re.IGNORECASE)


def read_filter(text: str | None) -> dict[str, str]:
    """``StartTime eq '...' and JobStatus eq 'InProgress,Failed'`` as Microsoft's own clients send it. The operator is
    accepted and not looked at: StartTime means since, EndTime until. Raises ValueError for what it does not know."""
    if not text:
        return {}
    wanted = {}
    for clause in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        match = _CLAUSE.fullmatch(clause.strip())
        if not match or match[1].lower() not in FILTER_KEYS:
            raise ValueError(f"The filter clause '{clause}' is not supported.")
        wanted[match[1].lower()] = match[3] if match[3] is not None else match[4]
    return wanted


def _matches(job: Job, now: datetime, wanted: dict[str, str]) -> bool:
    since, until = wanted.get("starttime"), wanted.get("endtime")
    if (since and job.began < _read(since)) or (until and job.began > _read(until)):
        return False
    state = thin(job, now)["properties"]["state"]
    checks = (("jobstatus", state), ("affectedobjecttypes", job.target_kind), ("jobname", job.name))
    for key, value in checks:
        if key in wanted and value.lower() not in [word.strip().lower() for word in wanted[key].split(",")]:
            return False
    return not wanted.get("fabricid") or ids.same(wanted["fabricid"], job.fabric_id)


def _read(text: str) -> datetime:
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip().replace(" ", "T"))
    moment = datetime.fromisoformat(re.sub(r"Z$", "+00:00", cut))
    return moment if moment.tzinfo else moment.astimezone()
