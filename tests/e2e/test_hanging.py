"""With 50 activities hanging on a dead endpoint, an abort is taken within ten seconds. On the wall's own time."""

from __future__ import annotations

import time

import pytest
from staging import accepted

WALL_SECONDS = 10.0
MACHINES = 150  # a third of them are the first group: 50 begin at once
DEAD = {"match": {"path": "/replicationProtectedItems/[^/]+$"}, "then": {"slow": 30}}


@pytest.mark.timeout(170)
def test_an_abort_is_taken_within_ten_seconds_while_fifty_calls_hang(theatre):
    """The doors, the control entity and the run's status move on while every activity waits for Azure."""
    stage = theatre({"durations": {"connections/delete": 1, "connections/write": 1}}, machines=MACHINES, speed=1)
    run = stage.start()
    stage.until_azure("operation.accepted", action="connections/delete", within=30, stride=0.05)
    stage.add_fault(DEAD)
    stage.advance(60)  # the disconnect's; nobody needs to sit through it
    hanging = _until(lambda: _hanging(stage), lambda count: count >= 50)
    assert hanging >= 50
    asked = time.monotonic()
    answer = stage.say(run, "abort", reason="the region is back")
    taken = time.monotonic() - asked
    assert answer.status_code == 200, answer.text
    assert answer.json()["applied"] is True
    phase = _until(lambda: stage.look(run)["status"]["phase"], lambda phase: phase == "aborting")
    shown = time.monotonic() - asked
    assert phase == "aborting"
    assert taken < shown < WALL_SECONDS, (taken, shown)
    assert _hanging(stage) >= 50, "they hang as before"
    log = len(stage.of("request", method="POST"))
    view = _until(lambda: stage.look(run), lambda view: view["runtimeStatus"] == "Completed", seconds=100)
    assert view["outcome"] == "aborted", view["output"]
    assert not accepted(stage.events, "unplannedFailover")
    assert len(stage.of("request", method="POST")) == log


def _hanging(stage):
    """Calls that Azure holds at this moment."""
    now = stage.stage.time.seconds()
    return sum(event["seconds"] + event.get("held_seconds", 0) > now for event in stage.of("request"))


def _until(read, wanted, seconds=30.0):
    """What ``read`` gives as soon as it is as wanted, at the latest after so many seconds of the wall."""
    deadline = time.monotonic() + seconds
    while not wanted(found := read()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
