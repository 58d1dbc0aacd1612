"""Cutting the graph into lanes of at most LANE_LIMIT steps and LANE_BYTES, and finding its critical path.

A lane is what one sub-orchestration walks. Edges between lanes join only the end of one to the beginning of another
(rule 9): a lane begins when all lanes that it needs have ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

from domain.codec import wire_size
from domain.runbook import LANE_BYTES, LANE_LIMIT, Lane, Step


@dataclass(frozen=True)
class Stage:
    """A part of the run whose steps begin when the stages that it needs have ended. ``last`` comes after ``steps``."""

    id: str
    title: str
    steps: tuple[Step, ...]
    last: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()


def cut(stages: Iterable[Stage]) -> tuple[tuple[Lane, ...], tuple[Step, ...]]:
    """Lanes of all stages, and their steps with the lane of each filled in."""
    lanes: list[Lane] = []
    steps: list[Step] = []
    ends: dict[str, tuple[str, ...]] = {}
    for stage in stages:
        needs = tuple(dict.fromkeys(lane for need in stage.needs for lane in ends[need]))
        rows = _rows(stage)
        for row in rows:
            fresh = []
            for number, members in enumerate(row):
                lane_id = _lane_id(stage.id, len(rows) > 1 or len(row) > 1, len(lanes))
                title = stage.title if len(row) == 1 else f"{stage.title} ({number + 1} of {len(row)})"
                lanes.append(Lane(lane_id, title, tuple(step.id for step in members), needs))
                steps += [replace(step, lane=lane_id) for step in members]
                fresh.append(lane_id)
            needs = tuple(fresh)
        ends[stage.id] = needs
    return _with_durations(tuple(lanes), {step.id: step for step in steps}), tuple(steps)


def _lane_id(stage: str, numbered: bool, number: int) -> str:
    return f"{stage}.{number}" if numbered else stage


def _rows(stage: Stage) -> list[list[list[Step]]]:
    """Lanes that stand side by side, row after row. What hangs together and is too long goes on in the next row."""
    if _fits([*stage.steps, *stage.last]):
        return [[[*stage.steps, *stage.last]]]
    short: list[list[Step]] = []
    rows: list[list[list[Step]]] = []
    for component in _components(stage.steps):
        pieces = _pieces(component)
        short += pieces if len(pieces) == 1 else []
        for number, piece in enumerate(pieces if len(pieces) > 1 else []):
            rows += [[]] if number == len(rows) else []
            rows[number].append(piece)
    rows = [[*_packed(short), *(rows[0] if rows else [])], *rows[1:]]
    return [*filter(None, rows), *([piece] for piece in _pieces(stage.last))]


def _fits(steps: list[Step]) -> bool:
    return len(steps) <= LANE_LIMIT and sum(map(wire_size, steps)) <= LANE_BYTES


def _pieces(steps: Iterable[Step]) -> list[list[Step]]:
    """Consecutive steps, cut wherever a lane would grow too large."""
    pieces: list[list[Step]] = []
    size = 0
    for step in steps:
        own = wire_size(step)
        if not pieces or len(pieces[-1]) == LANE_LIMIT or size + own > LANE_BYTES:
            pieces.append([])
            size = 0
        pieces[-1].append(step)
        size += own
    return pieces


def _components(steps: tuple[Step, ...]) -> list[list[Step]]:
    """Steps that hang together by edges inside the stage, in their order."""
    home = {step.id: step.id for step in steps}

    def root(one: str) -> str:
        while home[one] != one:
            one = home[one]
        return one

    for step in steps:
        for other in (*step.needs, *step.after):
            if other in home:
                home[root(other)] = root(step.id)
    groups: dict[str, list[Step]] = {}
    for step in steps:
        groups.setdefault(root(step.id), []).append(step)
    return list(groups.values())


def _packed(components: list[list[Step]]) -> list[list[Step]]:
    lanes: list[list[Step]] = []
    size = 0
    for component in components:
        own = sum(map(wire_size, component))
        if not lanes or len(lanes[-1]) + len(component) > LANE_LIMIT or size + own > LANE_BYTES:
            lanes.append([])
            size = 0
        lanes[-1] += component
        size += own
    return lanes


def _with_durations(lanes: tuple[Lane, ...], steps: dict[str, Step]) -> tuple[Lane, ...]:
    expected = {lane.id: longest_path([steps[one] for one in lane.steps])[0] for lane in lanes}
    remaining: dict[str, int] = {}
    for lane in reversed(lanes):
        later = [remaining[other.id] for other in lanes if lane.id in other.needs]
        remaining[lane.id] = expected[lane.id] + max(later, default=0)
    return tuple(
        replace(lane, expected_seconds=expected[lane.id], remaining_seconds=remaining[lane.id]) for lane in lanes
    )


def longest_path(steps: Iterable[Step]) -> tuple[int, tuple[str, ...]]:
    """Expected seconds of the longest chain of steps, and the chain. Steps outside ``steps`` count nothing.

    A step with a condition (a fence) is expected not to be needed. Raises graphlib.CycleError on a cycle.
    """
    by_id = {step.id: step for step in steps}
    before = {one: [n for n in (*step.needs, *step.after) if n in by_id] for one, step in by_id.items()}
    best: dict[str, tuple[int, tuple[str, ...]]] = {}
    for step_id in TopologicalSorter(before).static_order():
        length, chain = max((best[one] for one in before[step_id]), default=(0, ()))
        own = 0 if by_id[step_id].when else by_id[step_id].expected_seconds
        best[step_id] = (length + own, (*chain, step_id))
    return max(best.values(), default=(0, ()), key=lambda found: (found[0], len(found[1])))
