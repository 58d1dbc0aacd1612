"""What the README promises: every command in it is run, every file that it points to exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
TARGETS = {
    "make demo": "bridgehead rehearse plans/company-b.yaml --scenario scenarios/company-b.yaml",
    "make test": "python -m pytest",
}
"""What the README's make targets run, as make itself says."""


def test_the_readme_has_commands() -> None:
    """Otherwise the tests below check nothing."""
    assert len(COMMANDS) >= 6
    assert set(TARGETS) <= set(COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("bridgehead ")])
def test_each_bridgehead_command_of_the_readme_succeeds(command: str, tmp_path: Path) -> None:
    """As it stands there, from the repository's folder; only a rehearsal's report goes elsewhere."""
    arguments = shlex.split(command)[1:]
    if arguments[0] == "rehearse":
        arguments += ["--report", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout


@pytest.mark.parametrize(("target", "runs"), TARGETS.items())
def test_each_make_target_of_the_readme_runs_what_it_says(target: str, runs: str) -> None:
    """Asked of make without running it."""
    done = subprocess.run(
        ["make", "--dry-run", *target.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert runs in done.stdout


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_each_file_that_the_readme_points_to_exists(link: str) -> None:
    """A newcomer's first click must not fail."""
    assert (ROOT / link).exists()
