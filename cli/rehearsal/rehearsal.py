"""One rehearsal from files to verdict: compile, set the stage, play, judge, keep what it left."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.board import Display, Silent, display, stages_of
from cli.files import compile_for, read_plan, read_snapshot
from cli.progress import Progress
from cli.publishing import publish_plan
from cli.rehearsal import script as scripts
from cli.rehearsal.director import Director
from cli.rehearsal.groups import groups_of
from cli.rehearsal.hands import hands_of
from cli.rehearsal.processes import children
from cli.rehearsal.script import Script
from cli.rehearsal.stage import Speed, Stage
from cli.rehearsal.verdict import Verdict, judge
from cli.terminal import stderr
from domain.arm_ids import is_arm_id, parse
from domain.plans.reading import Plan
from domain.runbook import Runbook
from domain.snapshot import Snapshot

KEPT = ("azure/events.jsonl", "host.log", "simulated Azure.log")

LEFT = "estate-after.json"
"""What Azure holds when a rehearsal has ended."""


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line. ``report`` None: .bridgehead/reports/RUN."""

    plan: Path
    estate: Path
    mode: str
    scenario: Path | None
    speed: Speed
    seed: int | None
    report: Path | None
    watch: bool


@dataclass(frozen=True)
class Result:
    """How it ended, and where the report lies."""

    run: str
    verdict: Verdict
    folder: Path
    report: dict[str, Any]


def rehearse(order: Order) -> Result:
    """Raises Problem when anything is wrong before it starts, or when it cannot be played to its end."""
    plan, snapshot = read_plan(order.plan), read_snapshot(order.estate)
    runbook = compile_for(order.plan, plan, snapshot, order.mode)
    with _interruptible(), tempfile.TemporaryDirectory(prefix="bridgehead-") as folder:
        return _rehearse(order, plan, snapshot, runbook, Path(folder))


def _rehearse(order: Order, plan: Plan, snapshot: Snapshot, runbook: Runbook, folder: Path) -> Result:
    scenario, script = _scenario(order, plan, runbook, folder)
    with children() as started:
        stage = Stage(folder, started, speed=order.speed, start=script.start)
        try:
            stage.start_azure(order.estate, scenario, order.seed)
            publish_plan(order.plan, order.estate, str(stage.documents), by="rehearsal", now=stage.time.now())
            stage.start_host({plan.primary.region, plan.recovery.region})
            director = Director(
                stage,
                script,
                plan.name,
                order.mode,
                _subscription(snapshot),
                [one.address for one in plan.routing.reach],
                hands_of(runbook),
            )
            try:
                with _display(order, plan, stage, runbook) as shown:
                    progress = director.play(shown)
            except BaseException:
                _keep(folder, _report_folder(order, director.run or plan.name))
                raise
            return _conclude(order, script, stage, progress)
        finally:
            stage.leave()


def _scenario(order: Order, plan: Plan, runbook: Runbook, folder: Path) -> tuple[Path, Script]:
    """The scenario as the simulator is given it: with the groups that this plan walks, so that it can watch them."""
    if order.scenario:
        script = scripts.load(order.scenario)
        simulated = yaml.safe_load(order.scenario.read_text(encoding="utf-8")) or {}
    else:
        script, simulated = scripts.default_for(plan)
    simulated = {**groups_of(runbook), **simulated}
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(simulated), encoding="utf-8")
    return path, script


def _display(order: Order, plan: Plan, stage: Stage, runbook: Runbook) -> AbstractContextManager[Display]:
    if not order.watch:
        return nullcontext(Silent())
    title = f"{plan.name}: {plan.primary.region} → {plan.recovery.region}"
    return display(stderr(), title, stage.time.start, stages_of(runbook), plain=False)


def _conclude(order: Order, script: Script, stage: Stage, progress: Progress) -> Result:
    report, azure = stage.report(progress.run), stage.verdict()
    seconds, ended = stage.time.seconds(), progress.outcome or ""
    verdict = judge(script.expect, ended, progress.reason, report, azure, seconds, stage.kills)
    folder = _report_folder(order, progress.run)
    folder.mkdir(parents=True, exist_ok=True)
    whole = {**(report or {"run": progress.run, "outcome": progress.outcome}), "rehearsal": verdict.document()}
    (folder / "report.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / LEFT).write_text(json.dumps(stage.azure_documents(), indent=2) + "\n", encoding="utf-8")
    if stage.page(progress.run).is_file():
        shutil.copyfile(stage.page(progress.run), folder / "report.html")
    _keep(stage.folder, folder)
    return Result(progress.run, verdict, folder, whole)


def _report_folder(order: Order, run: str) -> Path:
    return order.report or Path(".bridgehead") / "reports" / run


def _keep(work: Path, folder: Path) -> None:
    """The simulator's log and what both processes said, beside the report."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if (work / name).is_file():
            shutil.copyfile(work / name, folder / Path(name).name.replace(" ", "-"))


def _subscription(snapshot: Snapshot) -> str:
    ids = (document["id"] for document in snapshot.documents if is_arm_id(document["id"]))
    return next((parse(one).subscription for one in ids), "00000000-0000-0000-0000-000000000000")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends a rehearsal as Ctrl-C does: with its processes ended."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
