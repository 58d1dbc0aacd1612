"""Wall seconds: from a kill to Azure's next call, from an alert to its durable 202, and to the first call to Azure."""

from __future__ import annotations

import json
import math
import statistics
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.azure_log import is_call
from benchmarks.scene import Scene, scene
from benchmarks.tables import Figure, progress, show
from cli.rehearsal.alert import payload
from cli.rehearsal.script import Alert

KILLS = 9
KILL_EVERY_VIRTUAL_SECONDS = 45
ALERTS = 200
FIRST_CALLS = 3
MACHINES = 9
LOOK_SECONDS = 0.002
MEDIAN_GOAL, LONGEST_GOAL = 2.0, 10.0
PATIENCE_SECONDS = 60.0
SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"


def kill_to_next_call(seed: int) -> list[float]:
    """The host is killed while a failover runs, started again at once, and the next request at Azure awaited."""
    found: list[float] = []
    with scene(MACHINES, seed) as on:
        on.serve()
        run = on.start_run("killed")
        for _ in range(KILLS):
            _pass(on, KILL_EVERY_VIRTUAL_SECONDS)
            if on.stage.report(run) is not None or on.host is None:
                break
            on.host.kill()
            killed, log = time.perf_counter(), _Tail(on.folder / "azure" / "events.jsonl")
            on.raise_host()
            found.append(_until_request(on, log) - killed)
        on.play(run)
    return found


def alert_to_accepted(seed: int) -> list[float]:
    """200 alerts, each of an incident of its own in a region that no plan names, one after another at a warm host."""
    with scene(3, seed, speed=1.0) as on:
        on.serve()
        on.stage.time.leave()
        return [_post(on, f"WARM-{number}", "West US 2") for number in range(ALERTS + 1)][1:]


def alert_to_first_call(seed: int) -> list[float]:
    """A plan that fires by itself at once: from the alert to the first request at Azure, the first of a cold host."""
    found = []
    for number in range(FIRST_CALLS):
        with scene(3, seed, speed=1.0, changes={"trigger": {"automatic": True, "hold": "0s"}}) as on:
            on.serve()
            log = _Tail(on.folder / "azure" / "events.jsonl")
            began = time.perf_counter()
            _post(on, f"FIRST-{number}", "East Asia")
            found.append(_until_request(on, log) - began)
    return found


class _Tail:
    """What is appended to Azure's log from now on."""

    def __init__(self, path: Path) -> None:
        self._path, self._position = path, path.stat().st_size

    def has_request(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(self._position)
            lines = file.read().splitlines(keepends=True)
        return any(is_call(json.loads(line)) for line in lines if line.endswith(b"\n"))


def _pass(on: Scene, seconds: float) -> None:
    until = on.stage.time.now() + timedelta(seconds=seconds)
    gives_up = time.monotonic() + PATIENCE_SECONDS
    while on.stage.time.now() < until and time.monotonic() < gives_up:
        on.stage.time.rest(until, lambda: False, timedelta(seconds=seconds))


def _until_request(on: Scene, log: _Tail) -> float:
    gives_up = time.perf_counter() + PATIENCE_SECONDS
    on.stage.time.leave()
    while not log.has_request():
        if time.perf_counter() > gives_up:
            raise SystemExit(f"no call to Azure within {PATIENCE_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter()


def _post(on: Scene, tracking_id: str, region: str) -> float:
    alert = Alert.model_validate(
        {"at": 0, "trackingId": tracking_id, "services": ["Virtual Machines"], "regions": [region]}
    )
    now = on.stage.time.now()
    body = payload(alert, impact=now, fired=now, subscription=SUBSCRIPTION)
    began = time.perf_counter()
    on.stage.host.post("alerts/service-health", body)
    return time.perf_counter() - began


def main(seed: int) -> list[Figure]:
    progress("kills")
    killed = kill_to_next_call(seed)
    progress("alerts")
    found = [
        ("`kill -9` of `bridgehead serve`, started again", "the next call at Azure", killed),
        ("Service Health alert", "durable 202", alert_to_accepted(seed)),
        ("Service Health alert, automatic plan", "the first call at Azure", alert_to_first_call(seed)),
    ]
    rows = []
    for start, end, times in found:
        ordered = sorted(times)
        p99 = f"{ordered[math.ceil(0.99 * len(ordered)) - 1]:.3f}" if len(times) >= 100 else ""
        rows.append((start, end, str(len(times)), f"{statistics.median(times):.3f}", p99, f"{ordered[-1]:.3f}"))
    show("Wall seconds", ("from", "to", "times", "median", "p99", "longest"), rows)
    median, longest = statistics.median(killed), max(killed)
    return [
        Figure("kill to next call, median s", f"{median:.2f}", f"{MEDIAN_GOAL:.0f}", median < MEDIAN_GOAL),
        Figure("kill to next call, longest s", f"{longest:.2f}", f"{LONGEST_GOAL:.0f}", longest < LONGEST_GOAL),
    ]
