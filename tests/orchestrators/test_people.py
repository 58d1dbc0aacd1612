"""Questions to people: what they may answer, what silence means, fences by hand, pause and resume."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.outcomes import Operation, failed, retryable, running, unconfirmed
from domain.runbook import When


def _one(kit: Any, kind: str = "check-machine", people: Any = (), **fields: Any) -> Any:
    return kit.Stage(kit.runbook(kit.lane_of("one", kit.step("a", kind, **fields))), people=list(people))


def test_retry_begins_again_where_the_kind_begins(serve: Any, kit: Any) -> None:
    """A step that only reads is read again: it has nothing to begin."""
    stage = _one(kit, people=[kit.Person("retry", "ask", "a")]).on("verify", "a", failed("no", code="Down"))
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.phases("a") == ["verify", "verify"]
    decision = stage.records[kit.padded("a")]["decisions"][0]
    assert (decision["decision"], decision["by"], decision["reason"]) == ("retry", "Kim", "because")


def test_retry_of_a_definite_no_is_a_new_intent(serve: Any, kit: Any) -> None:
    """Azure refused; a person says again: the next attempt."""
    stage = _one(kit, "failover-item", [kit.Person("retry")]).on("begin", "a", failed("no", code="BadRequest"))
    serve(stage).run()
    assert [call["attempt"] for phase, _, call in stage.calls if phase == "begin"] == [1, 2]


def test_retry_after_time_ran_out_watches_on_and_begins_nothing(serve: Any, kit: Any) -> None:
    """Azure still works on it: a second call would be a second failover."""
    job = Operation("site-recovery-job", "x", job="/jobs/1")
    stage = _one(kit, "failover-item", [kit.Person("retry")], timeout_seconds=60)
    polled = [running(job)] * 4
    stage.on("begin", "a", running(job)).on("poll", "a", *polled)
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.phases("a").count("begin") == 1


def test_retry_after_a_bug_keeps_the_intent(serve: Any, kit: Any) -> None:
    """Whether the call was sent before the bug is not known: the same intent finds its own marker."""
    stage = _one(kit, "failover-item", [kit.Person("retry")]).on("begin", "a", RuntimeError("boom"))
    assert serve(stage).run()["outcome"] == "completed"
    begins = [call for phase, _, call in stage.calls if phase == "begin"]
    assert [call["attempt"] for call in begins] == [1, 1]
    assert begins[0]["intent_at"] == begins[1]["intent_at"]


def test_a_bug_is_a_question_and_strands_nothing(serve: Any, kit: Any) -> None:
    """An activity that raises is asked about, with its text; skipping goes on."""
    stage = _one(kit, people=[kit.Person("skip")], on_failure="stop").on("verify", "a", ZeroDivisionError("one / 0"))
    assert serve(stage).run()["outcome"] == "completed_with_skips"
    assert "one / 0" in stage.notices[0]["text"]


def test_skip_carries_the_name_and_the_reason(serve: Any, kit: Any) -> None:
    """Who skipped, and why, is in the step's record."""
    stage = _one(kit, people=[kit.Person("skip")]).on("verify", "a", failed("no", code="Down"))
    assert serve(stage).run()["outcome"] == "completed_with_skips"
    assert stage.records[kit.padded("a")]["reason"] == "skipped by Kim: because"


def test_abort_as_an_answer_aborts_the_run(serve: Any, kit: Any) -> None:
    """Nothing further begins, in no lane."""
    book = kit.runbook(kit.lane_of("one", kit.step("a")), kit.lane_of("two", kit.step("b"), needs=("one",)))
    stage = kit.Stage(book, people=[kit.Person("abort")]).on("verify", "a", failed("no", code="Down"))
    assert serve(stage).run()["outcome"] == "aborted"
    assert stage.phases("b") == []
    assert stage.reports[0]["decisions"][-1]["decision"] == "abort"


def test_silence_stops_and_the_question_said_so(serve: Any, kit: Any) -> None:
    """Nobody answers within answer_seconds: the step has failed; the notice named the time and the consequence."""
    stage = _one(kit, answer_seconds=7200).on("verify", "a", failed("no", code="Down"))
    assert serve(stage).run()["outcome"] == "aborted"
    record = stage.records[kit.padded("a")]
    assert (record["status"], record["decisions"][0]["decision"]) == ("failed", "silence")
    assert "silence means the run stops here" in stage.notices[0]["text"]
    assert stage.notices[0]["until"].startswith("2026-03-14T04:00:0")


def test_a_wrong_answer_is_no_answer(serve: Any, kit: Any) -> None:
    """What is not among the options leaves the question open, under a new event."""
    stage = _one(kit, people=[kit.Person("approve")]).on("verify", "a", failed("no", code="Down"))
    served = serve(stage)
    stage.people.append(kit.Person("retry"))
    name = served.start(kit.request())
    served.until(lambda: any(w["event"].endswith(".2") for w in served.control().get("waits", {}).values()))
    wait = next(w for w in served.control()["waits"].values() if w.get("question"))
    served.raise_event(wait, {"answer": "skip", "by": "Kim"})
    assert served.output(name)["outcome"] in ("completed_with_skips", "aborted")


@pytest.mark.parametrize(
    "payload", [{"answer": "retry"}, json.dumps({"answer": "retry"}), json.dumps(json.dumps({"answer": "retry"}))]
)
def test_an_answer_is_read_however_often_it_was_encoded(serve: Any, kit: Any, payload: Any) -> None:
    """The SDK's client encodes a payload twice, curl once: both are the same answer."""
    stage = _one(kit).on("verify", "a", failed("no", code="Down"))
    served = serve(stage)
    stage._notify = lambda call: served.later(_answer(served, payload)) or {}
    assert served.run()["outcome"] == "completed"
    assert stage.phases("a") == ["verify", "verify"]


def _answer(served: Any, payload: Any) -> Any:
    def answer() -> None:
        found = lambda: [w for w in served.control().get("waits", {}).values() if w.get("question")]  # noqa: E731
        wait = served.until(found)[0]
        served.raise_event(wait, payload)
        served.until(lambda: not found())

    return answer


def _fenced(kit: Any, how: str, people: Any) -> Any:
    gone = kit.step("gone", "disconnect-connection", timeout_seconds=60)
    fence = kit.step(
        "fence", how, needs=(gone.id,), when=When(gone.id, ("unconfirmed", "skipped")), timeout_seconds=3600,
        settings={"question": "drop the peer", "role": "network on call"},
    )  # fmt: skip
    connect = kit.step("connect", "connect-connection", needs=(fence.id,))
    book = kit.runbook(kit.lane_of("out", gone, fence), kit.lane_of("in", connect, needs=("out",)))
    return kit.Stage(book, people=list(people)).on("begin", "gone", unconfirmed("dark"))


def test_a_fence_by_a_person_is_read_back_from_the_site(serve: Any, kit: Any) -> None:
    """Done is a word; the routes are looked at until they show it."""
    stage = _fenced(kit, "fence-by-person", [kit.Person("done", "fence")])
    stage.on("verify", "fence", retryable("still there", code="StillThere", retry_after_seconds=5))
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.phases("fence") == ["verify", "verify"]


def test_a_word_given_in_the_last_minute_still_gets_its_reading(serve: Any, kit: Any) -> None:
    """The step's deadline was the person's; what was done then is given time to show."""
    stage = _fenced(kit, "fence-by-person", [])
    served = serve(stage)
    stage._notify = lambda call: served.later(lambda: _late_word(served)) or {}
    stage.on("verify", "fence", *[retryable("still there", code="StillThere", retry_after_seconds=20)] * 4)
    assert served.run()["outcome"] == "completed"


def _late_word(served: Any) -> None:
    wait = served.until(lambda: [w for w in served.control().get("waits", {}).values() if w.get("question")])[0]
    from datetime import timedelta

    served.time_line.advance(timedelta(seconds=3590))
    served.raise_event(wait, {"answer": "done", "by": "Kim"})
    served.until(lambda: not [w for w in served.control().get("waits", {}).values() if w.get("question")])


@pytest.mark.parametrize("how", ["fence-by-person", "fence-site"])
def test_only_the_explicit_risk_goes_on_without_a_fence(serve: Any, kit: Any, how: str) -> None:
    """A fence is not skipped: who goes on with two ways home says so by that name."""
    stage = _fenced(kit, how, [kit.Person("accept-split-risk")])
    stage.on("begin", "fence", failed("401", code="BadSignature"))
    assert serve(stage).run()["outcome"] == "completed_with_skips"
    assert "Kim accepted the risk of split routes" in stage.records[kit.padded("fence")]["reason"]
    decisions = stage.records[kit.padded("fence")]["decisions"]
    assert [one["decision"] for one in decisions] == ["accept-split-risk"]


def test_a_risk_accepted_at_the_start_is_not_asked_again(serve: Any, kit: Any) -> None:
    """The consent that came with the start stands in, under the name of whoever gave it."""
    stage = _fenced(kit, "fence-by-person", [])
    assert serve(stage).run(consents=("accept-split-risk",), started_by="Ada")["outcome"] == "completed_with_skips"
    assert stage.notices == []
    assert stage.records[kit.padded("fence")]["decisions"][0]["by"] == "Ada"


def test_a_skipped_disconnect_is_fenced_all_the_same(serve: Any, kit: Any) -> None:
    """Whoever skips the disconnect has not closed the old way: without a fence the new one must not open."""
    stage = _fenced(kit, "fence-site", [kit.Person("skip", "ask", "gone")])
    stage.on("begin", "gone", failed("403", code="AuthorizationFailed"))
    assert serve(stage).run()["outcome"] == "completed_with_skips"
    assert stage.phases("fence") == ["begin", "verify"]


def test_a_step_of_a_person_waits_for_the_word(serve: Any, kit: Any) -> None:
    """A manual action of the recovery plan is done when its person says so."""
    stage = _one(kit, "wait-person", [kit.Person("done", "wait-person")], settings={"question": "q", "role": "DBA"})
    assert serve(stage).run()["outcome"] == "completed"
    assert stage.records[kit.padded("a")]["reason"] == "done by Kim"


def test_pause_lets_nothing_new_begin_until_resume(serve: Any, kit: Any) -> None:
    """What runs goes on to its end; the next step waits, with a new deadline after the pause."""
    a, b = kit.step("a"), kit.step("b", needs=(kit.padded("a"),), kind="connect-connection", timeout_seconds=30)
    stage = kit.Stage(kit.runbook(kit.lane_of("one", a, b)))
    served = serve(stage)

    def pause(stage: Any, _: Any) -> Any:
        served.order("pause")
        served.later(resume)

    def resume() -> None:
        served.until(lambda: [w for w in served.control().get("waits", {}).values() if w["kind"] == "pause"])
        assert stage.phases("b") == []
        served.order("resume")

    stage.on("verify", "a", pause)
    assert served.run()["outcome"] == "completed"
    assert stage.phases("b") == ["begin", "verify"]
    assert [one["decision"] for one in stage.reports[0]["decisions"]] == ["approve", "pause", "resume"]
