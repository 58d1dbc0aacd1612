"""Parts of a resource that can be read by themselves: an interface's configurations, a group's default rules."""

from __future__ import annotations

import copy

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network.kinds import ENGINE


def get_part(world: World, request: Request) -> Response:
    owner_id, word = request.path.rstrip("/").rsplit("/", 2)[:2]
    parts = _parts(world, request, owner_id, word)
    if parts is None:
        return errors.resource_not_found(owner_id)
    wanted = ids.last(request.path).lower()
    found = next((part for part in parts if part["name"].lower() == wanted), None)
    return Response(200, found, {"ETag": found["etag"]}) if found else errors.child_not_found(request.path)


def list_parts(world: World, request: Request) -> Response:
    owner_id, word = request.path.rstrip("/").rsplit("/", 1)
    parts = _parts(world, request, owner_id, word)
    return errors.resource_not_found(owner_id) if parts is None else Response(200, {"value": parts})


def _parts(world: World, request: Request, owner_id: str, word: str) -> list[Document] | None:
    owner = world.documents.get(owner_id)
    if owner is None:
        return None
    shown = ENGINE.bodies.shown(world, owner, "GET", request.api_version)["properties"]
    name = next((name for name in shown if name.lower() == word.lower()), word)
    return copy.deepcopy(list(shown.get(name) or ()))
