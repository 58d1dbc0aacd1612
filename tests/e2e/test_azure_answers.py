"""Azure answers late, twice, wrongly or not at all; addresses are taken: the run says so, or nobody notices."""

from __future__ import annotations

import pytest
from staging import accepted, estate_of

ITEM = "replicationProtectedItems/{}/unplannedFailover$"
EXPECT = {"outcome": "completed", "splitSeconds": 0, "routing": "verified"}


def _call(path, method="POST", times=1, skip=0, **then):
    return {"match": {"method": method, "path": path, "times": times, "skip": skip}, "then": then}


@pytest.fixture(scope="module")
def troubled(rehearse):
    """One failover in which nearly every kind of answer goes wrong once, each on a machine or call of its own."""
    faults = [
        _call(ITEM.format("dc1"), accepted=True, lose=True),
        _call(ITEM.format("sql1"), accepted=True, status=503, code="ServerTimeout", retryAfter=5),
        _call(ITEM.format("sql2"), lose=True),
        _call(ITEM.format("app1"), status=503, code="ServiceUnavailable"),
        _call(ITEM.format("app2"), status=429, code="TooManyRequests", retryAfter=240),
        _call(ITEM.format("app3"), status=429, code="TooManyRequests", times=2),
        _call(ITEM.format("web1"), accepted=True, status=500, code="InternalServerError"),
        _call(
            "/replicationJobs/", "GET", times=3, skip=4, status=429, text="You have reached the limit.", retryAfter=60
        ),
        _call("/replicationJobs/", "GET", times=2, skip=12, lose=True),
        _call("/connections/cn-eastasia-datacenter", "DELETE", accepted=True, lose=True),
        _call("/connections/cn-southeastasia-datacenter", "PUT", accepted=True, status=503),
        _call("/connections/cn-southeastasia-datacenter", "PUT", status=429, code="RetryableError", retryAfter=20),
        {"job": {"action": "unplannedFailover", "item": "dc1|sql1|web1", "appearsAfter": 25}},
    ]
    return rehearse({"name": "troubled", "faults": faults, "expect": EXPECT})


def test_whatever_azure_answers_each_machine_fails_over_once(troubled):
    """Accepted and lost, 503 though accepted, 500 though accepted, lost and not accepted: one job for each machine."""
    assert troubled.code == 0, (troubled.said, troubled.rehearsal)
    resources = [event["resource"].rsplit("/", 1)[-1] for event in accepted(troubled.events, "unplannedFailover")]
    assert sorted(resources) == ["app1", "app2", "app3", "dc1", "sql1", "sql2", "web1", "web2", "web3"]
    assert len(accepted(troubled.events, "connections/delete")) == 1
    assert len(accepted(troubled.events, "connections/write")) == 1


def test_an_unclear_answer_is_not_sent_again(troubled):
    """Where Azure had accepted, one POST was sent; the job is found by looking."""
    for name in ("dc1", "sql1", "web1", "web2"):
        assert len(_posts(troubled, name)) == 1, name
    for name in ("sql2", "app1", "app2"):
        assert len(_posts(troubled, name)) == 2, name


def test_azure_is_left_alone_for_as_long_as_it_asks(troubled):
    """Retry-After is honoured to the second, also with a body that is plain text; without it the run backs off."""
    first, second = (event["seconds"] for event in _posts(troubled, "app2"))
    assert second - first >= 240
    times = [event["seconds"] for event in _posts(troubled, "app3")]
    assert len(times) == 3
    assert times[1] - times[0] >= 1
    assert times[2] - times[1] > times[1] - times[0]


def _posts(rehearsed, name):
    return [
        event
        for event in rehearsed.of("request", method="POST", path="unplannedFailover")
        if f"/replicationProtectedItems/{name}/" in event["path"]
    ]


def test_a_taken_recovery_address_is_said(theatre):
    """Azure silently gives the next free one: the machine is up and not where its users look for it."""
    fault = {"address": {"address": "10.1.2.4", "takenIn": "vnet-companyb-southeastasia"}}
    stage = theatre({"faults": [fault], "quorum": {2: 0}})
    run = stage.start()
    question = stage.asked(run, "ask")
    assert "10.1.2.4" in question["question"]
    assert "10.1.2.5" in question["question"]
    stage.say(run, "skip", reason="the name is moved by hand")
    view = stage.ended(run)
    assert view["outcome"] == "completed_with_skips", view["output"]
    step = next(step for step in view["report"]["steps"] if step["target"].endswith("/app1"))
    assert step["status"] == "skipped"
    assert any("10.1.2.5" in str(value) for value in step.values())


def test_a_region_that_throttles_everything_is_failed_over_all_the_same(rehearse, tmp_path):
    """Buckets so small that most calls are refused: slower, and as complete."""
    faults = [
        {"throttle": {"kind": "reads", "bucket": 6, "refill": 0.5}},
        {"throttle": {"kind": "writes", "bucket": 1, "refill": 0.1}},
    ]
    slow = rehearse({"name": "throttled", "faults": faults, "expect": EXPECT}, estate=estate_of(tmp_path, 6))
    assert slow.code == 0, (slow.said, slow.rehearsal)
    refused = [event for event in slow.of("request") if event["status"] == 429]
    assert len(refused) > 5
    assert len(accepted(slow.events, "unplannedFailover")) == 6
