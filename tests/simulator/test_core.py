"""What every room stands on: ids, time, chance, routes, scenarios."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import ids
from simulator.core.chance import Chance
from simulator.core.documents import Documents
from simulator.core.router import Router
from simulator.core.scenario import ScenarioError, load, parse
from simulator.core.schedule import Schedule
from simulator.core.web import Request, Response, Url

START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
NAMES = st.text("abcXYZ019-_.", min_size=1, max_size=12).filter(lambda name: name.strip("."))


@given(NAMES, NAMES, st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4))
def test_an_id_taken_apart_and_put_together_is_itself(sub: str, group: str, pairs: list[tuple[str, str]]) -> None:
    """Any depth of types and names survives, and compares without case."""
    tail = "".join(f"/{kind}/{name}" for kind, name in pairs)
    text = f"/subscriptions/{sub}/resourceGroups/{group}/providers/Microsoft.X{tail}"
    parsed = ids.parse(text)
    assert str(parsed) == text
    assert ids.same(text, text.upper())
    assert parsed.depth == len(pairs)


@pytest.mark.parametrize(
    "text", ["", "/x/y", "/subscriptions/s/resourceGroups/g/providers/P/t", "/subscriptions/s/odd"]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    """No guessing at ids."""
    with pytest.raises(ValueError, match="not an ARM resource id"):
        ids.parse(text)


@given(st.lists(st.integers(0, 1000), max_size=30), st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_things_happen_in_order_each_at_its_moment_however_time_is_cut(due: list[int], steps: list[int]) -> None:
    """Advancing lazily in any steps runs the same things at the same virtual moments."""
    schedule, seen = Schedule(START), []
    for seconds in due:
        schedule.after(seconds, lambda wanted=seconds: seen.append((wanted, schedule.now)))
    now = START
    for step in steps:
        now += timedelta(seconds=step)
        schedule.advance(now)
        assert schedule.now == now
    expected = sorted(seconds for seconds in due if START + timedelta(seconds=seconds) <= now)
    assert [wanted for wanted, _ in seen] == expected
    assert all(moment == START + timedelta(seconds=wanted) for wanted, moment in seen)


def test_what_happens_may_bring_about_what_is_due_on_the_way() -> None:
    """A chain scheduled from within runs within one advance."""
    schedule, seen = Schedule(START), []
    schedule.after(1, lambda: schedule.after(1, lambda: seen.append(schedule.now)))
    cancelled = schedule.after(2, lambda: seen.append(None))
    cancelled.cancel()
    schedule.advance(START + timedelta(seconds=10))
    assert seen == [START + timedelta(seconds=2)]


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 1000))
def test_durations_do_not_depend_on_the_order_of_the_calls(order: list[str], seed: int) -> None:
    """Drawn from seed, action, resource and count alone, so a run with other interleaving draws alike."""
    chance = Chance(seed)
    chance.defaults({"x/write": (10.0, 20.0)})
    drawn = {resource: chance.draw("x/write", resource) for resource in order}
    again = Chance(seed)
    again.defaults({"x/write": (10.0, 20.0)})
    assert drawn == {resource: again.draw("x/write", resource) for resource in sorted(order)}
    assert all(10 <= seconds <= 20 for seconds in drawn.values())


def test_the_scenarios_duration_comes_first_and_an_undeclared_action_is_a_bug() -> None:
    """A room declares what it begins."""
    chance = Chance(1, {"Connections/Write": 5})
    chance.defaults({"connections/write": 41.0})
    assert chance.draw("connections/write", "x") == 5
    with pytest.raises(KeyError, match="no duration is declared for 'nothing'"):
        chance.draw("nothing")


def test_deleting_a_parent_takes_its_children_along() -> None:
    """And the listeners hear of each."""
    documents, heard = Documents(), []
    base = "/subscriptions/s/resourceGroups/g/providers/P/nets/n"
    documents.put({"id": base, "type": "P/nets", "location": "East Asia"})
    documents.put({"id": f"{base}/subnets/a", "type": "P/nets/subnets"})
    documents.on_change(heard.append)
    assert documents.location_of(f"{base}/subnets/a") == "eastasia"
    documents.delete(base.upper())
    assert len(documents) == 0
    assert len(heard) == 2


def test_a_literal_segment_wins_over_a_variable_and_no_two_rows_are_one() -> None:
    """Actions below a resource are found beside resources of any name."""

    def answer(world: Any, request: Request) -> Response:
        return Response()

    special = Url("GET", "/a/special", answer)
    router = Router([Url("GET", "/a/{x}", answer), special, Url("POST", "/o/{*rest}", answer)])
    assert router.find("GET", "/A/Special") == (special, {})
    found = router.find("GET", "/a/Other")
    assert found is not None
    assert found[1] == {"x": "Other"}
    rest = router.find("POST", "/o/b/c/d")
    assert rest is not None
    assert rest[1] == {"rest": "b/c/d"}
    assert router.find("GET", "/nowhere") is None
    with pytest.raises(ValueError, match="two rows answer"):
        router.add(Url("GET", "/a/{y}", answer))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"faults": [{"region": "eastasia", "answr": "hang"}]}, "answr"),
        ({"fautls": []}, "fautls"),
        ({"faults": [{"match": {}, "job": {}}]}, "exactly one of"),
        ({"faults": [{"region": "eastasia", "dark": "half"}]}, "dark"),
        ({"onPremises": {"dc": {"bgpconvergence": 3}}}, "bgpconvergence"),
        ({"faults": ["dark"]}, "mapping"),
        ([], "dictionary"),
    ],
)
def test_a_scenario_with_a_mistake_names_it(content: Any, named: str) -> None:
    """Unknown keys are errors: a misspelt fault must not be a run without one."""
    with pytest.raises(ScenarioError, match=named):
        parse(content)


def test_every_shipped_scenario_reads(root: Path) -> None:
    """All files in scenarios/ are scenarios."""
    files = sorted((root / "scenarios").glob("*.yaml"))
    assert len(files) >= 4
    for file in files:
        assert load(file).expect


def test_a_region_and_a_fault_answer_may_be_written_as_people_write_them() -> None:
    """Display names are regions, and 503 may be a number."""
    (fault,) = parse({"faults": [{"region": "East Asia", "answer": 503}]}).faults
    assert (fault.region, fault.answer) == ("eastasia", "503")
