"""The networks of docs/topologies.md whose region fails, with East Asia dark: what stood in for what it did not answer.

Control plane and data plane of East Asia are gone for good, so its own documents stay as they were. The end state is
read from the simulated Azure's documents and log.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ends import ENDS, Left
from staging import ROOT, Rehearsed

from domain.plans.reading import parse_plan

PEOPLE = [
    {"on": "approval", "answer": "approve", "after": 30, "by": "incident commander"},
    {"on": "fence", "answer": "done", "after": 60, "by": "network on call"},
    {"on": "wait-person", "answer": "done", "after": 60, "by": "operator"},
    {"on": "ask", "answer": "abort", "after": 1, "by": "incident commander"},
]
ALERT = {"at": 60, "trackingId": "DARK-001", "services": ["Virtual Machines", "Virtual Network"],
         "regions": ["East Asia"], "schema": "common"}  # fmt: skip
EXPECT = {"outcome": "completed", "splitSeconds": 0, "routing": "verified"}


def weather(**fault: object) -> dict[str, object]:
    return {"name": "dark", "faults": [{"region": "eastasia", **fault}], "alert": ALERT, "people": PEOPLE,
            "expect": EXPECT}  # fmt: skip


def _fails_with_its_region(name: str) -> bool:
    return parse_plan((ROOT / "plans" / f"{name}.yaml").read_text(encoding="utf-8")).scope == "region"


NAMES = [name for name in sorted(ENDS) if _fails_with_its_region(name)]
pytestmark = pytest.mark.long
Dark = Callable[[str], Rehearsed]


@pytest.fixture(scope="module")
def dark(rehearse) -> Dark:
    """``dark(name)``: a topology rehearsed while East Asia does not answer at all; each once."""
    known: dict[str, Rehearsed] = {}

    def run(name: str) -> Rehearsed:
        if name not in known:
            plan, estate = ROOT / "plans" / f"{name}.yaml", ROOT / "estates" / f"{name}.json"
            known[name] = rehearse(weather(dark="both", answer="hang"), plan=plan, estate=estate)
        return known[name]

    return run


def at_its_end(name: str, done: Rehearsed) -> Left:
    """Machines, ways and new links as documented; of what went, the halves that Azure can still delete."""
    assert done.code == 0, done.said
    end, left = ENDS[name], Left(done.left, done.events)
    assert [link for link in end.halves if left.link(link)] == []
    assert [link for link in end.come if not left.link(link)] == []
    for machine, home in end.machines.items():
        assert left.lives(machine) == {home}, machine
    assert {way: left.homes(*way) for way in end.homes} == end.homes
    assert done.of("invariant.violated") == []
    assert done.of("split.started") == []
    return left


@pytest.mark.parametrize("name", NAMES)
def test_a_topology_comes_to_its_end_though_its_region_is_dark(dark: Dark, name: str) -> None:
    """Nothing in the run needed an answer from East Asia."""
    at_its_end(name, dark(name))


@pytest.mark.parametrize("name", [name for name in NAMES if ENDS[name].gone])
def test_what_stands_in_the_dark_region_is_still_there(dark: Dark, name: str) -> None:
    """Azure confirmed none of it: the fence is what held, and the sweeper goes on when the region is back."""
    left, end = Left(dark(name).left, dark(name).events), ENDS[name]
    assert [link for link in end.gone if link not in end.halves and not left.link(link)] == []


@pytest.mark.parametrize(
    ("name", "peers"),
    [
        ("company-b", {"10.1.255.30"}),
        ("company-b-both", {"10.1.255.30"}),
        ("company-b-sites", {"10.1.255.4", "10.1.255.5"}),
        ("hub-and-spoke", {"10.0.255.30"}),
        ("recreated-network", {"10.1.255.30"}),
        ("replica-network", {"10.1.255.30"}),
    ],
)
def test_the_device_dropped_the_old_gateway(dark: Dark, name: str, peers: set[str]) -> None:
    """Each instance of it, before any new connection was begun."""
    done = dark(name)
    blocked = [event for event in done.of("automation.done", site="datacenter") if event["action"] == "block-peer"]
    assert {event["peer"]["bgpPeeringAddress"] for event in blocked} == peers
    begun = [event for event in done.of("operation.accepted") if event["resource"].endswith(f"/{ENDS[name].come[0]}")]
    assert begun
    assert done.events.index(blocked[-1]) < done.events.index(begun[0])


@pytest.mark.parametrize("name", ["company-b-expressroute", "company-b-both"])
def test_the_circuit_dropped_the_old_connection(dark: Dark, name: str) -> None:
    """The source's authorization is gone before the new connection was begun."""
    left = Left(dark(name).left, dark(name).events)
    assert left.named("/authorizations", "eastasia") == []
    revoked = left.ended("authorizations/delete", "eastasia")
    assert max(revoked) < min(left.accepted("connections/write", "cn-er-southeastasia"))


def test_the_half_that_stands_outside_went_before_anything_came(dark: Dark) -> None:
    """Company A: Azure VNet's own connection is deleted, and then the recovery network's pair made."""
    left = Left(dark("company-a").left, dark("company-a").events)
    new = [moment for link in ENDS["company-a"].come for moment in left.accepted("connections/write", link)]
    assert max(left.ended("connections/delete", "cn-azure-source")) < min(new)


WEATHERS = {
    "limps": weather(dark="control-plane", answer="slow", failRate=0.5),
    "tunnels stay up": weather(dark="control-plane", answer="hang"),
    "refuses": weather(dark="both", answer="refuse"),
}


@pytest.mark.matrix
@pytest.mark.parametrize("kind", sorted(WEATHERS))
@pytest.mark.parametrize("name", NAMES)
def test_a_topology_comes_to_its_end_in_other_weather(rehearse, name: str, kind: str) -> None:
    """A control plane that limps, one that is dead while its tunnels are not, a region that refuses at once."""
    scenario = {**WEATHERS[kind], "people": [*PEOPLE[:3], {"on": "ask", "answer": "retry", "after": 30, "by": "c"}]}
    plan, estate = ROOT / "plans" / f"{name}.yaml", ROOT / "estates" / f"{name}.json"
    at_its_end(name, rehearse(scenario, plan=plan, estate=estate))
