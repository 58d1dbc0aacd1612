"""Reading the files that a person names on the command line; every error says which file and which field."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cli.failing import Problem

if TYPE_CHECKING:
    from domain.plans.reading import Plan
    from domain.runbook import Runbook
    from domain.snapshot import Snapshot

APP_FOLDER = Path(__file__).resolve().parents[1]
"""Where function_app.py and host.json lie."""


def read_text(path: Path, what: str) -> str:
    """The file's text. Raises Problem naming ``what`` it should have been."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Problem(f"{path}: no such {what} file", _neighbours(path)) from None
    except IsADirectoryError:
        raise Problem(f"{path}: expected a {what} file, found a folder") from None
    except UnicodeDecodeError:
        raise Problem(f"{path}: expected a {what} file as UTF-8 text, found other bytes") from None
    except OSError as error:
        raise Problem(f"{path}: cannot be read: {error.strerror}") from None


def read_plan(path: Path, snapshot: Path | None = None) -> Plan:
    """The plan in a YAML file. Raises Problem with every error found, of its names in the snapshot as well."""
    from domain.plans.reading import PlanErrors, parse_plan

    text = read_text(path, "plan")
    try:
        return parse_plan(text, source=path.name)
    except PlanErrors as errors:
        told = [*map(str, errors), *_unknown_names(text, snapshot_beside(path, snapshot))]
        raise Problem(f"{path} is no valid plan", told) from None


def _unknown_names(text: str, snapshot: Path | None) -> list[str]:
    """Told beside a plan's own errors, where both files can be read at all."""
    from domain.plans.estate import unknown_names
    from domain.plans.reading import PlanErrors, load

    if snapshot is None:
        return []
    try:
        return list(map(str, unknown_names(load(text), read_snapshot(snapshot))))
    except (PlanErrors, Problem):
        return []


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot (estate) in a JSON file. Raises Problem with every reason."""
    from domain.snapshot import SnapshotError, parse_snapshot

    text = read_text(path, "snapshot")
    try:
        return parse_snapshot(text)
    except SnapshotError as error:
        raise Problem(f"{path} is no valid snapshot", error.reasons) from None


def snapshot_beside(plan: Path, snapshot: Path | None) -> Path | None:
    """The snapshot that goes with a plan: the one named, else estates/NAME.json beside plans/NAME.yaml if it exists."""
    if snapshot is not None:
        return snapshot
    candidate = Path(os.path.normpath(plan.parent / ".." / "estates" / f"{plan.stem}.json"))
    return candidate if candidate.is_file() else None


def need_snapshot(plan: Path, snapshot: Path | None) -> Path:
    found = snapshot_beside(plan, snapshot)
    if found is None:
        raise Problem(
            f"{plan}: no snapshot goes with it",
            [f"expected estates/{plan.stem}.json beside the plan's folder, or --snapshot FILE"],
        )
    return found


def compile_for(path: Path, plan: Plan, snapshot: Snapshot, mode: str) -> Runbook:
    """Compile. Raises Problem with every reason for which the plan is refused."""
    from domain.compile import compile_runbook
    from domain.findings import Refused

    try:
        return compile_runbook(plan, snapshot, mode)
    except Refused as refused:
        raise Problem(f"{path} is refused in mode {mode}", refused.reasons) from None


def make_folder(path: Path) -> None:
    """Make a folder for a report before the work that fills it. Raises Problem when it cannot be written to."""
    if path.exists() and not path.is_dir():
        raise Problem(f"{path}: expected a folder for the report, found a file")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{path}: no folder for the report can be made there: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise Problem(f"{path}: the report cannot be written into this folder")


def _neighbours(path: Path) -> list[str]:
    import difflib

    folder = path.parent
    names = [entry.name for entry in folder.iterdir() if entry.is_file()] if folder.is_dir() else []
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.6)
    return [f"did you mean {folder / close[0]}?"] if close else []
