"""Groups, actions, replication groups, quorum, addresses: how the workload becomes steps, and what is refused of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from domain.runbook import Runbook, Step


def plan_document(case: Any) -> dict[str, Any]:
    found: dict[str, Any] = case.document("rp-companyb", "replicationRecoveryPlans")
    return found


def boots(case: Any) -> list[dict[str, Any]]:
    return [group for group in plan_document(case)["properties"]["groups"] if group["groupType"] == "Boot"]


def of_kind(runbook: Runbook, kind: str) -> list[Step]:
    return [step for step in runbook.steps if step.kind == kind]


def details_of(case: Any, item: str) -> dict[str, Any]:
    found: dict[str, Any] = case.document(item, "replicationProtectedItems")["properties"]["providerSpecificDetails"]
    return found


def has(reasons: list[str], *parts: str) -> None:
    assert any(all(part in reason for part in parts) for reason in reasons), "\n".join(reasons)


def manual(name: str, **details: Any) -> dict[str, Any]:
    return {
        "actionName": name,
        "failoverTypes": ["UnplannedFailover"],
        "failoverDirections": ["PrimaryToRecovery"],
        "customDetails": {"instanceType": "ManualActionDetails", "description": f"how to {name}", **details},
    }


def test_groups_go_in_order_and_each_is_closed_by_its_gate(case: Any) -> None:
    """Data, then application, then web: an item needs the gate before it, a gate needs its items."""
    runbook = case.compile()
    gates = of_kind(runbook, "group-up")
    assert [gate.settings["group"] for gate in gates] == ["data", "app", "web"]
    items = {step.name: step for step in of_kind(runbook, "failover-item")}
    assert items["fail over app1"].needs == (gates[0].id,)
    assert items["fail over web3"].needs == (gates[1].id,)
    assert set(gates[2].needs) == {items[f"fail over web{n}"].id for n in (1, 2, 3)}
    connect = of_kind(runbook, "connect-connection")[0]
    assert gates[2].id in connect.needs


def test_a_disconnect_may_go_beside_the_failover_but_not_beside_the_connect(case: Any) -> None:
    """``before: connect``: no group waits for the old link to go; the new link does, and for its fence."""
    case.plan["links"][0]["before"] = "connect"
    runbook = case.compile()
    fence, connect = of_kind(runbook, "fence-site")[0], of_kind(runbook, "connect-connection")[0]
    assert fence.id in connect.needs
    assert all(fence.id not in step.needs for step in of_kind(runbook, "failover-item"))
    assert fence.when is not None
    assert fence.when.statuses == ("unconfirmed", "skipped")


def test_of_the_failing_side_nothing_is_needed_but_the_disconnect(case: Any) -> None:
    """No step but those that take the old way is about a resource in the failing region."""
    runbook = case.compile()
    for step in runbook.steps:
        if "rg-companyb-eastasia" in step.target.lower():
            assert step.kind in ("disconnect-connection", "failover-item")
    assert all("eastasia" not in str(step.settings.get("gateway", "")).replace("southeastasia", "") or
               step.kind == "disconnect-connection" for step in runbook.steps)  # fmt: skip


def test_a_listed_group_says_the_same_as_a_recovery_plan(case: Any) -> None:
    """The plan may list the items itself, by name or id."""
    read = [step.id for step in case.compile().steps]
    names = [["dc1", "sql1", "sql2"], ["app1", "app2", "app3"], ["web1", "web2", "web3"]]
    del case.plan["workload"]["recoveryPlan"], case.plan["workload"]["names"]
    case.plan["workload"]["groups"] = [
        {"name": name, "items": items} for name, items in zip(("data", "app", "web"), names, strict=True)
    ]
    case.plan["workload"]["groups"][0]["items"][0] = case.document("dc1", "replicationProtectedItems")["id"]
    assert sorted(step.id for step in case.compile().steps) == sorted(read)


def test_a_recovery_plan_from_a_list_has_no_items_and_says_so(case: Any) -> None:
    """Azure's LIST answers with groups: []; the hint tells what to capture instead."""
    plan_document(case)["properties"]["groups"] = []
    has(case.refusals(), "no Boot group has an item", "capture the plan with a GET")


def test_groups_without_names_are_numbered_and_no_name_is_used_twice(case: Any) -> None:
    """A name of the plan's that looks like a number of ours makes no second group of that name."""
    case.plan["workload"]["names"] = ["group-2"]
    groups = [gate.settings["group"] for gate in of_kind(case.compile(), "group-up")]
    assert (groups[0], len(set(groups))) == ("group-2", 3)
    case.plan["workload"]["names"] = ["a", "b", "c", "d"]
    has(case.refusals(), "workload.names", "at most 3")


def test_manual_actions_become_steps_of_a_person_between_groups(case: Any) -> None:
    """Before and after a group, in their order; the next group waits for them."""
    boots(case)[1]["startGroupActions"] = [manual("check storage"), manual("tell the DBA")]
    boots(case)[1]["endGroupActions"] = [manual("warm caches")]
    runbook = case.compile()
    people = of_kind(runbook, "wait-person")
    assert [step.settings["question"] for step in people] == [
        "how to check storage",
        "how to tell the DBA",
        "how to warm caches",
    ]
    gates = of_kind(runbook, "group-up")
    items = {step.name: step for step in of_kind(runbook, "failover-item")}
    assert people[0].needs == (gates[0].id,)
    assert items["fail over app1"].needs == (people[1].id,)
    assert people[2].needs == (gates[1].id,)
    assert items["fail over web1"].needs == (people[2].id,)


@pytest.mark.parametrize("kind", ["AutomationRunbookActionDetails", "ScriptActionDetails", None])
def test_scripts_are_refused_by_name_until_a_person_stands_for_them(case: Any, kind: str | None) -> None:
    """Never silently dropped: the field to write is in the error."""
    boots(case)[0]["endGroupActions"] = [manual("run-dns-update", instanceType=kind, runbookId="/x")]
    has(case.refusals(), "workload.actions.run-dns-update", "a person who stands for this action")
    case.plan["workload"]["actions"] = {"run-dns-update": {"person": "DNS on call", "instruction": "change the CNAME"}}
    person = of_kind(case.compile(), "wait-person")[0]
    assert (person.settings["role"], person.settings["question"]) == ("DNS on call", "change the CNAME")


def test_actions_of_other_failovers_and_directions_are_not_ours(case: Any) -> None:
    """A step for drills or for the way back does not wait here."""
    for change in ({"failoverTypes": ["TestFailover"]}, {"failoverDirections": ["RecoveryToPrimary"]}):
        boots(case)[0]["startGroupActions"] = [manual("later") | change]
        assert of_kind(case.compile(), "wait-person") == []


def test_actions_outside_the_boot_groups_are_refused_by_name(case: Any) -> None:
    """Shutdown and failover groups have no place of ours between them."""
    outside = next(group for group in plan_document(case)["properties"]["groups"] if group["groupType"] != "Boot")
    outside["endGroupActions"] = [manual("stop the batch")]
    has(case.refusals(), "'stop the batch'", "Boot group")


def _consistent(case: Any, *items: str) -> None:
    for item in items:
        details_of(case, item).update(multiVmGroupName="sql", multiVmGroupCreateOption="UserSpecified")


def _own_plan(case: Any, *items: str) -> str:
    own = copy.deepcopy(plan_document(case))
    own |= {"id": own["id"].replace("rp-companyb", "rp-sql"), "name": "rp-sql"}
    members = [{"id": case.document(item, "replicationProtectedItems")["id"].upper()} for item in items]
    own["properties"]["groups"] = [{"groupType": "Boot", "replicationProtectedItems": members}]
    case.estate.append(own)
    return str(own["id"])


def test_a_replication_group_goes_through_its_own_recovery_plan(case: Any) -> None:
    """Its items refuse to fail over singly; each machine is checked by its own step."""
    _consistent(case, "sql1", "sql2")
    has(case.refusals(), "replication group 'sql' (sql1, sql2)", "exactly these items")
    plan_id = _own_plan(case, "sql1", "sql2")
    runbook = case.compile()
    together = of_kind(runbook, "failover-plan")[0]
    assert (together.target, together.irreversible) == (plan_id, True)
    assert {step.name for step in of_kind(runbook, "failover-item")}.isdisjoint({"fail over sql1", "fail over sql2"})
    assert {step.name for step in of_kind(runbook, "check-machine")} == {"sql1 is up", "sql2 is up"}
    gate = of_kind(runbook, "group-up")[0]
    assert (gate.settings["members"], len(gate.needs)) == (3, 3)


def test_a_replication_group_over_two_recovery_groups_is_refused(case: Any) -> None:
    """What must go together cannot go one after the other."""
    _consistent(case, "sql1", "app1")
    _own_plan(case, "sql1", "app1")
    has(case.refusals(), "spread over the groups app, data")


def test_drive_plan_is_one_job_with_a_check_of_each_machine(case: Any) -> None:
    """Site Recovery walks its plan; we look at every machine afterwards."""
    case.plan["workload"]["drive"] = "plan"
    runbook = case.compile()
    assert len(of_kind(runbook, "failover-plan")) == 1
    assert len(of_kind(runbook, "check-machine")) == 9
    assert of_kind(runbook, "failover-item") == []


def test_drive_plan_knows_the_limits_and_the_actions_of_site_recovery(case: Any, make_case: Any) -> None:
    """A hundred items at most; a manual action would hold the job; a script is Site Recovery's own affair."""
    large = make_case(101)
    large.plan["workload"]["drive"] = "plan"
    has(large.refusals(), "workload.drive", "101 items", "at most 100 items and 7 groups", "drive: items")
    case.plan["workload"]["drive"] = "plan"
    boots(case)[0]["startGroupActions"] = [manual("check storage")]
    has(case.refusals(), "workload.drive", "'check storage'")
    boots(case)[0]["startGroupActions"] = [manual("dns", instanceType="AutomationRunbookActionDetails")]
    assert any("'dns'" in warning for warning in case.compile().warnings)


def test_a_quorum_fits_its_group_and_makes_failures_tolerable(case: Any) -> None:
    """Two of three web servers are enough: an item that fails is told and does not stop the run."""
    case.plan["workload"]["quorum"] = {"web": 2}
    runbook = case.compile()
    assert {step.on_failure for step in of_kind(runbook, "failover-item") if "web" in step.name} == {"continue"}
    assert {step.on_failure for step in of_kind(runbook, "failover-item") if "app" in step.name} == {"ask"}
    case.plan["workload"]["quorum"] = {"web": 4}
    has(case.refusals(), "workload.quorum.web", "at most the group's 3 items")


def test_addresses_are_kept_or_the_plan_says_otherwise(case: Any) -> None:
    """A target address that differs, or that Azure would choose, is refused by the item's name."""
    nic = details_of(case, "web1")["vmNics"][0]
    nic["ipConfigs"][0]["recoveryStaticIPAddress"] = "10.1.1.99"
    has(case.refusals(), "workload item web1", "10.1.1.99", "10.1.1.4", "may-change")
    nic["ipConfigs"][0]["recoveryStaticIPAddress"] = None
    has(case.refusals(), "workload item web1", "chosen by Azure")
    case.plan["workload"]["addresses"] = "may-change"
    assert case.compile().steps


def test_an_item_is_in_one_group_and_of_the_plans_vault(case: Any) -> None:
    """Twice would be two failovers; another vault is another plan's."""
    boots(case)[1]["replicationProtectedItems"].append(boots(case)[0]["replicationProtectedItems"][0])
    has(case.refusals(), "dc1 in two groups")
    foreign = copy.deepcopy(case.document("web1", "replicationProtectedItems"))
    foreign["id"] = foreign["id"].replace("rsv-companyb", "rsv-other").replace("/web1", "/web9")
    case.estate.append(foreign)
    boots(case)[2]["replicationProtectedItems"].append({"id": foreign["id"]})
    has(case.refusals(), "workload item web9", "another vault")


def test_no_name_of_a_group_can_make_two_lanes_of_one_name(make_case: Any) -> None:
    """Lanes are numbered and actions come before groups: no group's own name collides with either."""
    case = make_case(150)
    case.plan["workload"]["names"] = ["web", "web-3", "web-before"]
    boots(case)[0]["startGroupActions"] = [manual("first")]
    lanes = [lane.id for lane in case.compile().lanes]
    assert len(set(lanes)) == len(lanes)


def test_a_gateway_without_a_bgp_address_is_looked_for_by_its_public_one(case: Any) -> None:
    """A site with static routing names a neighbour by what it knows of it; without any, nothing could be verified."""
    del case.plan["sites"]["datacenter"]["asn"]
    case.document("cn-eastasia-datacenter")["properties"]["enableBgp"] = False
    for name in ("vgw-companyb-eastasia", "vgw-companyb-southeastasia"):
        del case.document(name)["properties"]["bgpSettings"]
    verify = next(one for one in case.compile().steps if one.kind == "verify-routing")
    routes = next(one for one in verify.settings["checks"] if one["check"] == "site-routes")
    assert routes["neighbors"] == ["198.51.100.34"]
    assert routes["not_neighbors"] == ["198.51.100.21"]


def test_a_plans_members_are_known_by_their_item_not_by_their_machine(case: Any) -> None:
    """``virtualMachineId`` is an id in what is sent and a GUID in what comes back: it decides nothing."""
    expected = [step.target for step in of_kind(case.compile(), "failover-item")]
    for group in boots(case):
        for member in group["replicationProtectedItems"]:
            member["virtualMachineId"] = "b3a7e6e4-0000-4000-8000-000000000000"
    assert [step.target for step in of_kind(case.compile(), "failover-item")] == expected
