"""The host is killed wherever a seed says, again and again: the same end, and nothing accepted twice.

Two rehearsals here; ``make kills`` runs 200 kills.
"""

from __future__ import annotations

import pytest
from killing import WEATHERS, accepted_twice, scenario, survive, unread_in


@pytest.mark.parametrize(("seed", "weather"), [(118, "late jobs"), (208, "tunnel stays up")])
def test_a_killed_host_ends_where_an_unhurt_one_does(tmp_path, seed, weather):
    """Ten kills on the way, some between Azure's acceptance and our reading of its answer."""
    survived = survive(seed, weather, 10, tmp_path)
    assert survived.wrong == ()
    assert survived.outcome == "completed"
    assert survived.kills >= 6
    assert survived.unread >= 2


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
