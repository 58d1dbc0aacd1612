"""An abort before the point of no return on every kind of network, and adoption: Azure holds at the end what it held at
the beginning, but for a short list that is said; what a run had done is not done again by the one that adopts it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from killing import changes_in
from staging import ROOT, accepted
from standing import differing

pytestmark = pytest.mark.timeout(600)

SHOWN_WHEN_READ = r"(properties\.peeringSyncLevel|connections/\S+ properties\.connectionStatus): 'FullyInSync|Connected"
"""Azure works these out whenever it is asked; the log tells what became of them."""
LANDING = r"replicationprotecteditems/\S+ properties\.providerSpecificDetails\.(selectedRecovery|vmNics)"


@dataclass(frozen=True)
class Way:
    """An abort at a moment of Azure's log, and what it may leave: a pattern of differences, and words of the reason."""

    estate: str
    kind: str
    fields: dict[str, Any]
    dark: float = 0
    leaves: str = "$^"
    says: str = "aborted and undone"
    plan: dict[str, Any] = field(default_factory=dict)
    then: float = 0
    busy: bool = False
    """Azure takes no failover yet: too many requests."""


BUSY = {"match": {"method": "POST", "path": "unplannedFailover$"},
        "then": {"status": 429, "code": "TooManyRequests", "retryAfter": 5}}  # fmt: skip
EARLY = {"comes": "before-failover"}
WAYS = {
    "peerings, between two deletes": Way(
        "peered-application", "operation.accepted",
        {"action": "virtualNetworkPeerings/delete", "resource": "vnet-shared/virtualNetworkPeerings/to-orders"},
    ),
    "peerings, the failing side's halves untouched and spoiled": Way(
        "peered-application", "resource.deleted", {"resource": "to-orders"}, dark=300,
    ),
    "peerings, new ones made already": Way(
        "peered-application", "operation.ended",
        {"action": "virtualNetworkPeerings/write", "resource": "to-hub-recovery"}, plan=EARLY,
    ),
    "a connection at each end": Way(
        "company-a", "operation.accepted", {"action": "connections/delete", "resource": "cn-source-azure"},
    ),
    "a connection at each end, new ones made already": Way(
        "company-a", "operation.accepted", {"action": "connections/write"}, plan=EARLY,
    ),
    "an application's two links": Way(
        "company-a-app", "operation.accepted", {"action": "connections/delete", "resource": "cn-two-one"},
    ),
    "a circuit": Way(
        "company-b-expressroute", "operation.accepted", {"action": "connections/delete", "resource": "cn-er-eastasia"},
    ),
    "a circuit's authorization": Way(
        "company-b-expressroute", "operation.accepted", {"action": "authorizations/delete"}, dark=320,
        leaves="authorizations/eastasia is gone",
        says="left for a person: the authorization eastasia of er-datacenter stays revoked", then=5,
    ),
    "devices that were told of the new gateway": Way(
        "company-b-sites", "resource.deleted", {"resource": "cn-eastasia-office"},
    ),
    "a preference": Way(
        "company-b-two-circuits", "automation.done", {}, plan=EARLY, busy=True, leaves="localPreferences",
    ),
    "a hub": Way("hub-and-spoke", "resource.deleted", {"resource": "cn-hub-datacenter"}),
    "a network and its gateway": Way(
        "recreated-network", "operation.accepted", {"action": "virtualNetworkGateways/write"}, leaves=LANDING,
        says="left for a person: the machines' protected items still name the recovery network",
    ),
}  # fmt: skip
USUAL = ("peerings, between two deletes",)
"""Played with every change; the others take their turn with the long rehearsals."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in USUAL else [pytest.mark.long, pytest.mark.matrix]) for name in WAYS]
)
def test_an_abort_before_the_point_of_no_return_leaves_what_was_there(theatre, tmp_path, name):
    """Links back in the order that Azure takes them and carrying again, what was made removed, devices as before."""
    way = WAYS[name]
    stage = _stage(theatre, tmp_path, way)
    before, reached = stage.azure("state")["documents"], _reachable(stage)
    run = stage.start(plan=way.estate)
    stage.until_azure(way.kind, stride=1, **way.fields)
    stage.pass_time(way.then or 0.1)
    assert stage.say(run, "abort", reason="the region is back").status_code in (200, 202)
    view = stage.ended(run, within=3 * 3600)
    assert view["outcome"] == "aborted", view["output"]
    assert way.says in view["output"]["reason"]
    assert not accepted(stage.events, "unplannedFailover")
    stage.pass_time(180)  # routes come back by themselves
    left = differing(before, stage.azure("state")["documents"], f"{SHOWN_WHEN_READ}|{way.leaves}")
    assert left == []
    assert "is gone" in way.leaves or _reachable(stage) == reached
    verdict = stage.verdict()
    assert (verdict["violations"], verdict["split_seconds"]) == ([], 0)
    undone = [step for step in view["report"]["steps"] if step["stage"] == "compensate"]
    assert {step["status"] for step in undone} == {"succeeded"}


def _stage(theatre, folder, way):
    dark = {"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "hang", "for": way.dark}
    plan = yaml.safe_load((ROOT / f"plans/{way.estate}.yaml").read_text(encoding="utf-8"))
    for link in plan["links"]:
        link.update(way.plan)
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    faults = [*([dark] if way.dark else []), *([BUSY] if way.busy else [])]
    return theatre({"faults": faults}, plan=path, estate=ROOT / f"estates/{way.estate}.json")


def _reachable(stage):
    """Who reaches what, by the last that Azure's log says of each."""
    last = {}
    for event in stage.of("reachable.changed"):
        last[event["site"], event["address"]] = event["reachable"]
    return {pair for pair, is_reachable in last.items() if is_reachable}


@pytest.mark.long
@pytest.mark.matrix
def test_an_abort_does_not_keep_the_old_way_waiting_for_a_gateway(theatre, tmp_path):
    """Azure makes it for half an hour and cannot be stopped; on-premises is joined again at once."""
    stage = _stage(theatre, tmp_path, WAYS["a network and its gateway"])
    run = stage.start(plan="recreated-network")
    stage.until_azure("operation.accepted", stride=1, action="virtualNetworkGateways/write")
    stage.say(run, "abort", reason="the region is back")
    stage.ended(run, within=3 * 3600)
    back = stage.of("operation.ended", action="connections/write", resource="cn-orders-datacenter")[0]
    made = stage.of("operation.ended", action="virtualNetworkGateways/write")[0]
    assert back["seconds"] < 180 < 1000 < made["seconds"]
    gone = [event["resource"].rsplit("/", 1)[-1] for event in stage.of("resource.deleted")]
    made_first = ["cn-orders-datacenter", "vgw-orders-southeastasia", "pip-vgw-orders-southeastasia"]
    assert gone == [*made_first, "vnet-orders-southeastasia", "rt-orders", "nsg-orders"]


@pytest.mark.long
@pytest.mark.matrix
def test_what_cannot_be_put_back_while_the_region_is_dark_is_said(theatre, tmp_path):
    """The failing side's half is Disconnected and out of reach, so Azure refuses the other one: the end names both."""
    stage = _stage(theatre, tmp_path, Way("peered-application", "", {}, dark=48 * 3600))
    run = stage.start(plan="peered-application")
    stage.until_azure("resource.deleted", stride=1, resource="to-orders")
    stage.say(run, "abort", reason="false alarm")
    assert "to-shared" in stage.asked(run, "ask")["question"]
    view = stage.ended(run, within=12 * 3600)
    reason = view["output"]["reason"]
    assert view["outcome"] == "aborted"
    assert "not everything could be undone" in reason
    assert "restore vnet-orders-eastasia/to-hub" in reason
    assert "restore vnet-hub/to-orders" in reason
    assert stage.verdict()["violations"] == []


@pytest.mark.long
@pytest.mark.matrix
@pytest.mark.parametrize(
    ("estate", "kind", "fields"),
    [
        ("peered-application", "operation.accepted", {"action": "virtualNetworkPeerings/write"}),
        ("peered-application", "operation.accepted", {"action": "unplannedFailover"}),
        ("recreated-network", "operation.accepted", {"action": "virtualNetworkGateways/write"}),
        ("recreated-network", "operation.ended", {"action": "unplannedFailover", "resource": "web1"}),
    ],
)
def test_a_run_that_ended_badly_is_adopted_and_nothing_is_done_twice(theatre, tmp_path, estate, kind, fields):
    """Peerings, a network and a gateway on its way are found and attached to; a machine fails over once."""
    stage = _stage(theatre, tmp_path, Way(estate, kind, fields))
    run = stage.start(plan=estate)
    stage.until_azure(kind, stride=1, **fields)
    assert stage.durable("POST", f"instances/{run}/terminate?reason=by-mistake").status_code == 202
    stage.ended(run)
    answer = stage.say(run, "adopt", reason="the platform terminated it")
    assert answer.status_code == 202, answer.text
    view = stage.ended(answer.json()["run"])
    assert view["outcome"] == "completed", view["output"]
    verdict = stage.verdict()
    assert (verdict["violations"], verdict["split_seconds"]) == ([], 0)
    twice = {what: times for what, times in changes_in(stage.events).items() if times > 1}
    assert twice == Counter()
