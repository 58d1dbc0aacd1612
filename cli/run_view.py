"""How a run stands, and a list of runs, as a person reads them."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.board import MARKS
from cli.progress import STATUS_STYLES
from cli.reading import read_progress


def show_run(view: dict[str, Any], console: Console) -> None:
    """Print one run: outcome or phase, its steps so far, and what it asks."""
    progress = read_progress(view)
    state = progress.outcome or progress.phase or str(view.get("runtimeStatus") or view.get("note") or "")
    console.print(
        f"[bold]{escape(progress.run)}[/]  {escape(progress.plan)} {progress.mode}  [bold]{escape(state)}[/]",
        soft_wrap=True,
    )
    if progress.reason:
        console.print(escape(progress.reason), soft_wrap=True)
    if not progress.has_ended:
        end = f", ends about {progress.expected_end:%H:%M:%S} UTC" if progress.expected_end else ""
        console.print(f"{progress.percent:.0f} %{end}")
    table = Table.grid(padding=(0, 2))
    for step, status in progress.ended.items():
        style = STATUS_STYLES.get(status) or "none"
        table.add_row(f"[{style}]{MARKS.get(status, '·')}[/]", escape(progress.names.get(step, step)), status)
    for step, (doing, _) in progress.running.items():
        table.add_row("[cyan]▸[/]", escape(progress.names.get(step, step)), doing)
    console.print(table)
    for question in progress.questions:
        until = f" until {question.until}" if question.until else ""
        offered = f" [{', '.join(question.options)}]" if question.options else ""
        console.print(f"[bold yellow]?[/] {escape(question.text)}{escape(offered)}{until}", soft_wrap=True)


def show_list(runs: list[dict[str, Any]], console: Console) -> None:
    """Print one line for each run, newest first."""
    if not runs:
        console.print("no runs")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("run", "mode", "state", "started by", "created"):
        table.add_column(column, overflow="fold")
    for run in runs:
        state = run.get("outcome") or (run.get("status") or {}).get("phase") or run.get("runtimeStatus") or "recorded"
        cells = (run.get("run"), run.get("mode"), state, run.get("startedBy"), str(run.get("createdAt") or "")[:19])
        table.add_row(*(escape(str(cell or "")) for cell in cells))
    console.print(table)
