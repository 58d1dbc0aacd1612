"""Seeded kills: scenarios in which the host dies again and again, and what must hold after every one of them.

A kill strikes at the moment Azure takes a chosen call: before it is accepted, or after, when nobody can read the answer
any more. Where a kill strikes follows from the seed alone. Judged are the command's own verdict and the simulator's
log, never the run's word.

As a script: ``python tests/e2e/killing.py --kills 200`` rehearses seed after seed until so many kills have struck.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
APPROVAL = {"on": "approval", "answer": "approve", "after": 30, "by": "incident.commander@companyb.example"}
RETRY = {"on": "ask", "answer": "retry", "after": 30, "by": "incident.commander@companyb.example"}
ALERT = {"at": 60, "trackingId": "KILL-1", "services": ["Virtual Machines"], "regions": ["East Asia"]}
LATE_JOBS = {"job": {"action": "unplannedFailover", "item": ".*", "appearsAfter": 30}}


def _region(**how: Any) -> dict[str, Any]:
    return {"at": 0, "region": "eastasia", **how}


WEATHERS: dict[str, list[dict[str, Any]]] = {
    "calm": [],
    "late jobs": [LATE_JOBS],
    "tunnel stays up": [_region(dark="control-plane", answer="hang")],
    "limps": [_region(dark="control-plane", answer="slow", seconds=20, failRate=0.4)],
    "all dark": [_region(dark="both", answer="refuse")],
    "all dark, late jobs": [_region(dark="both", answer="hang"), LATE_JOBS],
}
"""What else goes wrong, by name. All but ``calm`` begin with an alert that a person approves."""

WALL_SECONDS = 600.0

AIMS: list[tuple[str, str, int, int]] = [
    # method, path, how many such calls there are at most, weight
    ("POST", "unplannedFailover$", 9, 14),
    ("GET", "/replicationProtectedItems/[^/]+$", 30, 2),
    ("GET", "/replicationJobs/", 80, 3),
    ("GET", "/recoveryPoints", 9, 1),
    ("DELETE", "/connections/", 2, 1),
    ("PUT", "/connections/", 1, 2),
    ("GET", "/connections/", 8, 1),
    ("GET", "/locations/[^/]+/operation", 6, 1),
    ("GET", "/virtualMachines/", 12, 1),
    ("GET", "/secrets/", 3, 1),
    ("POST", "/owner/automation", 1, 1),
    ("GET", "/owner/looking-glass", 20, 1),
    ("POST", "/virtualNetworkGateways/[^/]+/get", 3, 1),
    ("GET", ".", 160, 3),
]


def scenario(seed: int, weather: str, kills: int, people: bool = True) -> dict[str, Any]:
    """Company B leaves East Asia, and the host is killed up to ``kills`` times on the way."""
    chance = random.Random(f"{seed} {weather}")
    faults = [*WEATHERS[weather], *(_kill(chance) for _ in range(kills - 1))]
    document: dict[str, Any] = {
        "name": f"kills-{seed}",
        "description": f"{weather}; the host is killed wherever seed {seed} says",
        "start": "2026-03-14T02:00:00Z",
        "seed": seed,
        "faults": faults,
        "kills": [{"at": chance.randrange(5, 600)}],
        "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"},
    }
    if weather != "calm":
        document |= {"alert": ALERT, "people": [APPROVAL, RETRY] if people else []}
    return document


def _kill(chance: random.Random) -> dict[str, Any]:
    method, path, calls, _ = chance.choices(AIMS, [weight for *_, weight in AIMS])[0]
    match = {"method": method, "path": path, "skip": chance.randrange(calls), "times": chance.choice([1, 1, 1, 2])}
    return {"match": match, "then": {"kill": "devhost", "accepted": chance.random() < 0.7}}


@dataclass(frozen=True)
class Survived:
    """One rehearsal with kills. ``wrong`` is empty when it ended as it should."""

    seed: int
    weather: str
    outcome: str
    kills: int
    unread: int
    """Kills that struck between Azure's acceptance of an operation and the reading of its answer."""
    minutes: float
    wrong: tuple[str, ...]


def survive(seed: int, weather: str, kills: int, folder: Path) -> Survived:
    """Rehearse it through the command, and judge what it left."""
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(scenario(seed, weather, kills)), encoding="utf-8")
    command = [sys.executable, "-m", "cli", "rehearse", str(ROOT / "plans/company-b.yaml"), "--scenario", str(path)]
    command += ["--no-watch", "--json", "--report", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        told, complained = process.communicate(timeout=WALL_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()  # it ends its processes, and keeps their logs in the folder
        process.communicate(timeout=60)
        return Survived(seed, weather, "none", 0, 0, 0.0, (f"it did not end within {WALL_SECONDS:.0f} s of the wall",))
    try:
        report = json.loads(told)
    except ValueError:
        return Survived(seed, weather, "none", 0, 0, 0.0, (f"exit {process.returncode}: {complained.strip()[-600:]}",))
    events = read_events(folder / "events.jsonl")
    rehearsed = report["rehearsal"]
    wrong = [*rehearsed["reasons"], *accepted_twice(events)]
    wrong += [f"exit code {process.returncode}"] if process.returncode else []
    minutes = rehearsed["virtual_seconds"] / 60
    return Survived(seed, weather, report["outcome"], rehearsed["kills"], unread_in(events), minutes, tuple(wrong))


def read_events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def accepted_twice(events: list[dict[str, Any]]) -> list[str]:
    """Operations that Azure must accept once, and accepted more often: by their names, not by what the log thinks of
    them."""
    count = Counter(
        (event["action"], event["resource"].lower())
        for event in events
        if event["kind"] == "operation.accepted" and "failover" in event["action"].lower()
    )
    return [f"{action} of {resource} was accepted {n} times" for (action, resource), n in count.items() if n > 1]


def unread_in(events: list[dict[str, Any]]) -> int:
    """The simulator takes one call at a time: what was accepted since the last request ended was accepted by the call
    that was answered with the kill."""
    unread, accepted = 0, False
    for event in events:
        if event["kind"] == "request":
            accepted = False
        elif event["kind"] == "operation.accepted":
            accepted = True
        elif event["kind"] == "process.killed" and accepted:
            unread, accepted = unread + 1, False
    return unread


def storms(first_seed: int) -> Iterator[tuple[int, str]]:
    """Seed after seed, each in the next weather."""
    names = list(WEATHERS)
    seed = first_seed
    while True:
        yield seed, names[(seed - first_seed) % len(names)]
        seed += 1


def _storm(seed: int, weather: str, kills: int, keep: Path | None) -> Survived:
    with tempfile.TemporaryDirectory(prefix="bridgehead-kills-") as folder:
        place = keep / str(seed) if keep else Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        return survive(seed, weather, kills, place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="how many kills must have struck")
    parser.add_argument("--each", type=int, default=20, help="how many a rehearsal is dealt")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--at-once", type=int, default=2, help="rehearsals at the same time")
    parser.add_argument("--keep", type=Path, help="a folder for reports and logs")
    asked = parser.parse_args()
    ended: list[Survived] = []
    seeds = storms(asked.seed)
    print(f"{'seed':>6}  {'weather':<20}  {'kills':>5}  {'unread':>6}  {'minutes':>7}  outcome")
    with ThreadPoolExecutor(asked.at_once) as pool:
        playing: set[Future[Survived]] = set()
        while sum(one.kills for one in ended) < asked.kills or playing:
            while len(playing) < asked.at_once and sum(one.kills for one in ended) < asked.kills:
                playing.add(pool.submit(_storm, *next(seeds), asked.each, asked.keep))
            done, playing = wait(playing, return_when=FIRST_COMPLETED)
            for one in (future.result() for future in done):
                ended.append(one)
                said = "; ".join(one.wrong) or one.outcome
                row = f"{one.seed:>6}  {one.weather:<20}  {one.kills:>5}  {one.unread:>6}  {one.minutes:>7.1f}  {said}"
                print(row, flush=True)
            if len(ended) >= asked.kills:
                break
    failed = sum(bool(one.wrong) for one in ended)
    print(
        f"{sum(one.kills for one in ended)} kills in {len(ended)} rehearsals, "
        f"{sum(one.unread for one in ended)} of them between Azure's acceptance and our reading: "
        f"{len(ended) - failed} passed, {failed} failed"
    )
    return 1 if failed or not ended else 0


if __name__ == "__main__":
    sys.exit(main())
