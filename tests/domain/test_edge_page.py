"""What docs/edge.md shows is executed: its plan compiles, its commands run, its function makes a snapshot."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from domain.compile import compile_runbook
from domain.plans.reading import parse_plan, plan_schema
from domain.snapshot import parse_snapshot
from simulator.estates.edge import edge_service, service_tags

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "edge.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


COMMANDS = [line.removeprefix("$ bridgehead ") for line in _blocks("console")[0].splitlines()]


def test_the_plan_of_the_page_compiles() -> None:
    """Against the estate that ships, and an editor accepts it."""
    (shown,) = _blocks("yaml")
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load(shown), default=str)), plan_schema())
    runbook = compile_runbook(parse_plan(shown), parse_snapshot(json.dumps(edge_service(10))), "failover")
    assert len(runbook.facts["edge"]["devices"]) == 11


def test_the_function_of_the_page_puts_the_weekly_file_into_a_snapshot() -> None:
    """The plan then says the file's name, and compiles to the same routes."""
    (source,) = _blocks("python")
    names: dict[str, Any] = {}
    exec(source, names)
    file = {name: value for name, value in service_tags().items() if name in ("changeNumber", "cloud", "values")}
    estate = [one for one in edge_service(10) if one["type"] != "Microsoft.Network/serviceTags"]
    text = names["with_weekly_file"](json.dumps(estate), json.dumps(file), "ServiceTags_Public_20260309.json")
    shown = _blocks("yaml")[0].replace("{api: westus}", "{file: ServiceTags_Public_20260309.json}")
    runbook = compile_runbook(parse_plan(shown), parse_snapshot(text), "failover")
    assert runbook.facts["edge"]["added_routes"] == 18


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_page_succeeds(command: str, tmp_path: Path) -> None:
    """From the repository's folder; what a command leaves goes elsewhere."""
    arguments = shlex.split(command)
    more = ["--report", str(tmp_path)] if arguments[0] == "rehearse" else []
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments, *more],
        cwd=ROOT, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
