"""ExpressRoute over the wire: what joins, what is refused, what an authorization's end does, whose way is preferred."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ESTATES = Path(__file__).parents[2] / "estates"
GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
OLD = f"{GROUPS}/rg-companyb-eastasia/providers/Microsoft.Network/connections/cn-er-eastasia"
NEW = f"{GROUPS}/rg-companyb-southeastasia/providers/Microsoft.Network/connections/cn-er-southeastasia"
CIRCUIT = f"{GROUPS}/rg-companyb-circuits/providers/Microsoft.Network/expressRouteCircuits/er-datacenter"
GATEWAY = f"{GROUPS}/rg-companyb-southeastasia/providers/Microsoft.Network/virtualNetworkGateways/ergw-southeastasia"
VERSION = "?api-version=2024-05-01"
EDGE = "10.50.250.2"


def estate(name: str) -> list[dict[str, Any]]:
    return list(json.loads((ESTATES / f"{name}.json").read_text()))


def one_of(documents: list[dict[str, Any]], resource_id: str) -> dict[str, Any]:
    return next(document for document in documents if document["id"].lower() == resource_id.lower())


@pytest.fixture
def azure(start_azure: Any) -> Any:
    return start_azure(estate=estate("company-b-expressroute"))


def join(azure: Any, **more: Any) -> Any:
    """PUT the recovery gateway's connection to the circuit."""
    properties = {
        "connectionType": "ExpressRoute",
        "virtualNetworkGateway1": {"id": GATEWAY},
        "peer": {"id": CIRCUIT},
        **more,
    }
    return azure.raw("PUT", NEW + VERSION, {"location": "southeastasia", "properties": properties})


def part(azure: Any) -> None:
    azure.raw("DELETE", OLD + VERSION)
    azure.advance(60)


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def shown(azure: Any, path: str) -> dict[str, Any]:
    return dict(azure.raw("GET", path + VERSION).json()["properties"])


def read(azure: Any, action: str) -> list[dict[str, Any]]:
    started = azure.raw("POST", f"{GATEWAY}/{action}")
    azure.advance(15)
    return list(azure.raw("GET", started.headers["Location"]).json()["value"])


def test_the_site_knows_its_circuits_networks_by_microsofts_edge(azure: Any) -> None:
    """Neighbor is the second usable address of the circuit's primary prefix, the AS path 12076."""
    seen = azure.looking_glass("10.1.1.4")
    assert [(route["prefix"], route["neighbor"], route["asPath"]) for route in seen["routes"]] == [
        ("10.1.0.0/16", EDGE, [12076])
    ]
    assert seen["peers"] == [{"neighbor": EDGE, "asn": 12076, "state": "Established", "blocked": False}]
    assert seen["reach"]["reachable"] is True


def test_a_circuit_takes_no_second_network_of_one_space(azure: Any) -> None:
    """Refused while the source is joined, accepted when its connection is gone."""
    assert code(join(azure)) == "ExpressRouteCircuitVnetAddressSpaceOverlap"
    part(azure)
    assert azure.looking_glass()["routes"] == []
    assert join(azure).status_code == 201
    azure.advance(100)
    properties = shown(azure, NEW)
    assert properties["connectionStatus"] == "Connected"
    assert properties["ingressBytesTransferred"] > 0
    assert [route["best"] for route in azure.looking_glass()["routes"]] == [True]
    assert azure.verdict()["violations"] == []


def test_where_azure_accepts_overlaps_the_site_is_torn(start_azure: Any) -> None:
    """The variant: both joined to one circuit, and the judge says so, before and when it happens."""
    azure = start_azure({"variants": {"network.circuit_overlap": "accepted"}}, estate("company-b-expressroute"))
    join(azure)
    azure.advance(100)
    rules = {violation["rule"] for violation in azure.verdict()["violations"]}
    assert rules == {"never-two-ways-home", "predecessor-still-joined"}
    assert azure.events("split.started")[0]["observer"] == "datacenter"


def test_an_authorization_opens_the_circuit_to_one_connection(azure: Any) -> None:
    """A key that is none, one that is in use, and one that is free; used, it names its connection."""
    part(azure)
    assert code(join(azure, authorizationKey="no-key-of-this-circuit")) == "InvalidAuthorizationKey"
    assert join(azure, authorizationKey=azure.secret("er-southeastasia")).status_code == 201
    used = shown(azure, f"{CIRCUIT}/authorizations/southeastasia")
    assert used["authorizationUseStatus"] == "InUse"
    assert used["connectionResourceUri"] == NEW


def test_an_authorization_serves_one_connection(azure: Any) -> None:
    """That of the old connection is in use until that is gone."""
    refused = join(azure, authorizationKey=azure.secret("er-eastasia"))
    assert code(refused) == "AuthorizationAlreadyInUse"
    part(azure)
    assert join(azure, authorizationKey=azure.secret("er-eastasia")).status_code == 201


def test_a_circuit_of_another_subscription_needs_an_authorization(start_azure: Any) -> None:
    """Without a key: refused; with one: accepted."""
    other = "0000c0c0-0000-4000-8000-00000000c0c0"
    documents = estate("company-b-expressroute")
    text = json.dumps(documents).replace(
        f"{GROUPS}/rg-companyb-circuits", f"/subscriptions/{other}/resourceGroups/rg-circuits"
    )
    azure = start_azure(estate=json.loads(text))
    part(azure)
    there = CIRCUIT.replace(f"{GROUPS}/rg-companyb-circuits", f"/subscriptions/{other}/resourceGroups/rg-circuits")
    assert code(join(azure, peer={"id": there})) == "AuthorizationKeyRequired"
    assert join(azure, peer={"id": there}, authorizationKey=azure.secret("er-southeastasia")).status_code == 201


def test_a_revoked_authorization_drops_its_connection_though_its_region_is_dark(start_azure: Any) -> None:
    """The circuit's side of the fence: routes go at once, the document when its region can be written to again."""
    faults = [{"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "503", "for": 600}]
    azure = start_azure({"faults": faults}, estate("company-b-expressroute"))
    assert len(azure.looking_glass()["routes"]) == 1
    azure.raw("DELETE", f"{CIRCUIT}/authorizations/eastasia{VERSION}")
    azure.advance(20)
    assert azure.looking_glass()["routes"] == []
    assert join(azure).status_code == 201
    azure.advance(700)
    assert azure.raw("GET", OLD + VERSION).status_code == 404
    assert azure.verdict()["violations"] == []


@pytest.mark.parametrize(
    ("tier", "place", "status"),
    [("Standard", "London", 400), ("Premium", "London", 201), ("Standard", "Singapore2", 201)],
)
def test_across_geographies_a_circuit_must_be_premium(start_azure: Any, tier: str, place: str, status: int) -> None:
    """Southeast Asia and Singapore are one geopolitical region, London is another."""
    documents = estate("company-b-expressroute")
    circuit = one_of(documents, CIRCUIT)
    circuit["sku"]["tier"] = tier
    circuit["properties"]["serviceProviderProperties"]["peeringLocation"] = place
    azure = start_azure(estate=documents)
    part(azure)
    answer = join(azure)
    assert answer.status_code == status
    if status == 400:
        assert code(answer) == "ExpressRouteCircuitPremiumRequired"


def test_a_vpn_connection_does_not_start_at_an_expressroute_gateway(azure: Any) -> None:
    """Nor the other way round."""
    local = f"{GROUPS}/rg-companyb-southeastasia/providers/Microsoft.Network/localNetworkGateways/lng"
    azure.raw("PUT", local + VERSION, {"location": "southeastasia", "properties": {"gatewayIpAddress": "203.0.113.99"}})
    azure.advance(15)
    answer = join(azure, connectionType="IPsec", localNetworkGateway2={"id": local})
    assert code(answer) == "GatewayTypeNotSupportedForConnection"


def test_an_expressroute_gateway_tells_what_it_learned(azure: Any) -> None:
    """Its peer is Microsoft's edge; the site's prefix comes with both ASNs on its path."""
    part(azure)
    join(azure)
    azure.advance(100)
    learned = [row for row in read(azure, f"getLearnedRoutes{VERSION}") if row["origin"] == "EBgp"]
    assert [(row["network"], row["asPath"]) for row in learned] == [("10.50.0.0/16", "12076-65050")]
    (peer,) = read(azure, f"getBgpPeerStatus{VERSION}")
    assert (peer["asn"], peer["state"], peer["routesReceived"]) == (12076, "Connected", 1)
    advertised = read(azure, f"getAdvertisedRoutes{VERSION}&peer={peer['neighbor']}")
    assert [(row["network"], row["asPath"]) for row in advertised] == [("10.1.0.0/16", "65515")]


@pytest.mark.parametrize(("variant", "status"), [("Connected", "Connected"), ("Unknown", "Unknown")])
def test_the_status_of_a_connection_to_a_circuit_is_a_guess(start_azure: Any, variant: str, status: str) -> None:
    """A client may not count on it."""
    azure = start_azure({"variants": {"network.circuit_status": variant}}, estate("company-b-expressroute"))
    assert shown(azure, OLD)["connectionStatus"] == status


def test_two_circuits_are_one_way_home_as_long_as_one_is_preferred(start_azure: Any) -> None:
    """prefer-peer swaps them, and the way home with them."""
    azure = start_azure(estate=estate("company-b-two-circuits"))
    before = {route["neighbor"]: route["best"] for route in azure.looking_glass()["routes"]}
    assert before == {"10.50.250.2": True, "10.50.251.2": False}
    order = {"peer": {"bgpPeeringAddress": "10.50.251.2"}, "over": {"bgpPeeringAddress": "10.50.250.2"}}
    assert azure.order("prefer-peer", "k", **order).status_code == 200
    after = {route["neighbor"]: route["best"] for route in azure.looking_glass()["routes"]}
    assert after == {"10.50.250.2": False, "10.50.251.2": True}
    swapped = {"peer": order["over"], "over": order["peer"]}
    azure.order("prefer-peer", "k2", **swapped)
    assert {route["neighbor"]: route["best"] for route in azure.looking_glass()["routes"]} == before
    assert azure.verdict()["violations"] == []
    assert azure.events("split.started") == []


def test_two_circuits_without_a_preference_tear_the_site(start_azure: Any) -> None:
    """Equal ways of one prefix into two networks are a split from the first moment."""
    documents = estate("company-b-two-circuits")
    one_of(documents, "/onPremises/datacenter")["properties"].pop("localPreferences", None)
    azure = start_azure(estate=documents)
    assert azure.events("split.started")[0]["site"] == "datacenter"


def test_blocking_microsofts_edge_takes_the_circuits_routes(azure: Any) -> None:
    """A fence at the site works for circuits as for tunnels."""
    assert azure.order("block-peer", "k", peer={"bgpPeeringAddress": EDGE}).status_code == 200
    seen = azure.looking_glass("10.1.1.4")
    assert seen["routes"] == []
    assert seen["peers"] == [{"neighbor": EDGE, "asn": 12076, "state": "Down", "blocked": True}]
    assert seen["reach"]["reachable"] is False
    azure.order("unblock-peer", "k2", peer={"bgpPeeringAddress": EDGE})
    azure.advance(60)
    assert len(azure.looking_glass()["routes"]) == 1
