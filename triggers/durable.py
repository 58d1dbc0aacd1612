"""The durable client as doors use it: six calls, each of which ends in a value or in ``Problem`` (503).

The SDK raises bare ``Exception`` for anything it did not expect; behind these calls a caller tells "not there" from
"not now". Payloads are JSON objects. The SDK encodes an event's payload twice, so whoever waits accepts its text too
(sources: Durable Functions).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import azure.durable_functions as df

from triggers.problems import Problem

ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})

APPLY_WITHIN_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Instance:
    """What the durable backend knows of one orchestration. Times are ISO 8601 UTC."""

    id: str
    name: str
    runtime_status: str
    custom_status: Any
    input: Any
    output: Any
    created_at: str | None
    updated_at: str | None

    @property
    def has_ended(self) -> bool:
        return self.runtime_status in ENDED


class Durable:
    """One request's durable client."""

    def __init__(self, client: df.DurableOrchestrationClient) -> None:
        self._client = client

    async def instance(self, instance_id: str) -> Instance | None:
        """None only when there is no such instance. The SDK reads an error (500) as an empty status, which must not be
        taken for "absent": starts and locks hang on it. Absence is the one answer without a body."""
        with _unavailable("read the state of an orchestration"):
            status = await self._client.get_status(instance_id, show_input=True)
        if status:
            return _instance(status)
        if getattr(status, "message", None) != "":
            raise Problem("unavailable", f"the durable backend could not say how {instance_id} is; try again")
        return None

    async def running(self, orchestrator: str) -> list[Instance]:
        """Every instance of an orchestrator that has not ended."""
        alive = [df.OrchestrationRuntimeStatus.Running, df.OrchestrationRuntimeStatus.Pending]
        with _unavailable("list the orchestrations"):
            found = await self._client.get_status_by(runtime_status=alive)
        return [one for one in map(_instance, found) if one.name.lower() == orchestrator]

    async def start(self, orchestrator: str, instance_id: str, data: dict[str, Any]) -> None:
        with _unavailable(f"start {instance_id}"):
            await self._client.start_new(orchestrator, instance_id, data)

    async def signal(self, entity: str, key: str, operation: str, data: dict[str, Any]) -> None:
        with _unavailable(f"tell {entity} of {key}"):
            await self._client.signal_entity(df.EntityId(entity, key), operation, data)

    async def entity(self, entity: str, key: str) -> dict[str, Any]:
        """An entity's state; empty when it has none yet."""
        with _unavailable(f"read {entity} of {key}"):
            response = await self._client.read_entity_state(df.EntityId(entity, key))
        state = decoded(response.entity_state) if response.entity_exists else None
        return state if isinstance(state, dict) else {}

    async def entity_when(
        self, entity: str, key: str, settled: Callable[[dict[str, Any]], bool]
    ) -> tuple[dict[str, Any], bool]:
        """The entity's state once ``settled`` holds of it, and True; or, after five seconds, as it is, and False."""
        loop = asyncio.get_running_loop()
        until = loop.time() + APPLY_WITHIN_SECONDS
        while True:
            state = await self.entity(entity, key)
            if settled(state):
                return state, True
            if loop.time() >= until:
                return state, False
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def raise_event(self, instance_id: str, event: str, data: dict[str, Any]) -> bool:
        """False when the instance is gone or has ended, which no repetition will mend."""
        instance = await self.instance(instance_id)
        if instance is None or instance.has_ended:
            return False
        with _unavailable(f"answer {instance_id}"):
            await self._client.raise_event(instance_id, event, data)
        return True


def decoded(value: Any) -> Any:
    """JSON text becomes what it encodes (the SDK and hosts differ in how often they encode); the rest stays."""
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        try:
            return decoded(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return value


@contextlib.contextmanager
def _unavailable(doing: str) -> Iterator[None]:
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        raise Problem("unavailable", f"the durable backend could not {doing}; try again") from error


def _instance(status: df.DurableOrchestrationStatus) -> Instance:
    return Instance(
        id=status.instance_id or "",
        name=status.name or "",
        runtime_status=status.runtime_status.name if status.runtime_status else "Unknown",
        custom_status=decoded(status.custom_status),
        input=decoded(status.input_),
        output=decoded(status.output),
        created_at=_iso(status.created_time),
        updated_at=_iso(status.last_updated_time),
    )


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
