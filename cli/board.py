"""The live display of a run: its steps by stage, the newest happenings, and what on-premises sees.

On a terminal it is redrawn in place; elsewhere each happening is one line, written as it happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.progress import STATUS_STYLES, Happening, Progress
from cli.terminal import duration

if TYPE_CHECKING:
    from domain.runbook import Runbook

MARKS = {
    "succeeded": "✓", "not-needed": "·", "unconfirmed": "?", "skipped": "»", "tolerated": "!", "failed": "✗",
    "aborted": "✗",
}  # fmt: skip
SHOWN_HAPPENINGS = 6
SHOWN_STEPS = 16


@dataclass(frozen=True)
class Stage:
    """One lane of the runbook: its title and its steps, id -> name."""

    title: str
    steps: dict[str, str]


def stages_of(runbook: Runbook) -> list[Stage]:
    names = {step.id: step.name for step in runbook.steps}
    return [Stage(lane.title, {step: names[step] for step in lane.steps}) for lane in runbook.lanes]


@dataclass(frozen=True)
class Sight:
    """What on-premises sees of one address or prefix."""

    what: str
    how: str
    good: bool | None


@dataclass(frozen=True)
class Frame:
    """One look at a run: how it stands ``now``, what is ``new`` since the last look, what on-premises sees."""

    progress: Progress
    now: datetime
    new: Sequence[Happening] = ()
    sights: Sequence[Sight] = ()


class Display(Protocol):
    """Where a run is shown while it goes on."""

    def show(self, frame: Frame) -> None: ...


class Silent:
    """No display at all."""

    def show(self, frame: Frame) -> None:
        del frame


class Lines:
    """One line for each happening, with the time since ``start``."""

    def __init__(self, console: Console, start: datetime) -> None:
        self._console = console
        self._start = start

    def show(self, frame: Frame) -> None:
        for one in frame.new:
            self._console.print(Text(f"{since(self._start, one.at)}  {one.text}", style=one.style), soft_wrap=True)


class Board:
    """A table that is redrawn in place while it is entered."""

    def __init__(self, console: Console, title: str, start: datetime, stages: Sequence[Stage] = ()) -> None:
        self._title = title
        self._start = start
        self._stages = tuple(stages)
        self._happenings: list[Happening] = []
        self._live = Live(console=console, refresh_per_second=8, transient=False, vertical_overflow="ellipsis")

    def __enter__(self) -> Board:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, frame: Frame) -> None:
        self._happenings = [*self._happenings, *frame.new][-SHOWN_HAPPENINGS:]
        self._live.update(self.drawn(frame))

    def drawn(self, frame: Frame) -> RenderableType:
        """Everything as one picture."""
        progress, now = frame.progress, frame.now
        parts: list[RenderableType] = [self._heading(progress, now), Text(), self._steps(progress, now)]
        if frame.sights:
            parts += [Text(), _seen(frame.sights)]
        if progress.questions:
            parts += [Text(), *(Text(f"? {one.text}", style="bold yellow") for one in progress.questions[:4])]
        parts += [Text(), *(self._line(one) for one in self._happenings)]
        return Group(*parts)

    def _heading(self, progress: Progress, now: datetime) -> RenderableType:
        left = Text.assemble(
            (self._title, "bold"), f"  {progress.outcome or progress.phase or 'waiting for the alert'}"
        )
        end = f"  ends about {progress.expected_end:%H:%M:%S}" if progress.expected_end and not progress.outcome else ""
        right = Text(f"{now:%H:%M:%S} UTC  {since(self._start, now)}  {progress.percent:3.0f} %{end}", style="cyan")
        row = Table.grid(expand=True)
        row.add_column()
        row.add_column(justify="right")
        row.add_row(left, right)
        return row

    def _steps(self, progress: Progress, now: datetime) -> RenderableType:
        """Stages under way with all their steps; those ended or to come on one line each."""
        table = Table.grid(padding=(0, 2))
        known = {step: progress.names.get(step, step) for step in (*progress.ended, *progress.running)}
        for stage in self._stages or (Stage("", known),):
            ended = [progress.ended[step] for step in stage.steps if step in progress.ended]
            begun = bool(ended) or any(step in progress.running for step in stage.steps)
            if stage.title and len(ended) == len(stage.steps):
                table.add_row(*_ended_stage(stage, ended))
            elif stage.title and not begun:
                table.add_row(Text("○", style="dim"), Text(stage.title, style="dim"), Text())
            else:
                table.add_row(Text(), Text(stage.title, style="bold"), Text())
                for step, name in list(stage.steps.items())[:SHOWN_STEPS]:
                    table.add_row(*_step(step, name, progress, now))
        return table

    def _line(self, one: Happening) -> Text:
        return Text(f"{since(self._start, one.at)}  {one.text}", style=one.style or "dim")


def since(start: datetime, moment: datetime) -> str:
    """``T+07:41``: minutes and seconds since the start."""
    seconds = max(0, round((moment - start).total_seconds()))
    return f"T+{seconds // 60:02d}:{seconds % 60:02d}"


def _ended_stage(stage: Stage, ended: Sequence[str]) -> tuple[Text, Text, Text]:
    odd = [status for status in ended if status not in ("succeeded", "not-needed")]
    status = odd[0] if odd else "succeeded"
    style = STATUS_STYLES.get(status, "")
    said = "" if len(ended) == 1 else f"{len(ended)} steps"
    return Text(MARKS.get(status, "·"), style=style), Text(stage.title), Text(", ".join(odd) or said, style=style)


def _step(step: str, name: str, progress: Progress, now: datetime) -> tuple[Text, Text, Text]:
    if step in progress.ended:
        status = progress.ended[step]
        style = STATUS_STYLES.get(status, "")
        said = "" if status == "succeeded" else status
        return Text(MARKS.get(status, "·"), style=style), Text(f"  {name}"), Text(said, style=style)
    if step in progress.running:
        doing, began = progress.running[step]
        elapsed = duration((now - began).total_seconds()) if began else ""
        return (
            Text("▸", style="cyan"),
            Text(f"  {name}", style="cyan"),
            Text(f"{doing} {elapsed}".strip(), style="cyan"),
        )
    return Text("○", style="dim"), Text(f"  {name}", style="dim"), Text()


def _seen(sights: Sequence[Sight]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_row("", Text("as on-premises sees it", style="bold"), "")
    for one in sights:
        style = {True: "green", False: "bold red", None: "dim"}[one.good]
        mark = {True: "●", False: "○", None: "·"}[one.good]
        table.add_row(Text(mark, style=style), Text(f"  {one.what}"), Text(escape(one.how), style=style))
    return table


@contextmanager
def display(
    console: Console, title: str, start: datetime, stages: Sequence[Stage], *, plain: bool
) -> Iterator[Display]:
    """A board on a terminal; lines anywhere else, and where ``plain`` is asked for."""
    if plain or not console.is_terminal:
        yield Lines(console, start)
        return
    with Board(console, title, start, stages) as board:
        yield board
