"""A failover takes hardly longer than Azure's own durations: the orchestrator adds at most a tenth to the longest path.

The path is the simulator's (``simulator/verdict/critical_path.py``): what Azure and the devices took, in the order that
the job itself imposes; nothing in it comes from our runbook.
"""

from __future__ import annotations

import pytest
from staging import estate_of

CALM = {"name": "calm", "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"}}


def _within_a_tenth(rehearse, folder, machines, seed):
    calm = rehearse({**CALM, "seed": seed}, estate=estate_of(folder, machines))
    assert calm.code == 0, calm.said
    longest, took = calm.rehearsal["longest_path_seconds"], calm.rehearsal["virtual_seconds"]
    assert 0 < longest <= took <= 1.1 * longest, f"{took} s for a longest path of {longest} s"
    # The path is what it says: at least the disconnect, the slowest failover of each of three groups, and the connect.
    failovers = [event["seconds"] for event in calm.of("operation.ended", action="unplannedFailover")]
    assert longest > max(failovers) - min(event["seconds"] for event in calm.of("operation.accepted"))


@pytest.mark.parametrize(("machines", "seed"), [(3, 1)])
def test_a_calm_failover_takes_at_most_a_tenth_more_than_azure(rehearse, tmp_path, machines, seed):
    """From the start by hand to the verified end."""
    _within_a_tenth(rehearse, tmp_path, machines, seed)


@pytest.mark.long
@pytest.mark.matrix
@pytest.mark.parametrize(("machines", "seed"), [(3, 2), (3, 3), (30, 1), (9, 4), (9, 5), (30, 2), (30, 3), (60, 6)])
def test_more_seeds_and_machines_take_at_most_a_tenth_more(rehearse, tmp_path, machines, seed):
    """The same at other sizes."""
    _within_a_tenth(rehearse, tmp_path, machines, seed)
