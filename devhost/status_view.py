"""How an instance looks from outside: the status body, its history for people, and lists with filters and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from devhost.episode import Record
from devhost.history import WIRE_NAMES, Event, EventType, Status, parse_iso
from devhost.store import Store

_HIDDEN_FIELDS = ("TaskScheduledId", "TimerId", "EventId", "IsPlayed", "Version", "Timestamp", "EventType")
_SCHEDULED = {
    EventType.TASK_COMPLETED: EventType.TASK_SCHEDULED,
    EventType.TASK_FAILED: EventType.TASK_SCHEDULED,
    EventType.SUB_ORCHESTRATION_COMPLETED: EventType.SUB_ORCHESTRATION_CREATED,
    EventType.SUB_ORCHESTRATION_FAILED: EventType.SUB_ORCHESTRATION_CREATED,
}


def instance_body(
    store: Store, record: Record, *, show_input: bool = True, show_history: bool = False, show_output: bool = False
) -> dict[str, Any]:
    """Keys in the extension's order; times in whole seconds; JSON texts parsed, other texts as they are."""
    body: dict[str, Any] = {
        "name": record.name,
        "instanceId": record.instance_id,
        "runtimeStatus": record.status.wire_name,
        "input": _parsed(record.input) if show_input else None,
        "customStatus": _parsed(record.custom_status),
        "output": _parsed(record.output),
        "createdTime": _seconds(record.created),
        "lastUpdatedTime": _seconds(record.updated),
    }
    if show_history:
        events = [json.loads(text) for text in store.history(record.instance_id)]
        body["historyEvents"] = _for_people(events, show_input=show_input, show_output=show_output)
    return body


def _for_people(events: list[Event], *, show_input: bool, show_output: bool) -> list[dict[str, Any]]:
    scheduled = {
        (e["EventType"], e["EventId"]): e
        for e in events
        if e["EventType"] in (EventType.TASK_SCHEDULED, EventType.SUB_ORCHESTRATION_CREATED)
    }
    done = {(_SCHEDULED[e["EventType"]], e["TaskScheduledId"]) for e in events if e["EventType"] in _SCHEDULED}
    shown = []
    for e in events:
        kind = e["EventType"]
        if kind in (EventType.ORCHESTRATOR_STARTED, EventType.ORCHESTRATOR_COMPLETED) or (kind, e["EventId"]) in done:
            continue
        shown.append(_one(e, scheduled, show_input=show_input, show_output=show_output))
    return shown


def _one(
    e: Event, scheduled: dict[tuple[int, int], Event], *, show_input: bool, show_output: bool
) -> dict[str, Any]:
    kind = e["EventType"]
    body: dict[str, Any] = {"EventType": WIRE_NAMES[kind]}
    body.update({name: value for name, value in e.items() if name not in _HIDDEN_FIELDS and name != "Result"})
    body["Timestamp"] = e["Timestamp"]
    if not show_input:
        body.pop("Input", None)
    if show_output and "Result" in e:
        body["Result"] = _parsed(e["Result"])
    if kind == EventType.EXECUTION_STARTED:
        body["FunctionName"] = body.pop("Name")
    if kind == EventType.EXECUTION_COMPLETED:
        body["OrchestrationStatus"] = Status(e["OrchestrationStatus"]).wire_name
    if kind in _SCHEDULED:
        source = scheduled.get((_SCHEDULED[kind], e["TaskScheduledId"]))
        if source:
            body["ScheduledTime"], body["FunctionName"] = source["Timestamp"], source["Name"]
            if show_input:
                body["Input"] = source.get("Input")
    return body


def select_instances(
    store: Store, query: Mapping[str, str], token: str | None
) -> tuple[list[Record], str | None]:
    """Filters createdTimeFrom/To, runtimeStatus (A,B), instanceIdPrefix, top; the token is the last id seen."""
    clauses, values = ["1"], list[Any]()
    for name, operator in (("createdTimeFrom", ">="), ("createdTimeTo", "<=")):
        if query.get(name):
            clauses.append(f"created{operator}?")
            values.append(_stored_time(query[name]))
    if query.get("instanceIdPrefix"):
        clauses.append("substr(id,1,?)=?")
        values += [len(query["instanceIdPrefix"]), query["instanceIdPrefix"]]
    if query.get("runtimeStatus"):
        wanted = {name.strip().lower() for name in query["runtimeStatus"].split(",")}
        numbers = [int(status) for status in Status if status.wire_name.lower() in wanted]
        clauses.append(f"status IN ({','.join('?' * len(numbers))})")
        values += numbers
    if token:
        clauses.append("id>?")
        values.append(token)
    top = int(query.get("top") or 0)
    limit = f" LIMIT {top + 1}" if top else ""
    records = store.instances(f"{' AND '.join(clauses)} ORDER BY id{limit}", *values)
    if top and len(records) > top:
        return records[:top], records[top - 1].instance_id
    return records, None


def _stored_time(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _parsed(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _seconds(stored: str) -> str:
    return parse_iso(stored).strftime("%Y-%m-%dT%H:%M:%SZ")
