"""The parts of a run in an order: a stage waits for every stage whose steps its own steps refer to."""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter

from domain.lanes import Stage


def in_order(stages: list[Stage]) -> list[Stage]:
    """The stages that have steps, each after those it needs, by its own word or by an edge of one of its steps.

    What a stage needs of one without steps it needs of that one's own needs. Raises graphlib.CycleError on a cycle.
    """
    home = {step.id: stage.id for stage in stages for step in (*stage.steps, *stage.last)}
    empty = {stage.id: stage.needs for stage in stages if not stage.steps and not stage.last}
    linked = []
    for stage in stages:
        if stage.id in empty:
            continue
        steps = (*stage.steps, *stage.last)
        edges = [home[one] for step in steps for one in (*step.needs, *step.after) if one in home]
        told = [one for need in stage.needs for one in _through(need, empty)]
        needs = dict.fromkeys(one for one in (*told, *edges) if one != stage.id)
        linked.append(replace(stage, needs=tuple(needs)))
    by_id = {stage.id: stage for stage in linked}
    rank = {stage.id: number for number, stage in enumerate(linked)}
    sorter = TopologicalSorter({stage.id: stage.needs for stage in linked})
    sorter.prepare()
    ordered: list[Stage] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda one: rank[one])
        ordered += [by_id[one] for one in ready]
        sorter.done(*ready)
    return ordered


def _through(stage: str, empty: dict[str, tuple[str, ...]]) -> list[str]:
    if stage not in empty:
        return [stage]
    return [one for need in empty[stage] for one in _through(need, empty)]
