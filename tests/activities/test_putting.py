"""Resources put in place, changed and taken away, at the activity's door."""

from __future__ import annotations

import dataclasses
import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.names import RUN_TAG

GROUP = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-southeastasia"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
TABLE = f"{NETWORK}/routeTables/rt-new"
NET = f"{NETWORK}/virtualNetworks/vnet-companyb-southeastasia"
FABRIKAM = "/subscriptions/0000f0f0-0000-4000-8000-00000000f0f0/resourceGroups/rg-fabrikam-dr/providers"
ROUTE = {"addressPrefix": "10.50.0.0/16", "nextHopType": "VirtualNetworkGateway"}
TABLE_BODY = {"location": "Southeast Asia", "properties": {"routes": [{"name": "home", "properties": ROUTE}]}}


def foreign(azure: Any, step: Any, target: str, body: dict[str, Any]) -> None:
    """Somebody else makes it: through the same clients, without a tag or note of ours."""
    from azure_clients import resources
    from azure_clients.factory import clients

    resources.begin_put(clients(), target, body, azure.now.isoformat())
    azure.advance(60)


def test_what_is_put_is_tagged_and_put_once(azure: Any, step: Any) -> None:
    """The second run finds it, though Azure writes the place and the words in its own way."""
    put = step("put-resource", TABLE, body=TABLE_BODY)
    assert azure.walk(put).status == "succeeded"
    assert azure.document(TABLE)["tags"][RUN_TAG] == azure.call(put).run
    assert azure.begin(put).reason == "rt-new is there already"
    assert azure.writes(TABLE) == ["write"]


def test_more_than_wanted_is_there_already(azure: Any, step: Any) -> None:
    """A body is contained, not equal: children that nobody asked about stay."""
    more = {"name": "more", "properties": {"addressPrefix": "10.60.0.0/16", "nextHopType": "None"}}
    everything = {**TABLE_BODY, "properties": {"routes": [*TABLE_BODY["properties"]["routes"], more]}}
    foreign(azure, step, TABLE, everything)
    assert azure.begin(step("put-resource", TABLE, body=TABLE_BODY)).reason == "rt-new is there already"


def test_what_somebody_else_has_made_is_a_conflict_by_name(azure: Any, step: Any) -> None:
    """Nothing is overwritten; the difference is told."""
    foreign(azure, step, TABLE, TABLE_BODY)
    other = json.loads(json.dumps(TABLE_BODY).replace("10.50.", "10.51."))
    outcome = azure.begin(step("put-resource", TABLE, body=other))
    assert (outcome.status, outcome.code) == ("failed", "Conflict")
    assert "routes[home].properties.addressPrefix is '10.50.0.0/16', expected '10.51.0.0/16'" in outcome.reason
    assert azure.writes(TABLE) == ["write"]


def test_what_a_run_has_made_otherwise_is_put_right(azure: Any, step: Any) -> None:
    """A run that was adopted goes on with what its forerunner left."""
    assert azure.walk(step("put-resource", TABLE, body=TABLE_BODY)).status == "succeeded"
    other = json.loads(json.dumps(TABLE_BODY).replace("10.50.", "10.51."))
    assert azure.walk(step("put-resource", TABLE, body=other)).status == "succeeded"
    assert azure.writes(TABLE) == ["write", "write"]


def test_undoing_takes_back_what_a_run_has_made_and_nothing_else(azure: Any, step: Any) -> None:
    """By the tag."""
    undo = step("delete-resource", TABLE, stage="compensate")
    foreign(azure, step, TABLE, TABLE_BODY)
    assert azure.walk(undo).reason == "rt-new was not made by a run and is left as it is"
    assert azure.walk(step("delete-resource", TABLE)).status == "succeeded"
    assert azure.walk(step("put-resource", TABLE, body=TABLE_BODY)).status == "succeeded"
    assert azure.walk(undo).reason == "rt-new is gone"
    assert azure.document(TABLE) is None


def test_a_child_takes_no_tag_and_is_known_by_its_note(azure: Any, step: Any) -> None:
    """Routes, subnets and peerings: what the run has put it takes away, another's it leaves."""
    foreign(azure, step, TABLE, TABLE_BODY)
    child = f"{TABLE}/routes/away"
    undo = step("delete-resource", child, stage="compensate")
    body = {"properties": {"addressPrefix": "10.70.0.0/16", "nextHopType": "None"}}
    foreign(azure, step, child, body)
    assert "was not made by a run" in azure.walk(undo).reason
    assert azure.walk(step("delete-resource", child)).status == "succeeded"
    assert azure.walk(step("put-resource", child, body=body)).status == "succeeded"
    assert azure.walk(undo).reason == "away is gone"
    assert azure.document(TABLE) is not None


def test_undoing_waits_until_it_has_read_what_it_would_delete(azure: Any, step: Any) -> None:
    """A read that fails lets a disconnect be tried, never an undoing."""
    azure.walk(step("put-resource", TABLE, body=TABLE_BODY))
    azure.fault(match={"method": "GET", "path": "routeTables", "times": 1}, then={"status": 503, "code": "ServerBusy"})
    assert azure.begin(step("delete-resource", TABLE, stage="compensate")).status == "retryable"
    assert azure.writes(TABLE) == ["write"]


def test_nothing_is_sent_for_a_child_whose_note_cannot_be_kept(azure: Any, step: Any, monkeypatch: Any) -> None:
    """It could not be told from another's afterwards."""
    from azure_clients.errors import Unanswered
    from azure_clients.folder_documents import FolderDocuments

    def dark(*_: Any, **__: Any) -> bool:
        raise Unanswered("no answer in time")

    monkeypatch.setattr(FolderDocuments, "create", dark)
    child = f"{NET}/subnets/late"
    outcome = azure.begin(step("put-resource", child, body={"properties": {"addressPrefix": "10.1.9.0/24"}}))
    assert (outcome.status, azure.writes(child)) == ("retryable", [])


def test_a_change_is_merged_and_leaves_the_rest(azure: Any, step: Any) -> None:
    """One route of a table; the other, and the table's own flags, stay."""
    foreign(azure, step, TABLE, {**TABLE_BODY, "tags": {"owner": "network"}})
    changes = {"properties": {"disableBgpRoutePropagation": True, "routes": [
        {"name": "nva", "properties": {"addressPrefix": "10.2.0.0/16", "nextHopType": "VirtualAppliance",
                                       "nextHopIpAddress": "10.1.1.9"}}]}}  # fmt: skip
    update = step("update-resource", TABLE, changes=changes)
    assert azure.walk(update).status == "succeeded"
    found = azure.document(TABLE)
    assert found["tags"] == {"owner": "network"}
    assert found["properties"]["disableBgpRoutePropagation"] is True
    assert azure.document(f"{TABLE}/routes/home") is not None
    assert azure.document(f"{TABLE}/routes/nva") is not None
    assert azure.begin(update).reason == "rt-new is as wanted already"


def test_whoever_wrote_in_between_makes_it_be_read_again(azure: Any, step: Any) -> None:
    """412: the change is merged into what is there now."""
    foreign(azure, step, TABLE, TABLE_BODY)
    azure.fault(
        match={"method": "PUT", "path": "routeTables", "times": 1}, then={"status": 412, "code": "PreconditionFailed"}
    )
    update = step("update-resource", TABLE, changes={"properties": {"disableBgpRoutePropagation": True}})
    first = azure.begin(update)
    assert (first.status, first.code) == ("retryable", "PreconditionFailed")
    assert azure.walk(update).status == "succeeded"


def test_what_is_not_there_cannot_be_changed(azure: Any, step: Any) -> None:
    outcome = azure.begin(step("update-resource", TABLE, changes={"properties": {}}))
    assert (outcome.status, outcome.code) == ("failed", "ResourceNotFound")


def test_a_type_that_is_not_in_the_table_is_refused_by_name(azure: Any, step: Any) -> None:
    target = f"{GROUP}/providers/Microsoft.Web/sites/app"
    outcome = azure.begin(step("put-resource", target, body={}))
    assert (outcome.status, outcome.code) == ("failed", "UnknownType")
    assert "Microsoft.Web/sites" in outcome.reason


def test_a_secret_goes_into_the_body_and_nowhere_else(azure: Any, step: Any) -> None:
    """By its path; neither outcome nor store shows it."""
    key = str(azure.running.world.secrets.value("kv-companyb-dr", "psk-datacenter"))
    target = f"{NETWORK}/connections/cn-by-hand"
    body = {"location": "southeastasia", "properties": {
        "connectionType": "IPsec",
        "virtualNetworkGateway1": {"id": f"{NETWORK}/virtualNetworkGateways/vgw-companyb-southeastasia"},
        "localNetworkGateway2": {"id": f"{NETWORK}/localNetworkGateways/lng-datacenter-southeastasia"}}}  # fmt: skip
    secrets = {"properties.sharedKey": {"vault": "kv-companyb-dr", "secret": "psk-datacenter"}}
    put = step("put-resource", target, body=body, secrets=secrets)
    outcomes = [azure.begin(put), azure.walk(put), azure.begin(put)]
    assert outcomes[1].status == "succeeded"
    assert azure.running.world.documents.get(target)["properties"]["sharedKey"] == key
    assert key not in repr(outcomes)
    assert not [one for one in azure.documents.rglob("*") if one.is_file() and key in one.read_text()]


def test_an_internet_name_leads_to_the_other_endpoint(start_azure: Any, step: Any) -> None:
    """Traffic Manager answers at once, knows no etag and no provisioningState."""
    azure = start_azure(name="replica-network")
    endpoint = f"{FABRIKAM}/Microsoft.Network/trafficManagerProfiles/tm-shop/externalEndpoints/koreacentral"
    enable = step("update-resource", endpoint, changes={"properties": {"endpointStatus": "Enabled"}})
    assert azure.walk(enable).status == "succeeded"
    assert azure.begin(enable).reason == "koreacentral is as wanted already"
    back = step("update-resource", endpoint, changes={"properties": {"endpointStatus": "Disabled"}})
    assert azure.walk(back).status == "succeeded"


def test_a_record_has_the_new_addresses_and_none_of_the_old(start_azure: Any, step: Any) -> None:
    """A list without names is wanted as a whole."""
    azure = start_azure(name="replica-network")
    record = f"{FABRIKAM}/Microsoft.Network/dnszones/fabrikam.example/A/api"
    changes = {"properties": {"TTL": 30, "ARecords": [{"ipv4Address": "198.51.100.99"}]}}
    update = step("update-resource", record, changes=changes)
    assert azure.walk(update).status == "succeeded"
    assert azure.document(record)["properties"]["ARecords"] == [{"ipv4Address": "198.51.100.99"}]
    assert azure.begin(update).reason == "api is as wanted already"


@pytest.fixture
def walker(azure: Any) -> Any:
    return azure


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.sampled_from(["begin", "poll", "verify", "advance"]), max_size=10))
@pytest.mark.parametrize("kind", ["put-resource", "update-resource", "delete-resource"])
def test_a_crash_between_any_two_calls_has_one_effect(walker: Any, step: Any, kind: str, turns: list[str]) -> None:
    """Whatever is run again, and in whichever order, Azure is told once."""
    target = f"{NETWORK}/networkSecurityGroups/nsg-{uuid.uuid4()}"
    body = {"location": "southeastasia", "properties": {"securityRules": []}}
    expected = "delete" if kind == "delete-resource" else "write"
    if kind != "put-resource":
        foreign(walker, step, target, body)
    rule = {"name": "r", "properties": {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "*",
            "sourceAddressPrefix": "10.50.0.0/16", "sourcePortRange": "*", "destinationAddressPrefix": "*",
            "destinationPortRange": "443"}}  # fmt: skip
    made = step(kind, target, body=body, changes={"properties": {"securityRules": [rule]}})
    before, operation = len(walker.writes(target)), None
    for turn in turns:
        if turn == "advance":
            walker.advance(4)
            continue
        act = getattr(walker, turn)
        outcome = act(made) if turn == "begin" else act(made, operation=operation)
        operation = outcome.operation or operation
    assert walker.walk(dataclasses.replace(made)).status == "succeeded"
    assert walker.writes(target)[before:] == [expected]
