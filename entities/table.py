"""From a table of pure operations to an entity function as the Durable SDK calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from domain.control_state import Change, State


def entity_over(new_state: Callable[[], State], operations: Mapping[str, Change]) -> Callable[[Any], None]:
    """An entity whose operations are ``operations``. An unknown one is an error that names the known."""

    def entity(context: Any) -> None:
        # What an older version did not keep takes its default: entities outlive a deployment.
        state = {**new_state(), **(context.get_state(new_state) or {})}
        change = operations.get(context.operation_name)
        if change is None:
            raise ValueError(f"unknown operation {context.operation_name!r}; expected one of {', '.join(operations)}")
        state, answer = change(state, _given(_input(context)))
        context.set_state(state)
        context.set_result(answer)

    return entity


def _input(context: Any) -> Any:
    """The operation's input. The SDK stumbles over none at all, and over one that was encoded only once (by curl)."""
    try:
        return context.get_input()
    except (TypeError, ValueError):
        return getattr(context, "_input", None)


def _given(value: Any) -> dict[str, Any]:
    """The operation's input. A door's signal arrives as JSON text of JSON text (sources: Durable Functions)."""
    for _ in range(2):
        if isinstance(value, str):
            value = json.loads(value)
    return value if isinstance(value, dict) else {}
