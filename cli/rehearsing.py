"""The rehearse command: a whole failover on a simulated Azure, and a verdict as exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.arguments import JsonOption, Mode, ModeOption, PlanFile, ScenarioOption, SnapshotOption

if TYPE_CHECKING:
    from cli.rehearsal.rehearsal import Result


def read_speed(text: str) -> float | Literal["max"]:
    """``max``, or how many times as fast as the wall's time runs."""
    if text == "max":
        return "max"
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 10_000:
        raise typer.BadParameter(
            f"expected a number above 0 and at most 10000, or max; found {text!r}", param_hint="--speed"
        )
    return speed


def rehearse(
    plan: PlanFile,
    estate: SnapshotOption = None,
    mode: ModeOption = Mode.failover,
    scenario: ScenarioOption = None,
    speed: Annotated[
        str, typer.Option("--speed", metavar="N|max", help="Times as fast as real; max jumps from event to event.")
    ] = "max",
    seed: Annotated[int | None, typer.Option("--seed", help="Draws durations; the scenario's otherwise.")] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Where the report goes. Default: .bridgehead/reports/RUN."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Show it while it goes on (on standard error).")
    ] = True,
    json: JsonOption = False,
) -> None:
    """Rehearse a plan on a simulated Azure. Exit code 0 only if it ended as it should, with routing verified."""
    from cli.failing import Code
    from cli.files import make_folder, need_snapshot
    from cli.rehearsal.rehearsal import Order
    from cli.rehearsal.rehearsal import rehearse as play
    from cli.terminal import print_json

    if report:
        make_folder(report)
    order = Order(plan, need_snapshot(plan, estate), mode.value, scenario, read_speed(speed), seed, report, watch)
    result = play(order)
    if json:
        print_json(result.report)
    else:
        _print(result)
    if not result.verdict.good:
        raise typer.Exit(Code.ENDED_BADLY)


def _print(result: Result) -> None:
    from cli.terminal import duration, stdout

    console, verdict = stdout(), result.verdict
    style = "bold green" if verdict.good else "bold red"
    rto = result.report.get("achieved_rto_seconds")
    console.print(
        f"[{style}]{verdict.outcome}[/]  routing {'verified' if verdict.routing_verified else 'not verified'}"
        + (f", achieved RTO {duration(rto)}" if rto is not None else "")
        + f", split {verdict.split_seconds:g} s, {duration(verdict.virtual_seconds)} of virtual time",
        soft_wrap=True,
    )
    for reason in verdict.reasons:
        console.print(f"[red]✗[/] {reason}", soft_wrap=True, markup=True)
    page = result.folder / "report.html"
    console.print(f"report: {page if page.is_file() else result.folder / 'report.json'}", soft_wrap=True)
