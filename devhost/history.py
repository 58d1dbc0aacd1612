"""History events as the Durable extension hands them to the SDK, and their encoding.

An event is a dict with exactly the extension's field names. ``IsPlayed`` is not stored: it says whether an event
belongs to the batch being processed, so it is put in when the trigger input is composed.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from enum import IntEnum
from typing import Any

Event = dict[str, Any]


class EventType(IntEnum):
    """Numbers of DurableTask.Core's ``EventType``."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    SUB_ORCHESTRATION_CREATED = 7
    SUB_ORCHESTRATION_COMPLETED = 8
    SUB_ORCHESTRATION_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13
    EVENT_SENT = 14
    EVENT_RAISED = 15
    GENERIC = 17
    EXECUTION_SUSPENDED = 19
    EXECUTION_RESUMED = 20
    EXECUTION_REWOUND = 21


WIRE_NAMES: dict[int, str] = {
    EventType.EXECUTION_STARTED: "ExecutionStarted",
    EventType.EXECUTION_COMPLETED: "ExecutionCompleted",
    EventType.EXECUTION_TERMINATED: "ExecutionTerminated",
    EventType.TASK_SCHEDULED: "TaskScheduled",
    EventType.TASK_COMPLETED: "TaskCompleted",
    EventType.TASK_FAILED: "TaskFailed",
    EventType.SUB_ORCHESTRATION_CREATED: "SubOrchestrationInstanceCreated",
    EventType.SUB_ORCHESTRATION_COMPLETED: "SubOrchestrationInstanceCompleted",
    EventType.SUB_ORCHESTRATION_FAILED: "SubOrchestrationInstanceFailed",
    EventType.TIMER_CREATED: "TimerCreated",
    EventType.TIMER_FIRED: "TimerFired",
    EventType.ORCHESTRATOR_STARTED: "OrchestratorStarted",
    EventType.ORCHESTRATOR_COMPLETED: "OrchestratorCompleted",
    EventType.EVENT_SENT: "EventSent",
    EventType.EVENT_RAISED: "EventRaised",
    EventType.GENERIC: "GenericEvent",
    EventType.EXECUTION_SUSPENDED: "ExecutionSuspended",
    EventType.EXECUTION_RESUMED: "ExecutionResumed",
    EventType.EXECUTION_REWOUND: "ExecutionRewound",
}


class Status(IntEnum):
    """Numbers of DurableTask.Core's ``OrchestrationStatus``."""

    RUNNING = 0
    COMPLETED = 1
    CONTINUED_AS_NEW = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    PENDING = 6
    SUSPENDED = 7

    @property
    def wire_name(self) -> str:
        return "ContinuedAsNew" if self is Status.CONTINUED_AS_NEW else self.name.capitalize()

    @property
    def finished(self) -> bool:
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELED, Status.TERMINATED)


def iso(moment: datetime) -> str:
    """UTC with microseconds and ``Z``, as history timestamps and FireAt are written."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_iso(text: str) -> datetime:
    """Back from ``iso``; also what the SDK writes as ``fireAt``."""
    return datetime.fromisoformat(text)


def compact(value: Any) -> str:
    """JSON as .NET writes it: no blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def event(kind: EventType, at: datetime, event_id: int = -1, **fields: Any) -> Event:
    return {"EventType": int(kind), "EventId": event_id, "Timestamp": iso(at), **fields}


def execution_started(
    at: datetime, *, instance_id: str, execution_id: str, name: str, version: str | None, input_text: str | None,
    parent: dict[str, Any] | None,
) -> Event:
    """``input_text`` is JSON text; ``parent`` {"instance", "execution", "name", "task"} or None."""
    parent_instance = parent and {
        "Name": parent["name"],
        "OrchestrationInstance": {"InstanceId": parent["instance"], "ExecutionId": parent["execution"]},
        "TaskScheduleId": parent["task"],
        "Version": None,
    }
    return event(
        EventType.EXECUTION_STARTED, at,
        OrchestrationInstance={"InstanceId": instance_id, "ExecutionId": execution_id},
        ParentInstance=parent_instance, Name=name, Version=version, Input=input_text, Tags=None, Correlation=None,
        ParentTraceContext=None, ScheduledStartTime=None, Generation=0,
    )


class History:
    """The events of one execution with their encoded form, so that an episode encodes only what is new."""

    def __init__(self, events: list[Event] | None = None, bodies: list[str] | None = None) -> None:
        self.events: list[Event] = events or []
        self._bodies: list[str] = bodies if bodies is not None else [json.dumps(e) for e in self.events]

    def __len__(self) -> int:
        return len(self.events)

    @classmethod
    def from_bodies(cls, bodies: list[str]) -> History:
        return cls([json.loads(body) for body in bodies], bodies)

    def append(self, events: list[Event], bodies: list[str]) -> None:
        self.events.extend(events)
        self._bodies.extend(bodies)

    def compose(self, current: list[str]) -> str:
        """The JSON array for the SDK: stored events as played, the current batch's bodies as not played."""
        played = ['{"IsPlayed":true,' + body[1:] for body in self._bodies]
        fresh = ['{"IsPlayed":false,' + body[1:] for body in current]
        return "[" + ",".join(played + fresh) + "]"
