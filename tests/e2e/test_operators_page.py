"""Every command of the commander's page, typed in the order of a bad day against a running host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from staging import START

from cli.rehearsal.alert import payload
from cli.rehearsal.script import Alert

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
LINES = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines()
]


class Terminal:
    """A commander's shell whose environment knows the host."""

    def __init__(self, stage):
        told = json.loads((stage.folder / "host.json").read_text())
        keys = json.loads(Path(told["keys_file"]).read_text())
        known = {"BRIDGEHEAD_URL": told["url"], "BRIDGEHEAD_KEY": keys["functionKeys"]["default"]}
        self._environment = {**os.environ, **known, "no_proxy": "127.0.0.1"}
        self.typed: list[str] = []

    def type(self, beginning, **words):
        """The page's line that begins so, with its capital words filled in."""
        (line,) = [line for line in LINES if line.startswith(beginning)]
        self.typed.append(line)
        for word, value in words.items():
            line = re.sub(rf"\b{word}\b", value, line)
        line = re.sub(r"^bridgehead ", f"{sys.executable} -m cli ", line)
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def test_each_command_of_the_page_does_what_it_says(theatre):
    """An alert approved, a run of a commander's own refused beside it, one aborted and one adopted."""
    stage = theatre()
    terminal = Terminal(stage)
    alert = Alert(tracking_id="OPER-123", services=("Virtual Machines",), regions=("East Asia",), schema="common")
    stage.call("POST", "alerts/service-health", payload(alert, impact=START, fired=START, subscription="s"))
    stage.pass_time(5)
    (asked,) = [one["instanceId"] for one in stage.instances() if one["name"] == "failover"]
    stage.asked(asked, "approval")
    assert asked in terminal.type("bridgehead status")
    terminal.type("bridgehead approve", RUN=asked)
    stage.pass_time(1)
    terminal.type("bridgehead abort", RUN=asked)
    assert stage.ended(asked)["outcome"] == "aborted"
    started = terminal.type("bridgehead start", PLAN="company-b").split()[-1]
    assert stage.ended(started)["outcome"] == "completed"
    terminal.type("bridgehead watch", RUN=started)
    adopted = terminal.type("bridgehead adopt", RUN=asked)
    assert asked in adopted
    assert "suspend" in terminal.typed[-1] or terminal.type("curl")
    assert sorted(terminal.typed) == sorted(LINES)
