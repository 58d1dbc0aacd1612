"""How long a whole rehearsal takes on this machine, and how close the run comes to what Azure itself needs.

Company B, nothing fails, three seeds, time jumps from event to event. Wall seconds include the start of two processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = {
    "start": "2026-03-14T02:00:00Z",
    "alert": {"at": 60, "trackingId": "BENCH-001", "services": ["Virtual Machines"], "regions": ["East Asia"]},
    "people": [{"on": "approval", "answer": "approve", "after": 30}],
}


def rehearse(seed: int, folder: Path) -> tuple[float, dict[str, object]]:
    """Wall seconds, and the report."""
    scenario = folder / "scenario.yaml"
    scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
    command = [sys.executable, "-m", "cli", "rehearse", "plans/company-b.yaml", "--scenario", scenario, "--json"]
    command += ["--seed", str(seed), "--no-watch", "--report", folder / "report"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, json.loads(done.stdout)


def main() -> None:
    print("seed  wall s  RTO s  decide s  longest path of Azure's own s  ratio")
    for seed in (7, 8, 9):
        with tempfile.TemporaryDirectory() as folder:
            wall, report = rehearse(seed, Path(folder))
        decide = next(phase["seconds"] for phase in report["phases"] if phase["phase"] == "decide")
        rto, longest = report["achieved_rto_seconds"], report["rehearsal"]["longest_path_seconds"]
        ratio = (rto - decide) / longest
        print(f"{seed:>4}  {wall:>6.1f}  {rto:>5.0f}  {decide:>8.0f}  {longest:>29.0f}  {ratio:>5.3f}")


if __name__ == "__main__":
    main()
