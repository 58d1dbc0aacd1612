"""Commands that go on until they are stopped: the embedded host and the simulated Azure, both on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import ScenarioOption, complete_estate
from cli.failing import Problem

STATE = Path(".bridgehead")
HOST_STATE = STATE / "host.json"

APP_SETTINGS = {"PYTHON_THREADPOOL_THREAD_COUNT": "96"}
"""What docs/doors.md asks to be set in Azure too: more threads than activities, so that 50 hanging calls leave room."""

Tethered = Annotated[
    bool, typer.Option("--tethered", hidden=True, help="End when standard input closes: the parent is gone.")
]


def serve(
    app: Annotated[
        Path | None,
        typer.Option("--app", metavar="FOLDER", help="Holds function_app.py. Default: this installation's."),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 7071,
    database: Annotated[Path, typer.Option("--database", metavar="FILE", help="SQLite; made when absent.")] = (
        STATE / "host.db"
    ),
    state: Annotated[
        Path, typer.Option("--state", metavar="FILE", help="Written when the host answers: its URL, its keys' file.")
    ] = HOST_STATE,
    documents: Annotated[
        str, typer.Option("--documents", envvar="BRIDGEHEAD_DOCUMENTS", help="A folder or a blob container's URL.")
    ] = str(STATE / "documents"),
    tethered: Tethered = False,
) -> None:
    """Run the function app in this process, on SQLite, with no Azure Functions host. Killed, it resumes on start."""
    import os

    from cli.files import APP_FOLDER
    from devhost import HostError, HostOptions
    from devhost import serve as serve_app
    from devhost.main import configure_logging

    os.environ["BRIDGEHEAD_DOCUMENTS"] = _absolute(documents)
    for name, value in APP_SETTINGS.items():
        os.environ.setdefault(name, value)
    for path in (database, state):
        path.parent.mkdir(parents=True, exist_ok=True)
    if tethered:
        _end_with_parent()
    configure_logging()
    try:
        serve_app(
            HostOptions(
                app_dir=(app or APP_FOLDER).resolve(),
                database=database.resolve(),
                port=port,
                state_file=state.resolve(),
            )
        )
    except HostError as error:
        raise Problem("the host cannot start", str(error).splitlines()) from None


def simulate(
    estate: Annotated[
        Path | None,
        typer.Argument(metavar="ESTATE", help="ARM documents: what exists.", autocompletion=complete_estate),
    ] = None,
    scenario: ScenarioOption = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    clock: Annotated[
        Path | None,
        typer.Option("--clock", metavar="FILE", envvar="BRIDGEHEAD_CLOCK_FILE", help="A shared clock file."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Draws durations; the scenario's otherwise.")] = None,
    state: Annotated[
        Path, typer.Option("--state", metavar="FOLDER", help="Gets simulator.json (how to connect) and events.jsonl.")
    ] = STATE / "simulator",
    conformance: Annotated[
        Path | None,
        typer.Option("--conformance", metavar="FOLDER", help="Serve nothing: compare with recordings (VCR cassettes)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --conformance: one JSON document.")] = False,
    failures: Annotated[
        int, typer.Option("--failures", min=0, metavar="N", help="With --conformance: how many differences to print.")
    ] = 20,
    minimum: Annotated[
        float | None,
        typer.Option("--minimum", min=0, max=100, metavar="PERCENT", help="With --conformance: exit 1 below this."),
    ] = None,
    tethered: Tethered = False,
) -> None:
    """Run a simulated Azure over HTTPS that the real SDKs talk to, loaded with an estate; or see how true it is."""
    if conformance is not None:
        from cli.conforming import conform

        conform(conformance, as_json, failures, minimum)
        return
    if estate is None:
        raise Problem("an ESTATE file is needed, or --conformance FOLDER")
    from cli.files import read_snapshot
    from cli.terminal import stderr
    from simulator.core.scenario import ScenarioError
    from simulator.server import SimulatorOptions
    from simulator.server import serve as serve_azure

    if scenario is not None and not scenario.is_file():
        raise Problem(f"{scenario}: no such scenario file")
    read_snapshot(estate)
    if tethered:
        _end_with_parent()
    else:
        stderr().print(f"how to connect is written to {state / 'simulator.json'}; Ctrl-C ends it", soft_wrap=True)
    try:
        serve_azure(SimulatorOptions(estate=estate, scenario=scenario, clock=clock, state=state, port=port, seed=seed))
    except (ScenarioError, ValueError) as error:
        raise Problem("the simulator cannot start", str(error).splitlines()) from None


def _absolute(documents: str) -> str:
    return documents if documents.startswith("https://") else str(Path(documents).resolve())


def _end_with_parent() -> None:
    """When the process that started this one dies, however it dies, its end of our standard input closes."""
    import os
    import sys
    import threading

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="tether", daemon=True).start()
