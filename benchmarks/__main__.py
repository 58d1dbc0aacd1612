"""``python -m benchmarks``: every figure of docs/performance.md, in one run. Same seed, same virtual seconds."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import cold_start, latency, peers, recovery_time
from benchmarks.tables import Figure, load, machine, show_goals

SECTIONS = ("recovery", "latency", "imports", "peers")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Bridgehead.")
    parser.add_argument("--sizes", default="3,30,300", help="numbers of VMs, default 3,30,300")
    parser.add_argument("--seed", type=int, default=7, help="draws Azure's durations")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="may be given more than once")
    given = parser.parse_args()
    began, wanted = time.monotonic(), given.only or SECTIONS
    print(f"`{' '.join(['python -m benchmarks', *sys.argv[1:]])}`, {machine()}; {load()} when it began.")
    figures: list[Figure] = []
    if "latency" in wanted:
        figures += latency.main(given.seed)
    if "imports" in wanted:
        figures += cold_start.main()
    if "peers" in wanted:
        peers.main()
    if "recovery" in wanted:
        figures += recovery_time.main([int(size) for size in given.sizes.split(",")], given.seed)
    show_goals(figures)
    print(f"\n{(time.monotonic() - began) / 60:.0f} minutes; {load()} when it ended.")


if __name__ == "__main__":
    main()
