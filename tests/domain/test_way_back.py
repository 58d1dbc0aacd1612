"""The way back before the point of no return: what is undone, in which order, and what is left for a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.compile import compile_runbook
from domain.links.way_back import lasting, stays, to_undo
from domain.plans.reading import parse_plan
from domain.snapshot import snapshot_of
from domain.summary import summarise

ROOT = Path(__file__).resolve().parents[2]


def _runbook(name):
    documents = json.loads((ROOT / f"estates/{name}.json").read_text(encoding="utf-8"))
    return compile_runbook(parse_plan((ROOT / f"plans/{name}.yaml").read_text(encoding="utf-8")),
                           snapshot_of(documents), "failover")  # fmt: skip


def _named(runbook, ids):
    return [(runbook.step(one).compensation or {})["name"] for one in ids]


def test_halves_of_a_peering_come_back_the_failing_sides_first():
    """Azure takes no half whose other half is Disconnected: that one is made anew before."""
    runbook = _runbook("peered-application")
    summary = summarise(runbook)
    done = {one: "succeeded" for one in summary.undoes if runbook.step(one).stage == "disconnect"}
    assert _named(runbook, to_undo(summary.undoes, summary.spoiled, done, "not-run")) == [
        "restore vnet-orders-eastasia/to-shared",
        "restore vnet-orders-eastasia/to-hub",
        "restore vnet-shared/to-orders",
        "restore vnet-hub/to-orders",
    ]


def test_a_half_that_was_never_touched_is_made_anew_when_its_other_half_went():
    """It is Disconnected, whether its own step ran or not."""
    runbook = _runbook("peered-application")
    summary = summarise(runbook)
    far = next(step.id for step in runbook.steps if step.name == "take vnet-hub/to-orders away from vnet-hub")
    assert _named(runbook, to_undo(summary.undoes, summary.spoiled, {far: "succeeded"}, "not-run")) == [
        "restore vnet-orders-eastasia/to-hub",
        "restore vnet-hub/to-orders",
    ]


def test_the_failing_sides_half_goes_after_the_other():
    """Otherwise the half at the network that stays might be left Disconnected, and no way back would begin with it."""
    runbook = _runbook("peered-application")
    steps = {step.name: step for step in runbook.steps}
    near, far = steps["disconnect vnet-orders-eastasia/to-hub"], steps["take vnet-hub/to-orders away from vnet-hub"]
    assert far.id in near.needs


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("company-b-expressroute", "revoke-authorization", "eastasia of er-datacenter stays revoked"),
        ("company-b-sites", "fence-by-person", "the device at office blocks the old way until a person lifts"),
        ("recreated-network", "update-item", "still name the recovery network of this run"),
    ],
)
def test_what_no_step_takes_back_is_left_for_a_person_and_said(name, kind, text):
    """Only of what has happened, and once."""
    runbook = _runbook(name)
    ends = {step.id: "succeeded" for step in runbook.steps if step.kind == kind}
    (said,) = stays(lasting(runbook), ends, "not-run")
    assert text in said
    assert stays(lasting(runbook), dict.fromkeys(ends, "not-needed"), "not-run") == []


def test_what_is_not_known_counts_as_done():
    """A lane that was lost may have done everything."""
    summary = summarise(_runbook("company-b"))
    assert to_undo(summary.undoes, summary.spoiled, {}, "unknown") == list(reversed(summary.undoes))
    assert to_undo(summary.undoes, summary.spoiled, {}, "not-run") == []
