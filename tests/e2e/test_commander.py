"""What a commander may do to a run under way: abort, pause, resume, answer a question, stay silent, adopt."""

from __future__ import annotations

import pytest
from staging import accepted, plan_with, steady

OLD = "cn-eastasia-datacenter"
NEW = "cn-southeastasia-datacenter"
DARK = {"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "hang", "for": 900}


def test_an_abort_during_the_disconnect_puts_the_old_connection_back(theatre):
    """Before the point of no return nothing is lost: Azure's work is watched to its end and undone."""
    stage = theatre()
    before = stage.document(OLD)
    run = stage.start()
    stage.until_azure("operation.accepted", action="connections/delete", stride=2)
    assert stage.say(run, "abort", reason="the region is back").status_code in (200, 202)
    view = stage.ended(run)
    assert view["outcome"] == "aborted", view["output"]
    assert steady(stage.document(OLD)) == steady(before)
    assert not accepted(stage.events, "unplannedFailover")
    assert not stage.of("operation.accepted", resource=NEW)
    assert stage.of("reachable.changed")[-1]["region"] == "eastasia"
    verdict = stage.verdict()
    assert verdict["violations"] == []
    assert verdict["split_seconds"] == 0
    assert view["report"]["outcome"] == "aborted"
    assert any(one["decision"] == "abort" and one["by"] == "commander" for one in view["report"]["decisions"])


def test_an_abort_during_a_fence_question_leaves_the_old_connection_as_it_was(theatre, tmp_path):
    """The region was dark and nobody had fenced yet; when it answers again, the old way home is whole."""
    stage = theatre({"faults": [DARK]}, plan=plan_with(tmp_path, **{"links.0.fence": "person"}))
    before = stage.document(OLD)
    run = stage.start()
    question = stage.asked(run, "fence")
    assert "accept-split-risk" in question["options"]
    stage.say(run, "abort", reason="false alarm")
    view = stage.ended(run)
    assert view["outcome"] == "aborted", view["output"]
    assert steady(stage.document(OLD)) == steady(before)
    assert not accepted(stage.events, "unplannedFailover")
    assert not stage.of("operation.accepted", resource=NEW)
    assert stage.of("reachable.changed")[-1]["region"] == "eastasia"
    assert stage.verdict()["violations"] == []


def test_an_abort_after_the_point_of_no_return_stops_and_says_so(theatre):
    """What Azure has accepted is watched to its end; nothing new begins, nothing is undone."""
    stage = theatre()
    run = stage.start()
    stage.until_azure("operation.accepted", action="unplannedFailover", stride=2)
    begun = len(accepted(stage.events, "unplannedFailover"))
    stage.say(run, "abort", reason="stop here")
    at = len(stage.events)
    view = stage.ended(run)
    assert view["outcome"] == "aborted"
    assert "point of no return" in view["output"]["reason"]
    assert len(accepted(stage.events, "unplannedFailover")) == begun
    assert not accepted(stage.events[at:], "connections/write")
    ended = [event for event in stage.events[at:] if event["kind"] == "operation.ended"]
    assert {event["status"] for event in ended} == {"Succeeded"}
    assert stage.verdict()["violations"] == []


def test_a_pause_begins_nothing_and_a_resume_completes(theatre):
    """Azure's work goes on while paused; the next step waits."""
    stage = theatre()
    run = stage.start()
    stage.until_azure("operation.accepted", action="unplannedFailover", stride=2)
    assert stage.say(run, "pause", reason="let me look").status_code in (200, 202)
    begun = len(accepted(stage.events, "unplannedFailover"))
    stage.pass_time(1200)
    assert len(accepted(stage.events, "unplannedFailover")) == begun
    assert stage.look(run)["status"]["phase"] == "paused"
    assert stage.say(run, "resume").status_code in (200, 202)
    view = stage.ended(run)
    assert view["outcome"] == "completed", view["output"]
    assert stage.verdict()["violations"] == []


FAILS = {"job": {"action": "unplannedFailover", "item": "app1", "failsWith": {"code": "150001"}, "times": 3}}
ALWAYS = {"job": {"action": "unplannedFailover", "item": "app1", "failsWith": {"code": "150001"}}}


@pytest.mark.parametrize(
    ("fault", "word", "outcome"), [(FAILS, "retry", "completed"), (ALWAYS, "skip", "completed_with_skips")]
)
def test_a_failed_failover_asks_and_the_answer_holds(theatre, fault, word, outcome):
    """Three failed jobs, then a person is asked. A retry is a new failover of that machine; a skip is a person's word,
    needs a reason, and shows at the end."""
    stage = theatre({"faults": [fault], "quorum": {2: 0 if word == "skip" else 1}})
    run = stage.start()
    question = stage.asked(run, "ask")
    assert "150001" in question["question"]
    assert question["recommend"] == "retry"
    assert question["until"]
    assert question["on_silence"]
    if word == "skip":
        assert stage.say(run, "skip").status_code == 400
    assert stage.say(run, word, reason="known bad agent").status_code in (200, 202)
    view = stage.ended(run)
    assert view["outcome"] == outcome, view["output"]
    assert stage.verdict()["violations"] == []
    counts = [event["resource"] for event in accepted(stage.events, "unplannedFailover")]
    assert sum(one.endswith("app1") for one in counts) == (4 if word == "retry" else 3)
    assert max(counts.count(one) for one in counts if not one.endswith("app1")) == 1


def test_silence_on_a_question_stops_honestly(theatre):
    """Nobody answers: the run ends partly failed, and says which machine and why."""
    stage = theatre({"faults": [ALWAYS]})
    run = stage.start()
    stage.asked(run, "ask")
    view = stage.ended(run, within=48 * 3600)
    assert view["outcome"] == "partly_failed", view["output"]
    failed = [step for step in view["report"]["steps"] if step["status"] == "failed"]
    assert any("app1" in step["target"] and "nobody answered" in step["reason"] for step in failed)
    assert not accepted(stage.events, "connections/write")
    assert view["report"]["routing"]["verified"] is False


def test_a_run_that_the_platform_terminates_is_adopted_and_completes(theatre):
    """The new run walks the same runbook and finds what was done: nothing is done twice."""
    stage = theatre(machines=9)
    run = stage.start()
    stage.until_azure("operation.ended", action="unplannedFailover", stride=2)
    answer = stage.durable("POST", f"instances/{run}/terminate?reason=by-mistake")
    assert answer.status_code == 202, answer.text
    stage.ended(run)
    adopted = stage.say(run, "adopt", reason="the platform terminated it")
    assert adopted.status_code == 202, adopted.text
    heir = adopted.json()["run"]
    assert heir != run
    view = stage.ended(heir)
    assert view["outcome"] == "completed", view["output"]
    verdict = stage.verdict()
    assert verdict["violations"] == []
    assert set(verdict["non_idempotent_accepted"].values()) == {1}
    assert len(verdict["non_idempotent_accepted"]) == 9
    assert len(accepted(stage.events, "connections/delete")) == 1
    assert len(accepted(stage.events, "connections/write")) == 1
