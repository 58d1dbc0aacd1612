"""What is known of one Service Health incident, whatever the number and order of messages about it.

Doors signal ``receive``; repeated messages change nothing, and of two that contradict each other the later event holds,
in whatever order they arrive. ``begin_run`` answers yes once a plan, so that ten copies of an alert make one run.

An orchestration that follows the incident says ``open`` when it begins and ``finish`` when it would end: a message that
came in between keeps it, and one that comes after shows a door that a new one must be started.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.control_state import Change, Given, State

MESSAGE_LIMIT = 200

UNCONFIRMED_FOR = timedelta(seconds=60)
"""A run that was promised and has not begun by then is promised again: whoever was to start it is gone."""


def new_state() -> State:
    return {
        "version": 0,
        "messages": [],
        "scope": {},
        "over": None,
        "last_at": "",
        "closed": False,
        "runs": {},
        "impact_started_at": None,
        "title": "",
    }


def receive(state: State, given: Given) -> tuple[State, Any]:
    """``{key, active, scope: {region: [services]}, impact_started_at, title, at}``; a known key changes nothing."""
    if given["key"] in state["messages"]:
        return state, None
    scope = {region: list(services) for region, services in state["scope"].items()}
    if given["active"]:
        for region, services in given.get("scope", {}).items():
            scope[region] = sorted({*scope.get(region, []), *services})
    newest = given.get("at", "") >= state["last_at"]
    ended = state["over"] if not newest else None if given["active"] else given.get("at")
    known = [value for value in (state["impact_started_at"], given.get("impact_started_at")) if value]
    return {
        **state,
        "version": state["version"] + 1,
        "messages": [*state["messages"], given["key"]][-MESSAGE_LIMIT:],
        "scope": scope,
        "over": ended,
        "last_at": max(given.get("at", ""), state["last_at"]),
        "impact_started_at": min(known, default=None),
        "title": given.get("title") or state["title"],
    }, None


def begin_run(state: State, given: Given) -> tuple[State, Any]:
    """``{plan, run, at}`` -> ``{first}``: true for the first who asks for this plan, or if the run never began."""
    promised = state["runs"].get(given["plan"])
    if promised and (promised["begun"] or not _is_stale(promised["at"], given["at"])):
        return state, {"first": False}
    promise = {"run": given["run"], "at": given["at"], "begun": False}
    return {**state, "runs": {**state["runs"], given["plan"]: promise}}, {"first": True}


def run_begun(state: State, given: Given) -> tuple[State, Any]:
    """``{plan}``: the run itself says that it has begun."""
    promise = {**state["runs"].get(given["plan"], {"run": given.get("run"), "at": ""}), "begun": True}
    return {**state, "runs": {**state["runs"], given["plan"]: promise}}, None


def open_incident(state: State, _: Given) -> tuple[State, Any]:
    """Somebody follows the incident again."""
    return {**state, "closed": False}, None


def finish(state: State, given: Given) -> tuple[State, Any]:
    """``{version}`` -> ``{done}``: whoever has seen everything may stop following."""
    if state["version"] != given["version"]:
        return state, {"done": False}
    return {**state, "closed": True}, {"done": True}


def _is_stale(promised_at: str, now: str) -> bool:
    return datetime.fromisoformat(now) - datetime.fromisoformat(promised_at) >= UNCONFIRMED_FOR


def read(state: State, _: Given) -> tuple[State, Any]:
    answer = {key: state[key] for key in ("version", "scope", "over", "impact_started_at", "title")}
    waiting = sorted(plan for plan, promise in state["runs"].items() if not promise["begun"])
    runs = {plan: promise["run"] for plan, promise in state["runs"].items()}
    return state, {**answer, "runs": runs, "not_begun": waiting}


OPERATIONS: dict[str, Change] = {
    "receive": receive,
    "begin_run": begin_run,
    "run_begun": run_begun,
    "open": open_incident,
    "finish": finish,
    "read": read,
}
