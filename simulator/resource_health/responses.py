"""GET events: all, one, with the two filters that a poller uses."""

from __future__ import annotations

import re
from datetime import datetime

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.resource_health import models


def list_events(world: World, request: Request) -> Response:
    found = models.events(world, request.params["subscription"])
    for name, value in re.findall(
        r"(?:properties/)?(\w+) eq '([^']*)'", request.argument("$filter") or "", re.IGNORECASE
    ):
        found = [one for one in found if _said(one, name) == value.lower()]
    since = request.argument("queryStartTime")
    if since:
        try:
            start = datetime.fromisoformat(since)
        except ValueError:
            return errors.error(400, "InvalidQueryStartTime", f"queryStartTime {since!r} is no time.")
        found = [one for one in found if _moment(one) >= start.replace(tzinfo=start.tzinfo or world.now.tzinfo)]
    return Response(200, {"value": found, "nextLink": None})


def get_event(world: World, request: Request) -> Response:
    wanted = ids.last(request.path).lower()
    for one in models.events(world, request.params["subscription"]):
        if one["name"].lower() == wanted:
            return Response(200, one)
    return errors.error(404, "EventNotFound", f"The event {ids.last(request.path)} was not found.")


def _said(event: Document, name: str) -> str:
    return next((str(v).lower() for key, v in event["properties"].items() if key.lower() == name.lower()), "")


def _moment(event: Document) -> datetime:
    return datetime.fromisoformat(str(event["properties"]["lastUpdateTime"]))
