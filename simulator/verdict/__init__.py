"""The simulator judges the run by its own log: what was violated, how long routes were split, what Azure itself needed.

It never asks the program under test. `watch` adds the invariants that no single room can see; rooms report their own
by ``world.violated``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from simulator.core.log import Event
from simulator.core.room import Room
from simulator.core.world import World
from simulator.verdict.critical_path import longest_path
from simulator.verdict.predecessors import watch

ROOM = Room(name="verdict", urls=[], begin=watch)


def verdict(world: World) -> dict[str, Any]:
    """``violations`` [{at, seconds, rule, detail}], ``split_seconds``, ``non_idempotent_accepted``
    {"<action> <resource>": count} of those that did not fail (what failed may be asked for again),
    ``longest_path_seconds`` (None before anything was accepted) and the path."""
    path = longest_path(world)
    told = ("at", "seconds", "rule", "detail")
    violations = [{name: event[name] for name in told} for event in world.log.of("invariant.violated")]
    came_to_nothing = {
        event["operation"] for event in world.log.of("operation.ended") if event["status"] != "Succeeded"
    }
    accepted = Counter(
        f"{event['action']} {event['resource']}"
        for event in world.log.of("operation.accepted")
        if not event["idempotent"] and event["operation"] not in came_to_nothing
    )
    return {
        "violations": violations,
        "split_seconds": split_seconds(world),
        "non_idempotent_accepted": dict(accepted),
        "longest_path_seconds": round(sum(step.seconds for step in path), 3) if path else None,
        "longest_path": [step.told() for step in path],
    }


def split_seconds(world: World) -> float:
    """How long anything was split: the time during which at least one prefix of a site had two ways home."""
    total, since, torn = 0.0, 0.0, set[tuple[str, str]]()
    for event in world.log.events:
        if event["kind"] == "split.started":
            since = since if torn else event["seconds"]
            torn.add(_name(event))
        elif event["kind"] == "split.ended" and torn:
            torn.discard(_name(event))
            total += 0.0 if torn else event["seconds"] - since
    return round(total + (world.seconds - since if torn else 0.0), 3)


def _name(event: Event) -> tuple[str, str]:
    return event["site"], event["prefix"]
