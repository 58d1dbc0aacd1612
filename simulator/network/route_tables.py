"""How many routes a table takes: 400, and 25 that name a service tag (documented; the codes are guesses)."""

from __future__ import annotations

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World

ROUTES, TAG_ROUTES = 400, 25


def check_table(world: World, wanted: Document, existing: Document | None) -> Response | None:  # noqa: ARG001
    """A PUT of the table carries all of its routes."""
    routes = wanted["properties"].get("routes") or ()
    return _too_many(wanted["name"], [str(_prefix(one)) for one in routes])


def check_route(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """A PUT of one route joins those that are there."""
    parent = ids.parent_of(wanted["id"]) or ""
    others = [one for one in world.documents.children(parent) if not ids.same(one["id"], wanted["id"])]
    return None if existing else _too_many(ids.last(parent), [str(_prefix(one)) for one in (*others, wanted)])


def _prefix(route: Document) -> object:
    return (route.get("properties") or {}).get("addressPrefix") or ""


def _too_many(table: str, prefixes: list[str]) -> Response | None:
    tags = sum("/" not in prefix for prefix in prefixes)
    for count, limit, code, what in (
        (len(prefixes), ROUTES, "RoutesPerRouteTableLimitReached", "routes"),
        (tags, TAG_ROUTES, "ServiceTagRoutesPerRouteTableLimitReached", "routes that name a service tag"),
    ):
        if count > limit:
            return errors.error(400, code, f"Cannot have {count} {what} in route table {table}; at most {limit}.", [])
    return None
