"""Whole failovers by the command: simulated Azure, embedded host and the unmodified app, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.rehearsal

ALERT = {"at": 60, "trackingId": "TEST-001", "services": ["Virtual Machines"], "regions": ["East Asia"]}
HEALTHY: dict[str, Any] = {
    "start": "2026-03-14T02:00:00Z",
    "alert": ALERT,
    "people": [{"on": "approval", "answer": "approve", "after": 30}],
}


def rehearse(root: Path, report: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli", "rehearse", "plans/company-b.yaml", "--report", report, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=170, check=False)


def written(folder: Path, scenario: dict[str, Any]) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def healthy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A rehearsal in which Azure is slow and nothing fails, with ``--json``, and its report's folder."""
    folder = tmp_path_factory.mktemp("healthy")
    return rehearse(root, folder, "--scenario", written(folder, HEALTHY), "--json"), folder


def test_json_on_standard_output_is_the_report_and_nothing_besides(healthy):
    """Progress goes to standard error; a machine reads one document."""
    done, folder = healthy
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report == json.loads((folder / "report.json").read_text())
    assert report.keys() >= {"outcome", "plan", "mode", "achieved_rto_seconds", "steps", "routing", "rehearsal"}
    assert (report["outcome"], report["plan"], report["mode"]) == ("completed", "company-b", "failover")
    assert "Service Health alert" in done.stderr
    assert "\x1b[" not in done.stdout + done.stderr


def test_the_report_lies_beside_a_page_and_the_logs(healthy):
    """What a person reads, and what an engineer asks for next."""
    _, folder = healthy
    assert "<html" in (folder / "report.html").read_text()
    assert {path.name for path in folder.iterdir()} >= {"events.jsonl", "host.log"}


def test_a_failover_takes_hardly_longer_than_azure_itself_needs(healthy):
    """From the decision to reachable again: within 10 % of the longest path of Azure's own durations."""
    report = json.loads(healthy[0].stdout)
    decided = next(phase["seconds"] for phase in report["phases"] if phase["phase"] == "decide")
    longest = report["rehearsal"]["longest_path_seconds"]
    assert longest > 400
    assert report["achieved_rto_seconds"] - decided <= 1.1 * longest


def test_a_run_that_nobody_approves_ends_refused_and_with_1(root, tmp_path):
    """Silence means stop; a rehearsal that expects more says what it missed."""
    scenario = written(tmp_path, HEALTHY | {"people": []})
    done = rehearse(root, tmp_path / "report", "--scenario", scenario, "--no-watch")
    assert done.returncode == 1
    assert "expected outcome completed, found refused" in done.stdout


def test_a_rejected_run_is_as_expected_when_the_scenario_expects_it(root, tmp_path):
    """Saying no is a good end, too."""
    people = [{"on": "approval", "answer": "reject", "after": 5, "by": "anna", "reason": "a drill in the other room"}]
    expect = {"outcome": "refused", "routing": "not-verified"}
    scenario = written(tmp_path, HEALTHY | {"people": people, "expect": expect})
    done = rehearse(root, tmp_path / "report", "--scenario", scenario, "--no-watch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    events = (tmp_path / "report" / "events.jsonl").read_text()
    assert "operation.accepted" not in events


def test_an_alert_that_concerns_no_published_plan_starts_nothing(root, tmp_path):
    """Another region's outage is not ours."""
    scenario = written(tmp_path, HEALTHY | {"alert": ALERT | {"regions": ["West Europe"]}})
    done = rehearse(root, tmp_path / "report", "--scenario", scenario, "--no-watch")
    assert done.returncode == 1
    assert "started no run of company-b" in done.stderr


def test_a_host_that_is_killed_again_and_again_comes_to_the_same_end(root, tmp_path):
    """kill -9 at virtual seconds and in the midst of what Azure does."""
    kills = [{"at": 80}, {"events": 85}, {"at": 300}]
    scenario = written(tmp_path, HEALTHY | {"kills": kills})
    done = rehearse(root, tmp_path / "report", "--scenario", scenario)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("kill -9 of the host") == len(kills)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_a_rehearsal_ends_its_processes_end_with_it(root, tmp_path, how):
    """Ctrl-C, a time limit, even kill -9: no simulator and no host stay behind."""
    command = [sys.executable, "-m", "cli", "rehearse", "plans/company-b.yaml", "--speed", "1", "--no-watch"]
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731 - a background shell passes it on ignored
    command += ["--report", str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, preexec_fn=heard) as rehearsal:
        children = _until(lambda: found if len(found := _children(rehearsal.pid)) == 2 else None)
        time.sleep(1.0)
        rehearsal.send_signal(how)
        assert rehearsal.wait(20) == (-signal.SIGKILL if how is signal.SIGKILL else 130)
    _until(lambda: not any(map(_is_alive, children)))


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(condition: Any) -> Any:
    deadline = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found
