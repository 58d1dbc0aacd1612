"""Acting on a run: answers go to whoever asks, stopping and holding go to the control entity, and both are seen to."""

from __future__ import annotations

from typing import Any

import pytest


def test_an_approval_reaches_the_run_with_its_name_and_reason(stage: Any) -> None:
    """The answer arrives once, as an object, under the name of whoever gave it."""
    run = stage.start("ask 1", "approve-1")
    (wait,) = stage.asking(run)
    assert (wait["kind"], wait["options"]) == ("approval", ["approve", "reject"])
    response = stage.post(f"failovers/{run}/approve", {"by": "grace", "reason": "the region is dark"})
    assert response.status_code == 200, response.text
    assert response.json()["applied"] is True
    assert response.json()["answered"] == ["approval"]
    answers = stage.ended(run)["output"]["answers"]
    assert answers == [{"answer": "approve", "by": "grace", "reason": "the region is dark"}]


def test_a_rejection_is_an_answer_too(stage: Any) -> None:
    """Without a name the key is told as such."""
    run = stage.start("ask 1", "reject-1")
    stage.asking(run)
    assert stage.post(f"failovers/{run}/reject").status_code == 200
    assert stage.ended(run)["output"]["answers"][0] == {"answer": "reject", "by": "function key", "reason": ""}


def test_a_risk_is_accepted_only_by_name(stage: Any) -> None:
    """A plain approval of a fence says that it was done; the risk needs its own word."""
    run = stage.start("ask 1 2 3", "risk-1")
    stage.asking(run)
    stage.post(f"failovers/{run}/approve")
    stage.until(run, lambda view: view["control"]["waits"] and view["control"]["waits"][0]["kind"] == "fence")
    stage.post(f"failovers/{run}/approve", {"by": "lin"})
    stage.until(run, lambda view: [wait["question"] for wait in view["control"]["waits"]] == ["question 2?"])
    stage.post(f"failovers/{run}/approve", {"by": "lin", "answer": "accept-split-risk"})
    answers = [one["answer"] for one in stage.ended(run)["output"]["answers"]]
    assert answers == ["approve", "done", "accept-split-risk"]


def test_two_open_questions_need_the_step(stage: Any) -> None:
    """409 names them; with the step the one is answered, with '*' all that are left."""
    run = stage.start("lanes", "two-1")
    stage.asking(run, 2)
    unclear = stage.post(f"failovers/{run}/retry")
    assert unclear.status_code == 409
    assert "aaaaaaaa, bbbbbbbb" in unclear.json()["detail"]
    assert unclear.json()["errors"][0]["field"] == "step"
    chosen = stage.post(f"failovers/{run}/skip", {"step": "aaaaaaaa", "reason": "not needed tonight"})
    assert chosen.json()["answered"] == ["aaaaaaaa"]
    assert stage.post(f"failovers/{run}/retry", {"step": "*"}).json()["answered"] == ["bbbbbbbb"]
    stage.ended(run)


def test_an_answer_that_is_not_asked_for_is_refused_with_what_is(stage: Any) -> None:
    """409 says what the open question offers; 400 what the door never answers."""
    run = stage.start("lanes", "wrong-1")
    stage.asking(run, 2)
    response = stage.post(f"failovers/{run}/approve", {"step": "aaaaaaaa"})
    assert response.status_code == 409
    assert "aaaaaaaa offers retry, skip, abort" in response.json()["detail"]
    assert "no open question is of step cccccccc" in stage.post(
        f"failovers/{run}/retry", {"step": "cccccccc"}
    ).json()["detail"]
    assert stage.post(f"failovers/{run}/approve", {"answer": "retry"}).status_code == 400


def test_a_skip_needs_a_reason(stage: Any) -> None:
    """The report will carry it."""
    run = stage.start("lanes", "skip-1")
    stage.asking(run, 2)
    response = stage.post(f"failovers/{run}/skip", {"step": "aaaaaaaa"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "reason"


def test_an_abort_is_in_the_control_entity_before_those_who_wait_hear_of_it(stage: Any) -> None:
    """Abort twice is abort once, and the first name stays."""
    run = stage.start("watch", "abort-1")
    stage.until(run, lambda view: "watch-1" in str(stage.entity("control", run)))
    response = stage.post(f"failovers/{run}/abort", {"by": "ada", "reason": "false alarm"})
    assert response.status_code == 200
    assert response.json()["control"]["aborting"]["by"] == "ada"
    heard = stage.ended(run)["output"]["heard"]
    assert (heard["answer"], heard["by"], heard["reason"]) == ("abort", "ada", "false alarm")


def test_an_abort_ends_an_open_question(stage: Any) -> None:
    """Whoever asks is told that nobody will answer any more."""
    run = stage.start("ask 1", "abort-2")
    stage.asking(run)
    stage.post(f"failovers/{run}/abort", {"by": "ada"})
    assert stage.ended(run)["output"]["answers"][0]["answer"] == "abort"


def test_a_pause_holds_until_resume_and_leaves_questions_open(stage: Any) -> None:
    """Paused is a state of the run, not an answer to what it asks."""
    run = stage.start("ask 1", "pause-1")
    stage.asking(run)
    assert stage.post(f"failovers/{run}/pause", {"by": "ada"}).json()["control"]["paused"] is True
    assert stage.post(f"failovers/{run}/pause").status_code == 200
    assert len(stage.asking(run)) == 1
    assert stage.post(f"failovers/{run}/resume", {"by": "lin"}).json()["control"]["paused"] is False
    decisions = stage.get(f"failovers/{run}").json()["control"]["decisions"]
    assert [(one["decision"], one["by"]) for one in decisions][-1] == ("resume", "lin")
    again = stage.post(f"failovers/{run}/resume")
    assert again.status_code == 409
    assert "is not paused" in again.json()["detail"]


@pytest.mark.parametrize("word", ["approve", "reject", "retry", "skip", "abort", "pause", "resume", "adopt"])
def test_a_run_that_is_not_there_is_404_for_every_action(stage: Any, word: str) -> None:
    """Also a step's own instance is no run, and neither is what cannot be a name."""
    for name in ("company-b-0123456789", "company-b", "%2e%2e", "x" * 200, "company-b-0123456789-aaaaaaaa"):
        response = stage.post(f"failovers/{name}/{word}", {"reason": "because"})
        assert response.status_code == 404, name


@pytest.mark.parametrize("word", ["approve", "reject", "retry", "skip", "abort", "pause", "resume"])
def test_a_run_that_has_ended_cannot_be_acted_on(stage: Any, word: str) -> None:
    """409 says how it ended."""
    run = stage.start("done", f"over-{word}")
    stage.ended(run)
    response = stage.post(f"failovers/{run}/{word}", {"reason": "because"})
    assert response.status_code == 409
    assert "has ended (completed)" in response.json()["detail"]


def test_nothing_to_approve_is_said(stage: Any) -> None:
    """A wait that is no question, such as the run's own watch, is no person's business."""
    run = stage.start("watch", "nothing-1")
    stage.until(run, lambda view: "watch-1" in str(stage.entity("control", run)))
    response = stage.post(f"failovers/{run}/approve")
    assert response.status_code == 409
    assert "nothing waits for an answer" in response.json()["detail"]
    assert stage.get(f"failovers/{run}").json()["control"]["waits"] == []


def test_the_kill_switch_is_durable_and_says_who(stage: Any) -> None:
    """Suspended until resumed, however often it is asked for."""
    for _ in range(2):
        response = stage.post("automation/suspend", {"by": "ada", "reason": "storm drill"})
        assert response.status_code == 200
        assert response.json()["suspended"] is True
    assert stage.entity("control", "automation")["paused"] is True
    assert stage.post("automation/resume", {"by": "lin"}).json()["suspended"] is False
    assert [one["by"] for one in stage.entity("control", "automation")["decisions"]] == ["ada", "ada", "lin"]
