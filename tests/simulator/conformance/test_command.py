"""bridgehead simulate --conformance: what it prints, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

PATH = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/t"
WAN = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualWans/w"
runner = CliRunner()


def run(*arguments: str) -> Any:
    return runner.invoke(app, ["simulate", "--conformance", *arguments])


@pytest.fixture
def folder(record: Callable[[], Any]) -> Path:
    """One call that agrees, one that does not, one out of scope; the file lies a folder deeper."""
    story = record().add("DELETE", PATH, 204).add("DELETE", f"{PATH}2", 418).add("GET", WAN, 200, {})
    return Path(story.write("deep/one.yaml").parent.parent)


def test_counts_and_differences_are_printed(folder: Path) -> None:
    """Exit code 0 though something disagrees."""
    done = run(str(folder))
    assert done.exit_code == 0
    assert "agreed 1, disagreed 1: 50.00 % of 2 in scope" in done.stdout
    assert "deep/one.yaml #1 DELETE Microsoft.Network/routeTables" in done.stdout
    assert "status: recorded 418, simulated 204" in done.stdout
    assert "Microsoft.Network/virtualWans" in done.stdout


def test_json_says_the_same(folder: Path) -> None:
    """One document, nothing besides."""
    told = json.loads(run(str(folder), "--json").stdout)
    assert (told["total"]["agreed"], told["total"]["disagreed"], told["total"]["percent"]) == (1, 1, 50.0)
    assert told["disagreements"][0]["difference"] == "status: recorded 418, simulated 204"
    assert list(told["files"]) == ["deep/one.yaml"]


def test_as_many_differences_as_asked_for(folder: Path) -> None:
    """--failures 0 prints none and says so."""
    assert "... and 1 more" in run(str(folder), "--failures", "0").stdout


@pytest.mark.parametrize(("minimum", "code"), [("50", 0), ("51", 1)])
def test_a_minimum_that_is_missed_is_exit_code_1(folder: Path, minimum: str, code: int) -> None:
    """For scripts."""
    assert run(str(folder), "--minimum", minimum).exit_code == code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", "a: 1"),
        ("b.yaml", "interactions: [1]"),
        ("c.yaml", "interactions: [{}]"),
        ("d.yaml", "{"),
        ("e.yaml", ""),
    ],
)
def test_what_is_no_cassette_is_named(tmp_path: Path, name: str, content: str) -> None:
    """Exit code 2, and no trace."""
    (tmp_path / name).write_text(content)
    done = run(str(tmp_path))
    assert done.exit_code == 2
    assert name in done.output


def test_no_folder_and_an_empty_one_are_bad_input(tmp_path: Path) -> None:
    """Both by name."""
    assert run(str(tmp_path / "nowhere")).exit_code == 2
    assert run(str(tmp_path)).exit_code == 2


def test_without_a_folder_an_estate_is_needed() -> None:
    """The command still serves; it only needs one of the two."""
    assert runner.invoke(app, ["simulate"]).exit_code == 2


def test_text_that_an_older_python_tagged_is_read(tmp_path: Path) -> None:
    """Recorders of 2019 wrote !!python/unicode; some wrote a body as Python shows bytes."""
    content = f"""interactions:
- request: {{method: PUT, uri: 'https://management.azure.com{PATH}?api-version=2021-02-01', headers: {{}},
    body: "b'{{\\"location\\": \\"westus\\"}}'"}}
  response: {{status: {{code: 500}}, headers: {{}}, body: {{string: !!python/unicode 'oops'}}}}
"""
    (tmp_path / "old.yaml").write_text(content)
    told = json.loads(run(str(tmp_path), "--json").stdout)
    assert told["total"]["disagreed"] == 1
