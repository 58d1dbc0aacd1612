"""Commands about a plan before the day: is it valid, what will happen, let it be the one that counts."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import JsonOption, Kind, Mode, ModeOption, PlanFile, SnapshotOption, complete_estate
from cli.failing import Problem

if TYPE_CHECKING:
    from domain.plans.reading import Plan


def validate(plan: PlanFile, snapshot: SnapshotOption = None, json: JsonOption = False) -> None:
    """Check a plan, and with a snapshot that it compiles. All errors are told together."""
    from cli.files import compile_for, read_plan, read_snapshot, snapshot_beside
    from cli.terminal import print_json, stderr, stdout

    if json:
        print_json(_findings(plan, snapshot))
        return
    parsed = read_plan(plan, snapshot)
    found = snapshot_beside(plan, snapshot)
    if found is None:
        stdout().print(f"{plan}: valid; not checked against a snapshot (--snapshot FILE does)", soft_wrap=True)
        _say_drills(parsed)
        return
    runbook = compile_for(plan, parsed, read_snapshot(found), Mode.failover)
    stdout().print(
        f"{plan}: valid, and compiles against {found}: {len(runbook.steps)} steps, plan {runbook.plan_hash[:12]}, "
        f"runbook {runbook.hash[:12]}",
        soft_wrap=True,
    )
    _say_drills(parsed)
    for question in runbook.facts.get("calm_questions") or []:
        stderr().print(f"[yellow]to be answered in calm times[/]: {question}", soft_wrap=True)
    for warning in runbook.warnings:
        stderr().print(f"[yellow]warning[/]: {warning}", soft_wrap=True)


def _say_drills(plan: Plan) -> None:
    from cli.drill_view import drills_text
    from cli.terminal import stdout

    for line in drills_text(plan, datetime.now(timezone.utc)):
        stdout().print(line, soft_wrap=True, highlight=False, markup=False)


def _findings(plan: Path, snapshot: Path | None) -> dict[str, object]:
    from cli.drill_view import drills_document
    from cli.files import compile_for, read_plan, read_snapshot, snapshot_beside
    from cli.terminal import print_json

    try:
        parsed = read_plan(plan, snapshot)
        found = snapshot_beside(plan, snapshot)
        runbook = compile_for(plan, parsed, read_snapshot(found), Mode.failover) if found else None
    except Problem as problem:
        print_json({"valid": False, "message": problem.message, "errors": list(problem.details)})
        raise typer.Exit(problem.code) from None
    document: dict[str, object] = {"valid": True, "plan": parsed.name, "plan_hash": parsed.hash}
    if runbook:
        document |= {"runbook_hash": runbook.hash, "steps": len(runbook.steps), "warnings": list(runbook.warnings)}
        document["calm_questions"] = list(runbook.facts.get("calm_questions") or [])
    if drills := drills_document(parsed, datetime.now(timezone.utc)):
        document["drills"] = drills
    return document


def explain(
    plan: PlanFile,
    mode: ModeOption = Mode.failover,
    snapshot: SnapshotOption = None,
    manual: Annotated[
        bool, typer.Option("--manual", help="As az commands and device changes for a person to do by hand.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Print the runbook: steps, who waits for whom, expected durations, critical path, what cannot be undone."""
    from cli.files import compile_for, need_snapshot, read_plan, read_snapshot
    from cli.terminal import print_json, stdout

    parsed = read_plan(plan)
    runbook = compile_for(plan, parsed, read_snapshot(need_snapshot(plan, snapshot)), mode)
    if manual:
        from domain.manual import manual as by_hand

        typer.echo(by_hand(runbook))
    elif json:
        from cli.drill_view import drills_document
        from domain.codec import to_wire

        drills = drills_document(parsed, datetime.now(timezone.utc))
        print_json({"hash": runbook.hash, **to_wire(runbook), **({"drills": drills} if drills else {})})
    else:
        from cli.runbook_view import show

        show(runbook, stdout())
        _say_drills(parsed)


def publish(
    plan: PlanFile,
    snapshot: Annotated[
        Path, typer.Argument(metavar="SNAPSHOT", help="What exists, as ARM documents.", autocompletion=complete_estate)
    ],
    documents: Annotated[
        str | None,
        typer.Option(
            "--documents", envvar="BRIDGEHEAD_DOCUMENTS", help="A folder, or the https URL of a blob container."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a plan the one that counts: check it, compile it in every mode, store it, move the pointer to it."""
    from cli.publishing import publish_plan
    from cli.terminal import print_json, stderr, stdout
    from domain.codec import to_wire

    if not documents or not documents.strip():
        raise Problem("where to? expected --documents FOLDER_OR_URL or BRIDGEHEAD_DOCUMENTS")
    published = publish_plan(plan, snapshot, documents)
    if json:
        print_json(to_wire(published))
        return
    pointer = published.pointer
    verb = "published" if published.changed else "already published, unchanged:"
    stdout().print(
        f"{verb} {pointer.name}: plan {pointer.plan_hash[:12]}, snapshot {pointer.snapshot_hash[:12]}", soft_wrap=True
    )
    for mode, runbook in published.runbooks.items():
        stdout().print(f"  {mode}: runbook {runbook[:12]}", soft_wrap=True)
    for warning in published.warnings:
        stderr().print(f"[yellow]warning[/]: {warning}", soft_wrap=True)


def schema(
    kind: Annotated[Kind, typer.Argument(help="Of a plan file or of a scenario file.")] = Kind.plan,
) -> None:
    """Print a JSON Schema, so that an editor completes and checks the file."""
    from cli.terminal import print_json

    if kind is Kind.plan:
        from domain.plans.reading import plan_schema

        print_json(plan_schema())
    else:
        from cli.rehearsal.script import scenario_schema

        print_json(scenario_schema())
