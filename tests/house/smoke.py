"""Does the app live on this Python? A script for .ci/run: only the app's and the local requirements are installed.

1. function_app.py imports and indexes: every function is there.
2. One rehearsal runs to its end at full speed on the embedded host and the simulated Azure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SDKS = ("azure-functions", "azure-functions-durable")


def index() -> int:
    """How many functions the app registers, by the embedded host's own loader (which raises when one is wrong)."""
    sys.path.insert(0, str(ROOT))
    from devhost.app_loader import load_app

    return len(load_app(ROOT).all())


def rehearse(folder: Path) -> dict[str, object]:
    """Company B's failover; raises when it does not end as it should."""
    command = [
        sys.executable,
        "-m",
        "cli",
        "rehearse",
        "plans/company-b.yaml",
        "--no-watch",
        "--json",
        "--report",
        str(folder),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"the rehearsal ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    report: dict[str, object] = json.loads(done.stdout)
    return report


def main() -> None:
    print(f"Python {sys.version.split()[0]}", *(f"{name} {version(name)}" for name in SDKS), sep=", ")
    print(f"{index()} functions load")
    with tempfile.TemporaryDirectory() as folder:
        report = rehearse(Path(folder))
    print(f"rehearsal: {report['outcome']}, achieved RTO {report['achieved_rto_seconds']} s")


if __name__ == "__main__":
    main()
