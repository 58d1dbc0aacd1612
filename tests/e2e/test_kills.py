"""The host is killed wherever a seed says, again and again: the same end, and nothing accepted twice.

Three rehearsals here, beside an unhurt one each; ``make kills`` runs 200 kills, spread over the estates.
"""

from __future__ import annotations

import pytest
from killing import ESTATES, WEATHERS, accepted_twice, changes_in, scenario, survive, unread_in

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(
    ("estate", "seed", "weather", "kills"),
    [
        ("company-b", 118, "late jobs", 10),
        ("company-b", 208, "tunnel stays up", 10),
        ("recreated-network", 27, "calm", 9),
        pytest.param("company-b-sites", 11, "late jobs", 9, marks=pytest.mark.long),
        pytest.param("company-b-expressroute", 10, "all dark", 9, marks=pytest.mark.long),
    ],
)
def test_a_killed_host_ends_where_an_unhurt_one_does(tmp_path, estate, seed, weather, kills):
    """Ten kills on the way, some between Azure's acceptance and our reading of its answer."""
    survived = survive(seed, weather, kills, tmp_path, estate)
    assert survived.wrong == ()
    assert survived.outcome == "completed"
    assert survived.kills >= 6
    assert survived.unread >= 2


@pytest.mark.parametrize("estate", ESTATES)
def test_every_estate_has_a_plan_and_kills_of_its_own(estate):
    """What is aimed at is what its run does."""
    weathers, does = ESTATES[estate]
    drawn = scenario(1, weathers[0], 40, estate=estate)
    assert drawn["faults"] != scenario(1, weathers[0], 40, estate="company-b")["faults"] or estate == "company-b"
    paths = " ".join(fault["match"]["path"] for fault in drawn["faults"] if "match" in fault)
    assert ("virtualNetworkPeerings" in paths) == ("peering" in does)


@pytest.mark.parametrize("weather", WEATHERS)
def test_where_a_kill_strikes_follows_from_the_seed(weather):
    """The same seed, the same kills; another seed, others."""
    assert scenario(3, weather, 20) == scenario(3, weather, 20)
    assert scenario(3, weather, 20) != scenario(4, weather, 20)


def _accepted(resource, action="replicationProtectedItems/unplannedFailover"):
    return {"kind": "operation.accepted", "action": action, "resource": resource}


def test_the_judge_would_see_an_operation_that_was_accepted_twice():
    """By its own count, not by what the log says of it."""
    once = [
        _accepted("/a"),
        _accepted("/b"),
        _accepted("/c", "connections/write"),
        _accepted("/c", "connections/write"),
    ]
    assert accepted_twice(once) == []
    assert accepted_twice([*once, _accepted("/A")]) == [
        "replicationProtectedItems/unplannedFailover of /a was accepted 2 times"
    ]


def test_a_kill_counts_as_unread_only_right_after_an_acceptance():
    """Azure takes one call at a time: what lies between two requests belongs to the later one."""
    request, kill = {"kind": "request"}, {"kind": "process.killed"}
    assert unread_in([_accepted("/a"), kill, request, kill, request]) == 1
    assert unread_in([_accepted("/a"), request, kill, request]) == 0


def test_the_judge_counts_whatever_changes_something():
    """A gateway that is made again costs forty minutes, and a reading nothing."""
    gateway = _accepted("/G", "virtualNetworkGateways/write")
    events = [gateway, _accepted("/g", "virtualNetworkGateways/write"), _accepted("/g", "networkWatchers/nextHop")]
    assert changes_in(events) == {("virtualNetworkGateways/write", "/g"): 2}
