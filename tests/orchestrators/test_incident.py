"""An incident starts one run for each plan that it concerns, whatever the number and order of messages about it."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from domain import names

REQUEST = {"tracking_id": "ABCD-123"}


def _told(served: Any, key: str, **fields: Any) -> None:
    given = {"key": key, "active": True, "scope": {"eastasia": ["Virtual Machines"]}, "title": "power", "at": "now"}
    before = served.state(names.INCIDENT_ENTITY, "abcd-123").get("version", 0)
    served.signal(names.INCIDENT_ENTITY, "abcd-123", "receive", given | fields)
    served.until(lambda: served.state(names.INCIDENT_ENTITY, "abcd-123").get("version", 0) != before)


def _match(plan: str) -> dict[str, Any]:
    return {"plan": plan, "plan_hash": "1" * 64, "snapshot_hash": "2" * 64, "automatic": True}


def _story(kit: Any, *plans: str) -> Any:
    book = kit.runbook(kit.lane_of("one", kit.step("a")), claims=(), facts={"hold_seconds": 60})
    return kit.Stage(book, matches=[_match(plan) for plan in plans])


def _follow(served: Any) -> dict[str, Any]:
    instance = names.incident_instance("ABCD-123")
    served.ask(served.client.start_new(names.INCIDENT, instance, REQUEST))
    found: dict[str, Any] = served.output(instance)
    return found


def test_each_plan_that_is_concerned_gets_its_run(serve: Any, kit: Any) -> None:
    """Two plans, two runs, each with the incident's reason and time of impact."""
    stage = _story(kit, "alpha", "beta")
    served = serve(stage)
    _told(served, "one", impact_started_at="2026-03-14T01:50:00+00:00")
    ended = _follow(served)
    assert sorted(ended["runs"]) == ["alpha", "beta"]
    requests = [report["request"] for report in stage.reports]
    assert {one["impact_started_at"] for one in requests} == {"2026-03-14T01:50:00+00:00"}
    assert all("ABCD-123 in eastasia: power" in one["reason"] for one in requests)
    assert {report["outcome"] for report in stage.reports} == {"completed"}


def test_ten_copies_of_an_alert_make_one_run(serve: Any, kit: Any) -> None:
    """The same message again changes nothing, and the orchestration started again starts nothing again."""
    stage = _story(kit, "alpha")
    served = serve(stage)
    _told(served, "same")
    for _ in range(9):
        served.signal(names.INCIDENT_ENTITY, "abcd-123", "receive", {"key": "same", "active": True})
    first, again = _follow(served), _follow(served)
    assert first["runs"] == again["runs"] == {"alpha": names.run_for_incident("alpha", "ABCD-123")}
    assert len(stage.reports) == 1


def test_an_incident_that_is_over_starts_nothing(serve: Any, kit: Any) -> None:
    """The message that it ended came first."""
    stage = _story(kit, "alpha")
    served = serve(stage)
    _told(served, "one")
    _told(served, "two", active=False)
    assert _follow(served)["runs"] == {}
    assert stage.count(names.MATCH_PLANS) == 0


def test_an_update_under_way_may_concern_further_plans(serve: Any, kit: Any) -> None:
    """A second region joins while the first plan's run is still asking: its plan gets a run as well."""
    stage = _story(kit, "alpha")
    served = serve(stage)
    _told(served, "one")

    def widen(call: Any) -> dict[str, Any]:
        if len(stage.matches) == 1:
            stage.matches.append(_match("beta"))
            _told(served, "two", scope={"westeurope": []})
        return {}

    stage._notify = widen
    assert sorted(_follow(served)["runs"]) == ["alpha", "beta"]
    assert len(stage.reports) == 2


def test_a_run_that_breaks_does_not_take_the_incident_with_it(serve: Any, kit: Any) -> None:
    """One run is terminated by the platform; the other one ends as it should."""
    stage = _story(kit, "alpha", "beta")
    served = serve(stage)
    _told(served, "one")
    run = names.run_for_incident("alpha", "ABCD-123")
    done: list[bool] = []

    def terminate(call: Any) -> dict[str, Any]:
        if call["run"] == run and not done:
            done.append(True)
            served.ask(served.client.terminate(run, "by hand"))
        return {}

    stage._notify = terminate
    assert sorted(_follow(served)["runs"]) == ["alpha", "beta"]
    assert len(stage.reports) == 1


def test_an_incident_that_lasts_keeps_a_short_history_and_looks_on(
    serve: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a run asks for an hour the incident continues as new (here: often), and still hears of a second region."""
    monkeypatch.setattr(importlib.import_module("orchestrators.incident"), "LOOKS_PER_GENERATION", 4)
    stage = _story(kit, "alpha")
    stage.book = kit.runbook(kit.lane_of("one", kit.step("a")), claims=(), facts={"decide_within_seconds": 3600})
    stage.matches[0]["automatic"] = False
    served = serve(stage)
    _told(served, "one")
    instance = names.incident_instance("ABCD-123")
    served.ask(served.client.start_new(names.INCIDENT, instance, REQUEST))
    first = served.until(lambda: served.host.store.instance(instance)).execution_id
    served.until(lambda: served.host.store.instance(instance).execution_id != first, what="a second generation")
    assert len(served.host.store.history(instance)) < 4 * 12
    stage.matches.append(_match("beta"))
    _told(served, "two", scope={"westeurope": []})
    assert sorted(served.output(instance)["runs"]) == ["alpha", "beta"]
    assert stage.count(names.START_RUN) == 2


def test_a_start_that_failed_is_made_good(serve: Any, kit: Any) -> None:
    """The backend took no start for minutes; the plan's run begins all the same, once."""
    stage = _story(kit, "alpha")
    served = serve(stage)
    starting, failures = stage._start_run, iter(range(7))

    def refuse(call: Any) -> Any:
        if next(failures, None) is not None:
            raise OSError("the durable backend does not answer")
        return starting(call)

    stage._start_run = refuse
    _told(served, "one")
    assert list(_follow(served)["runs"]) == ["alpha"]
    assert [report["outcome"] for report in stage.reports] == ["completed"]
