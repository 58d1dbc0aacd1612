"""What the orchestrators know of a runbook: its shape, small enough for a history; and its way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.calls import LaneSummary, RunbookSummary
from domain.codec import wire_size
from domain.durations import DEADLINE_SECONDS, EXPECTED_SECONDS
from domain.links.way_back import lasting, spoiled_halves
from domain.runbook import COMPENSATION_STAGE, Runbook, Step
from domain.steps import step_id

TEXTS = 12
TEXT_LIMIT = 300
REASONS = 40
REASON_BYTES = 16_000


def summarise(runbook: Runbook) -> RunbookSummary:
    """The runbook as the failover orchestrator sees it: lanes, locks and times, without any step."""
    steps = {step.id: step for step in runbook.steps}
    of_lane = {lane.id: lane.steps for lane in runbook.lanes}
    lanes = []
    for lane in runbook.lanes:
        own = [steps[one] for one in lane.steps]
        referred = {one for step in own for one in (*step.needs, *step.after)}
        told = {one for need in lane.needs for one in of_lane[need]}
        lanes.append(
            LaneSummary(
                id=lane.id,
                title=lane.title,
                stage=own[0].stage if own else "",
                steps=len(own),
                needs=lane.needs,
                expected_seconds=lane.expected_seconds,
                remaining_seconds=lane.remaining_seconds,
                upstream=tuple(sorted(referred.difference(lane.steps, told))),
                irreversible=any(step.irreversible for step in own),
                verifies=tuple(step.id for step in own if step.kind == "verify-routing"),
            )
        )
    facts = runbook.facts
    return RunbookSummary(
        runbook_hash=runbook.hash,
        steps=len(runbook.steps),
        lanes=tuple(lanes),
        claims=runbook.claims,
        expected_seconds=runbook.expected_seconds,
        hold_seconds=int(facts.get("hold_seconds", 0)),
        decide_within_seconds=int(facts.get("decide_within_seconds", 1800)),
        warnings=tuple(shortened(text) for text in runbook.warnings[:TEXTS]),
        undoes=tuple(step.id for step in runbook.steps if step.compensation),
        spoiled=spoiled_halves(runbook),
        lasting={step: shortened(text) for step, text in lasting(runbook).items()},
    )


def refused(reasons: Iterable[str]) -> RunbookSummary:
    """The summary of a plan that cannot run: the first reasons, and how many more there are."""
    told = [shortened(text) for text in reasons]
    shown = told[:REASONS]
    while wire_size(shown) > REASON_BYTES:
        shown.pop()
    more = [f"and {len(told) - len(shown)} more: validate the plan to read them"] if len(shown) < len(told) else []
    return RunbookSummary("", 0, refusals=(*shown, *more))


def shortened(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def compensations(runbook: Runbook, step_ids: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps that undo ``step_ids``, one after another in the given order."""
    undo: list[Step] = []
    for one in step_ids:
        step = runbook.step(one)
        how = step.compensation
        if how is None:
            continue
        undo.append(
            Step(
                id=step_id(how["kind"], step.target, COMPENSATION_STAGE),
                name=how["name"],
                kind=how["kind"],
                target=step.target,
                stage=COMPENSATION_STAGE,
                settings=how.get("settings", {}),
                after=(undo[-1].id,) if undo else (),
                timeout_seconds=DEADLINE_SECONDS.get(how["kind"], 900),
                expected_seconds=EXPECTED_SECONDS[how["kind"]],
                on_failure="ask",
                answer_seconds=step.answer_seconds,
            )
        )
    return tuple(replace(step, lane=COMPENSATION_STAGE) for step in undo)
