"""The doors for whoever runs the rehearsal: log, verdict, state, faults, time. No token; the socket is loopback's."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from simulator.core.room import Room
from simulator.core.scenario import parse_fault
from simulator.core.secrets import BELONGS
from simulator.core.web import Request, Response, Url
from simulator.core.world import World
from simulator.on_premises.orders import NEEDED, carry_out
from simulator.routes.site import sites
from simulator.verdict import verdict


def read_log(world: World, request: Request) -> Response:
    """Events, all or ``?after=SEQ`` and ``?kind=KIND``."""
    after, kind = int(request.argument("after") or 0), request.argument("kind")
    events = [event for event in world.log.events[after:] if kind is None or event["kind"] == kind]
    return Response(200, {"now": world.now.isoformat(), "events": events})


def read_verdict(world: World, request: Request) -> Response:
    return Response(200, verdict(world))


def read_state(world: World, request: Request) -> Response:
    """Documents as they are now, secrets among them left out; ``?id=`` for those at or below one id."""
    scope = (request.argument("id") or "").lower()
    documents = [document for document in world.documents.all() if document["id"].lower().startswith(scope)]
    shown = [{**document, "properties": _without_secrets(document.get("properties", {}))} for document in documents]
    return Response(200, {"now": world.now.isoformat(), "seconds": world.seconds, "documents": shown})


def _without_secrets(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name.lower() not in BELONGS}


def add_fault(world: World, request: Request) -> Response:
    """One fault as in a scenario; ``at`` counts from now."""
    try:
        fault = parse_fault(request.json)
    except (ValidationError, ValueError) as error:
        return Response(400, {"error": {"code": "BadFault", "message": str(error)}})
    world.faults.add(fault, start=fault.at)
    return Response(202, {"accepted": True})


def advance(world: World, request: Request) -> Response:
    """Move the shared clock forward by hand."""
    move = getattr(world.clock, "advance", None)
    if move is None:
        message = "The clock is the system's; it cannot be moved."
        return Response(409, {"error": {"code": "RealTime", "message": message}})
    move(timedelta(seconds=float((request.json or {}).get("seconds", 0))))
    world.advance()
    return Response(200, {"now": world.now.isoformat(), "seconds": world.seconds})


def change_device(world: World, request: Request) -> Response:
    """A person changes a site's device by hand: an order as its automation takes it, and the ``site``'s name."""
    order = request.json if isinstance(request.json, dict) else {}
    site = sites(world).get(str(order.get("site") or "").lower())
    if site is None or order.get("action") not in NEEDED:
        return Response(
            400, {"error": {"code": "BadOrder", "message": f"expected a site and one of {', '.join(NEEDED)}"}}
        )
    return Response(200, carry_out(world, site, order))


ROOM = Room(
    name="control",
    urls=[
        Url("GET", "/_simulator/log", read_log, plane="control"),
        Url("GET", "/_simulator/verdict", read_verdict, plane="control"),
        Url("GET", "/_simulator/state", read_state, plane="control"),
        Url("POST", "/_simulator/faults", add_fault, plane="control"),
        Url("POST", "/_simulator/advance", advance, plane="control"),
        Url("POST", "/_simulator/device", change_device, plane="control"),
    ],
)
