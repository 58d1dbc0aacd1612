"""The command as a person runs it, in this process; and the sample files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

Bridgehead = Callable[..., Result]


@pytest.fixture
def bridgehead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bridgehead:
    """Runs ``bridgehead ARGUMENTS`` in an empty folder; standard output and error are kept apart."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, **environment: str) -> Result:
        return CliRunner().invoke(app, [str(one) for one in arguments], env=environment)

    return run


@pytest.fixture
def plan(root: Path) -> Path:
    return root / "plans" / "company-b.yaml"


@pytest.fixture
def estate(root: Path) -> Path:
    return root / "estates" / "company-b.json"
