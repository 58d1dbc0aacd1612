"""When links come: before the failover, between two groups, or after; the order is read in the log of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from staging import ROOT, Rehearsed

CALM = {
    "name": "moments",
    "people": [{"on": "approval", "answer": "approve", "after": 30, "by": "incident commander"}],
    "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"},
}
MOMENTS = {
    "before the failover": ({"comes": "before-failover"}, ["link", "canary", "sql1", "web1"]),
    "between two groups": ({"comesAfter": "data", "comesBefore": "web"}, ["sql1", "link", "canary", "web1"]),
    "after the failover": ({}, ["sql1", "web1", "link", "canary"]),
}
NAMES = {
    "/connections/cn-hub-datacenter-recovery": "link",
    "/replicationprotecteditems/sql1": "sql1",
    "/replicationprotecteditems/web1": "web1",
}


def happened(done: Rehearsed) -> list[str]:
    """The first time that Azure accepted each: the new link, the canary's first next hop, each machine's failover."""
    told: list[str] = []
    for event in done.of("operation.accepted"):
        resource, action = str(event["resource"]).lower(), str(event["action"]).lower()
        if action.endswith("nexthop"):
            told.append("canary")
        told += [name for end, name in NAMES.items() if resource.endswith(end.lower())]
    return list(dict.fromkeys(told))


@pytest.mark.parametrize(
    "moment",
    [pytest.param(moment, marks=() if moment == "between two groups" else pytest.mark.long) for moment in MOMENTS],
)
def test_a_link_comes_at_its_moment(tmp_path: Path, rehearse: Callable[..., Rehearsed], moment: str) -> None:
    """The canary proves it as soon as it is there; a group that it comes before waits for both."""
    fields, order = MOMENTS[moment]
    plan = yaml.safe_load((ROOT / "plans" / "hub-and-spoke.yaml").read_text())
    plan["links"][0].pop("comes", None)
    plan["links"][0] |= fields
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan))
    done = rehearse(CALM, plan=tmp_path / "plan.yaml", estate=ROOT / "estates" / "hub-and-spoke.json")
    assert done.code == 0, done.said
    assert happened(done) == order
