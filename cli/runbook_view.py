"""A runbook as a person reads it before the event: stage by stage, who waits for whom, what cannot be undone."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.terminal import duration
from domain.runbook import Runbook, Step

POLICIES = {"ask": "asks a person", "stop": "stops the run", "continue": "goes on without it"}


def show(runbook: Runbook, console: Console) -> None:
    """Print the whole runbook."""
    _heading(runbook, console)
    starts = earliest_starts(runbook)
    numbers = {step.id: str(number) for number, step in enumerate(runbook.steps, 1)}
    console.print(_table(runbook, numbers, starts))
    path = " → ".join(numbers[step] for step in runbook.critical_path if runbook.step(step).expected_seconds)
    console.print(f"\n[bold]Critical path[/] ({duration(runbook.expected_seconds)}): {path}", soft_wrap=True)
    _point_of_no_return(runbook, numbers, starts, console)
    _alternatives(runbook, console)
    for question in runbook.facts.get("calm_questions") or []:
        console.print(f"[bold]To be answered in calm times[/]: {escape(question)}", soft_wrap=True)
    for warning in runbook.warnings:
        console.print(f"[yellow]warning[/]: {escape(warning)}", soft_wrap=True)


def _alternatives(runbook: Runbook, console: Console) -> None:
    """Links that are not like for like, or that could be of the other sort."""
    for one in runbook.facts.get("alternatives") or []:
        was = f", where the old one is {one['was']}" if one["was"] not in (None, one["chosen"]) else ""
        could = f"; {one['possible']} is possible, too" if one["possible"] else ""
        console.print(f"[bold]Link {escape(one['link'])}[/] is {one['chosen']}{was}{could}", soft_wrap=True)
        for line in (*one["otherwise"], *one["differs"]):
            console.print(f"  [dim]{escape(line)}[/]", soft_wrap=True)


def earliest_starts(runbook: Runbook) -> dict[str, int]:
    """When each step starts at the earliest, in seconds, if everything takes as long as expected."""
    steps = {step.id: step for step in runbook.steps}
    lane_of = {step: lane for lane in runbook.lanes for step in lane.steps}
    ends: dict[str, int] = {}
    lane_ends: dict[str, int] = {}

    def end(step: Step) -> int:
        if step.id not in ends:
            ends[step.id] = begin(step) + _seconds(step)
        return ends[step.id]

    def lane_end(lane_id: str) -> int:
        if lane_id not in lane_ends:
            lane = next(one for one in runbook.lanes if one.id == lane_id)
            lane_ends[lane_id] = max((end(steps[one]) for one in lane.steps), default=0)
        return lane_ends[lane_id]

    def begin(step: Step) -> int:
        before = [end(steps[one]) for one in (*step.needs, *step.after) if one in steps]
        return max([*before, *(lane_end(one) for one in lane_of[step.id].needs)], default=0)

    return {step.id: begin(step) for step in runbook.steps}


def _seconds(step: Step) -> int:
    """A step that stands by for a condition is expected not to be needed."""
    return 0 if step.when else step.expected_seconds


def _heading(runbook: Runbook, console: Console) -> None:
    facts = runbook.facts
    console.print(
        f"[bold]{escape(runbook.plan)}[/], mode {runbook.mode}: {facts.get('primary_region', '?')} → "
        f"{facts.get('recovery_region', '?')}, {len(runbook.steps)} steps, "
        f"expected {duration(runbook.expected_seconds)}"
        + (f", objective {duration(facts['rto_seconds'])}" if "rto_seconds" in facts else "")
    )
    console.print(
        f"[dim]runbook {runbook.hash[:12]}, plan {runbook.plan_hash[:12]}, snapshot {runbook.snapshot_hash[:12]}[/]\n"
    )


def _table(runbook: Runbook, numbers: dict[str, str], starts: dict[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", collapse_padding=True)
    for name, justify in (
        ("", "right"),
        ("step", "left"),
        ("waits for", "left"),
        ("starts", "right"),
        ("takes", "right"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]  # one of rich's words
    table.add_column("", overflow="fold")
    lanes = {step: lane for lane in runbook.lanes for step in lane.steps}
    critical = set(runbook.critical_path)
    for lane, steps in groupby(runbook.steps, key=lambda step: lanes[step.id]):
        table.add_row("", f"[bold]{escape(lane.title)}[/]")
        for step in steps:
            waits = [*(numbers[one] for one in step.needs), *(f"{numbers[one]} (its turn)" for one in step.after)]
            style = "bold" if step.id in critical else ""
            table.add_row(
                numbers[step.id], f"  [{style}]{escape(step.name)}[/]" if style else f"  {escape(step.name)}",
                ", ".join(waits), _clock(starts[step.id]), duration(step.expected_seconds), _remarks(step, numbers),
            )  # fmt: skip
    return table


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _remarks(step: Step, numbers: dict[str, str]) -> str:
    said = []
    if step.irreversible:
        said.append("[red]cannot be undone[/]")
    if step.when:
        said.append(f"only if {numbers[step.when.step]} ends {' or '.join(step.when.statuses)}")
    if step.on_failure != "ask":
        said.append(f"if it fails: {POLICIES[step.on_failure]}")
    return "; ".join(said)


def _point_of_no_return(runbook: Runbook, numbers: dict[str, str], starts: dict[str, int], console: Console) -> None:
    final = [step for step in runbook.steps if step.irreversible]
    if final:
        names = ", ".join(numbers[step.id] for step in final)
        console.print(
            f"[bold]Point of no return[/]: the first accepted of {names}; until then an abort puts everything back",
            soft_wrap=True,
        )
    crossing = min((starts[step.id] for step in final), default=0)
    undone = [step for step in runbook.steps if step.compensation and (not final or starts[step.id] < crossing)]
    if undone:
        console.print(f"[bold]An abort undoes[/]: {', '.join(numbers[step.id] for step in undone)}", soft_wrap=True)
    console.print("[bold]A step that fails[/] asks a person, unless the table says otherwise", soft_wrap=True)
