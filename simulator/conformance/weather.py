"""What Azure did for reasons of its own: a call that it dropped, an operation that failed without the caller's doing.

No model foretells these. They are put in as the faults that a scenario would, from the code alone; the answer's shape
is the simulator's own.
"""

from __future__ import annotations

from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.core import errors
from simulator.core.operations import Operation
from simulator.core.scenario import parse_fault
from simulator.core.world import World

TRANSIENT = (500, 502, 503, 504)


def strike(world: World, call: Interaction) -> bool:
    """Let the next call fail as Azure's did; whether it was such a call."""
    if call.status not in TRANSIENT:
        return False
    error = call.body.get("error") if isinstance(call.body, dict) else None
    code = str((error or {}).get("code") or "ServerTimeout")
    subscription = call.path.strip("/").split("/")[1]
    message = errors.diagnostic(code, world.now, world.fresh_guid("failure"), subscription)
    effect: dict[str, Any] = {"status": call.status, "code": code, "message": message, "accepted": False}
    world.faults.add(parse_fault({"match": {"method": call.method, "path": ".*", "times": 1}, "then": effect}))
    return True


def fail(operation: Operation, error: dict[str, Any] | None) -> None:
    """An operation that Azure let fail fails, unless the simulator knows why and has failed it itself."""
    if error is not None and operation.running:
        operation.fails_with(error)
