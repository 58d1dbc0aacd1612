"""The table of commands. Everything behind a command is imported when it runs, so that help is quick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from cli import hosting, planning, rehearsing, running
from cli.addresses import addresses
from cli.failing import Commands
from cli.verify.command import verify_azure

app = typer.Typer(
    name="bridgehead",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Moves a workload out of a failing Azure region and proves that on-premises can reach it again.",
    epilog=(
        "Exit codes: 0 done and ended as it should; 1 the run did not end as it should; 2 usage or bad input; "
        "3 the host cannot be reached; 4 the host refuses; 130 stopped. NO_COLOR is obeyed."
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"bridgehead {version('bridgehead')}")
        except PackageNotFoundError:
            typer.echo("bridgehead (not installed)")
        raise typer.Exit


@app.callback()
def _everywhere(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


PANELS: dict[str, list[Callable[..., None]]] = {
    "A plan, before the day": [
        planning.validate, planning.explain, planning.publish, planning.schema, rehearsing.rehearse,
        addresses,
    ],
    "A run": [
        running.start, running.status, running.watch, running.approve, running.reject, running.abort, running.pause,
        running.resume, running.retry, running.skip, running.adopt,
    ],
    "Without Azure": [hosting.serve, hosting.simulate],
    "A look at Azure": [verify_azure],
}  # fmt: skip
for _panel, _commands in PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)
