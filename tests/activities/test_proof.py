"""Machines that are up, a recovery side that is ready, routing that is proven, and the door that they all share."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from activities import ACTIVITIES, door, gateway_routes, routing
from activities.checked import Checked
from activities.kinds import BEGIN, VERIFY
from domain import names
from domain.codec import to_wire
from domain.outcomes import Operation, Outcome
from domain.step_kinds import KINDS

PURE = ("group-up", "wait-person")


def test_every_kind_of_step_has_its_functions() -> None:
    """What the table of kinds promises is there, and nothing else."""
    assert set(BEGIN) == {kind for kind, how in KINDS.items() if how.begins}
    assert set(VERIFY) == {kind for kind, how in KINDS.items() if how.verifies}
    assert not set(PURE) & {*BEGIN, *VERIFY}


def test_an_unknown_kind_fails_by_name(azure: Any) -> None:
    """A history of another version."""
    outcome = azure.begin(dataclasses.replace(azure.runbook.steps[0], kind="teleport"))
    assert (outcome.status, outcome.code) == ("failed", "UnknownKind")


def test_a_bug_leaves_without_its_secrets(azure: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """It is raised for the orchestrator to ask a person; text and log are scrubbed."""

    def broken(_: Any) -> Outcome:
        raise KeyError("sharedKey=hunter2hunter2")

    step = azure.step("connect-connection")
    monkeypatch.setitem(door.BEGIN, step.kind, broken)
    with pytest.raises(door.StepBug, match="KeyError") as caught:
        ACTIVITIES[names.BEGIN_STEP](to_wire(azure.call(step)))
    assert "hunter2" not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None


def test_evidence_stays_small_enough_for_a_history(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large is left out and named."""
    step = azure.step("connect-connection")
    monkeypatch.setitem(
        door.BEGIN, step.kind, lambda _: Outcome("succeeded", evidence={"big": "x" * 50_000, "small": 1})
    )
    answer = ACTIVITIES[names.BEGIN_STEP](to_wire(azure.call(step)))
    assert answer["evidence"] == {"small": 1, "left_out": ["big"]}


def test_a_machine_is_not_up_before_it_is_there(azure: Any) -> None:
    """Missing is retryable."""
    outcome = azure.verify(azure.step("failover-item", "web1"))
    assert (outcome.status, outcome.code) == ("retryable", "NotUp")


def test_a_machine_with_another_address_fails_with_both(start_azure: Any) -> None:
    """Azure takes the next free address without failing; the interface tells."""
    azure = start_azure({"name": "taken", "faults": [{"address": {"address": "10.1.2.4", "takenIn": "southeastasia"}}]})
    outcome = azure.walk(azure.step("failover-item", "app1"))
    assert (outcome.status, outcome.code) == ("failed", "AddressDiffers")
    assert outcome.evidence["expected"] == ["10.1.2.4"]
    assert outcome.evidence["found"] != ["10.1.2.4"]


def test_the_owners_probe_must_answer(azure: Any, later: Any) -> None:
    """404 from the probe's URL: the machine runs, and is not up."""
    step = azure.step("failover-item", "web1")
    assert azure.walk(step).status == "succeeded"
    outcome = azure.verify(later(step, probe={"url": "https://probe.companyb.example/web1"}))
    assert (outcome.status, outcome.code) == ("retryable", "ProbeFailed")


def test_everything_that_is_not_ready_is_named_at_once(azure: Any, later: Any) -> None:
    """Network, gateway, secret, item and address in one answer."""
    network = next(one for one in azure.runbook.steps if one.kind == "check-readiness" and "network" in one.settings)
    items = next(one for one in azure.runbook.steps if one.kind == "check-readiness" and "items" in one.settings)
    wrong_items = [
        {**items.settings["items"][0], "addresses": ["10.1.3.99"]},
        {**items.settings["items"][1], "id": items.settings["items"][1]["id"] + "-none", "machine": "ghost"},
    ]
    step = later(
        network,
        prefixes=["10.1.0.0/16", "10.9.0.0/16"],
        gateway=network.settings["gateway"] + "-none",
        secrets=[{"vault": "kv-companyb-dr", "secret": "psk-nowhere"}],
        items=wrong_items,
    )
    outcome = azure.verify(step)
    assert (outcome.status, outcome.code) == ("failed", "NotReady")
    for word in ("10.9.0.0/16", "vgw-companyb-southeastasia-none", "psk-nowhere", "ghost", "10.1.3.99"):
        assert word in outcome.reason


def test_a_region_that_only_does_not_answer_is_asked_again(azure: Any) -> None:
    """Not ready yet is no refusal."""
    step = next(one for one in azure.runbook.steps if one.kind == "check-readiness" and "network" in one.settings)
    azure.fault(
        match={"method": "GET", "path": "virtualNetworkGateways", "times": 1},
        then={"status": 503, "code": "ServerTimeout"},
    )
    outcome = azure.verify(step)
    assert (outcome.status, outcome.code) == ("retryable", "NotReadyYet")
    assert azure.verify(step).status == "succeeded"


def test_routing_before_the_move_is_not_converged(azure: Any) -> None:
    """Every check tells what it saw; nothing is split yet."""
    outcome = azure.verify(azure.step("verify-routing"))
    assert (outcome.status, outcome.code) == ("retryable", "NotConverged")
    checks = {one["check"]: one for one in outcome.evidence["checks"]}
    assert checks["connection-state"]["saw"] == "there is no such connection"
    assert checks["site-routes"]["passed"] is False
    assert outcome.evidence["split"] is False


def test_slow_readings_are_begun_only_when_the_cheap_ones_pass(azure: Any) -> None:
    """No gateway is asked for its routes while there is no connection."""
    azure.verify(azure.step("verify-routing"))
    asked = [one for one in azure.events("request") if one["method"] == "POST"]
    assert not [one for one in asked if "getLearnedRoutes" in one["path"]]


def test_a_connection_status_that_does_not_tell_is_covered_by_the_others(azure: Any, monkeypatch: Any) -> None:
    """Unknown is neither up nor down (trap 10); alone it proves nothing."""
    step = azure.step("verify-routing")
    unknown, reached = (lambda *_: Checked(None, "Connected", "Unknown")), (lambda *_: Checked(True, "r", "r"))
    monkeypatch.setattr(routing, "CHEAP", {"connection-state": unknown, "site-reach": reached})
    both = azure.verify(
        dataclasses.replace(step, settings={"checks": [{"check": "connection-state"}, {"check": "site-reach"}]})
    )
    alone = azure.verify(dataclasses.replace(step, settings={"checks": [{"check": "connection-state"}]}))
    assert (both.status, alone.status) == ("succeeded", "retryable")


@pytest.mark.parametrize(
    ("check", "rows", "passed"),
    [
        ({"check": "bgp-peer", "peer": "10.50.255.1"}, [{"neighbor": "10.50.255.1", "state": "Connected"}], True),
        ({"check": "bgp-peer", "peer": "10.50.255.1"}, [{"neighbor": "10.50.255.1", "state": "Idle"}], False),
        ({"check": "bgp-peer", "peer": "10.50.255.1"}, [{"neighbor": "10.50.255.1", "state": "Brandnew"}], False),
        ({"check": "bgp-peer", "peer": "10.50.255.1"}, [], False),
        ({"check": "learned-routes", "prefixes": ["10.50.0.0/16"], "asn": 65050},
         [{"network": "10.50.0.0/16", "origin": "EBgp", "asPath": "65050"}], True),
        ({"check": "learned-routes", "prefixes": ["10.50.1.0/24"], "asn": 65050},
         [{"network": "10.50.0.0/16", "origin": "EBgp", "asPath": "65050-65001"}], True),
        ({"check": "learned-routes", "prefixes": ["10.50.0.0/16"], "asn": 65050},
         [{"network": "10.50.0.0/16", "origin": "Network", "asPath": ""}], False),
        ({"check": "learned-routes", "prefixes": ["10.50.0.0/16"], "asn": 65050},
         [{"network": "10.50.0.0/16", "origin": "EBgp", "asPath": "165050"}], False),
        ({"check": "advertised-routes", "prefixes": ["10.1.0.0/16"], "peer": "p"}, [{"network": "10.1.0.0/16"}], True),
        ({"check": "advertised-routes", "prefixes": ["10.1.0.0/16"], "peer": "p"}, [{"network": "odd"}, {}], False),
    ],
)  # fmt: skip
def test_gateway_readings_are_judged(check: dict[str, Any], rows: list[dict[str, Any]], passed: bool) -> None:
    """States and origins that nobody has listed pass nothing (trap 9)."""
    assert gateway_routes.judge(check, {"value": rows}).passed is passed
    assert gateway_routes.judge(check, None).passed is False


def test_split_routes_are_told(azure: Any) -> None:
    """Two ways home at once are in the evidence, as the site sees them."""
    connect = azure.step("connect-connection")
    assert azure.walk(connect).status == "succeeded"
    azure.advance(60)
    outcome = azure.verify(azure.step("verify-routing"))
    assert (outcome.code, outcome.evidence["split"]) == ("NotConverged", True)


def test_a_failing_query_is_evidence(azure: Any, later: Any) -> None:
    """It never fails a run; a name that is no name is not put into a query."""
    step = azure.step("collect-evidence")
    assert azure.verify(step).status == "succeeded"
    azure.fault(match={"method": "POST", "path": "query", "times": 1}, then={"status": 503, "code": "ServerTimeout"})
    outcome = azure.verify(step)
    assert (outcome.status, "failed" in json.dumps(outcome.evidence)) == ("succeeded", True)
    evil = azure.verify(later(step, parameters={"gateway": 'x" | take 1'}))
    assert "cannot be made" in json.dumps(evil.evidence)


def test_polling_without_an_operation_fails_by_name(azure: Any) -> None:
    """A caller's mistake, told."""
    outcome = azure.poll(azure.step("connect-connection"), None)
    assert (outcome.status, outcome.code) == ("failed", "NoOperation")


def test_an_operation_that_azure_has_forgotten_is_settled_by_reading(azure: Any) -> None:
    """404 on the poll: whoever began it reads the resource."""
    step = azure.step("connect-connection")
    lost = Operation(
        "network", step.target, poll_url=f"{azure.endpoint}/subscriptions/{'0' * 8}/operations/none?api-version=1"
    )
    assert azure.poll(step, lost).status == "succeeded"
    assert azure.verify(step).code == "NotAccepted"
