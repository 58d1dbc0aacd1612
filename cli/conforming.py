"""Prints how far the simulated Azure agrees with a folder of recordings; `bridgehead simulate --conformance FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.failing import Code, Problem

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.conformance.report import Report, Tally


def conform(folder: Path, as_json: bool, failures: int, minimum: float | None) -> None:
    """Replay every cassette and print the counts. Exit code 1 only when ``minimum`` per cent are missed."""
    from typer import Exit

    from cli.terminal import print_json, stdout
    from simulator.conformance import CassetteError, read_folder, replay, summarise

    try:
        cassettes = read_folder(folder)
    except CassetteError as error:
        raise Problem(str(error)) from None
    report = summarise(verdict for cassette in cassettes for verdict in replay(cassette))
    if as_json:
        print_json(report.as_dict())
    else:
        _print(stdout(), report, failures)
    share = report.total.share
    if minimum is not None and (share is None or share < minimum):
        raise Exit(Code.ENDED_BADLY)


def _print(console: Console, report: Report, failures: int) -> None:
    _table(console, "file", report.files)
    _table(console, "resource type and operation", report.operations)
    _table(console, "provider", report.providers)
    _disagreements(console, report, failures)
    total = report.total
    share = "nothing in scope" if total.share is None else f"{total.share:.2f} % of {total.in_scope}"
    console.print(f"\nagreed {total.agreed}, disagreed {total.disagreed}: {share} in scope that are no polls")
    console.print(
        f"polls apart: agreed {total.polls_agreed}, disagreed {total.polls_disagreed}; "
        f"out of scope {total.out_of_scope}"
    )
    console.print(
        f"of those that agreed, {total.seeded} read back what a recording starts from, and {total.weather} failed "
        "because the recording's own transient failure was put in as a fault"
    )
    for reason, count in report.reasons.most_common():
        console.print(f"  out of scope: {count:5} {reason}", soft_wrap=True)


def _table(console: Console, name: str, rows: dict[str, Tally]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(name, overflow="fold")
    for column in ("agreed", "disagreed", "polls", "out of scope"):
        table.add_column(column, justify="right", no_wrap=True)
    for label, tally in rows.items():
        polls = f"{tally.polls_agreed}/{tally.polls_agreed + tally.polls_disagreed}"
        table.add_row(label, str(tally.agreed), str(tally.disagreed), polls, str(tally.out_of_scope))
    console.print(table)
    console.print()


def _disagreements(console: Console, report: Report, failures: int) -> None:
    found = [one for one in report.disagreements if not one.poll]
    found += [one for one in report.disagreements if one.poll]
    for one in found[:failures]:
        kind = "poll of " if one.poll else ""
        console.print(f"{one.file} #{one.index} {kind}{one.operation}", soft_wrap=True, markup=False)
        console.print(f"    {one.difference}", soft_wrap=True, markup=False)
    if len(found) > failures:
        console.print(f"... and {len(found) - failures} more (--failures {len(found)} shows all)")
