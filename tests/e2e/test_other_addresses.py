"""Machines that come up at other addresses: by plan, with what names the old ones rewritten; and by Azure's silence.

Read in what the simulated Azure holds at the end.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from staging import ROOT, Rehearsed

OLD, NEW = "10.1.1.4", "10.1.1.40"
PEOPLE = [{"on": "approval", "answer": "approve", "after": 30, "by": "incident commander"}]
Documents = list[dict[str, Any]]
Rehearse = Callable[..., Rehearsed]


def _estate() -> Documents:
    found: Documents = json.loads((ROOT / "estates" / "hub-and-spoke.json").read_text())
    return found


def _named(estate: Documents, name: str, kind: str) -> dict[str, Any]:
    return next(one for one in estate if one["name"] == name and one["type"].lower().endswith(kind.lower()))


def _written(folder: Path, estate: Documents, changes: Callable[[dict[str, Any]], None]) -> dict[str, Path]:
    plan = yaml.safe_load((ROOT / "plans" / "hub-and-spoke.yaml").read_text())
    changes(plan)
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    (folder / "estate.json").write_text(json.dumps(estate))
    return {"plan": folder / "plan.yaml", "estate": folder / "estate.json"}


def _names_the_old_address(estate: Documents) -> None:
    """A rule of the recovery spoke, a route of the appliance's neighbours, and a record of a zone name web1."""
    rules = _named(estate, "nsg-web-southeastasia", "networkSecurityGroups")["properties"]["securityRules"]
    rules[0]["properties"]["destinationAddressPrefix"] = OLD
    routes = _named(estate, "rt-data-southeastasia", "routeTables")["properties"]["routes"]
    own = copy.deepcopy(routes[0])
    own["id"] = own["id"].rsplit("/", 1)[0] + "/to-web1"
    own["name"] = "to-web1"
    own["properties"]["addressPrefix"] = f"{OLD}/32"
    routes.append(own)
    home = _named(estate, "kv-contoso-dr", "vaults")["id"].split("/providers/")[0]
    for one in json.loads((ROOT / "estates" / "replica-network.json").read_text()):
        if "dnszones" in one["type"].lower():
            text = json.dumps(one).replace(one["id"].split("/providers/")[0], home)
            estate.append(json.loads(text.replace("fabrikam", "contoso").replace("198.51.100.91", OLD)))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, rehearse: Rehearse) -> Rehearsed:
    """web1 is to come up at another address of its subnet."""
    estate = _estate()
    _names_the_old_address(estate)
    item = _named(estate, "web1", "replicationProtectedItems")["properties"]["providerSpecificDetails"]
    item["vmNics"][0]["ipConfigs"][0]["recoveryStaticIPAddress"] = NEW

    def may_change(plan: dict[str, Any]) -> None:
        plan["workload"]["addresses"] = "may-change"
        plan["routing"]["reach"] = [{"address": NEW, "port": 443}]

    scenario = {"name": "other addresses", "people": PEOPLE,
                "expect": {"outcome": "completed", "splitSeconds": 0, "routing": "verified"}}  # fmt: skip
    return rehearse(scenario, **_written(tmp_path_factory.mktemp("moved"), estate, may_change))


def test_rules_routes_and_records_follow_a_machine_to_its_new_address(moved: Rehearsed) -> None:
    """Nothing that the recovery side reads names the old address."""
    assert moved.code == 0, moved.said
    left = json.dumps([one for one in moved.left if "southeastasia" in one["id"] or "dnszones" in one["id"].lower()])
    assert f'"{OLD}"' not in left
    assert f'"{OLD}/32"' not in left
    assert f'"destinationAddressPrefix": "{NEW}"' in left
    assert f'"addressPrefix": "{NEW}/32"' in left
    assert f'"ipv4Address": "{NEW}"' in left


def test_names_change_last_and_rules_before(moved: Rehearsed) -> None:
    """The record leads people to the new address only when routing is verified."""
    ends = {step["name"]: step for step in moved.report["steps"]}
    verified = max(one["ended_at"] for one in ends.values() if one["kind"] == "verify-routing")
    rewritten = [one for name, one in ends.items() if name.startswith("rewrite ")]
    record = [one for one in rewritten if "dnszones" in one["target"].lower()]
    assert len(rewritten) == 3
    assert [one["started_at"] >= verified for one in record] == [True]
    assert all(one["ended_at"] <= verified for one in rewritten if one not in record)


def test_an_address_that_is_taken_is_told_and_routing_is_asked_of_the_actual_one(
    tmp_path: Path, rehearse: Rehearse
) -> None:
    """Azure silently gives the next free one; a person goes on, and the check asks where the machine is."""
    estate = _estate()
    squatter = copy.deepcopy(_named(estate, "nva2-nic", "networkInterfaces"))
    subnet = _named(estate, "vnet-web-southeastasia", "virtualNetworks")["id"] + "/subnets/workload"
    squatter |= {"name": "squatter-nic", "id": squatter["id"].replace("nva2-nic", "squatter-nic")}
    squatter["properties"].pop("virtualMachine", None)
    squatter["properties"]["ipConfigurations"][0]["properties"] |= {
        "privateIPAddress": OLD, "privateIPAllocationMethod": "Static", "subnet": {"id": subnet}}  # fmt: skip
    estate.append(squatter)
    scenario = {
        "name": "taken",
        "people": [*PEOPLE, {"on": "ask", "answer": "skip", "after": 30, "by": "operator"}],
        "expect": {"outcome": "completed_with_skips", "splitSeconds": 0, "routing": "verified"},
    }
    done = rehearse(scenario, **_written(tmp_path, estate, lambda plan: None))
    assert done.code == 0, done.said
    ends = {step["name"]: step for step in done.report["steps"]}
    told = ends["fail over web1"]["evidence"]
    assert (told["expected"], told["found"]) == ([OLD], ["10.1.1.5"])
    checks = ends["routing from datacenter points at southeastasia"]["evidence"]["checks"]
    (reach,) = [check for check in checks if check["check"] == "site-reach"]
    assert reach["expected"] == f"10.1.1.5:443 reachable from the site (web1 has it, and not {OLD})"
    held = [one for one in done.left if one["type"].endswith("networkInterfaces") and "10.1.1.5" in json.dumps(one)]
    assert ["/virtualMachines/web1" in json.dumps(one["properties"]["virtualMachine"]) for one in held] == [True]
