"""For information: the embedded host beside durabletask's in-memory backend and DBOS on SQLite.

The peers live in an environment of their own (``make peers``); without it they are left out. They do other things for
other needs: theirs is the speed of a library in one process, ours that of a host that must be true to Azure's.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys

from benchmarks.scene import ROOT
from benchmarks.tables import progress, show

PEERS = ROOT / ".ci-venvs/peers/bin/python"
FAN, CHAIN = 1000, 100
PATIENCE_SECONDS = 120
FOLDER = ROOT / "benchmarks" / "noop"


def measure(python: str, script: str) -> dict[str, float]:
    """``{"fan": seconds, "chain": seconds}``, as the script prints them last; not a number when it takes too long."""
    command = [python, str(FOLDER / script), str(FAN), str(CHAIN)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"fan": math.nan, "chain": math.nan}
    if done.returncode:
        raise SystemExit(f"{script}: {done.stderr.strip()[-800:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    progress("other engines")
    rows = [("embedded host (SQLite, a commit for each step)", sys.executable, "embedded.py")]
    if PEERS.exists():
        rows += [
            ("durabletask, in memory", str(PEERS), "durabletask_peer.py"),
            ("dbos, SQLite", str(PEERS), "dbos_peer.py"),
        ]
    found = [(name, measure(python, script)) for name, python, script in rows]
    show(
        f"For information: {FAN:,} no-op activities side by side, and {CHAIN} one after another",
        ("engine", "fan-out s", "sequence s"),
        [(name, f"{one['fan']:.2f}", f"{one['chain']:.2f}") for name, one in found],
        "" if PEERS.exists() else "durabletask and dbos are left out: `make peers` installs them beside.",
    )
