"""Estates that are not Company B's sample: two sites, groups of the plan's own, a machine that does not come."""

from __future__ import annotations

import copy
import json

import pytest
import yaml
from staging import ESTATE, PLAN

BRANCH = {
    "asn": 65077,
    "publicAddress": "203.0.113.77",
    "bgpPeeringAddress": "10.77.255.1",
    "prefixes": ["10.77.0.0/16"],
}
SCENARIO = {
    "name": "two sites",
    "start": "2026-03-14T02:00:00Z",
    "seed": 3,
    "faults": [
        {"region": "eastasia", "dark": "both", "answer": "hang"},
        {"job": {"action": "unplannedFailover", "item": "sql2", "failsWith": {"code": "150001", "message": "boom"}}},
    ],
    "alert": {"at": 60, "trackingId": "TWOS-123", "services": ["Virtual Machines"], "regions": ["East Asia"],
              "schema": "legacy"},
    "people": [
        {"on": "approval", "answer": "approve", "after": 30, "by": "commander"},
        {"on": "fence", "answer": "done", "after": 60, "by": "branch admin"},
    ],
    "expect": {"outcome": "completed_with_skips", "splitSeconds": 0, "routing": "verified"},
}  # fmt: skip


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory):
    """Company B with a branch office on a device of its own, which only a person can change."""
    folder = tmp_path_factory.mktemp("two-sites")
    documents = json.loads(ESTATE.read_text())
    by_name = {one["id"].rsplit("/", 1)[-1]: one for one in documents}
    for old in ("lng-datacenter-eastasia", "cn-eastasia-datacenter", "lng-datacenter-southeastasia"):
        documents.append(_renamed(by_name[old], old, old.replace("datacenter", "branch")))
    site = copy.deepcopy(by_name["datacenter"])
    site["properties"] = {**BRANCH, "lookingGlassUrl": "https://looking-glass.companyb.example/branch",
                          "sharedKey": {"vault": "kv-companyb-dr", "secret": "psk-datacenter"}}  # fmt: skip
    documents.append({**site, "id": "/onPremises/branch", "name": "branch"})
    (folder / "estate.json").write_text(json.dumps(documents))
    (folder / "plan.yaml").write_text(yaml.safe_dump(_plan()))
    return folder


def _renamed(document, old, new):
    text = json.dumps(document).replace(old, new).replace("lng-datacenter", "lng-branch")
    fresh = json.loads(text)
    details = fresh["properties"]
    if "gatewayIpAddress" in details:
        details["gatewayIpAddress"] = BRANCH["publicAddress"]
        details["bgpSettings"] |= {"asn": BRANCH["asn"], "bgpPeeringAddress": BRANCH["bgpPeeringAddress"]}
        details["localNetworkAddressSpace"] = {"addressPrefixes": [f"{BRANCH['bgpPeeringAddress']}/32"]}
    return fresh


def _plan():
    plan = yaml.safe_load(PLAN.read_text())
    key = {"vault": "kv-companyb-dr", "secret": "psk-datacenter"}
    plan["name"] = "two-sites"
    plan["sites"]["branch"] = {"prefixes": BRANCH["prefixes"], "asn": BRANCH["asn"], "person": "branch admin",
                               "lookingGlass": "https://looking-glass.companyb.example/branch"}  # fmt: skip
    plan["links"].append(
        {"name": "branch", "site": "branch", "disconnect": "cn-eastasia-branch", "within": "2m", "before": "connect",
         "connect": {"gateway": "vgw-companyb-southeastasia"}, "sharedKey": key}
    )  # fmt: skip
    back = {"name": "back", "items": ["dc1", "sql1", "sql2", "app1"], "quorum": 3}
    front = {"name": "front", "items": ["app2", "app3", "web1", "web2", "web3"]}
    plan["workload"] = {"vault": "rsv-companyb", "groups": [back, front], "recoveryPoint": "Latest"}
    return plan


def test_two_sites_and_groups_of_the_plans_own_come_through_a_lost_machine(two_sites, rehearse):
    """One fence by webhook and one by a person, a quorum that holds, and both sites on the recovery gateway."""
    done = rehearse(SCENARIO, plan=two_sites / "plan.yaml", estate=two_sites / "estate.json")
    assert done.code == 0, done.said
    ends = {step["name"]: step["status"] for step in done.report["steps"]}
    assert ends["fail over sql2"] == "tolerated"
    assert ends["fence datacenter against vgw-companyb-eastasia"] == "succeeded"
    assert ends["a person fences branch against vgw-companyb-eastasia"] == "succeeded"
    homes = {event["site"]: event["homes"] for event in done.of("routes.changed")}
    assert all(home["gateway"].endswith("vgw-companyb-southeastasia") for home in homes["datacenter"] + homes["branch"])
