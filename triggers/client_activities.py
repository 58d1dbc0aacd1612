"""Activities that need the durable client: what an orchestrator must know or start beside its own children.

An orchestrator cannot ask for another instance's status, and a child that it does not wait for is never sent
(rule 14); an activity with a durable-client binding can do both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from domain import names
from triggers.durable import Durable

ClientActivity = Callable[[dict[str, Any], Any], Awaitable[dict[str, Any]]]


async def read_run_status(call: dict[str, Any], client: Any) -> dict[str, Any]:
    """``{run}`` -> ``{status}``: the run's runtime status, None when the backend has no such instance."""
    instance = await Durable(client).instance(str(call["run"]))
    return {"status": instance.runtime_status if instance else None}


async def start_run(call: dict[str, Any], client: Any) -> dict[str, Any]:
    """``{request}`` -> {}. Start a run that whoever asks for it does not wait for; one that is known stays as it is."""
    durable, run = Durable(client), str(call["request"]["run"])
    if await durable.instance(run) is None:
        await durable.start(names.FAILOVER, run, call["request"])
    return {}


CLIENT_ACTIVITIES: dict[str, ClientActivity] = {
    names.READ_RUN_STATUS: read_run_status,
    names.START_RUN: start_run,
}
"""Wire name -> bare function with parameters ``call`` and ``client``."""
