"""One batch of operations on one entity, through the SDK's entity handle (sources: Durable Functions).

Failing operations are values: the caller gets the text, the entity lives on. The host runs one batch of an entity at
a time and commits state, replies and consumed operations together.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devhost.errors import HostError, PayloadTooLarge, UnsupportedFeature, check_payload

log = logging.getLogger("devhost.entities")

Operation = dict[str, Any]
"""{"op", "id"?, "input"?, "signal"?, "parent"?, "parentExecution"?}; ``input`` is what the caller sent, JSON text."""


@dataclass(frozen=True)
class Reply:
    """Goes to an orchestration as EventRaised named ``request_id``."""

    parent: str
    parent_execution: str
    request_id: str
    body: dict[str, str]


@dataclass(frozen=True)
class EntityOutcome:
    """``state`` None means the entity does not exist (any more)."""

    state: str | None
    replies: list[Reply]


def split_id(entity_id: str) -> tuple[str, str]:
    """"@name@key" -> (name, key); a key may hold further "@"."""
    _, name, key = entity_id.split("@", 2)
    return name, key


def run_batch(
    entity_id: str, state: str | None, operations: list[Operation], function: Callable[[], Callable[[str], str]]
) -> EntityOutcome:
    name, key = split_id(entity_id)
    trigger = {
        "self": {"name": name, "key": key},
        "exists": state is not None,
        "state": state,
        "batch": [_batch_item(operation) for operation in operations],
    }
    try:
        output = _checked(entity_id, json.loads(function()(json.dumps(trigger))))
    except Exception as error:
        if not isinstance(error, HostError):
            log.exception("entity %s failed outside its operations", entity_id)
        return EntityOutcome(state, [r for o in operations if (r := _reply(o, _error(f"{error}"), failed=True))])
    replies = []
    for operation, result in zip(operations, output["results"], strict=True):
        reply = _result_reply(entity_id, operation, result)
        if reply:
            replies.append(reply)
        elif result["isError"]:
            log.warning("a signal '%s' to entity %s failed", operation["op"], entity_id)
    return EntityOutcome(output["entityState"] if output["entityExists"] else None, replies)


def _checked(entity_id: str, output: dict[str, Any]) -> dict[str, Any]:
    if output["signals"]:
        raise UnsupportedFeature(f"entity '{entity_id}' sent signals, which this host does not serve")
    return output


def _batch_item(operation: Operation) -> dict[str, Any]:
    text = operation.get("input")
    return {
        "name": operation["op"],
        "input": text if operation.get("raw") else None if text is None else json.dumps(text),
        "isSignal": bool(operation.get("signal")),
    }


def _result_reply(entity_id: str, operation: Operation, result: dict[str, Any]) -> Reply | None:
    text, failed = result["result"], bool(result["isError"])
    try:
        check_payload(text, f"the result of operation '{operation['op']}' of entity '{entity_id}'")
    except PayloadTooLarge as error:
        text, failed = _error(str(error)), True
    return _reply(operation, text, failed=failed)


def _reply(operation: Operation, text: str, *, failed: bool) -> Reply | None:
    if operation.get("signal"):
        return None
    body = {"result": text, "exceptionType": "Error"} if failed else {"result": text}
    return Reply(operation["parent"], operation["parentExecution"], operation["id"], body)


def _error(message: str) -> str:
    return json.dumps(message)
