"""The production traps of Durable Functions in Python: each test fails when one of our orchestrators falls into it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from devhost.errors import CUSTOM_STATUS_LIMIT_BYTES
from devhost.history import EventType
from domain import names
from domain.outcomes import Operation, failed, running, succeeded
from orchestrators import ORCHESTRATORS
from orchestrators.durable import read_event

JOB = Operation("site-recovery-job", "item", job="/jobs/1")


def _events(served: Any, instance: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in served.host.store.history(instance)]


def test_no_timer_keeps_a_finished_run_open(serve: Any, kit: Any) -> None:
    """The host completes an orchestration only when no timer is open: our ends are not minutes late."""
    book = kit.runbook(kit.lane_of("one", kit.step("a", answer_seconds=7200)))
    stage = kit.Stage(book, people=[kit.Person("skip")]).on("verify", "a", failed("no", code="Down"))
    served = serve(stage)
    served.run()
    for instance in ("run", "run-lane-one", f"run-{kit.padded('a')}"):
        events = _events(served, instance)
        last = events[-1]["Timestamp"]
        fires = [one["FireAt"] for one in events if one["EventType"] == EventType.TIMER_CREATED]
        assert events[-2]["EventType"] == EventType.EXECUTION_COMPLETED
        assert not fires or last < "2026-03-14T02:01", (instance, last, fires)


def test_a_step_continues_as_new_after_fifty_polls_and_forgets_nothing(serve: Any, kit: Any) -> None:
    """Operation, intent, decisions, evidence and deadline live on; the history starts afresh."""
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=7200, settings={"concurrent": 1})
    stage = kit.Stage(kit.runbook(kit.lane_of("one", item)))
    stage.on("begin", "item", succeeded_with_job()).on("poll", "item", *[running(JOB)] * 60)
    served = serve(stage)
    assert served.run()["outcome"] == "completed"
    calls = [call for _, one, call in stage.calls if one == item.id]
    assert stage.phases("item").count("poll") == 61
    assert len({(call["intent_at"], call["attempt"]) for call in calls}) == 1
    record = stage.records[item.id]
    assert (record["started_at"], record["operations"]) == ("2026-03-14T02:00:00+00:00", ["1"])
    assert record["evidence"] == {"recovery_point": "12:00"}
    assert len(_events(served, f"run-{item.id}")) < 50 * 12


def succeeded_with_job() -> Any:
    found = running(JOB)
    return type(found)("running", operation=JOB, evidence={"recovery_point": "12:00"})


def test_an_event_that_came_early_is_heard_once(serve: Any, kit: Any) -> None:
    """The SDK hands the last early event of a name to every later wait: our waits never share a name."""
    a, b = kit.step("a", answer_seconds=300), kit.step("b", needs=(kit.padded("a"),))
    stage = kit.Stage(kit.runbook(kit.lane_of("one", a, b)))
    stage.on("verify", "a", failed("no", code="Down"), failed("no", code="Down"))
    served = serve(stage)
    asked: list[Any] = []

    def early(call: Any) -> dict[str, Any]:
        asked.append(call)
        if len(asked) == 1:
            instance = f"run-{kit.padded('a')}"
            served.ask(served.client.raise_event(instance, "ask-1.1", {"answer": "retry", "by": "Kim"}))
            served.ask(served.client.raise_event(instance, "ask-1.1", {"answer": "retry", "by": "Kim"}))
        return {}

    stage._notify = early
    ended = served.run()
    assert (len(asked), ended["outcome"]) == (2, "aborted")
    assert [one["decision"] for one in stage.records[a.id]["decisions"]] == ["retry", "silence"]


def test_foreign_and_mistyped_events_change_nothing(serve: Any, kit: Any) -> None:
    """Another name, another case, no JSON object: the question stays open."""
    stage = kit.Stage(kit.runbook(kit.lane_of("one", kit.step("a", answer_seconds=300)))).on(
        "verify", "a", failed("no", code="Down")
    )
    served = serve(stage)

    def noise(call: Any) -> dict[str, Any]:
        for name, payload in (("approve", {"answer": "skip"}), ("ask-9.1", {"answer": "skip"}), ("watch-1", "wake")):
            for instance in ("run", f"run-{kit.padded('a')}"):
                served.ask(served.client.raise_event(instance, name, payload))
        return {}

    stage._notify = noise
    assert served.run()["outcome"] == "aborted"
    assert stage.records[kit.padded("a")]["decisions"][0]["decision"] == "silence"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"answer": "retry"}, {"answer": "retry"}),
        ('{"answer": "retry"}', {"answer": "retry"}),
        (json.dumps('{"answer": "retry"}'), {"answer": "retry"}),
        ("no json", {}), ("[1]", {}), (None, {}), (True, {}), (7, {}), ("", {}), ('"wake"', {}),
    ],
)  # fmt: skip
def test_a_payload_is_an_object_or_nothing(value: Any, expected: dict[str, Any]) -> None:
    """The SDK's client encodes twice, curl once, and a person types anything."""
    assert read_event(value) == expected


def test_no_orchestrator_yields_a_set_of_tasks_that_may_be_empty_or_retries_by_the_sdk() -> None:
    """task_all([]) yields None, retries raced with a timer break replay, call_http returns a 202: none is used."""
    banned = {"task_all", "call_activity_with_retry", "call_sub_orchestrator_with_retry", "call_http", "signal_entity"}
    used = {
        node.attr
        for path in (Path(__file__).parents[2] / "orchestrators").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert not used & banned


def test_a_lane_without_steps_and_a_runbook_without_lanes_end_at_once(serve: Any, kit: Any) -> None:
    """task_any([]) is never called: there is nothing to wait for."""
    book = kit.runbook(kit.lane_of("empty"), kit.lane_of("next", kit.step("a"), needs=("empty",)))
    stage = kit.Stage(book)
    assert serve(stage).run()["outcome"] == "completed"


def test_annotations_keep_the_app_loadable() -> None:
    """Microsoft's worker wants the context's parameter to be called context."""
    for orchestrator in ORCHESTRATORS.values():
        assert orchestrator.__code__.co_varnames[:1] == ("context",)
        assert df.Orchestrator.create(orchestrator)


def test_the_custom_status_stays_within_its_limit_with_many_long_questions(serve: Any, kit: Any) -> None:
    """Sixteen KB in UTF-16, whatever the names: many steps run and ask, in long words and foreign script."""
    wide = "机器" * 400
    steps = [kit.step(f"s{n}", name=f"{wide}{n}", answer_seconds=600) for n in range(20)]
    stage = kit.Stage(kit.runbook(*[kit.lane_of(f"{n}-{'x' * 60}", one) for n, one in enumerate(steps)]))
    for n in range(20):
        stage.on("verify", f"s{n}", failed(wide, code="Down"))
    served = serve(stage)
    seen: list[int] = []
    stage._notify = lambda call: seen.append(len(json.dumps(served.status("run")).encode("utf-16-le"))) or {}
    served.run()
    largest = max(len(body.encode("utf-16-le")) for body in [json.dumps(served.status("run"), ensure_ascii=False)])
    assert max([*seen, largest]) <= CUSTOM_STATUS_LIMIT_BYTES


def test_a_step_terminated_by_the_platform_fails_and_its_lane_goes_on_to_an_end(serve: Any, kit: Any) -> None:
    """Nobody is left waiting for it."""
    book = kit.runbook(kit.lane_of("one", kit.step("a"), kit.step("b")))
    stage = kit.Stage(book)
    served = serve(stage)

    def terminate(stage: Any, _: Any) -> Any:
        served.ask(served.client.terminate(f"run-{kit.padded('a')}", "by hand"))
        return succeeded()

    stage.on("verify", "a", terminate)
    assert served.run()["outcome"] == "aborted"
    assert stage.records[kit.padded("b")]["status"] == "succeeded"


def test_a_record_that_cannot_be_kept_does_not_stop_the_run(serve: Any, kit: Any) -> None:
    """It is evidence: the entity keeps the end of the step, and says that its record is missing."""
    stage = kit.Stage(kit.runbook(kit.lane_of("one", kit.step("a"))))
    stage._record_step = lambda call: 1 // 0
    served = serve(stage)
    assert served.run()["outcome"] == "completed"
    assert "could not be stored" in served.control()["recent"][0]["reason"]


def test_people_are_told_once_for_each_question_and_a_failing_notice_is_left_behind(serve: Any, kit: Any) -> None:
    """Telling must never stop a run."""
    stage = kit.Stage(kit.runbook(kit.lane_of("one", kit.step("a", answer_seconds=300)))).on(
        "verify", "a", failed("no", code="Down")
    )
    stage._notify = lambda call: 1 // 0
    assert serve(stage).run()["outcome"] == "aborted"
    assert stage.count(names.NOTIFY) == 1
