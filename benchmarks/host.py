"""The embedded host as benches want it: replay at its price in Azure, the CPU time of activities kept apart, and on
request polling as Azure advises instead of where an operation is likely to end.

The policy is exchanged here and not by a setting, so that no production code carries a knob that only benches turn.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ADVISED_SECONDS = 30.0
"""Site Recovery's Retry-After (recorded). Network operations say 10 in their own answers."""
ADVISED_NETWORK_SECONDS = 10.0


def advised_poll(_run: Any, outcome: Any, _now: datetime) -> float:
    """Seconds until the next poll, as the last answer's ``Retry-After`` says."""
    said = outcome.poll_after_seconds or outcome.evidence.get("advised")
    network = outcome.operation is not None and outcome.operation.kind == "network"
    return float(said or (ADVISED_NETWORK_SECONDS if network else ADVISED_SECONDS))


def poll_as_advised() -> None:
    from domain import decide

    decide._until_poll = advised_poll


class Spent:
    """CPU seconds that activities took in their threads; told to a file whenever a report was written."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock, self._seconds = path, threading.Lock(), 0.0

    def metered(self, name: str, work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def activity(call: Any) -> Any:
            began = time.thread_time()
            try:
                return work(call)
            finally:
                self._add(time.thread_time() - began, tell=name == "write_report")

        return activity

    def _add(self, seconds: float, *, tell: bool) -> None:
        with self._lock:
            self._seconds += seconds
            if tell:
                temporary = self._path.with_suffix(".tmp")
                temporary.write_text(json.dumps({"activities_cpu_seconds": self._seconds}))
                temporary.replace(self._path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--advised", action="store_true")
    given = parser.parse_args()
    os.environ["BRIDGEHEAD_DOCUMENTS"] = str(given.folder / "documents")
    if given.advised:
        poll_as_advised()
    from activities import ACTIVITIES
    from devhost import HostOptions, serve
    from devhost.main import configure_logging

    spent = Spent(given.folder / "spent.json")
    ACTIVITIES.update({name: spent.metered(name, work) for name, work in ACTIVITIES.items()})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    configure_logging()
    serve(HostOptions(ROOT, given.folder / "host.db", state_file=given.folder / "host.json", memoise_timestamps=False))


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
