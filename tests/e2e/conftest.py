"""Whole failovers: the command as a person runs it, and a stage on which a test plays the commander through HTTP.

Nothing here looks inside the program: what a run did is read at the doors, in the report, and in Azure's own log.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.rehearsal.processes import children

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # tests are no packages; what they share lies beside them

from staging import ESTATE, PLAN, Rehearsed, command, estate_of, scenario_file  # noqa: E402
from theatre import Theatre  # noqa: E402

Rehearse = Callable[..., Rehearsed]
Stages = Callable[..., Theatre]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder rehearses."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.rehearsal)


@pytest.fixture(scope="session")
def rehearse(tmp_path_factory: pytest.TempPathFactory) -> Rehearse:
    """``rehearse(scenario, plan=, estate=)``: a mapping, or a scenario's file."""

    def run(
        scenario: dict[str, Any] | Path, *more: str, plan: Path = PLAN, estate: Path = ESTATE, seconds: float = 170
    ) -> Rehearsed:
        folder = tmp_path_factory.mktemp("rehearsed")
        path = scenario if isinstance(scenario, Path) else scenario_file(folder, scenario)
        done = command(
            folder, "rehearse", plan, "--estate", estate, "--scenario", path, "--report", folder, "--json",
            "--no-watch", *more, seconds=seconds,
        )  # fmt: skip
        log = folder / "events.jsonl"
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        report = json.loads(done.stdout) if done.stdout.strip() else {}
        after = folder / "estate-after.json"
        left = json.loads(after.read_text()) if after.exists() else []
        return Rehearsed(done.returncode, report, events, done.stderr, left)

    return run


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """``theatre(scenario, plan=, machines=, speed=, estate=)``: a stage with the plan published, the host running."""
    open_ones: list[Theatre] = []
    with children() as started:

        def make(
            scenario: dict[str, Any] | None = None,
            *,
            plan: Path | None = PLAN,
            machines: int = 3,
            speed: Any = "max",
            estate: Path | None = None,
        ) -> Theatre:
            folder = tmp_path_factory.mktemp("theatre")
            made = Theatre(folder, scenario or {}, estate or estate_of(folder, machines), speed, started)
            open_ones.append(made)
            if plan:
                made.publish(plan)
            made.raise_curtain()
            return made

        yield make
        for one in open_ones:
            one.close()
