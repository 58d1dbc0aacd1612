"""Claims, control and incident: random sequences of operations against what they promise."""

from __future__ import annotations

import json
from typing import Any

import azure.durable_functions as df
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain import claims_state, control_state, incident_state, names
from entities import ENTITIES

RUNS = st.sampled_from(["a", "b", "c", "d"])
RESOURCES = st.sets(st.sampled_from(["vgw~1", "vgw~2", "vnet~1", "~1", "~2", "~3"]), max_size=4).map(sorted)


class Claims(RuleBasedStateMachine):
    """All or nothing, one winner: against a plain set of who holds what."""

    def __init__(self) -> None:
        super().__init__()
        self.state = claims_state.new_state()
        self.held: dict[str, set[str]] = {}

    @rule(run=RUNS, wanted=RESOURCES)
    def claim(self, run: str, wanted: list[str]) -> None:
        before = json.dumps(self.state, sort_keys=True)
        self.state, answer = claims_state.claim(self.state, {"run": run, "resources": wanted})
        others = {one for other, held in self.held.items() if other != run for one in held}
        if others.isdisjoint(wanted):
            assert answer["granted"]
            assert answer["winner"] == run
            self.held[run] = set(wanted)
        else:
            assert not answer["granted"]
            assert answer["winner"] != run
            assert set(answer["contested"]) <= self.held[answer["winner"]] & set(wanted)
            assert json.dumps(self.state, sort_keys=True) == before

    @rule(run=RUNS)
    def release(self, run: str) -> None:
        self.state, _ = claims_state.release(self.state, {"run": run})
        self.held.pop(run, None)

    @invariant()
    def nothing_is_held_twice(self) -> None:
        everything = [one for held in self.state["held"].values() for one in held]
        assert len(everything) == len(set(everything))
        assert {run: set(held) for run, held in self.state["held"].items()} == self.held


TestClaims = Claims.TestCase
TestClaims.settings = settings(max_examples=40, stateful_step_count=20)


class Control(RuleBasedStateMachine):
    """Abort against the point of no return: whichever the entity takes first is known to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.state = control_state.new_state()
        self.crossing: set[str] = set()
        self.taken = False
        self.ended = 0

    def do(self, operation: str, **given: Any) -> Any:
        self.state, answer = control_state.OPERATIONS[operation](self.state, given)
        return answer

    @rule(step=RUNS)
    def ask_to_cross(self, step: str) -> None:
        """A step about to begin what cannot be undone; an earlier try of its own came to nothing."""
        self.crossing.discard(step)
        answer = self.do("check", step=step, irreversible=True, begun=False, name=step, now="now")
        if not answer["aborting"] and not answer["paused"] and not self.taken:
            self.crossing.add(step)

    @rule(step=RUNS)
    def look_on(self, step: str) -> None:
        """A step that can be undone, or only reads."""
        self.do("check", step=step, irreversible=False, begun=None, name=step)

    @precondition(lambda self: self.crossing)
    @rule(data=st.data(), at_its_end=st.booleans())
    def azure_takes_it(self, data: st.DataObject, at_its_end: bool) -> None:
        step = data.draw(st.sampled_from(sorted(self.crossing)))
        self.do("ended" if at_its_end else "check", step=step, begun=True, name=step, status="succeeded", at="now")
        self.ended += at_its_end
        self.taken, self.crossing = True, set()

    @rule(by=st.sampled_from(["Kim", "Robin"]))
    def abort(self, by: str) -> None:
        first = not self.state["aborting"]
        self.do("abort", by=by, reason="why")
        assert not first or self.state["aborting"]["by"] == by

    @rule(word=st.sampled_from(["pause", "resume"]))
    def hold(self, word: str) -> None:
        self.do(word, by="Kim")

    @rule(step=RUNS, status=st.sampled_from(["aborted", "failed"]))
    def end_with_nothing_begun(self, step: str, status: str) -> None:
        self.do("ended", step=step, status=status, name=step, reason="x" * 500, begun=False)
        self.crossing.discard(step)
        self.ended += 1

    @rule(instance=RUNS, opens=st.booleans())
    def wait(self, instance: str, opens: bool) -> None:
        if opens:
            answer = self.do("open_wait", instance=instance, event="e", question="q", kind="ask")
            assert answer["aborting"] == bool(self.state["aborting"])
        else:
            self.do("close_wait", instance=instance)
        assert (instance in self.state["waits"]) == opens

    @invariant()
    def the_run_knows_whether_there_is_a_way_back(self) -> None:
        """Nobody begins to cross after an abort; what Azure took stays taken; what came to nothing is forgotten."""
        _, seen = control_state.read(self.state, {})
        assert bool(seen["point_of_no_return"]) == (self.taken or bool(self.crossing))
        assert bool(self.state["point_of_no_return"]) == self.taken
        assert not (self.state["aborting"] and self.state["paused"])

    @invariant()
    def what_is_kept_is_json_and_small(self) -> None:
        assert len(json.dumps(self.state)) < 16_000
        assert self.state["done"] == self.ended
        _, answer = control_state.read(self.state, {})
        assert json.dumps(answer)


TestControl = Control.TestCase
TestControl.settings = settings(max_examples=40, stateful_step_count=25)


MESSAGES = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["m1", "m2", "m3", "m4"]),
        "active": st.booleans(),
        "scope": st.dictionaries(st.sampled_from(["eastasia", "westus"]), st.lists(st.sampled_from("xyz"), max_size=3)),
        "impact_started_at": st.none() | st.sampled_from(["2026-03-14T01:50", "2026-03-14T01:55"]),
        "title": st.sampled_from(["", "power"]),
        "at": st.just("2026-03-14T02:00"),
    }
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=12))
def test_a_message_that_is_known_changes_nothing(messages: list[dict[str, Any]]) -> None:
    """However often and in whatever order copies come, each message counts once."""
    state, known = incident_state.new_state(), set()
    for message in messages:
        before = json.dumps(state)
        state, _ = incident_state.receive(state, message)
        assert (json.dumps(state) == before) == (message["key"] in known)
        known.add(message["key"])
    assert state["version"] == len(known)


@given(st.lists(st.tuples(st.sampled_from(["p", "q"]), st.sampled_from(["r1", "r2"])), max_size=10))
def test_one_run_for_each_plan(asked: list[tuple[str, str]]) -> None:
    """Whoever asks first begins it; nobody else does while it begins, or once it has begun."""
    state, first = incident_state.new_state(), dict[str, str]()
    for number, (plan, run) in enumerate(asked):
        given_run = {"plan": plan, "run": run, "at": f"2026-03-14T02:00:{number:02}+00:00"}
        state, answer = incident_state.begin_run(state, given_run)
        assert answer["first"] == (plan not in first)
        first.setdefault(plan, run)
    state = json.loads(json.dumps(state))
    for plan, run in first.items():
        state, _ = incident_state.run_begun(state, {"plan": plan, "run": run})
        late = {"plan": plan, "run": "other", "at": "2026-03-14T09:00:00+00:00"}
        assert incident_state.begin_run(state, late)[1] == {"first": False}
    assert {plan: promise["run"] for plan, promise in state["runs"].items()} == first


def _batch(entity: str, operations: list[tuple[str, Any]], state: Any = None) -> dict[str, Any]:
    """A batch as the host hands it to the SDK's entity handle."""
    trigger = {
        "self": {"name": entity, "key": "k"},
        "exists": state is not None,
        "state": None if state is None else json.dumps(state),
        "batch": [{"name": name, "input": value, "isSignal": False} for name, value in operations],
    }
    found: dict[str, Any] = json.loads(df.Entity.create(ENTITIES[entity])(json.dumps(trigger)))
    return found


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_an_operation_is_read_however_often_its_input_was_encoded(layers: int) -> None:
    """Orchestrators encode once, clients twice."""
    value: Any = {"run": "a", "resources": ["x"]}
    for _ in range(layers):
        value = json.dumps(value)
    found = _batch(names.CLAIMS_ENTITY, [("claim", value)])
    assert json.loads(found["results"][0]["result"])["granted"] is True


def test_a_signal_without_input_is_an_operation_without_details() -> None:
    """The kill switch by curl, with no body, still suspends."""
    found = _batch(names.CONTROL_ENTITY, [("pause", None)])
    assert not found["results"][0]["isError"]
    assert json.loads(found["entityState"])["paused"] is True


def test_an_unknown_operation_fails_by_name_and_leaves_the_state() -> None:
    """The caller learns what there is; the batch goes on."""
    found = _batch(
        names.CLAIMS_ENTITY,
        [("claim", json.dumps({"run": "a", "resources": ["x"]})), ("explode", "{}"), ("read", "{}")],
    )
    assert [one["isError"] for one in found["results"]] == [False, True, False]
    assert "expected one of claim, release, read" in found["results"][1]["result"]
    assert json.loads(found["results"][2]["result"]) == {"runs": ["a"]}


@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_the_state_of_an_older_version_is_understood(entity: str) -> None:
    """Entities outlive a deployment: what an older version did not write takes its default."""
    assert not _batch(entity, [("read", "{}")], state={})["results"][0]["isError"]
