"""The SDK's action list, parsed: what an orchestrator function asked for, in order, since its generation began.

Only the shape is checked here. What an action *does* is in ``replay``; what this host refuses is refused here by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from devhost.errors import InvalidActionError, UnsupportedFeature
from devhost.history import parse_iso

OUT_OF_PROC_MARKER = "\n\n$OutOfProcData$:"
MAX_RETRY_INTERVAL = timedelta(days=6)


class ActionType(IntEnum):
    CALL_ACTIVITY = 0
    CALL_ACTIVITY_WITH_RETRY = 1
    CALL_SUB_ORCHESTRATOR = 2
    CALL_SUB_ORCHESTRATOR_WITH_RETRY = 3
    CONTINUE_AS_NEW = 4
    CREATE_TIMER = 5
    WAIT_FOR_EXTERNAL_EVENT = 6
    CALL_ENTITY = 7
    CALL_HTTP = 8
    SIGNAL_ENTITY = 9
    SCHEDULED_SIGNAL_ENTITY = 10
    WHEN_ANY = 11
    WHEN_ALL = 12


@dataclass(frozen=True)
class RetryOptions:
    """As the extension reads them; SDK 1.7 sends only the first two."""

    first_interval: timedelta
    max_attempts: int
    coefficient: float = 1.0
    max_interval: timedelta = MAX_RETRY_INTERVAL
    timeout: timedelta | None = None

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> RetryOptions:
        options = cls(
            timedelta(milliseconds=raw["firstRetryIntervalInMilliseconds"]),
            int(raw["maxNumberOfAttempts"]),
            float(raw.get("backoffCoefficient") or 1.0),
            _milliseconds(raw.get("maxRetryIntervalInMilliseconds")) or MAX_RETRY_INTERVAL,
            _milliseconds(raw.get("retryTimeoutInMilliseconds")),
        )
        if options.first_interval > MAX_RETRY_INTERVAL or options.max_interval > MAX_RETRY_INTERVAL:
            raise InvalidActionError("a retry interval may not be longer than 6 days")
        return options

    def delay(self, attempt: int, first_attempt_at: datetime, now: datetime) -> timedelta:
        """Wait after the failed try number ``attempt`` (from 0); zero when the retry timeout has passed."""
        if self.timeout is not None and now >= first_attempt_at + self.timeout:
            return timedelta(0)
        milliseconds = self.first_interval.total_seconds() * 1000 * self.coefficient**attempt
        return min(timedelta(milliseconds=milliseconds), self.max_interval)


@dataclass(frozen=True)
class Action:
    kind: ActionType
    name: str = ""
    input: str | None = None
    instance_id: str | None = None
    version: str | None = None
    fire_at: datetime | None = None
    cancelled: bool = False
    retry: RetryOptions | None = None
    children: tuple[Action, ...] = ()


@dataclass(frozen=True)
class FunctionOutput:
    """One call of an orchestrator function: its cumulative actions and how it stands."""

    actions: tuple[Action, ...]
    done: bool
    output: str | None
    error: str | None
    custom_status: str | None


def parse_output(text: str) -> FunctionOutput:
    """The answer of an orchestrator, as JSON. ``output`` and ``custom_status`` come back as compact JSON text."""
    state = json.loads(text)
    actions = tuple(parse_action(raw) for batch in state["actions"] for raw in batch)
    return FunctionOutput(
        actions, bool(state.get("isDone")), _text(state.get("output")), state.get("error"),
        _text(state.get("customStatus")),
    )


def parse_failure(message: str) -> FunctionOutput | None:
    """The state inside an exception text, or None when the function failed outside the SDK's protocol."""
    _, marker, state = message.partition(OUT_OF_PROC_MARKER)
    if not marker:
        return None
    output = parse_output(state)
    return FunctionOutput(output.actions, False, None, output.error or message, output.custom_status)


def parse_action(raw: dict[str, Any]) -> Action:
    kind = ActionType(raw["actionType"])
    if kind in (ActionType.WHEN_ALL, ActionType.WHEN_ANY):
        return Action(kind, children=tuple(parse_action(child) for child in raw["compoundActions"]))
    if kind is ActionType.CALL_HTTP:
        raise UnsupportedFeature("call_http is not served by this host; make the HTTP call in an activity")
    if kind is ActionType.SCHEDULED_SIGNAL_ENTITY:
        raise UnsupportedFeature("scheduled entity signals are not served by this host")
    if kind is ActionType.CREATE_TIMER:
        return Action(kind, fire_at=parse_iso(raw["fireAt"]), cancelled=bool(raw.get("isCanceled")))
    if kind is ActionType.WAIT_FOR_EXTERNAL_EVENT:
        return Action(kind, name=raw["externalEventName"])
    if kind in (ActionType.CALL_ENTITY, ActionType.SIGNAL_ENTITY):
        return Action(kind, name=raw["operation"], input=raw.get("input"), instance_id=raw["instanceId"])
    if kind is ActionType.CONTINUE_AS_NEW:
        return Action(kind, input=raw.get("input"))
    retry = RetryOptions.parse(raw["retryOptions"]) if "retryOptions" in raw else None
    return Action(
        kind, name=raw["functionName"], input=raw.get("input"), instance_id=raw.get("instanceId") or None,
        version=raw.get("version"), retry=retry,
    )


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _milliseconds(value: Any) -> timedelta | None:
    return None if value is None else timedelta(milliseconds=value)
