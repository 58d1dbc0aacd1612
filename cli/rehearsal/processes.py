"""Starting, killing and always ending the two processes of a rehearsal.

Each writes to a log of its own. Each ends by itself when this process dies: it watches its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.failing import Code, Problem
from cli.files import APP_FOLDER

START_SECONDS = 60.0
_END_SECONDS = 5.0


class Child:
    """One process of ours: ``python -m cli ARGUMENTS``, tethered to this one."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._arguments = [sys.executable, "-m", "cli", *arguments, "--tethered"]
        self._environment = {**_inherited(), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self._environment, cwd=APP_FOLDER,
                start_new_session=True,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def dies(self, within: float) -> bool:
        """Whether it has ended, or ends within some seconds of the wall."""
        if self._process is None:
            return False
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """As a power cut does: no warning, nothing flushed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def end(self) -> None:
        """Ask, wait, then insist."""
        if self._process is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def await_file(self, path: Path) -> dict[str, Any]:
        """The JSON file that the process writes when it serves. Raises Problem with the end of its log if it dies."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if path.exists():
                content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                return content
            if not self.alive:
                raise Problem(f"the {self.name} did not start", self.last_words(), Code.ENDED_BADLY)
            time.sleep(0.02)
        raise Problem(f"the {self.name} did not start in {START_SECONDS:.0f} s", self.last_words(), Code.ENDED_BADLY)

    def last_words(self, lines: int = 12) -> list[str]:
        """The end of its log, without an error's own prefix."""
        said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        return [line.removeprefix("error: ").strip() for line in said if line.strip()] or [f"see {self.log}"]


@contextmanager
def children() -> Iterator[list[Child]]:
    """A list to put processes in: whatever happens, all in it are ended, the last started first."""
    started: list[Child] = []
    try:
        yield started
    finally:
        for child in reversed(started):
            child.end()


def _inherited() -> dict[str, str]:
    """The caller's environment without what would point a rehearsal at a real Azure, or its calls at a proxy."""
    mine = {
        name: value for name, value in os.environ.items() if not name.startswith(("BRIDGEHEAD_", "IDENTITY_", "AZURE_"))
    }
    mine |= {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", "NO_COLOR": "1"}
    mine["PYTHONPATH"] = os.pathsep.join(filter(None, [str(APP_FOLDER), os.environ.get("PYTHONPATH")]))
    if os.environ.get("BRIDGEHEAD_DEBUG"):
        mine["BRIDGEHEAD_DEBUG"] = "1"
    return mine
