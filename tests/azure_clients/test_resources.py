"""The table of resources: each type through its SDK's own operations, once, as the JSON that it is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azure_clients import network, resources
from azure_clients.errors import CallFailed, Changed, NotUnderstood
from azure_clients.scrubbing import SCRUBBER
from domain.outcomes import Operation

GROUP = "/subscriptions/s/resourceGroups/g/providers"
NOW = "2026-03-14T02:00:00+00:00"
KEY = "a-key-that-nobody-may-see-7f3"


def id_of(kind: str) -> str:
    """An id of a type of the table: a name for each of its parts."""
    provider, *types = kind.split("/")
    return f"{GROUP}/{provider}/" + "/".join(f"{one}/n{number}" for number, one in enumerate(types))


@pytest.mark.parametrize("kind", sorted(resources.TABLE))
def test_every_type_is_read_written_and_deleted_at_its_own_id(clients: Any, wire: Any, said: Any, kind: str) -> None:
    """One request each, at the id that was asked for: what the SDK builds of its arguments is the same path."""
    target = id_of(kind)
    body = {"location": "x", "properties": {"unheardOf": {"deep": [1, None]}}}
    wire.answer("GET", ".", said(body={"id": target, "properties": {}}))
    wire.answer("PUT", ".", said(body={"id": target, "properties": {}}))
    wire.answer("DELETE", ".", said(204))
    assert resources.read(clients, target) == {"id": target, "properties": {}}
    resources.begin_put(clients, target, body, NOW)
    resources.begin_delete(clients, target, NOW)
    paths = {one.path.partition("?")[0].lower() for one in wire.asked}
    assert (paths, [one.method for one in wire.asked]) == ({target.lower()}, ["GET", "PUT", "DELETE"])
    assert json.loads(wire.asked[1].body) == body


def test_what_is_not_there_is_none_and_gone(clients: Any, wire: Any, said: Any) -> None:
    target = id_of("microsoft.network/routetables")
    assert resources.read(clients, target) is None
    answer, operation = resources.begin_delete(clients, target, NOW)
    assert (answer.status, operation) == (404, None)


def test_a_type_of_no_table_is_not_guessed(clients: Any, wire: Any) -> None:
    with pytest.raises(NotUnderstood, match=r"Microsoft\.Web/sites"):
        resources.read(clients, f"{GROUP}/Microsoft.Web/sites/app")
    assert wire.asked == []


def test_an_update_goes_back_whole_under_the_etag_that_was_read(clients: Any, wire: Any, said: Any) -> None:
    """With the secret that ARM showed: left out, Azure might take it away. No text shows it afterwards."""
    target = id_of("microsoft.network/connections")
    there = {"id": target, "etag": 'W/"1"', "properties": {"sharedKey": KEY, "routingWeight": 1, "enableBgp": True}}
    wire.answer("GET", ".", said(body=there))
    wire.answer("PUT", ".", said(body=there))
    resources.begin_update(clients, target, {"properties": {"routingWeight": 9}}, NOW)
    (put,) = wire.of("PUT")
    assert put.headers["if-match"] == 'W/"1"'
    assert json.loads(put.body)["properties"] == {"sharedKey": KEY, "routingWeight": 9, "enableBgp": True}
    assert KEY not in json.dumps(resources.read(clients, target))
    assert KEY not in SCRUBBER.scrub(f"the key {KEY}")


def test_whoever_wrote_in_between_is_told_apart(clients: Any, wire: Any, said: Any) -> None:
    """412, with the outer error or without."""
    target = id_of("microsoft.network/dnszones/a")
    wire.answer("GET", ".", said(body={"etag": "1", "properties": {}}))
    wire.answer("PUT", ".", said(412, {"code": "PreconditionFailed", "message": "etag mismatch"}))
    with pytest.raises(Changed) as failure:
        resources.begin_update(clients, target, {"properties": {"TTL": 30}}, NOW)
    assert failure.value.outcome().status == "retryable"


def test_a_type_without_an_etag_is_written_without_a_condition(clients: Any, wire: Any, said: Any) -> None:
    target = id_of("microsoft.network/trafficmanagerprofiles/externalendpoints")
    wire.answer("GET", ".", said(body={"properties": {"endpointStatus": "Disabled"}}))
    wire.answer("PUT", ".", said(201, {"properties": {}}))
    _, operation = resources.begin_update(clients, target, {"properties": {"endpointStatus": "Enabled"}}, NOW)
    (put,) = wire.of("PUT")
    assert ("if-match" in put.headers, operation) == (False, None)


SECRETS = ("sharedKey", "authorizationKey", "serviceKey", "radiusServerSecret")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(SECRETS),
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40),
    depth=st.integers(0, 3),
)
def test_no_key_leaves_a_reading(clients: Any, wire: Any, said: Any, field: str, key: str, depth: int) -> None:
    """However deep it lies, whatever it is made of."""
    holder: Any = {field: key}
    for _ in range(depth):
        holder = {"more": [holder]}
    wire._rules.clear()
    wire.answer("GET", ".", said(body={"properties": holder}))
    found = resources.read(clients, id_of("microsoft.network/expressroutecircuits"))
    assert json.dumps(key)[1:-1] not in json.dumps(found)


def test_a_refusal_that_shows_a_key_is_told_without_it(clients: Any, wire: Any, said: Any) -> None:
    wire.answer("PUT", ".", said(400, {"error": {"code": "BadKey", "message": f"'{KEY}x' is no key"}}))
    body = {"properties": {"authorizationKey": f"{KEY}x"}}
    with pytest.raises(CallFailed) as failure:
        resources.begin_put(clients, id_of("microsoft.network/connections"), body, NOW)
    assert (failure.value.code, KEY in str(failure.value)) == ("BadKey", False)


def test_watchers_are_found_by_region(clients: Any, wire: Any, said: Any) -> None:
    """There is one a subscription and region, whatever its group is called."""
    watchers = [
        {"id": f"{GROUP}/Microsoft.Network/networkWatchers/{one}", "location": one} for one in ("easta", "westb")
    ]
    wire.answer("GET", "networkWatchers", said(body={"value": watchers}))
    assert network.watcher_of(clients, "s", "West B") == watchers[1]["id"]
    with pytest.raises(CallFailed) as failure:
        network.watcher_of(clients, "s", "nowhere")
    assert failure.value.code == "NoNetworkWatcher"


def test_readings_are_begun_and_their_urls_recorded(clients: Any, wire: Any, said: Any) -> None:
    """Next hop, connectivity and effective routes: 202 with Location alone."""
    location = {"Location": f"{wire.endpoint}/operationResults/r1?api-version=1"}
    wire.answer("POST", ".", said(202, "null", location))
    watcher, machine = f"{GROUP}/Microsoft.Network/networkWatchers/w", f"{GROUP}/Microsoft.Compute/virtualMachines/m"
    begun = [
        network.begin_next_hop(clients, watcher, machine, "10.1.1.4", "10.50.0.4", NOW),
        network.begin_connectivity(clients, watcher, machine, "10.50.0.4", 443, NOW),
        network.begin_effective_routes(clients, f"{GROUP}/Microsoft.Network/networkInterfaces/n", NOW),
    ]
    assert all(isinstance(one, Operation) and one.poll_url == location["Location"] for one in begun)
    asked = [json.loads(one.body) if one.body else None for one in wire.of("POST")]
    assert asked[0] == {
        "targetResourceId": machine, "sourceIPAddress": "10.1.1.4", "destinationIPAddress": "10.50.0.4"
    }  # fmt: skip
    assert asked[1]["destination"] == {"address": "10.50.0.4", "port": 443}


def test_an_sdk_is_loaded_when_the_first_of_its_resources_is_asked_for() -> None:
    """A run that switches no name pays for no DNS client, nor one without agents for a compute client."""
    code = (
        "import sys, activities.kinds, azure_clients.resources\n"
        "print([one for one in sys.modules if one.startswith(('azure.mgmt', 'jmespath'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
