"""What is known of one Service Health incident, whatever the number and order of messages about it.

Doors signal ``receive``; repeated messages change nothing. ``begin_run`` answers yes once a plan, so that ten copies of
an alert make one run.
"""

from __future__ import annotations

from typing import Any

from domain.control_state import Change, Given, State

MESSAGE_LIMIT = 200


def new_state() -> State:
    return {"version": 0, "messages": [], "scope": {}, "over": None, "runs": {}, "impact_started_at": None, "title": ""}


def receive(state: State, given: Given) -> tuple[State, Any]:
    """``{key, active, scope: {region: [services]}, impact_started_at, title, at}``; a known key changes nothing."""
    if given["key"] in state["messages"]:
        return state, None
    scope = {region: list(services) for region, services in state["scope"].items()}
    if given["active"]:
        for region, services in given.get("scope", {}).items():
            scope[region] = sorted({*scope.get(region, []), *services})
    known = [value for value in (state["impact_started_at"], given.get("impact_started_at")) if value]
    return {
        **state,
        "version": state["version"] + 1,
        "messages": [*state["messages"], given["key"]][-MESSAGE_LIMIT:],
        "scope": scope,
        "over": None if given["active"] else given.get("at"),
        "impact_started_at": min(known, default=None),
        "title": given.get("title") or state["title"],
    }, None


def begin_run(state: State, given: Given) -> tuple[State, Any]:
    """``{plan, run}`` -> ``{first}``: true for the first who asks for this plan."""
    if given["plan"] in state["runs"]:
        return state, {"first": False, "run": state["runs"][given["plan"]]}
    return {**state, "runs": {**state["runs"], given["plan"]: given["run"]}}, {"first": True, "run": given["run"]}


def read(state: State, _: Given) -> tuple[State, Any]:
    answer = {key: state[key] for key in ("version", "scope", "over", "runs", "impact_started_at", "title")}
    return state, answer


OPERATIONS: dict[str, Change] = {"receive": receive, "begin_run": begin_run, "read": read}
