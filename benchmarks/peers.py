"""For information: the embedded host beside durabletask's in-memory backend and DBOS on SQLite.

The peers live in an environment of their own (``make peers``); without it they are left out. They do other things for
other needs: theirs is the speed of a library in one process, ours that of a host that must be true to Azure's.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.scene import ROOT

PEERS = ROOT / ".ci-venvs" / "peers" / "bin" / "python"
FAN, CHAIN = 1000, 100
PATIENCE_SECONDS = 120
FOLDER = ROOT / "benchmarks" / "noop"


def measure(python: Path | str, script: str) -> dict[str, float]:
    """``{"fan": seconds, "chain": seconds}``, as the script prints them last; not a number when it takes too long."""
    command = [str(python), str(FOLDER / script), str(FAN), str(CHAIN)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"fan": math.nan, "chain": math.nan}
    if done.returncode:
        raise SystemExit(f"{script}: {done.stderr.strip()[-800:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(console: Console) -> None:
    table = Table(title=f"For information: {FAN:,} no-op activities side by side, and {CHAIN} one after another")
    for column in ("engine", "fan-out s", "sequence s"):
        table.add_column(column, justify="left" if column == "engine" else "right")
    rows = [("embedded host (SQLite, a commit for each step)", sys.executable, "embedded.py")]
    if PEERS.exists():
        rows += [("durabletask, in memory", PEERS, "durabletask_peer.py"), ("dbos, SQLite", PEERS, "dbos_peer.py")]
    else:
        console.print("[dim]durabletask and dbos are left out: `make peers` installs them beside[/]")
    for name, python, script in rows:
        found = measure(python, script)
        table.add_row(name, f"{found['fan']:.2f}", f"{found['chain']:.2f}")
    console.print(table)
