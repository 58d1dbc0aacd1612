"""The state that commanders and steps of one run share: pause, abort, open questions, progress.

Each operation is a pure function ``(state, given) -> (state, answer)``; the entity is a table of them. State and
answers are JSON objects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]
Given = dict[str, Any]
Change = Callable[[State, Given], tuple[State, Any]]

RECENT_LIMIT = 20
DETAILED_LIMIT = 60
"""Running steps kept with their details; of more only the ids, so that the state stays small at any size of plan."""
WAITS_DETAILED = 20
"""Open questions kept with all that is asked."""


def new_state() -> State:
    return {
        "paused": False,
        "aborting": None,
        "point_of_no_return": None,
        "crossing": {},
        "waits": {},
        "running": {},
        "done": 0,
        "failed": 0,
        "recent": [],
        "decisions": [],
    }


def check(state: State, given: Given) -> tuple[State, Any]:
    """A step asks before each begin and poll whether it may go on, and says what it is doing.

    ``irreversible`` asks to cross the point of no return: it is refused once an abort was taken, and an abort that
    comes later knows that somebody is crossing. The entity takes one at a time, so there is no moment between.
    ``begun`` tells how that went: true, Azure may have taken it, and there is no way back; false, it came to nothing.
    """
    answer = {"paused": state["paused"], "aborting": bool(state["aborting"])}
    if given.get("step"):
        held = state["running"].get(given["step"])
        detailed = bool(held) if held is not None else sum(map(bool, state["running"].values())) < DETAILED_LIMIT
        details = {key: given.get(key) for key in ("name", "doing", "since")} if detailed else {}
        state = {**state, "running": {**state["running"], given["step"]: details}}
    state = _crossed(state, given, given.get("now"))
    if given.get("irreversible") and not state["aborting"] and not state["paused"] and not state["point_of_no_return"]:
        state = {**state, "crossing": {**state["crossing"], given["step"]: given.get("now")}}
    return state, answer


def _crossed(state: State, given: Given, at: Any) -> State:
    """What became of a step's way over the point of no return."""
    if given.get("begun") and not state["point_of_no_return"]:
        first = state["crossing"].get(given.get("step")) or at
        return {**state, "point_of_no_return": {"step": given.get("step"), "at": first}, "crossing": {}}
    if given.get("begun") is False and given.get("step") in state["crossing"]:
        return {**state, "crossing": {key: when for key, when in state["crossing"].items() if key != given["step"]}}
    return state


def ended(state: State, given: Given) -> tuple[State, Any]:
    """A step has ended."""
    state = _crossed(state, given, given.get("at"))
    running = {key: value for key, value in state["running"].items() if key != given["step"]}
    entry = {key: given.get(key) for key in ("step", "name", "status", "reason", "at")}
    entry["reason"] = (entry["reason"] or "")[:160]
    failed = state["failed"] + (given.get("status") in ("failed", "tolerated"))
    recent = [*state["recent"], entry][-RECENT_LIMIT:]
    return {**state, "running": running, "done": state["done"] + 1, "failed": failed, "recent": recent}, None


def open_wait(state: State, given: Given) -> tuple[State, Any]:
    """Somebody waits for an answer: where to send it, and what is asked; of many only where, and the answers taken."""
    crowded = len(state["waits"]) >= WAITS_DETAILED and given["instance"] not in state["waits"]
    kept = {key: given.get(key) for key in ("instance", "event", "kind", "options", "step")} if crowded else dict(given)
    if given.get("question"):
        kept["question"] = str(given["question"])[: 40 if crowded else 600]
    waits = {**state["waits"], given["instance"]: kept}
    return {**state, "waits": waits}, {"paused": state["paused"], "aborting": bool(state["aborting"])}


def close_wait(state: State, given: Given) -> tuple[State, Any]:
    waits = {key: value for key, value in state["waits"].items() if key != given["instance"]}
    return {**state, "waits": waits}, None


def abort(state: State, given: Given) -> tuple[State, Any]:
    if state["aborting"]:
        return state, None
    return _decided({**state, "aborting": _said(given), "paused": False}, "abort", given), None


def pause(state: State, given: Given) -> tuple[State, Any]:
    if state["aborting"]:
        return state, None
    return _decided({**state, "paused": True}, "pause", given), None


def resume(state: State, given: Given) -> tuple[State, Any]:
    return _decided({**state, "paused": False}, "resume", given), None


def read(state: State, _: Given) -> tuple[State, Any]:
    """What the run's own orchestrator needs to know of its steps; small at any size of plan."""
    names = [entry.get("name") or step for step, entry in list(state["running"].items())[:RECENT_LIMIT]]
    questions = [
        {key: wait.get(key) for key in ("kind", "question", "until", "options")}
        for wait in state["waits"].values()
        if wait.get("question")
    ]
    return state, {
        "paused": state["paused"],
        "aborting": state["aborting"],
        "point_of_no_return": state["point_of_no_return"] or _under_way(state),
        "running": names,
        "running_count": len(state["running"]),
        "done": state["done"],
        "failed": state["failed"],
        "questions": [{**one, "question": (one["question"] or "")[:240]} for one in questions[:5]],
        "decisions": state["decisions"][-RECENT_LIMIT:],
    }


def _under_way(state: State) -> State | None:
    """Somebody is crossing, and nobody can say yet that Azure has not taken it."""
    return next(({"step": step, "at": at} for step, at in state["crossing"].items()), None)


def _decided(state: State, what: str, given: Given) -> State:
    return {**state, "decisions": [*state["decisions"], {"decision": what, **_said(given)}][-RECENT_LIMIT:]}


def _said(given: Given) -> State:
    """Who said it, why and when; a reason is kept at a length that fits into every status and report."""
    return {
        "by": str(given.get("by") or "")[:80],
        "reason": str(given.get("reason") or "")[:300],
        "at": given.get("at"),
    }


OPERATIONS: dict[str, Change] = {
    "check": check,
    "ended": ended,
    "open_wait": open_wait,
    "close_wait": close_wait,
    "abort": abort,
    "pause": pause,
    "resume": resume,
    "read": read,
}
