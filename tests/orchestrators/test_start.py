"""How a run comes to go: refusals, claims, approval, the automatic hold, the kill switch, adoption."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain import names


def _story(kit: Any, people: Any = (), **fields: Any) -> Any:
    item = kit.step("item", "failover-item", irreversible=True, timeout_seconds=3600)
    facts = {"hold_seconds": 300, "decide_within_seconds": 1800}
    return kit.Stage(kit.runbook(kit.lane_of("over", item), facts=facts, **fields), people=list(people))


def test_what_does_not_compile_is_refused_before_any_write(serve: Any, kit: Any) -> None:
    """Every reason is in the answer; no step is called, nothing is claimed."""
    stage = _story(kit)
    stage.refusals = ("links[0]: no such gateway", "workload: no such vault")
    served = serve(stage)
    ended = served.run()
    assert ended["outcome"] == "refused"
    assert "no such gateway" in ended["reason"]
    assert "no such vault" in ended["reason"]
    assert stage.begun() == []
    assert served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS)["held"] == {}


def test_a_compiler_that_breaks_is_a_refusal(serve: Any, kit: Any) -> None:
    """A bug there is told as such; the run does not hang."""
    stage = _story(kit)
    stage._compile_runbook = lambda call: 1 // 0
    ended = serve(stage).run()
    assert (ended["outcome"], "internal error" in ended["reason"]) == ("refused", True)


def test_the_loser_of_a_claim_is_refused_naming_the_winner(serve: Any, kit: Any) -> None:
    """Another run under way holds what this one would write to."""
    stage = _story(kit, claims=("plan:p", "vgw~1"))
    served = serve(stage)
    served.ask(served.client.start_new(names.INCIDENT, "other", {"tracking_id": "never"}))
    stage._read_run_status = lambda call: {"status": "Running"}
    served.signal(names.CLAIMS_ENTITY, names.ALL_CLAIMS, "claim", {"run": "other", "resources": ["vgw~1"]})
    served.until(lambda: served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS).get("held"))
    ended = served.run()
    assert (ended["outcome"], ended["winner"]) == ("refused", "other")
    assert "the run other holds vgw~1" in ended["reason"]
    assert stage.begun() == []
    assert stage.reports[0]["winner"] == "other"
    assert served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS)["held"] == {"other": ["vgw~1"]}


def test_a_status_that_cannot_be_read_breaks_no_claim(serve: Any, kit: Any) -> None:
    """Whoever cannot see whether the winner lives takes it for alive."""
    stage = _story(kit, claims=("vgw~1",))
    served = serve(stage)
    stage._read_run_status = lambda call: 1 // 0
    served.signal(names.CLAIMS_ENTITY, names.ALL_CLAIMS, "claim", {"run": "other", "resources": ["vgw~1"]})
    served.until(lambda: served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS).get("held"))
    assert served.run()["winner"] == "other"


def test_a_claim_of_a_run_that_has_ended_is_broken_and_its_stray_steps_are_stopped(serve: Any, kit: Any) -> None:
    """Terminated by the platform, the old run could not let go; what lives on of it heeds the abort."""
    stage = _story(kit, claims=("vgw~1",))
    served = serve(stage)
    stage._read_run_status = lambda call: {"status": "Terminated"}
    served.signal(names.CLAIMS_ENTITY, names.ALL_CLAIMS, "claim", {"run": "old", "resources": ["vgw~1"]})
    served.until(lambda: served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS).get("held"))
    assert served.run()["outcome"] == "completed"
    assert served.control("old")["aborting"]["by"] == "the platform"
    assert served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS)["held"] == {}


def test_without_approval_a_person_is_asked_and_their_name_kept(serve: Any, kit: Any) -> None:
    """An alert only asks; the report says who said yes."""
    stage = _story(kit, [kit.Person("approve", "approval", by="Robin")])
    ended = serve(stage).run(approved_by=None, started_by="alert")
    assert ended["outcome"] == "completed"
    assert stage.reports[0]["approved_by"] == "Robin"
    assert stage.reports[0]["decisions"][0]["decision"] == "approve"


def test_a_rejection_refuses(serve: Any, kit: Any) -> None:
    """A no is a no, with its name and reason."""
    stage = _story(kit, [kit.Person("reject", "approval", by="Robin", reason="drill")])
    ended = serve(stage).run(approved_by=None)
    assert (ended["outcome"], ended["reason"]) == ("refused", "rejected by Robin: drill")
    assert stage.begun() == []


def test_silence_refuses_when_the_time_to_decide_is_over(serve: Any, kit: Any) -> None:
    """Nobody answers: nothing is done."""
    stage = _story(kit)
    ended = serve(stage).run(approved_by=None)
    assert (ended["outcome"], ended["reason"]) == ("refused", "nobody approved within 1800 s")
    took = datetime.fromisoformat(stage.reports[0]["ended_at"]) - datetime.fromisoformat(stage.reports[0]["started_at"])
    assert 1800 <= took.total_seconds() < 1810


def test_an_abort_before_it_began_is_heeded(serve: Any, kit: Any) -> None:
    """The abort was there first; even a started-and-approved run does not go."""
    stage = _story(kit)
    served = serve(stage)
    served.signal(names.CONTROL_ENTITY, "run", "abort", {"by": "Kim"})
    served.until(lambda: served.control().get("aborting"))
    assert served.run()["outcome"] == "aborted"
    assert stage.begun() == []


def test_an_automatic_plan_fires_after_its_hold(serve: Any, kit: Any) -> None:
    """Nobody stops it for five minutes: it goes, and the report says by which rule."""
    stage = _story(kit)
    assert serve(stage).run(approved_by=None, automatic=True)["outcome"] == "completed"
    report = stage.reports[0]
    assert report["approved_by"] == "the plan's automatic rule"
    took = datetime.fromisoformat(report["decided_at"]) - datetime.fromisoformat(report["started_at"])
    assert 300 <= took.total_seconds() < 310


def test_a_person_stops_an_automatic_plan_in_its_hold(serve: Any, kit: Any) -> None:
    """The hold is there to be used."""
    stage = _story(kit, [kit.Person("reject", "hold")])
    assert serve(stage).run(approved_by=None, automatic=True)["outcome"] == "refused"


def test_with_all_automation_suspended_an_automatic_plan_asks(serve: Any, kit: Any) -> None:
    """The kill switch turns automatic into asking; silence means stop."""
    stage = _story(kit)
    served = serve(stage)
    served.signal(names.CONTROL_ENTITY, names.AUTOMATION_SWITCH, "pause", {"by": "Kim"})
    served.until(lambda: served.control(names.AUTOMATION_SWITCH).get("paused"))
    assert served.run(approved_by=None, automatic=True)["outcome"] == "refused"
    assert [notice["text"].split("?")[0] for notice in stage.notices] == ["Fail over p"]


def test_automation_suspended_during_the_hold_asks_too(serve: Any, kit: Any) -> None:
    """The switch is looked at again when the hold ends."""
    stage = _story(kit)
    served = serve(stage)
    stage._notify = lambda call: (
        served.signal(names.CONTROL_ENTITY, names.AUTOMATION_SWITCH, "pause", {"by": "Kim"}) or {}
    )
    assert "nobody approved" in served.run(approved_by=None, automatic=True)["reason"]


def _incident_over(served: Any) -> None:
    told = {"key": "k", "active": False, "at": "now"}
    served.signal(names.INCIDENT_ENTITY, "abcd-123", "receive", told)
    served.until(lambda: served.state(names.INCIDENT_ENTITY, "abcd-123").get("over"))


def test_an_incident_that_ends_during_the_hold_ends_the_run(serve: Any, kit: Any) -> None:
    """What is over needs no failover."""
    stage = _story(kit)
    served = serve(stage)
    stage._notify = lambda call: _incident_over(served) or {}
    ended = served.run(approved_by=None, automatic=True, incident="ABCD-123")
    assert (ended["outcome"], "over before the hold ended" in ended["reason"]) == ("refused", True)


def test_an_incident_that_ends_before_the_point_of_no_return_stops_an_automatic_run(serve: Any, kit: Any) -> None:
    """Links were parted already: they come back, and no machine moves."""
    undo = {"kind": "restore-connection", "name": "restore", "settings": {}}
    old = kit.step("old", "disconnect-connection", compensation=undo)
    item = kit.step("item", "failover-item", irreversible=True)
    stage = kit.Stage(kit.runbook(kit.lane_of("out", old), kit.lane_of("over", item, needs=("out",))))
    served = serve(stage)
    stage.on("verify", "old", lambda stage, _: _incident_over(served))
    ended = served.run(approved_by=None, automatic=True, incident="ABCD-123")
    assert (ended["outcome"], stage.phases("item")) == ("aborted", [])
    assert "the incident was over" in ended["reason"]
    assert [call["step"]["kind"] for phase, _, call in stage.calls if phase == "begin"][-1] == "restore-connection"


def test_an_adopting_run_keeps_the_lineage_and_walks_the_same_runbook(serve: Any, kit: Any) -> None:
    """Intents are kept under the first run's name, so that nothing is sent again."""
    stage = _story(kit)
    fields = {"run": "second", "lineage": "first", "adopts": "first", "runbook_hash": stage.book.hash}
    assert serve(stage).run(**fields)["outcome"] == "completed"
    assert {call["lineage"] for phase, _, call in stage.calls if phase == "begin"} == {"first"}


def test_adoption_of_a_plan_that_compiles_to_something_else_is_refused(serve: Any, kit: Any) -> None:
    """A run pins its runbook; another one is a new run."""
    stage = _story(kit)
    ended = serve(stage).run(adopts="first", runbook_hash="f" * 64)
    assert (ended["outcome"], "another runbook" in ended["reason"]) == ("refused", True)


def test_a_report_that_cannot_be_written_is_said_and_the_claims_are_let_go(serve: Any, kit: Any) -> None:
    """The store is away for good: the run still ends, honestly, and holds nothing."""
    stage = _story(kit)
    stage._write_report = lambda call: 1 // 0
    served = serve(stage)
    ended = served.run()
    assert ended["outcome"] == "completed"
    assert "report could not be written" in ended["reason"]
    assert served.state(names.CLAIMS_ENTITY, names.ALL_CLAIMS)["held"] == {}
