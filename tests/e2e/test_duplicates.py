"""However often something is asked for, it is done once: alerts, idempotency keys, and two runs of one plan."""

from __future__ import annotations

import pytest
from staging import START, accepted, plan_with

from cli.rehearsal.alert import payload
from cli.rehearsal.script import Alert

SUBSCRIPTIONS = [f"0000b0b0-0000-4000-8000-{number:012x}" for number in range(5)]


def _copies():
    """One incident as ten action groups tell it: both schemas, five subscriptions."""
    for schema in ("common", "legacy"):
        alert = Alert(tracking_id="TENC-123", services=("Virtual Machines",), regions=("East Asia",), schema=schema)
        for subscription in SUBSCRIPTIONS:
            yield payload(alert, impact=START, fired=START, subscription=subscription)


def _runs(stage):
    return [one for one in stage.instances() if one["name"] == "failover"]


def test_ten_copies_of_an_alert_make_one_run(theatre):
    """Before the approval, after it, and after the run has ended."""
    stage = theatre()
    copies = list(_copies())
    for body in copies[:4]:
        assert stage.call("POST", "alerts/service-health", body).status_code == 202
    stage.pass_time(5)
    (run,) = (one["instanceId"] for one in _runs(stage))
    stage.asked(run, "approval")
    for body in copies[4:7]:
        assert stage.call("POST", "alerts/service-health", body).status_code == 202
    assert stage.say(run, "approve", reason="confirmed").status_code == 200
    view = stage.ended(run)
    assert view["outcome"] == "completed", view["output"]
    for body in copies[7:]:
        assert stage.call("POST", "alerts/service-health", body).status_code == 202
    stage.pass_time(600)
    assert [one["instanceId"] for one in _runs(stage)] == [run]
    assert len([one for one in stage.instances() if one["name"] == "incident"]) == 1
    assert len(stage.call("GET", "failovers").json()["failovers"]) == 1
    assert len(accepted(stage.events, "unplannedFailover")) == 3


@pytest.fixture(scope="module")
def once(theatre):
    """A run that was started under the key ``once`` and has ended; and the stage."""
    stage = theatre()
    run = stage.start("once")
    again = _start(stage, "once")
    assert again.status_code == 200
    assert again.json()["run"] == run
    stage.ended(run)
    return stage, run


def _start(stage, key, **more):
    body = {"plan": "company-b", "mode": "failover", "idempotencyKey": key, "by": "test", **more}
    return stage.call("POST", "failovers", body)


def test_a_key_used_again_after_the_end_gives_the_record(once):
    """200, the outcome, and nothing starts."""
    stage, run = once
    known, log = len(stage.instances()), len(stage.of("request"))
    answer = _start(stage, "once")
    assert answer.status_code == 200
    assert answer.json()["run"] == run
    assert answer.json()["outcome"] == "completed"
    stage.pass_time(60)
    assert len(stage.instances()) == known
    assert len(stage.of("request")) == log


def test_a_key_used_again_after_its_history_was_purged_gives_the_record(once):
    """The documents remember what the backend has forgotten."""
    stage, run = once
    log = len(stage.of("request"))
    for one in stage.instances():
        assert stage.durable("DELETE", f"instances/{one['instanceId']}").status_code == 200
    assert stage.instances() == []
    answer = _start(stage, "once")
    assert answer.status_code == 200, answer.text
    assert answer.json()["run"] == run
    assert answer.json()["outcome"] == "completed"
    stage.pass_time(60)
    assert stage.instances() == []
    assert len(stage.of("request")) == log
    assert stage.look(run)["report"]["outcome"] == "completed"


def test_of_two_runs_of_one_plan_one_writes(theatre):
    """The other ends refused before any write, and names the winner."""
    stage = theatre()
    first, second = stage.start("one"), stage.start("two")
    ends = {run: stage.ended(run) for run in (second, first)}
    outcomes = {run: view["outcome"] for run, view in ends.items()}
    assert sorted(outcomes.values()) == ["completed", "refused"], outcomes
    loser = next(run for run, outcome in outcomes.items() if outcome == "refused")
    winner = next(run for run in ends if run != loser)
    assert ends[loser]["output"]["winner"] == winner
    assert winner in ends[loser]["output"]["reason"]
    assert ends[loser]["report"]["winner"] == winner
    assert len(accepted(stage.events, "unplannedFailover")) == 3
    assert len(accepted(stage.events, "connections/write")) == 1
    assert len(accepted(stage.events, "connections/delete")) == 1


def test_a_plan_that_shares_a_gateway_waits_for_nobody_either(theatre, tmp_path):
    """Another plan, another name, the same gateway: the claim is on what is written, not on the plan."""
    stage = theatre()
    stage.publish(plan_with(tmp_path, name="company-b-too"))
    first = stage.start("one")
    stage.until_azure("operation.accepted", action="connections/delete", stride=2)
    second = stage.start("two", plan="company-b-too")
    view = stage.ended(second)
    assert view["outcome"] == "refused"
    assert view["output"]["winner"] == first
    stage.say(first, "abort")
    stage.ended(first)
