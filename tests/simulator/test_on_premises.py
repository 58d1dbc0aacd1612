"""The owner's device: what it shows, whom it listens to, and what it needs before a tunnel comes up."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

OLD, NEW = "10.1.255.30", "10.1.254.30"


def old_connection(azure: Any) -> dict[str, Any]:
    name = "/resourceGroups/rg-companyb-eastasia/providers/Microsoft.Network/connections/cn-eastasia-datacenter"
    path = f"/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0{name}?api-version=2024-05-01"
    return dict(azure.raw("GET", path).json())


def test_before_the_event_the_datacenter_reaches_east_asia(azure: Any) -> None:
    """The looking glass: routes, peers, and whether an address answers."""
    seen = azure.looking_glass("10.1.3.4")
    assert seen["site"] == "datacenter"
    assert seen["routes"] == [
        {"prefix": "10.1.0.0/16", "neighbor": OLD, "asn": 65515, "nextHop": OLD, "asPath": [65515], "best": True}
    ]
    assert seen["peers"] == [{"neighbor": OLD, "asn": 65515, "state": "Established", "blocked": False}]
    assert seen["reach"]["reachable"] is True
    assert seen["reach"]["port"] == 443
    assert "dc1 answers" in seen["reach"]["detail"]


@pytest.mark.parametrize("address", ["10.1.3.77", "192.0.2.1"])
def test_what_nobody_answers_at_is_not_reachable(azure: Any, address: str) -> None:
    """A route is not a machine, and no route is no way at all."""
    reach = azure.looking_glass(address)["reach"]
    assert reach["reachable"] is False
    assert reach["detail"]


def test_a_wrong_signature_moves_nothing(azure: Any) -> None:
    """401, and the peer stays."""
    assert azure.order_device("block-peer", OLD, "k", secret="not the secret of the device").status_code == 401
    assert azure.looking_glass()["peers"][0]["blocked"] is False


def test_the_same_idempotency_key_has_one_effect(azure: Any) -> None:
    """Asked again after an unblock, the old order is answered as before and does nothing."""
    first = azure.order_device("block-peer", OLD, "key-1")
    azure.order_device("unblock-peer", OLD, "key-2")
    again = azure.order_device("block-peer", OLD, "key-1")
    assert again.json() == first.json()
    assert azure.looking_glass()["peers"][0]["blocked"] is False
    assert [event["action"] for event in azure.events("automation.done")] == ["block-peer", "unblock-peer"]


def test_a_peer_is_known_by_any_of_its_addresses(azure: Any) -> None:
    """Blocking the public address drops the BGP peer behind it."""
    azure.order_device("block-peer", "198.51.100.21", "k")
    assert azure.looking_glass()["routes"] == []


def test_an_order_nobody_understands_is_refused(azure: Any) -> None:
    """400 for an unknown action, 404 where no automation is declared."""
    assert azure.order_device("reboot", OLD, "k").status_code == 400
    stray = requests.post(f"{azure.endpoint}/owner/elsewhere.example/x", data="{}", verify=azure.ca_bundle, timeout=5)
    assert stray.status_code == 404


def test_a_dropped_tunnel_is_seen_from_azure_too(azure: Any) -> None:
    """connectionStatus follows; unblocked, the tunnel comes back after its negotiation."""
    azure.order_device("block-peer", OLD, "a")
    assert old_connection(azure)["properties"]["connectionStatus"] == "NotConnected"
    azure.order_device("unblock-peer", OLD, "b")
    azure.advance(60)
    assert old_connection(azure)["properties"]["connectionStatus"] == "Connected"
    assert len(azure.looking_glass()["routes"]) == 1


def test_two_ends_with_different_keys_never_make_a_tunnel(azure: Any) -> None:
    """The device knows the key of the estate's secret; another one stays Connecting."""
    azure.order_device("block-peer", OLD, "a")
    azure.connect(shared_key="some-other-key-altogether")
    azure.advance(600)
    connections = azure.network().virtual_network_gateway_connections
    status = connections.get("rg-companyb-southeastasia", "cn-southeastasia-datacenter")
    assert status.connection_status == "Connecting"
    assert azure.looking_glass()["routes"] == []


def test_routes_come_after_the_drawn_convergence_time(start_azure: Any) -> None:
    """BGP takes its seconds after the tunnel is up; the scenario may say how many."""
    azure = start_azure({"onPremises": {"datacenter": {"bgpConvergence": 100}}})
    azure.order_device("block-peer", OLD, "a")
    azure.connect()
    azure.advance(200)
    azure.looking_glass()
    up = next(e for e in azure.events("tunnel.changed") if e["state"] == "Connected")["seconds"]
    learned = [event for event in azure.events("routes.changed") if event["homes"]][-1]
    assert learned["seconds"] - up == pytest.approx(100, abs=0.01)
    assert [home["gateway"].rsplit("/", 1)[1] for home in learned["homes"]] == ["vgw-companyb-southeastasia"]


def test_a_silent_gateway_is_noticed_after_dead_peer_detection(start_azure: Any) -> None:
    """A region that falls dark keeps its route for 45 seconds, its machines none."""
    azure = start_azure({"faults": [{"at": 10, "region": "eastasia", "dark": "data-plane"}]})
    azure.advance(30)
    seen = azure.looking_glass("10.1.1.4")
    assert len(seen["routes"]) == 1
    assert seen["reach"]["reachable"] is False
    azure.advance(30)
    assert azure.looking_glass()["routes"] == []


def test_a_declared_preference_makes_two_links_no_split(start_azure: Any) -> None:
    """Two connected networks of one space are one way home when the device prefers one peer over the other."""
    from simulator.company_b import company_b

    estate = company_b()
    site = next(document for document in estate if document["id"].startswith("/onPremises/"))
    site["properties"]["localPreferences"] = {OLD: 200, NEW: 50}
    azure = start_azure(estate=estate)
    azure.connect()
    azure.advance(60)
    seen = azure.looking_glass()
    assert [(route["neighbor"], route["best"]) for route in seen["routes"]] == [(OLD, True), (NEW, False)]
    assert azure.verdict()["violations"] == []


def test_a_site_nobody_described_is_derived_from_local_network_gateways(start_azure: Any) -> None:
    """An estate of ARM documents alone still has an on-premises side."""
    from simulator.company_b import company_b

    estate = [document for document in company_b() if not document["id"].startswith("/onPremises/")]
    azure = start_azure(estate=estate)
    assert old_connection(azure)["properties"]["connectionStatus"] == "Connected"
    (site,) = azure.world.state["sites"].values()
    assert site.public_address == "203.0.113.10"
    assert [route.neighbor for route in site.routes.values()] == [OLD]


def test_spokes_are_reachable_through_their_hubs_gateway(start_azure: Any) -> None:
    """Gateway transit: what a peered network adds is advertised when both flags are set, and gone when one side is."""
    azure = start_azure({"durations": {"virtualNetworkPeerings/write": 1}})
    sub = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-eastasia"
    base, version = f"{sub}/providers/Microsoft.Network/virtualNetworks", "?api-version=2024-05-01"
    hub, spoke = f"{base}/vnet-companyb-eastasia", f"{base}/vnet-spoke"
    space = {"location": "eastasia", "properties": {"addressSpace": {"addressPrefixes": ["10.7.0.0/16"]}}}
    azure.raw("PUT", spoke + version, space)
    azure.advance(20)
    there = {"remoteVirtualNetwork": {"id": spoke}, "allowGatewayTransit": True}
    back = {"remoteVirtualNetwork": {"id": hub}, "useRemoteGateways": True}
    first = azure.raw("PUT", f"{hub}/virtualNetworkPeerings/to-spoke{version}", {"properties": there}).json()
    azure.advance(15)
    second = azure.raw("PUT", f"{spoke}/virtualNetworkPeerings/to-hub{version}", {"properties": back}).json()
    states = [(one["properties"]["peeringState"], one["properties"]["provisioningState"]) for one in (first, second)]
    assert states == [("Initiated", "Updating"), ("Connected", "Updating")]
    assert second["properties"]["resourceGuid"] == first["properties"]["resourceGuid"]
    flipped = azure.raw("GET", f"{hub}/virtualNetworkPeerings/to-spoke{version}").json()
    assert flipped["properties"]["peeringState"] == "Connected"
    azure.advance(15)
    assert {route["prefix"] for route in azure.looking_glass()["routes"]} == {"10.1.0.0/16", "10.7.0.0/16"}
    azure.raw("DELETE", f"{spoke}/virtualNetworkPeerings/to-hub{version}")
    azure.advance(15)
    left = azure.raw("GET", f"{hub}/virtualNetworkPeerings/to-spoke{version}").json()["properties"]
    assert (left["peeringState"], left["provisioningState"]) == ("Disconnected", "Succeeded")
    assert {route["prefix"] for route in azure.looking_glass()["routes"]} == {"10.1.0.0/16"}
    refused = azure.raw("PUT", f"{spoke}/virtualNetworkPeerings/to-hub{version}", {"properties": back})
    assert refused.json()["error"]["code"] == "RemotePeeringIsDisconnected"


def test_reachability_is_logged_for_every_machine(start_azure: Any) -> None:
    """reachable.changed tells when people could reach a machine again, and in which region."""
    azure = start_azure({"faults": [{"at": 5, "region": "eastasia", "dark": "both", "answer": "refuse"}]})
    azure.advance(10)
    azure.verdict()
    events = azure.events("reachable.changed")
    assert {event["address"] for event in events if event["reachable"]} >= {"10.1.1.4", "10.1.3.6"}
    lost = [event for event in events if not event["reachable"]]
    assert len(lost) == 9
    assert json.dumps(lost[0]["seconds"]) == "5.0"
