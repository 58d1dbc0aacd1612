"""Whatever is asked of Site Recovery in whatever order: it answers, keeps to its table, and never accepts twice."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import clock
from simulator import compute, network, site_recovery
from simulator.company_b import company_b
from simulator.core.scenario import parse
from simulator.core.web import Request
from simulator.core.world import World
from simulator.site_recovery.company_b_items import RECOVERY_NETWORK, VAULT, item_id
from simulator.site_recovery.models import of
from simulator.site_recovery.order import ONCE
from simulator.site_recovery.transitions import UNKNOWN, state_of

A2A = {"instanceType": "A2A"}
BODIES: dict[str, Any] = {
    "unplannedFailover": {"sourceSiteOperations": "Required", "providerSpecificDetails": A2A},
    "testFailover": {"networkType": "VmNetworkAsInput", "networkId": RECOVERY_NETWORK, "providerSpecificDetails": A2A},
    "applyRecoveryPoint": {"recoveryPointId": "/a/b"},
    "reProtect": {"providerSpecificDetails": A2A},
}
ACTIONS = [*BODIES, "testFailoverCleanup", "failoverCommit", "remove", "plannedFailover"]
NAMES = ["dc1", "sql1", "app1"]
PLAN_ACTIONS = ["unplannedFailover", "testFailover", "testFailoverCleanup", "failoverCommit", "reProtect"]

asked = st.tuples(st.sampled_from(NAMES), st.sampled_from(ACTIONS))
of_the_plan = st.tuples(st.just("plan"), st.sampled_from(PLAN_ACTIONS))
cancelled = st.tuples(st.just("job"), st.just("cancel"))
waited = st.tuples(st.just("wait"), st.sampled_from([1, 20, 170, 600, 3000]))
stories = st.lists(st.one_of(asked, asked, waited, waited, of_the_plan, cancelled), max_size=14)


class Story:
    """One simulated Azure without a server, driven through its table of urls."""

    def __init__(self, folder: Path, failing: bool) -> None:
        clock.create(folder / "clock.json", speed="max", start=datetime(2026, 3, 14, tzinfo=UTC))
        self.clock = clock.VirtualClock(folder / "clock.json")
        job = {"action": "unplannedFailover", "item": "^sql1$", "failsWith": {"code": "150001"}, "times": 1}
        scenario = parse({"faults": [{"job": job}] if failing else []})
        rooms = (network.ROOM, compute.ROOM, site_recovery.ROOM)
        self.world = World(company_b(), rooms, clock=self.clock, scenario=scenario)

    def ask(self, path: str, settings_: Any = None) -> int:
        self.world.advance()
        body = json.dumps({"properties": settings_ or {}}).encode()
        found = self.world.router.find("POST", path)
        assert found is not None, path
        request = Request("POST", path, {"api-version": "2025-08-01"}, {}, body, path, found[1])
        return found[0].handler(self.world, request).status

    def step(self, who: str, what: Any) -> None:
        if who == "wait":
            self.clock.advance(timedelta(seconds=what))
            self.world.advance()
        elif who == "plan":
            self.ask(f"{VAULT}/replicationRecoveryPlans/rp-companyb/{what}", BODIES.get(what))
        elif who == "job":
            jobs = of(self.world).jobs.listed(VAULT, self.world.now, {})
            if jobs:
                self.ask(f"{VAULT}/replicationJobs/{jobs[0].name}/cancel")
        else:
            self.ask(f"{item_id(who)}/{what}", BODIES.get(what))


@settings(max_examples=60)
@given(stories, st.booleans())
def test_no_story_breaks_the_table(story: list[tuple[str, Any]], failing: bool) -> None:
    """Every item is in a state of the table, nothing is accepted twice, and in the end nothing stays busy."""
    with tempfile.TemporaryDirectory() as folder:
        told = Story(Path(folder), failing)
        for who, what in story:
            told.step(who, what)
        told.step("wait", 20_000)
        items = told.world.documents.of_type(site_recovery.bodies.ITEM_TYPE)
        assert all(state_of(item["properties"]) != UNKNOWN for item in items)
        assert all(item["properties"]["allowedOperations"] for item in items)
        assert not of(told.world).busy
        assert not [event for event in told.world.log.of("invariant.violated") if event["rule"] == ONCE]
        ended = {event["operation"] for event in told.world.log.of("operation.ended")}
        assert {event["operation"] for event in told.world.log.of("operation.accepted")} == ended


def test_a_second_accepted_failover_would_be_noticed(tmp_path: Path) -> None:
    """The judge does not trust the refusal: it reads the log."""
    told = Story(tmp_path, failing=False)
    action, resource = "replicationProtectedItems/unplannedFailover", item_id("dc1")
    for number in ("1", "2"):
        told.world.log.write("operation.accepted", operation=number, action=action, resource=resource, idempotent=False)
    assert [event["rule"] for event in told.world.log.of("invariant.violated")] == [ONCE]
    told.world.log.write("operation.ended", operation="2", action=action, resource=resource, status="Failed")
    told.world.log.write("operation.accepted", operation="3", action=action, resource=resource, idempotent=False)
    assert len(told.world.log.of("invariant.violated")) == 1
