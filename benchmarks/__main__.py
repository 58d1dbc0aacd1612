"""``python -m benchmarks``: every figure of docs/performance.md, in one run. Same seed, same virtual seconds."""

from __future__ import annotations

import argparse
import platform

from rich.console import Console

from benchmarks import cold_start, latency, peers, recovery_time

WIDTH = 150
SECTIONS = ("recovery", "latency", "imports", "peers")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Bridgehead.")
    parser.add_argument("--sizes", default="3,30,300", help="numbers of VMs, default 3,30,300")
    parser.add_argument("--seed", type=int, default=7, help="draws Azure's durations")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="may be given more than once")
    given = parser.parse_args()
    console = Console(width=WIDTH)
    console.print(f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}")
    wanted = given.only or SECTIONS
    if "recovery" in wanted:
        recovery_time.main(console, [int(size) for size in given.sizes.split(",")], given.seed)
    if "latency" in wanted:
        latency.main(console, given.seed)
    if "imports" in wanted:
        cold_start.main(console)
    if "peers" in wanted:
        peers.main(console)


if __name__ == "__main__":
    main()
