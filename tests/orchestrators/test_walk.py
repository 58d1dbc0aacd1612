"""A run from its start to its end: lanes and steps in their order, retries, polls, intents and deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.outcomes import Operation, failed, retryable, running, succeeded, unconfirmed
from domain.runbook import When

JOB = Operation("site-recovery-job", "item", job="/jobs/1", started_at="2026-03-14T02:00:00+00:00")
SETTLING = Operation("settling", "item", settles_at="2026-03-14T02:02:00+00:00")


def test_lanes_and_steps_go_in_the_order_of_the_graph(serve: Any, kit: Any) -> None:
    """A step begins when what it needs has ended well, a lane when the lanes that it needs have."""
    a, b = kit.step("a"), kit.step("b", needs=(kit.padded("a"),))
    c, d = kit.step("c", needs=(b.id,)), kit.step("d", needs=(b.id,), after=(kit.padded("c"),))
    stage = kit.Stage(kit.runbook(kit.lane_of("one", a, b), kit.lane_of("two", c, d, needs=("one",))))
    ended = serve(stage).run()
    assert ended["outcome"] == "completed"
    assert [one.rstrip("0") for one in stage.begun()] == ["a", "b", "c", "d", "verify"]
    assert stage.reports[0]["outcome"] == "completed"
    assert {record["status"] for record in stage.records.values()} == {"succeeded"}


def test_what_depends_on_nothing_runs_at_once(serve: Any, kit: Any) -> None:
    """Lanes side by side are under way together: each waits here until the other has begun."""
    first, second = kit.step("a"), kit.step("b")
    stage = kit.Stage(kit.runbook(kit.lane_of("one", first), kit.lane_of("two", second)))
    both = lambda stage, _: stage.served.until(lambda: len(stage.begun()) >= 2) and succeeded()  # noqa: E731
    stage.on("verify", "a", both).on("verify", "b", both)
    assert serve(stage).run()["outcome"] == "completed"


def test_a_retryable_answer_is_tried_again_with_a_new_intent(serve: Any, kit: Any) -> None:
    """A begin that came to nothing is begun again, after Azure's Retry-After, as another attempt."""
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=3600)
    stage = kit.Stage(kit.runbook(kit.lane_of("one", item)))
    stage.on("begin", "item", retryable("busy", code="Busy", retry_after_seconds=40), running(JOB))
    assert serve(stage).run()["outcome"] == "completed"
    begins = [call for phase, one, call in stage.calls if phase == "begin"]
    assert [call["attempt"] for call in begins] == [1, 2]
    assert begins[0]["intent_at"] != begins[1]["intent_at"]
    waited = datetime.fromisoformat(begins[1]["now"]) - datetime.fromisoformat(begins[0]["now"])
    assert waited.total_seconds() >= 40
    assert stage.phases("item") == ["begin", "begin", "poll", "verify"]


def test_an_intent_is_checkpointed_before_the_call_and_stays_the_same_while_it_lasts(serve: Any, kit: Any) -> None:
    """Every poll of one intent carries the moment at which it was made, and its operation."""
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=3600)
    stage = kit.Stage(kit.runbook(kit.lane_of("one", item)))
    stage.on("begin", "item", running(JOB)).on("poll", "item", running(JOB), running(JOB), succeeded())
    serve(stage).run()
    calls = [call for _, one, call in stage.calls if one == item.id]
    assert len({call["intent_at"] for call in calls}) == 1
    assert [call["operation"]["job"] for call in calls[1:]] == ["/jobs/1"] * 4
    assert stage.records[item.id]["operations"] == ["1"]


def test_an_intent_that_came_to_nothing_is_made_again(serve: Any, kit: Any) -> None:
    """NotAccepted sends the step back to the beginning, as the next attempt, without its old operation."""
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=3600)
    stage = kit.Stage(kit.runbook(kit.lane_of("one", item)))
    stage.on("begin", "item", running(SETTLING), running(JOB))
    stage.on("poll", "item", retryable("no job", code="NotAccepted"), succeeded())
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.phases("item") == ["begin", "poll", "begin", "poll", "verify"]
    begins = [call for phase, _, call in stage.calls if phase == "begin"]
    assert [call["attempt"] for call in begins] == [1, 2]
    assert "operation" not in begins[1]


def test_a_poll_that_fails_for_the_moment_is_a_poll_later(serve: Any, kit: Any) -> None:
    """An unanswered poll says nothing of the operation: it is polled again, and nothing is begun twice."""
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=3600)
    stage = kit.Stage(kit.runbook(kit.lane_of("one", item)))
    stage.on("begin", "item", running(JOB))
    stage.on("poll", "item", retryable("503", code="ServerTimeout"), running(JOB), succeeded())
    serve(stage).run()
    assert stage.phases("item") == ["begin", "poll", "poll", "poll", "verify"]


def _dark(kit: Any, how: str, **of_disconnect: Any) -> Any:
    gone = kit.step("gone", "disconnect-connection", timeout_seconds=180, **of_disconnect)
    fence = kit.step(
        "fence", how, needs=(gone.id,), when=When(gone.id, ("unconfirmed", "skipped")), timeout_seconds=3600
    )
    connect = kit.step("connect", "connect-connection", needs=(fence.id,))
    return kit.Stage(kit.runbook(kit.lane_of("out", gone, fence), kit.lane_of("in", connect, needs=("out",))))


@pytest.mark.parametrize("answer", [running(Operation("network", "x")), retryable("no answer", code="Unreachable")])
def test_a_dark_region_ends_the_disconnect_unconfirmed_and_the_fence_stands_in(
    serve: Any, kit: Any, answer: Any
) -> None:
    """At its deadline the disconnect is unconfirmed; only then the site is fenced, and the new way comes after."""
    stage = _dark(kit, "fence-site")
    stage.on("begin", "gone", answer, ...).on("poll", "gone", answer, ...)
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.records[kit.padded("gone")]["status"] == "unconfirmed"
    assert stage.begun().index(kit.padded("fence")) < stage.begun().index(kit.padded("connect"))
    ended = datetime.fromisoformat(stage.records[kit.padded("gone")]["ended_at"])
    assert 180 <= (ended - datetime(2026, 3, 14, 2, tzinfo=ended.tzinfo)).total_seconds() < 200


def test_a_retry_after_beyond_the_deadline_does_not_keep_the_fence_waiting(serve: Any, kit: Any) -> None:
    """A failing control plane that says "come back in an hour" costs no more than the plan's own patience."""
    stage = _dark(kit, "fence-site")
    stage.on("begin", "gone", retryable("503", code="ServerTimeout", retry_after_seconds=3600), ...)
    serve(stage).run()
    record = stage.records[kit.padded("gone")]
    took = datetime.fromisoformat(record["ended_at"]) - datetime.fromisoformat(record["started_at"])
    assert (record["status"], took.total_seconds() < 200) == ("unconfirmed", True)


def test_a_disconnect_that_cannot_be_read_back_is_unconfirmed_too(serve: Any, kit: Any) -> None:
    """Azure took the deletion and then went dark: without a reading the fence stands in."""
    stage = _dark(kit, "fence-site")
    stage.on("verify", "gone", retryable("no answer", code="Unreachable"), ...)
    serve(stage).run()
    assert stage.records[kit.padded("gone")]["status"] == "unconfirmed"
    assert stage.records[kit.padded("fence")]["status"] == "succeeded"


def test_a_confirmed_disconnect_needs_no_fence(serve: Any, kit: Any) -> None:
    """The fence ends not-needed, without any call, and what needs it goes on."""
    stage = _dark(kit, "fence-site")
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.records[kit.padded("fence")]["status"] == "not-needed"
    assert stage.phases("fence") == []


def test_unconfirmed_at_once_is_taken_at_its_word(serve: Any, kit: Any) -> None:
    """An activity that knows that it cannot know ends the step without waiting for the deadline."""
    stage = _dark(kit, "fence-site").on("begin", "gone", unconfirmed("the region is dark"))
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.records[kit.padded("gone")]["reason"] == "the region is dark"


def test_a_failure_that_the_plan_tolerates_is_told_in_the_outcome(serve: Any, kit: Any) -> None:
    """With ``continue`` the run goes on, and does not call itself simply completed."""
    soft = kit.step("soft", "failover-item", on_failure="continue", irreversible=True)
    gate = kit.step("gate", "group-up", needs=(soft.id,), settings={"members": 1, "quorum": 0, "group": "g"})
    stage = kit.Stage(kit.runbook(kit.lane_of("one", soft, gate)))
    stage.on("begin", "soft", failed("no", code="ItemMissing"))
    assert serve(stage).run()["outcome"] == "completed_with_skips"


def test_with_policy_stop_nothing_begins_after_a_failure(serve: Any, kit: Any) -> None:
    """A step that failed with ``stop`` ends the run; what needs it is not run."""
    hard = kit.step("hard", on_failure="stop")
    stage = kit.Stage(kit.runbook(kit.lane_of("one", hard), kit.lane_of("two", kit.step("next"), needs=("one",))))
    stage.on("verify", "hard", failed("no", code="Nope"))
    assert serve(stage).run()["outcome"] == "aborted"
    assert stage.phases("next") == []


@pytest.mark.parametrize(("quorum", "outcome"), [(2, "completed_with_skips"), (3, "partly_failed")])
def test_a_group_is_up_when_its_quorum_is(serve: Any, kit: Any, quorum: int, outcome: str) -> None:
    """Two of three machines are enough for a quorum of two; for three the run is stopped at the gate."""
    items = [
        kit.step(f"item{n}", "failover-item", on_failure="continue", irreversible=True, timeout_seconds=3600)
        for n in range(3)
    ]
    gate = kit.step(
        "gate", "group-up", needs=tuple(one.id for one in items), on_failure="stop",
        settings={"members": 3, "quorum": quorum, "group": "g"},
    )  # fmt: skip
    stage = kit.Stage(kit.runbook(kit.lane_of("one", *items, gate)))
    stage.on("begin", "item1", failed("no", code="ItemMissing"))
    assert serve(stage).run()["outcome"] == outcome
    assert "2 of 3" in stage.records[gate.id]["reason"]


def test_success_only_when_routing_was_verified(serve: Any, kit: Any) -> None:
    """A person may skip the verification; the run does not call itself completed then."""
    stage = kit.Stage(kit.runbook(kit.lane_of("one", kit.step("a"))), people=[kit.Person("skip")])
    stage.on("verify", "verify", failed("no route", code="NotConverged"))
    assert serve(stage).run()["outcome"] == "partly_failed"
