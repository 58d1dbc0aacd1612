"""Locks as data: which run holds which resources (rule 12).

A claim is all or nothing. It is void when its owner has ended: the loser looks, and asks to break it by name.
"""

from __future__ import annotations

from typing import Any

from domain.control_state import Change, Given, State


def new_state() -> State:
    return {"held": {}}


def claim(state: State, given: Given) -> tuple[State, Any]:
    """``{run, resources}`` -> ``{granted, winner, contested}``. Claiming again what one holds is granted."""
    run, wanted = given["run"], set(given["resources"])
    for other, resources in state["held"].items():
        contested = sorted(wanted.intersection(resources))
        if other != run and contested:
            return state, {"granted": False, "winner": other, "contested": contested[:5]}
    return {**state, "held": {**state["held"], run: sorted(wanted)}}, {"granted": True, "winner": run, "contested": []}


def release(state: State, given: Given) -> tuple[State, Any]:
    """``{run}``: the run has ended and holds nothing any more. Releasing twice is harmless."""
    return {**state, "held": {run: held for run, held in state["held"].items() if run != given["run"]}}, None


def read(state: State, _: Given) -> tuple[State, Any]:
    return state, {"runs": sorted(state["held"])}


OPERATIONS: dict[str, Change] = {"claim": claim, "release": release, "read": read}
