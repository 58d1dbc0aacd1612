"""Abort and the point of no return: before it everything done is undone, after it nothing is, never both."""

from __future__ import annotations

from typing import Any

from domain.outcomes import Operation, failed, retryable, running, succeeded

JOB = Operation("site-recovery-job", "item", job="/jobs/1")
LRO = Operation("network", "cn", poll_url="https://arm/operations/1?sig=secret")


def _story(kit: Any, links: int = 2, people: Any = ()) -> Any:
    """Old links go, one machine fails over, and the new link comes."""
    undo = lambda n: {"kind": "restore-connection", "name": f"restore old{n}", "settings": {}}  # noqa: E731
    old = [
        kit.step(
            f"old{n}",
            "disconnect-connection",
            target=f"cn-{n}",
            compensation=undo(n),
            timeout_seconds=180,
            answer_seconds=300,
        )
        for n in range(links)
    ]
    item = kit.step("item", "failover-item", irreversible=True, needs=tuple(s.id for s in old), timeout_seconds=3600)
    new = kit.step("new", "connect-connection", needs=(item.id,))
    return kit.Stage(
        kit.runbook(
            kit.lane_of("out", *old), kit.lane_of("over", item, needs=("out",)), kit.lane_of("in", new, needs=("over",))
        ),
        people=list(people),
    )


def _abort(stage: Any, _: Any) -> Any:
    stage.served.order("abort")
    return succeeded()


def _undone(stage: Any) -> list[str]:
    return [
        call["step"]["target"]
        for phase, _, call in stage.calls
        if phase == "begin" and "restore" in call["step"]["kind"]
    ]


def test_abort_before_the_point_of_no_return_undoes_in_reverse_order(serve: Any, kit: Any) -> None:
    """What was done is undone, the last thing first; nothing new begins."""
    stage = _story(kit).on("verify", "old1", _abort)
    ended = serve(stage).run()
    assert (ended["outcome"], _undone(stage)) == ("aborted", ["cn-1", "cn-0"])
    assert "undone" in ended["reason"]
    assert stage.phases("item") == []


def test_many_compensations_go_in_small_lanes_and_still_in_order(serve: Any, kit: Any) -> None:
    """Ten links are restored one after another, the last one first, though no lane holds more than a few."""
    stage = _story(kit, links=10).on("verify", "old9", _abort)
    assert serve(stage).run()["outcome"] == "aborted"
    assert _undone(stage) == [f"cn-{n}" for n in range(9, -1, -1)]


def test_what_azure_works_on_is_waited_for_and_then_undone(serve: Any, kit: Any) -> None:
    """A deletion under way cannot be called back: its end is awaited, its record says so, and it is restored."""
    stage = _story(kit, links=1).on("begin", "old0", running(LRO))
    stage.on("poll", "old0", lambda stage, _: _abort(stage, _) and running(LRO), succeeded())
    assert serve(stage).run()["outcome"] == "aborted"
    assert stage.records[kit.padded("old0")]["status"] == "succeeded"
    assert _undone(stage) == ["cn-0"]


def test_a_failed_disconnect_is_restored_too(serve: Any, kit: Any) -> None:
    """It may be half done; restoring reads first, so what is still there stays as it is."""
    stage = _story(kit, links=1, people=[kit.Person("abort")]).on("begin", "old0", failed("400", code="BadRequest"))
    assert serve(stage).run()["outcome"] == "aborted"
    assert _undone(stage) == ["cn-0"]


def test_after_the_point_of_no_return_nothing_is_undone(serve: Any, kit: Any) -> None:
    """The machine lives in the recovery region: bringing the old link back would part it from its users."""
    stage = _story(kit).on("begin", "item", running(JOB)).on("poll", "item", lambda s, c: _abort(s, c) and running(JOB))
    ended = serve(stage).run()
    assert (ended["outcome"], _undone(stage)) == ("aborted", [])
    assert "after the point of no return" in ended["reason"]
    assert stage.records[kit.padded("item")]["status"] == "succeeded"
    assert stage.phases("new") == []


def test_an_abort_at_the_very_gate_never_lets_a_machine_cross(serve: Any, kit: Any) -> None:
    """The abort is taken while the last disconnect ends: the failover asks the same entity, and is refused."""
    stage = _story(kit)
    stage._record_step = lambda call: (
        ((_abort(stage, call) if call["step"] == kit.padded("old1") else None) and {}) or {}
    )
    assert serve(stage).run()["outcome"] == "aborted"
    assert stage.phases("item") == []
    assert _undone(stage) == ["cn-1", "cn-0"]


def test_a_failover_that_azure_refused_is_no_point_of_no_return(serve: Any, kit: Any) -> None:
    """The only failover was refused before Azure took it: no machine has moved, so an abort still undoes everything."""
    stage = _story(kit, links=1)
    stage.on("begin", "item", lambda stage, call: _abort(stage, call) and retryable("the item is busy", code="Busy"))
    ended = serve(stage).run()
    assert (ended["outcome"], _undone(stage)) == ("aborted", ["cn-0"])
    assert "undone" in ended["reason"]


def test_a_failover_that_azure_took_is_the_point_of_no_return(serve: Any, kit: Any) -> None:
    """The same abort, one answer later: the machine moves, and the old links stay cut."""
    stage = _story(kit, links=1)
    stage.on("begin", "item", lambda stage, call: _abort(stage, call) and running(LRO)).on("poll", "item", succeeded())
    ended = serve(stage).run()
    assert (ended["outcome"], _undone(stage)) == ("aborted", [])
    assert "after the point of no return" in ended["reason"]


def test_a_policy_stop_before_the_point_of_no_return_undoes_as_well(serve: Any, kit: Any) -> None:
    """Nobody aborted, a step failed for good: the old links come back, and the outcome says that nothing was left."""
    stage = _story(kit).on("begin", "old1", failed("400", code="BadRequest"))
    ended = serve(stage).run()
    assert ended["outcome"] == "aborted"
    assert "stopped before the point of no return" in ended["reason"]
    assert _undone(stage) == ["cn-1", "cn-0"]


def test_what_cannot_be_undone_is_said_and_the_rest_is_undone(serve: Any, kit: Any) -> None:
    """A compensation that nobody can mend is left, named, and does not keep the others."""
    stage = _story(kit, people=[kit.Person("skip", "ask")]).on("verify", "old1", _abort)
    served = serve(stage)
    act = stage._step_acts
    stage._step_acts = lambda phase, call: (
        {"status": "failed", "code": "Nope", "reason": "gone"}
        if call["step"]["kind"] == "restore-connection" and call["step"]["target"] == "cn-1" and phase == "begin"
        else act(phase, call)
    )
    ended = served.run()
    assert (ended["outcome"], _undone(stage)) == ("aborted", ["cn-0"])
    assert "not everything could be undone" in ended["reason"]


def test_an_abort_while_people_are_asked_ends_the_question(serve: Any, kit: Any) -> None:
    """The door's abort reaches a step that waits for an answer; nobody has to answer any more."""
    stage = _story(kit, links=1).on("begin", "old0", failed("400", code="BadRequest"))
    served = serve(stage)
    stage._notify = lambda call: served.later(lambda: _when_asked(served)) or {}
    assert served.run()["outcome"] == "aborted"
    assert served.control()["waits"].keys() <= {"run"}


def _when_asked(served: Any) -> None:
    served.until(lambda: [w for w in served.control().get("waits", {}).values() if w.get("question")])
    served.order("abort")
    served.until(lambda: not [w for w in served.control().get("waits", {}).values() if w.get("question")])


def test_an_abort_after_everything_was_done_changes_nothing(serve: Any, kit: Any) -> None:
    """Every step had ended well: the run is completed, and says that the abort came too late."""
    stage = _story(kit)
    stage._record_step = lambda call: (
        ((_abort(stage, call) if call["step"] == kit.padded("verify") else None) and {}) or {}
    )
    ended = serve(stage).run()
    assert ended["outcome"] == "completed"
    assert "the abort came when everything had been done" in ended["reason"]


def test_a_lane_that_the_platform_terminated_stops_the_run_and_what_it_may_have_done_is_undone(
    serve: Any, kit: Any
) -> None:
    """Nobody knows what became of its steps: they are stopped through the entity, and undone as desired states."""
    stage = _story(kit)
    served = serve(stage)

    def terminate(stage: Any, _: Any) -> Any:
        served.ask(served.client.terminate("run-lane-out", "by hand"))
        served.wait("run-lane-out")

    stage.on("verify", "old1", terminate)
    ended = served.run()
    assert ended["outcome"] == "aborted"
    assert "lane out ended badly" in ended["reason"]
    assert sorted(_undone(stage)) == ["cn-0", "cn-1"]
    assert served.control()["aborting"]["by"] == "the run itself"
