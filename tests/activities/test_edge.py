"""The activities of a fleet: lists extended and shrunk, ranges read again, packages written, clients looked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from azure_clients import plan_library
from azure_clients.folder_documents import folder_documents
from domain.edge.ranges import aggregate
from domain.snapshot import snapshot_of


@pytest.fixture
def fleet(start_azure: Any) -> Any:
    """Northwind's service plan with its runbook kept, as publishing does."""
    return _kept(start_azure(name="edge-service", plan=_small))


@pytest.fixture
def moving(start_azure: Any) -> Any:
    return _kept(start_azure(name="edge-region"))


def _small(plan: str) -> str:
    return plan.replace("count: 198", "count: 2")


def _kept(azure: Any) -> Any:
    store = folder_documents(str(azure.documents))
    snapshot = snapshot_of(azure._estate)
    plan_library.keep(store, snapshot.hash, {"kind": "snapshot", "documents": list(snapshot.documents)})
    plan_library.keep_runbook(store, azure.runbook)
    return azure


def _table(azure: Any) -> dict[str, Any]:
    """rt-edge-services as Azure has it: prefix -> next hop."""
    step = azure.step("extend-resource", "rt-edge-services")
    found = azure.control("state")["documents"]
    routes = [one for one in found if one["id"].lower().startswith(f"{step.target.lower()}/routes/")]
    return {one["properties"]["addressPrefix"]: one["properties"].get("nextHopIpAddress") for one in routes}


def test_routes_join_the_table_in_one_write_and_leave_it_again(fleet: Any) -> None:
    """All of them beside those that were there; going back leaves the table as it was."""
    step = fleet.step("extend-resource", "rt-edge-services")
    before = _table(fleet)
    done = fleet.walk(step)
    assert done.status == "succeeded", done
    after = _table(fleet)
    wanted = fleet.runbook.documents[step.settings["children"]]
    assert set(after) == set(before) | {one["properties"]["addressPrefix"] for one in wanted}
    assert fleet.accepted("routeTables/rewrite") + fleet.accepted("routeTables/write") == 1
    back = replace(step, kind="shrink-resource", settings=step.compensation["settings"])
    assert fleet.walk(back).status == "succeeded"
    assert _table(fleet) == before


def test_running_again_changes_nothing(fleet: Any) -> None:
    """The second begin finds all there."""
    step = fleet.step("extend-resource", "rt-edge-services")
    fleet.walk(step)
    again = fleet.begin(step)
    assert (again.status, again.reason) == ("succeeded", "rt-edge-services has all 18 already")


def test_a_rule_collection_joins_the_group_and_leaves_it_again(fleet: Any) -> None:
    """The fleet's own collection stays untouched all the while."""
    step = fleet.step("extend-resource", "rcg-edge")
    assert fleet.walk(step).status == "succeeded"
    names = [one["name"] for one in fleet.document(step.target)["properties"]["ruleCollections"]]
    assert names == ["fleet-to-services", "bridgehead-edge-westus"]
    back = replace(step, kind="shrink-resource", settings=step.compensation["settings"])
    assert fleet.walk(back).status == "succeeded"
    names = [one["name"] for one in fleet.document(step.target)["properties"]["ruleCollections"]]
    assert names == ["fleet-to-services"]


def test_somebody_elses_route_of_the_same_name_is_a_conflict(fleet: Any) -> None:
    """It is neither overwritten nor taken for ours, and going back leaves it."""
    step = fleet.step("extend-resource", "rt-edge-services")
    children = fleet.runbook.documents[step.settings["children"]]
    other = [{**children[0], "properties": {**children[0]["properties"], "nextHopIpAddress": "10.20.1.9"}}]
    store = folder_documents(str(fleet.documents))
    plan_library.keep(store, "f" * 64, {"kind": "reference", "content": other})
    theirs = replace(step, settings={**step.settings, "children": "f" * 64})
    fleet.walk(theirs)
    refused = fleet.begin(step)
    assert (refused.status, refused.code) == ("failed", "Conflict")
    back = replace(step, kind="shrink-resource")
    assert fleet.walk(back).reason == "rt-edge-services has none of them"
    assert "10.20.1.9" in _table(fleet).values()


def test_a_table_that_filled_up_meanwhile_is_told_before_the_first_write(fleet: Any) -> None:
    """Somebody else's 383 routes and our 18 are 401."""
    step = fleet.step("extend-resource", "rt-edge-services")
    others = [{"name": f"x{number}", "properties": {"addressPrefix": f"10.{100 + number // 256}.{number % 256}.0/24",
                                                    "nextHopType": "Internet"}} for number in range(369)]  # fmt: skip
    store = folder_documents(str(fleet.documents))
    plan_library.keep(store, "e" * 64, {"kind": "reference", "content": others})
    fleet.walk(replace(step, settings={**step.settings, "children": "e" * 64, "at_most": 400}))
    assert len(_table(fleet)) == 383
    checked = fleet.verify(fleet.step("check-ranges"))
    assert (checked.status, checked.code) == ("failed", "RouteTableFull")
    assert checked.reason == "rt-edge-services has 383 routes now, and 18 more are 401: at most 400"
    refused = fleet.begin(step)
    assert (refused.status, refused.code) == ("failed", "ListFull")


def test_the_simulated_azure_itself_refuses_the_four_hundred_and_first_route(fleet: Any) -> None:
    """Should our own count ever be wrong."""
    step = fleet.step("extend-resource", "rt-edge-services")
    others = [{"name": f"x{number}", "properties": {"addressPrefix": f"10.{100 + number // 256}.{number % 256}.0/24",
                                                    "nextHopType": "Internet"}} for number in range(387)]  # fmt: skip
    store = folder_documents(str(fleet.documents))
    plan_library.keep(store, "d" * 64, {"kind": "reference", "content": others})
    settings = {**step.settings, "children": "d" * 64}
    del settings["at_most"]
    refused = fleet.begin(replace(step, settings=settings))
    assert (refused.status, refused.code) == ("failed", "RoutesPerRouteTableLimitReached")


def test_the_list_is_read_again_and_the_same(fleet: Any) -> None:
    """The real client at the wire; the table is counted too."""
    done = fleet.verify(fleet.step("check-ranges"))
    assert (done.status, done.reason) == ("succeeded", "the list is the one that was counted, changeNumber 145")
    assert done.evidence == {"change_number_captured": "145", "change_number": "145", "routes_before": 14}


def test_another_change_number_with_the_same_ranges_is_told_and_goes_on(fleet: Any) -> None:
    """Every week's list has one."""
    step = fleet.step("check-ranges")
    older = replace(step, settings={**step.settings, "change_number": "144"})
    done = fleet.verify(older)
    assert done.status == "succeeded"
    assert done.reason == "the list has changeNumber 145 now, 144 when it was captured; these ranges are the same"


def test_other_ranges_than_those_that_were_counted_stop_the_run(fleet: Any) -> None:
    """With what is new and what is gone."""
    step = fleet.step("check-ranges")
    ranges = dict(fleet.runbook.documents[step.settings["ranges"]])
    ranges["Storage.WestUS"] = [*ranges["Storage.WestUS"][1:], "198.19.0.0/24"]
    store = folder_documents(str(fleet.documents))
    plan_library.keep(store, "c" * 64, {"kind": "reference", "content": ranges})
    refused = fleet.verify(replace(step, settings={**step.settings, "ranges": "c" * 64}))
    assert (refused.status, refused.code) == ("failed", "RangesChanged")
    assert refused.evidence["differing"]["Storage.WestUS"]["gone"] == ["198.19.0.0/24"]
    assert refused.evidence["differing"]["Storage.WestUS"]["new"] == ["198.18.32.0/25"]


def test_the_files_for_the_devices_are_written_with_their_hashes(fleet: Any) -> None:
    """One with the new ranges, one as it was; evidence has the hash of each."""
    done = fleet.begin(fleet.step("write-route-file"))
    assert done.status == "succeeded"
    (folder,) = fleet.documents.glob("runs/*/packages")
    upload, before = (folder / name for name in ("service-tags-upload.json", "service-tags-before.json"))
    for path in (upload, before):
        assert done.evidence["sha256"][path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    tags = {one["name"]: one["properties"]["addressPrefixes"] for one in json.loads(upload.read_text())["values"]}
    was = {one["name"]: one["properties"]["addressPrefixes"] for one in json.loads(before.read_text())["values"]}
    assert tags["Storage.EastUS"] == list(aggregate([*was["Storage.EastUS"], *was["Storage.WestUS"]]))
    assert tags["Storage.WestUS"] == was["Storage.WestUS"]


def test_a_package_waits_for_the_address_of_a_gateway_that_is_made(moving: Any) -> None:
    """It is read from Azure when the package is written; before, nothing is."""
    step = moving.step("write-package", "mill")
    early = moving.begin(step)
    assert (early.status, early.reason) == ("retryable", "pip-vgw-edge-westus has no address yet")
    assert moving.walk(moving.step("put-resource", "pip-vgw-edge-westus")).status == "succeeded"
    assert moving.begin(step).status == "succeeded"
    (path,) = moving.documents.glob("runs/*/packages/mill.json")
    package = json.loads(path.read_text())
    address = moving.document(step.settings["reads"]["settings.gateway_address"])["properties"]["ipAddress"]
    assert package["settings"]["gateway_address"] == address
    assert "psk-mill" in package["settings"]["shared_key"]


def test_a_client_of_the_gateway_is_seen_by_its_name(fleet: Any) -> None:
    """By the gateway's own list of connected clients, read through the real client."""
    done = fleet.walk(fleet.step("verify-routing", "edge-001"))
    assert done.status == "succeeded", done
    (check,) = done.evidence["checks"]
    assert (check["check"], check["client"], check["passed"]) == ("vpn-client", "edge-001", True)


def test_a_client_that_is_not_there_is_told(fleet: Any) -> None:
    """A device that nobody changed."""
    step = fleet.step("verify-routing", "edge-001")
    (check,) = step.settings["checks"]
    step = replace(step, settings={**step.settings, "checks": [{**check, "client": "edge-999"}]})
    looks = (fleet.walk(step, turns=turns) for turns in range(1, 8))
    outcome = next(one for one in looks if one.code == "NotConverged")
    assert outcome.evidence["checks"][0]["saw"] == "not among the 198 clients"
