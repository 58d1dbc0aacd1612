"""The few words that all orchestrators speak with the durable context.

Traps of the SDK are held off here: payloads that arrive doubly encoded, empty lists of tasks, timers left open, and
exceptions whose type is lost (sources: Durable Functions).
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import names
from domain.codec import to_wire

Steps = Generator[Any, Any, Any]


@dataclass(frozen=True)
class Entity:
    """An entity's identity, as the context wants it."""

    name: str
    key: str


def control_of(run: str) -> Entity:
    return Entity(names.CONTROL_ENTITY, run)


def automation_switch() -> Entity:
    return Entity(names.CONTROL_ENTITY, names.AUTOMATION_SWITCH)


def all_claims() -> Entity:
    return Entity(names.CLAIMS_ENTITY, names.ALL_CLAIMS)


def incident_of(tracking_id: str) -> Entity:
    return Entity(names.INCIDENT_ENTITY, tracking_id.lower())


def iso(context: Any) -> str:
    """The orchestration's own clock, ISO 8601 with its zone."""
    return _now(context).isoformat()


def now(context: Any) -> datetime:
    return _now(context)


def _now(context: Any) -> datetime:
    moment: datetime = context.current_utc_datetime
    return moment


def sleep(context: Any, seconds: float) -> Steps:
    """Wait on a durable timer."""
    yield context.create_timer(_now(context) + timedelta(seconds=seconds))


def insist(context: Any, activity: str, call: Any, *, tries: int = 6) -> Steps:
    """Call an activity that must happen (a record, a report): tried again on durable timers, then raised."""
    for attempt in range(tries):
        try:
            return (yield context.call_activity(activity, to_wire(call)))
        except Exception:
            if attempt == tries - 1:
                raise
        yield from sleep(context, 2.0 * 2**attempt)


def read_event(value: Any) -> dict[str, Any]:
    """An event's payload as an object, however often the SDK encoded it."""
    for _ in range(3):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
