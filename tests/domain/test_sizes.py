"""Nothing that crosses into a history is large, at any size of plan (rule 9)."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any

import pytest

from domain import control_state
from domain.calls import LaneCall, LaneResult, RunbookSummary, StepCall, StepRun
from domain.codec import from_wire, to_wire, wire_size
from domain.decide import after_answer, after_outcome, members_up
from domain.outcomes import Operation, Outcome
from domain.runbook import LANE_LIMIT, UNDO_CHUNK, Runbook
from domain.summary import compensations, refused, summarise

LIMIT = 32 * 1024
LONG = "n" * 60


def _copy_of(original: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    """Another machine like it, with a name and an address of its own."""
    item = copy.deepcopy(original) | {"id": original["id"].replace("/web1", f"/{name}"), "name": name}
    details = item["properties"]["providerSpecificDetails"]
    details["recoveryAzureVMName"] = name
    for configuration in details["vmNics"][0]["ipConfigs"]:
        address = f"10.1.{10 + number // 200}.{4 + number % 200}"
        configuration |= {"staticIPAddress": address, "recoveryStaticIPAddress": address}
    return item


def _thousand(case: Any, groups: int) -> Runbook:
    original = case.document("web1", "replicationProtectedItems")
    network = case.document("vnet-companyb-southeastasia")["id"]
    names = []
    for number in range(1000):
        name = f"{LONG[:50]}-{number:04}"
        case.estate.append(_copy_of(original, name, number))
        names.append(name)
    assert network
    del case.plan["workload"]["recoveryPlan"], case.plan["workload"]["names"]
    size = -(-1000 // groups)
    case.plan["workload"]["groups"] = [
        {"name": f"g{n}", "items": names[n * size : (n + 1) * size], "quorum": 1} for n in range(groups)
    ]
    found: Runbook = case.compile()
    return found


@pytest.fixture(scope="module", params=[1, 3])
def large(request: pytest.FixtureRequest, make_case_once: Any) -> Runbook:
    """A thousand machines in one group and in three, with names as long as Azure takes them."""
    return _thousand(make_case_once(), request.param)


def test_the_summary_of_a_thousand_items_fits(large: Runbook) -> None:
    """The failover orchestrator's whole knowledge, and the claim that it sends."""
    summary = summarise(large)
    assert wire_size(summary) < LIMIT
    assert wire_size({"run": LONG, "resources": list(summary.claims)}) < LIMIT
    assert from_wire(RunbookSummary, json.loads(json.dumps(to_wire(summary)))) == summary
    assert len(set(summary.claims)) == len(summary.claims) > 1000


def test_every_lane_and_every_step_fits(large: Runbook) -> None:
    """A lane's slice, its call with all that it refers to, its result, and each step's call with evidence."""
    steps = {step.id: step for step in large.steps}
    lanes = {lane.id: lane for lane in large.lanes}
    ends = dict.fromkeys(steps, "unconfirmed")
    for lane in summarise(large).lanes:
        own = [steps[one] for one in lanes[lane.id].steps]
        assert len(own) <= LANE_LIMIT
        assert wire_size({"lane": lanes[lane.id], "steps": own}) < LIMIT
        told = [*lane.upstream, *(one for need in lane.needs for one in lanes[need].steps)]
        upstream = {one: ends[one] for one in told}
        assert wire_size(LaneCall(LONG, LONG, "f" * 64, lane.id, upstream)) < LIMIT
        assert wire_size(LaneResult(lane.id, "stopped", {step.id: ends[step.id] for step in own})) < LIMIT
        assert {*told, *lanes[lane.id].steps} >= {one for step in own for one in (*step.needs, *step.after)}


def test_a_step_that_was_asked_and_retried_for_ever_fits(large: Runbook) -> None:
    """Evidence, decisions and operations of many tries do not add up: it can always continue as new."""
    operation = Operation("network", "x" * 300, poll_url="https://" + "p" * 1500)
    for step in (max(large.steps, key=wire_size), max(large.steps, key=lambda one: len(one.needs))):
        upstream = {} if step.kind == "group-up" else dict.fromkeys((*step.needs, *step.after), "unconfirmed")
        run = StepRun(LONG, LONG, step, upstream, deadline="2026-03-14T03:00:00+00:00")
        for number in range(30):
            evidence = {f"reading-{number}": "机" * 1500}
            outcome = Outcome("running", "机" * 600, "X" * 80, operation=operation, evidence=evidence)
            run = after_outcome(run, outcome, _moment()).run
            run = after_answer(run, "retry", "机" * 200, "机" * 500, _moment()).run
        assert wire_size(run) < LIMIT
        call = StepCall(LONG, LONG, step, 9, "i", "n", operation, upstream)
        assert wire_size(call) < LIMIT


def _moment() -> Any:
    from datetime import datetime, timezone

    return datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)


def test_the_gate_of_a_thousand_is_told_how_many_are_up(large: Runbook) -> None:
    """Not what became of each: the count fits any size."""
    gate = max(large.steps, key=lambda step: len(step.needs))
    ends = {one: "succeeded" if number % 2 else "tolerated" for number, one in enumerate(gate.needs)}
    assert members_up(gate, ends) == len(gate.needs) // 2


def test_the_state_of_a_run_in_which_a_thousand_steps_run_stays_small(large: Runbook) -> None:
    """A step's details are kept for the first of them; checking again does not make them more."""
    state = control_state.new_state()
    items = [step for step in large.steps if step.kind == "failover-item"]
    for _ in range(2):
        for step in items:
            given = {"step": step.id, "name": LONG, "doing": "poll", "since": "2026-03-14T02:00:00+00:00"}
            state, _answer = control_state.check(state, given)
    assert len(state["running"]) == 1000
    assert wire_size(state) < LIMIT
    assert wire_size(control_state.read(state, {})[1]) < 4096


def test_what_the_run_reads_of_a_thousand_questions_fits_a_status(large: Runbook) -> None:
    """Five of them in short; the rest is read where they are kept."""
    state = control_state.new_state()
    for step in large.steps[-1000:]:
        wait = {
            "run": LONG, "instance": f"{LONG}-{step.id}", "event": "ask-1.1", "kind": "ask", "question": LONG * 10,
            "options": ["retry", "skip", "abort"], "recommend": "retry", "until": "2026-03-14T02:00:00+00:00",
            "on_silence": "the run stops here", "role": LONG, "step": step.id,
        }  # fmt: skip
        state, _ = control_state.open_wait(state, wait)
    assert len(json.dumps(control_state.read(state, {})[1]).encode("utf-16-le")) < 16 * 1024
    assert wire_size(state) < 350 * 1024
    assert all({"instance", "event", "options", "kind", "question"} <= set(wait) for wait in state["waits"].values())


def test_refusals_of_a_thousand_items_are_cut_and_counted() -> None:
    """The first ones, and how many more there are; in any script."""
    summary = refused([f"item {number}: {'机' * 900}" for number in range(2000)])
    assert wire_size(summary) < LIMIT
    assert summary.refusals[-1].startswith("and 19")


def test_the_way_back_of_many_links_goes_in_pieces_that_fit(large: Runbook) -> None:
    """Compensations are read as a lane is."""
    undoes = summarise(large).undoes
    assert undoes
    for start in range(0, len(undoes), UNDO_CHUNK):
        assert wire_size({"steps": compensations(large, undoes[start : start + UNDO_CHUNK])}) < LIMIT


def test_a_site_with_too_many_prefixes_is_refused_before_the_event(case: Any) -> None:
    """A step that would not fit is named, with its size, when the plan is compiled."""
    network = case.document("vnet-companyb-southeastasia")
    spaces = [f"10.{64 + n // 250}.{n % 250}.0/24" for n in range(900)]
    network["properties"]["addressSpace"]["addressPrefixes"] += spaces
    with pytest.raises(ValueError, match=r"step 'routing from datacenter.*bytes of settings"):
        case.compile()


def test_thirty_links_on_one_gateway_go_one_after_another_in_lanes_that_fit(case: Any) -> None:
    """A chain that is longer than a lane goes on in the next one."""
    for number in range(30):
        lng = case.copy_of(
            "lng-datacenter-eastasia", "/localNetworkGateways", f"lng-{number}", gatewayIpAddress=f"192.0.2.{number}"
        )
        case.copy_of("cn-eastasia-datacenter", "/connections", f"cn-{number}", localNetworkGateway2={"id": lng["id"]})
        case.plan["links"].append({"name": f"l{number}", "site": "datacenter", "disconnect": f"cn-{number}"})
    runbook = case.compile()
    gone = [step for step in runbook.steps if step.kind == "disconnect-connection"]
    assert len(gone) == 31
    assert all(later.after == (earlier.id,) for earlier, later in itertools.pairwise(gone))
    lanes = [lane for lane in runbook.lanes if lane.id.startswith("disconnect")]
    assert len(lanes) > 1
    assert all(later.needs == (earlier.id,) for earlier, later in itertools.pairwise(lanes))
    assert all(wire_size([step for step in runbook.steps if step.lane == lane.id]) < LIMIT for lane in lanes)


def test_a_hundred_items_driven_by_site_recovery_fit_into_one_step(make_case: Any) -> None:
    """The longest recovery plan that Azure takes."""
    case = make_case(100)
    case.plan["workload"]["drive"] = "plan"
    step = next(one for one in case.compile().steps if one.kind == "failover-plan")
    assert wire_size(step) < 14_000


def test_a_group_that_no_message_could_hold_is_refused(case: Any) -> None:
    """Beyond what we promise, by name."""
    with pytest.raises(ValueError, match="at most 1200 in one group"):
        _many(case, 1300)


def _many(case: Any, count: int) -> None:
    original = case.document("web1", "replicationProtectedItems")
    names = [f"vm{number}" for number in range(count)]
    case.estate += [_copy_of(original, name, number) for number, name in enumerate(names)]
    del case.plan["workload"]["recoveryPlan"], case.plan["workload"]["names"]
    case.plan["workload"]["groups"] = [{"name": "all", "items": names}]
    case.compile()
