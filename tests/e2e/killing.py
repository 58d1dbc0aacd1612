"""Seeded kills: scenarios in which the host dies again and again, and what must hold after every one of them.

A kill strikes at the moment Azure takes a chosen call: before it is accepted, or after, when nobody can read the answer
any more. Where a kill strikes follows from the seed alone. Judged are the command's own verdict and the simulator's
log, never the run's word, and what stands at the end against what an unhurt run leaves.

As a script: ``python tests/e2e/killing.py --kills 200`` rehearses seed after seed until so many kills have struck.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from standing import differing

ROOT = Path(__file__).resolve().parents[2]
APPROVAL = {"on": "approval", "answer": "approve", "after": 30, "by": "incident.commander@companyb.example"}
RETRY = {"on": "ask", "answer": "retry", "after": 30, "by": "incident.commander@companyb.example"}
ALERT = {"at": 60, "trackingId": "KILL-1", "services": ["Virtual Machines"], "regions": ["East Asia"]}
LATE_JOBS = {"job": {"action": "unplannedFailover", "item": ".*", "appearsAfter": 30}}


PEOPLE = [
    APPROVAL,
    RETRY,
    {**APPROVAL, "on": "fence", "answer": "done"},
    {**APPROVAL, "on": "wait-person", "answer": "done"},
]


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

GENTLE = ("calm", "late jobs")
"""The region lives: whatever the run does is done by Azure, so every kill ends in the very same documents."""
NO_PERSON = (*GENTLE, "all dark", "all dark, late jobs")
"""Where a fence would be a person's, who changes no device here, the old tunnels must not stay up."""

ESTATES: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "company-b": (tuple(WEATHERS), frozenset({"connection", "items", "fence"})),
    "company-a": (tuple(WEATHERS), frozenset({"connection", "items", "agents"})),
    "company-a-app": (GENTLE, frozenset({"connection", "items"})),
    "peered-application": (tuple(WEATHERS), frozenset({"peering", "items"})),
    "recreated-network": (tuple(WEATHERS), frozenset({"build", "connection", "items", "fence"})),
    "company-b-expressroute": (tuple(WEATHERS), frozenset({"connection", "items", "circuit"})),
    "company-b-sites": (NO_PERSON, frozenset({"connection", "items", "fence"})),
    "company-b-two-circuits": (tuple(WEATHERS), frozenset({"items", "fence"})),
    "hub-and-spoke": (tuple(WEATHERS), frozenset({"connection", "items", "fence"})),
    "replica-network": (tuple(WEATHERS), frozenset({"connection", "items", "fence", "internet"})),
    "edge-service": (("calm",), frozenset({"edge"})),
}
"""Estate -> the weathers it is played in, and what its run does."""

WALL_SECONDS = 600.0

AIMS: list[tuple[str, str, int, int, str]] = [
    # method, path, how many such calls there are at most, weight, of which runs ("" all)
    ("POST", "unplannedFailover$", 9, 14, "items"),
    ("GET", "/replicationProtectedItems/[^/]+$", 30, 2, "items"),
    ("GET", "/replicationJobs/", 80, 3, "items"),
    ("GET", "/recoveryPoints", 9, 1, "items"),
    ("DELETE", "/connections/", 2, 1, "connection"),
    ("PUT", "/connections/", 1, 2, "connection"),
    ("GET", "/connections/", 8, 1, "connection"),
    ("GET", "/locations/[^/]+/operation", 6, 1, ""),
    ("GET", "/virtualMachines/", 12, 1, "items"),
    ("GET", "/secrets/", 3, 1, ""),
    ("POST", "/owner/automation", 1, 1, "fence"),
    ("GET", "/owner/looking-glass", 20, 1, ""),
    ("POST", "/virtualNetworkGateways/[^/]+/get", 3, 1, "connection"),
    ("GET", ".", 160, 3, ""),
    ("PUT", "/virtualNetworkPeerings/", 4, 6, "peering"),
    ("DELETE", "/virtualNetworkPeerings/", 4, 4, "peering"),
    ("GET", "/virtualNetworkPeerings/", 12, 2, "peering"),
    ("PUT", "/virtualNetworkGateways/", 1, 10, "build"),
    ("PUT", "/virtualNetworks/[^/]+$", 1, 5, "build"),
    ("PUT", "/(networkSecurityGroups|routeTables|publicIPAddresses)/", 3, 6, "build"),
    ("PATCH", "/replicationProtectedItems/", 2, 4, "build"),
    ("GET", "/virtualNetworkGateways/[^/]+$", 40, 4, "build"),
    ("DELETE", "/authorizations/", 1, 4, "circuit"),
    ("GET", "/expressRouteCircuits/", 4, 1, "circuit"),
    ("PUT", "/extensions/", 2, 4, "agents"),
    ("PUT", "/(dnszones|trafficmanagerprofiles)/", 3, 6, "internet"),
    ("PUT", "/(firewallPolicies|routeTables|networkSecurityGroups)/", 2, 8, "edge"),
    ("GET", "/(firewallPolicies|routeTables|virtualNetworkGateways)/", 12, 4, "edge"),
]


def scenario(seed: int, weather: str, kills: int, people: bool = True, estate: str = "company-b") -> dict[str, Any]:
    """An estate leaves its region, and the host is killed up to ``kills`` times on the way; 0 for an unhurt run."""
    chance = random.Random(f"{seed} {weather}" if estate == "company-b" else f"{seed} {weather} {estate}")
    aims = [aim for aim in AIMS if not aim[4] or aim[4] in ESTATES[estate][1]]
    faults = [*WEATHERS[weather], *(_kill(chance, aims) for _ in range(kills - 1))]
    document: dict[str, Any] = {
        "name": f"kills-{seed}",
        "description": f"{estate}, {weather}; the host is killed wherever seed {seed} says",
        "start": "2026-03-14T02:00:00Z",
        "seed": seed,
        "faults": faults,
        "kills": [{"at": chance.randrange(5, 600)}] if kills else [],
        "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"},
    }
    if weather != "calm" and _is_alerted(estate):
        document |= {"alert": ALERT}
    return document | {"people": PEOPLE if people else []}


def _is_alerted(estate: str) -> bool:
    """An application's region lives, and no alert tells of it."""
    plan: dict[str, Any] = yaml.safe_load((ROOT / f"plans/{estate}.yaml").read_text(encoding="utf-8"))
    return plan.get("scope") != "application"


def _kill(chance: random.Random, aims: list[tuple[str, str, int, int, str]]) -> dict[str, Any]:
    method, path, calls, *_ = chance.choices(aims, [aim[3] for aim in aims])[0]
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
    estate: str = "company-b"


def survive(seed: int, weather: str, kills: int, folder: Path, estate: str = "company-b") -> Survived:
    """Rehearse it through the command, and judge what it left, beside what an unhurt run of the same seed leaves."""
    found = _rehearse(seed, weather, kills, folder, estate)
    if found.wrong or not kills:
        return found
    calm = folder / "unhurt"
    calm.mkdir()
    unhurt = _rehearse(seed, weather, 0, calm, estate)
    wrong = [f"unhurt: {one}" for one in unhurt.wrong] or list(compare(calm, folder, weather))
    return replace(found, wrong=tuple(wrong))


def compare(unhurt: Path, hurt: Path, weather: str) -> Iterator[str]:
    """What the killed run did more often than the unhurt one, and what it left otherwise."""
    allowed = changes_in(read_events(unhurt / "events.jsonl"))
    for what, times in changes_in(read_events(hurt / "events.jsonl")).items():
        if times > max(1, allowed[what]):
            yield f"{' of '.join(what)} was accepted {times} times, {allowed[what]} in an unhurt run"
    if weather in GENTLE:
        before, after = (json.loads((one / "estate-after.json").read_text()) for one in (unhurt, hurt))
        yield from differing(before, after)[:6]


def _rehearse(seed: int, weather: str, kills: int, folder: Path, estate: str) -> Survived:
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(scenario(seed, weather, kills, estate=estate)), encoding="utf-8")
    command = [sys.executable, "-m", "cli", "rehearse", str(ROOT / f"plans/{estate}.yaml"), "--scenario", str(path)]
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
        return _nothing(seed, weather, estate, f"it did not end within {WALL_SECONDS:.0f} s of the wall")
    try:
        report = json.loads(told)
    except ValueError:
        return _nothing(seed, weather, estate, f"exit {process.returncode}: {complained.strip()[-600:]}")
    events = read_events(folder / "events.jsonl")
    rehearsed = report["rehearsal"]
    wrong = [*rehearsed["reasons"], *accepted_twice(events)]
    wrong += [f"exit code {process.returncode}"] if process.returncode else []
    minutes = rehearsed["virtual_seconds"] / 60
    return Survived(
        seed, weather, report["outcome"], rehearsed["kills"], unread_in(events), minutes, tuple(wrong), estate
    )


def _nothing(seed: int, weather: str, estate: str, wrong: str) -> Survived:
    return Survived(seed, weather, "none", 0, 0, 0.0, (wrong,), estate)


CHANGING = ("/write", "/delete", "failover")
"""Ends of actions that change something. Where an item lands is not among them: its update says all that is wanted, the
item shows nothing of one that is under way, and so it is sent again."""


def changes_in(events: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """(action, resource) -> how often Azure accepted it, of whatever changes something."""
    return Counter(
        (event["action"], event["resource"].lower())
        for event in events
        if event["kind"] == "operation.accepted" and event["action"].lower().endswith(CHANGING)
    )


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


def storms(first_seed: int, estates: list[str]) -> Iterator[tuple[int, str, str]]:
    """Seed after seed, each on the next estate, and on each round in the next of its weathers."""
    for seed in itertools.count(first_seed):
        turn, place = divmod(seed - 1, len(estates))
        weathers = ESTATES[estates[place]][0]
        yield seed, weathers[(turn + place) % len(weathers)], estates[place]


def _storm(seed: int, weather: str, estate: str, kills: int, keep: Path | None) -> Survived:
    with tempfile.TemporaryDirectory(prefix="bridgehead-kills-") as folder:
        place = keep / str(seed) if keep else Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        return survive(seed, weather, kills, place, estate)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="how many kills must have struck")
    parser.add_argument("--each", type=int, default=20, help="how many a rehearsal is dealt")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--at-once", type=int, default=2, help="rehearsals at the same time")
    parser.add_argument("--estates", nargs="+", choices=ESTATES, default=list(ESTATES), help="whose failovers")
    parser.add_argument("--keep", type=Path, help="a folder for reports and logs")
    asked = parser.parse_args()
    ended: list[Survived] = []
    seeds = storms(asked.seed, asked.estates)
    print(f"{'seed':>6}  {'estate':<23}  {'weather':<20}  {'kills':>5}  {'unread':>6}  {'minutes':>7}  outcome")
    with ThreadPoolExecutor(asked.at_once) as pool:
        playing: set[Future[Survived]] = set()
        while sum(one.kills for one in ended) < asked.kills or playing:
            while len(playing) < asked.at_once and sum(one.kills for one in ended) < asked.kills:
                playing.add(pool.submit(_storm, *next(seeds), asked.each, asked.keep))
            done, playing = wait(playing, return_when=FIRST_COMPLETED)
            for one in (future.result() for future in done):
                ended.append(one)
                said = "; ".join(one.wrong) or one.outcome
                row = f"{one.seed:>6}  {one.estate:<23}  {one.weather:<20}  {one.kills:>5}  {one.unread:>6}"
                print(f"{row}  {one.minutes:>7.1f}  {said}", flush=True)
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
