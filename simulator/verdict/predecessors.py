"""Nothing is connected before its predecessor is disconnected or fenced (rule 3), seen at the moment of acceptance.

What would be if the new link were up now is worked out with the same tables that say what is.
"""

from __future__ import annotations

from simulator.core import ids
from simulator.core.log import Event
from simulator.core.world import World
from simulator.on_premises.wiring import routing_of, tunnels_of
from simulator.routes import azure_side, views
from simulator.routes.obstacles import BLOCKED, NOT_PREPARED, obstacle
from simulator.routes.tables import Tables
from simulator.routes.views import Sight
from simulator.routes.wishes import PAIR, Wish, of_connection, other_half

RULE = "predecessor-still-joined"
LINKS = ("connections/write", "virtualNetworkPeerings/write")
Pairs = dict[str, list[tuple[Sight, Sight]]]


def watch(world: World) -> None:
    world.log.on("operation.accepted", lambda event: _accepted(world, event))


def _accepted(world: World, event: Event) -> None:
    document = world.documents.get(event["resource"])
    if event["action"] not in LINKS or document is None:
        return
    up = {one.wish.key: (one.wish, one.up_since or 0.0) for one in tunnels_of(world).all() if one.up}
    mine = {ids.key(document["id"])}
    wanted = dict(up)
    if event["action"] == LINKS[0]:
        new = [wish for wish in of_connection(world, document) if wish.key not in up]
        for wish in (*new, *(half for one in new for half in _answering(world, one))):
            wanted.setdefault(wish.key, (wish, world.seconds))
            mine.add(ids.key(wish.connection))
        wanted = {key: told for key, told in wanted.items() if key in up or _welcome(world, told[0])}
        if wanted.keys() == up.keys():
            return
    else:
        mine |= {ids.key(half["id"]) for half in _twin(world, document["id"], azure_side.remote_of(document))}
    for observer, pairs in _torn(world, Tables(world, wanted)).items():
        told = [pair for pair in pairs if any(ids.key(one.connection) in mine for one in pair)]
        if told:
            _tell(world, document["id"], observer, told[0], mine)


def _tell(world: World, new: str, observer: str, pair: tuple[Sight, Sight], mine: set[str]) -> None:
    old = next((one for one in pair if ids.key(one.connection) not in mine), pair[0])
    joined = ids.last(old.connection)
    detail = f"{ids.last(new)} was accepted while {joined} still joins {old.prefix} to {ids.last(observer)}"
    world.violated(RULE, detail)


def _torn(world: World, tables: Tables) -> Pairs:
    seen = views.observed(world, tables, routing_of(world).failing)
    return {observer: pairs for observer, (_, sights) in seen.items() if (pairs := views.torn(sights))}


def _welcome(world: World, wish: Wish) -> bool:
    """Whether the device at the other end would let it come up."""
    return obstacle(world, wish) not in (BLOCKED, NOT_PREPARED)


def _answering(world: World, wish: Wish) -> list[Wish]:
    """The tunnel of the other half, where there is one."""
    other = other_half(world, wish) if wish.kind == PAIR else None
    return list(of_connection(world, other)) if other is not None else []


def _twin(world: World, peering_id: str, remote_id: str) -> list[dict[str, object]]:
    local = ids.parent_of(peering_id) or ""
    return [
        half
        for half in world.documents.children(remote_id, azure_side.PEERING)
        if ids.same(azure_side.remote_of(half), local)
    ]
