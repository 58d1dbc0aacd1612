"""Arguments and options that several commands share, with their completion."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Mode(StrEnum):
    """A mode is another compilation of the same plan."""

    failover = "failover"
    planned = "planned"
    drill = "drill"
    failback = "failback"
    wait = "wait"


class Kind(StrEnum):
    """A published JSON Schema."""

    plan = "plan"
    scenario = "scenario"


def _files(folder: str, suffixes: tuple[str, ...], incomplete: str) -> list[str]:
    named, slash, _ = incomplete.rpartition("/")
    places = [Path(named or "/")] if slash else [Path(folder), Path()]
    found = [str(path) for place in places if place.is_dir() for path in place.iterdir() if path.suffix in suffixes]
    return sorted(name for name in found if name.startswith(incomplete))


def complete_plan(incomplete: str) -> list[str]:
    return _files("plans", (".yaml", ".yml"), incomplete)


def complete_scenario(incomplete: str) -> list[str]:
    return _files("scenarios", (".yaml", ".yml"), incomplete)


def complete_estate(incomplete: str) -> list[str]:
    return _files("estates", (".json",), incomplete)


PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan's YAML file.", autocompletion=complete_plan)]
SnapshotOption = Annotated[
    Path | None,
    typer.Option(
        "--snapshot",
        "--estate",
        metavar="FILE",
        help="What exists, as ARM documents. Default: estates/NAME.json for plans/NAME.yaml.",
        autocompletion=complete_estate,
    ),
]
ScenarioOption = Annotated[
    Path | None,
    typer.Option(
        "--scenario",
        metavar="FILE",
        help="What fails, when the alert comes, how people answer. Default: the plan's primary region goes dark.",
        autocompletion=complete_scenario,
    ),
]
ModeOption = Annotated[Mode, typer.Option("--mode", help="Which compilation of the plan.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, as start and status print it.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="BRIDGEHEAD_URL", help="The function app. Default: the local host that serve started."
    ),
]
By = Annotated[str | None, typer.Option("--by", help="Who says so. Default: the name you are logged in with.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the report.")]
Step = Annotated[
    str | None, typer.Option("--step", help="Answer this step's question. Default: the one question that is open.")
]
