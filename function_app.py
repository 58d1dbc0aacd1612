"""What the Functions host loads: every function of the app, registered from the tables of its packages.

Nothing is decided here and nothing heavy is imported: the host indexes this file on every cold start. The host and the
worker inspect annotations, and one that they do not accept unloads the whole app (docs/architecture.md), so activities
take a ``dict`` called ``call`` and annotations are never postponed in this file.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import azure.durable_functions as df

from activities import ACTIVITIES
from entities import ENTITIES
from orchestrators import ORCHESTRATORS
from triggers import CLIENT_ACTIVITIES, DOORS, as_function
from triggers.auth import level_for

app = df.DFApp()


def _activity(name: str, work: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict], Any]:  # type: ignore[type-arg]
    def activity(call: dict) -> Any:  # type: ignore[type-arg]
        return work(call)

    activity.__name__ = name
    return activity


def _client_activity(
    name: str, work: Callable[[dict[str, Any], Any], Awaitable[dict[str, Any]]]
) -> Callable[[dict, str], Awaitable[Any]]:  # type: ignore[type-arg]
    async def activity(call: dict, client: str) -> Any:  # type: ignore[type-arg]
        return await work(call, client)

    activity.__name__ = name
    return activity


for _name, _orchestrator in ORCHESTRATORS.items():
    app.function_name(_name)(app.orchestration_trigger("context", _name)(_orchestrator))

for _name, _entity in ENTITIES.items():
    app.function_name(_name)(app.entity_trigger("context", _name)(_entity))

for _name, _work in ACTIVITIES.items():
    app.function_name(_name)(app.activity_trigger("call", _name)(_activity(_name, _work)))

for _name, _client_work in CLIENT_ACTIVITIES.items():
    _bound = app.durable_client_input("client")(_client_activity(_name, _client_work))
    app.function_name(_name)(app.activity_trigger("call", _name)(_bound))

for _door in DOORS:
    _level = level_for(_door.access)
    _answer = app.durable_client_input("client")(as_function(_door, _level))
    app.function_name(_door.name)(app.route(_door.route, methods=[_door.method], auth_level=_level)(_answer))
