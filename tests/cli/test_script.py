"""What a scenario says to its player: alerts as Azure sends them, people who answer, a verdict not to be fooled."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from cli.failing import Problem
from cli.files import read_plan
from cli.progress import Question
from cli.rehearsal.alert import payload
from cli.rehearsal.director import spoken
from cli.rehearsal.people import Answer, People
from cli.rehearsal.script import Alert, Expect, Person, default_for, load
from cli.rehearsal.verdict import judge
from domain.alerts import read_alert, why_ignored

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize("schema", ["common", "legacy"])
def test_the_alert_is_one_that_the_door_acts_on(schema):
    """Both schemas read back to the scenario's services and regions, and nothing makes the reader ignore them."""
    alert = Alert(
        tracking_id="ABCD-123", services=("Virtual Machines", "Storage"), regions=("eastasia",), schema=schema
    )
    fired = START + timedelta(seconds=60)
    body = payload(alert, impact=START, fired=fired, subscription="0000b0b0-0000-4000-8000-00000000b0b0")
    read = read_alert(body)
    assert read.tracking_id == "ABCD-123"
    assert {region: set(services) for region, services in read.scope.items()} == {
        "eastasia": {"Virtual Machines", "Storage"}
    }
    assert why_ignored(read, fired) is None or why_ignored(read, fired) == ""
    assert datetime.fromisoformat(read.impact_started_at) == START


def test_an_alert_sent_twice_is_the_same_message():
    """Azure repeats itself; the incident must be able to tell."""
    alert = Alert(regions=("East Asia",))
    first, second = (payload(alert, impact=START, fired=START, subscription="s") for _ in range(2))
    assert read_alert(first).delivery_key == read_alert(second).delivery_key


def test_shipped_scenarios_load(root):
    """Each has people, and where an alert begins it somebody who approves: without one, starting it is the approval."""
    for path in sorted((root / "scenarios").glob("*.yaml")):
        script = load(path)
        assert script.people, path.name
        assert not script.alert or any(person.on == "approval" for person in script.people), path.name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("peopel: []", "peopel"),
        ("alert: {att: 60}", "alert.att"),
        ("people: [{on: approval, answer: perhaps}]", "people[0].answer"),
        ("kills: [{at: -1}]", "kills[0].at"),
        ("faults: [{regoin: eastasia}]", "faults[0]"),
        ("start: yesterday", "start"),
        ("[", "YAML"),
    ],
)
def test_a_misspelt_scenario_is_an_error_that_names_the_key(tmp_path, line, said):
    """A fault that silently does not happen would make a rehearsal worthless."""
    path = tmp_path / "scenario.yaml"
    path.write_text(line + "\n")
    with pytest.raises(Problem) as problem:
        load(path)
    assert said in " ".join(problem.value.details)


def test_without_a_scenario_the_primary_region_goes_dark(root):
    """What the plan is made for, told by the plan itself."""
    script, simulated = default_for(read_plan(root / "plans" / "company-b.yaml"))
    assert script.alert is not None
    assert script.alert.regions == ("eastasia",)
    assert simulated["faults"] == [{"at": 0, "region": "eastasia", "dark": "both", "answer": "hang"}]


def _question(instance: str, kind: str = "ask") -> Question:
    return Question(instance, kind, f"what about {instance}?")


def test_people_answer_each_question_once_and_in_turn():
    """The first question of a kind goes to the first person; the last person answers whatever comes after."""
    people = People([Person(on="ask", answer="retry", after=10), Person(on="ask", answer="skip", after=20)])
    people.hear([_question("a"), _question("b"), _question("c", "approval")], START)
    assert people.take_due(START + timedelta(seconds=9)) == []
    assert people.next_due == START + timedelta(seconds=10)
    said = people.take_due(START + timedelta(seconds=20))
    assert [(one.question.instance, one.person.answer) for one in said] == [("a", "retry"), ("b", "skip")]
    people.hear([_question("a")], START + timedelta(seconds=21))
    assert people.next_due is None
    people.hear([], START + timedelta(seconds=22))
    people.hear([_question("a")], START + timedelta(seconds=23))
    assert people.next_due == START + timedelta(seconds=43)


@pytest.mark.parametrize(
    ("answer", "door"),
    [
        ("approve", "approve"), ("done", "approve"), ("accept-split-risk", "approve"), ("reject", "reject"),
        ("retry", "retry"), ("skip", "skip"), ("abort", "abort"),
    ],
)  # fmt: skip
def test_each_answer_goes_to_its_door_with_a_reason(answer, door):
    """A risk is accepted by name; an abort is of the whole run."""
    word, body = spoken(Answer(START, Question("i", "ask", "?", step="0a1b2c3d"), Person(on="ask", answer=answer)))
    assert word == door
    assert body["reason"]
    assert ("step" in body) == (answer != "abort")


GOOD_REPORT = {"routing": {"verified": True}, "steps": [{"kind": "verify-routing", "status": "succeeded"}]}


@pytest.mark.parametrize(
    ("outcome", "report", "azure", "said"),
    [
        ("completed", GOOD_REPORT, {}, None),
        ("aborted", GOOD_REPORT, {}, "expected outcome completed, found aborted"),
        ("completed", {"steps": []}, {}, "routing to be verified"),
        ("completed", {"steps": [{"kind": "verify-routing", "status": "skipped"}]}, {}, "routing to be verified"),
        ("completed", None, {}, "left none"),
        ("completed", GOOD_REPORT, {"split_seconds": 3}, "split routes"),
        ("completed", GOOD_REPORT, {"violations": [{"rule": "one way home", "detail": "two"}]}, "one way home: two"),
        (
            "completed",
            GOOD_REPORT,
            {"non_idempotent_accepted": {"failover dc1": 2}},
            "failover dc1 was accepted 2 times",
        ),
    ],
)
def test_the_verdict_is_good_only_when_everything_is(outcome, report, azure, said):
    """The run's own word is not enough: the simulator's log is asked, too."""
    verdict = judge(Expect(), outcome, "", report, azure, 100.0)
    assert verdict.good == (said is None)
    assert said is None or any(said in reason for reason in verdict.reasons)
