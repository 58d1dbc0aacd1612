"""Links between networks over the wire: two connections make one, routes by hand or by BGP, and who sees whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ESTATES = Path(__file__).parents[2] / "estates"
SUBSCRIPTION = "0000a0a0-0000-4000-8000-00000000a0a0"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
VERSION = "?api-version=2024-05-01"
SOURCE, AZURE, RECOVERY = (
    f"{GROUPS}/rg-companya-{name}/providers/Microsoft.Network" for name in ("eastasia", "azure", "recovery")
)
KEY = "a-key-that-both-ends-have"


def estate(name: str) -> list[dict[str, Any]]:
    return list(json.loads((ESTATES / f"{name}.json").read_text()))


@pytest.fixture
def azure(start_azure: Any) -> Any:
    """Company A: source and replica network joined by two static connections; a recovery network with a gateway."""
    return start_azure(estate=estate("company-a"))


def connect(azure: Any, where: str, name: str, gateway: str, local: str, *, key: str = KEY, **more: Any) -> Any:
    properties = {
        "connectionType": "IPsec",
        "virtualNetworkGateway1": {"id": f"{where}/virtualNetworkGateways/{gateway}"},
        "localNetworkGateway2": {"id": f"{where}/localNetworkGateways/{local}"},
        "sharedKey": key,
        **more,
    }
    answer = azure.raw(
        "PUT", f"{where}/connections/{name}{VERSION}", {"location": "southeastasia", "properties": properties}
    )
    assert answer.status_code == 201, answer.text
    azure.advance(80)
    return answer


def join(azure: Any, **more: Any) -> None:
    """Both halves between the replica network and the recovery network."""
    connect(azure, RECOVERY, "cn-recovery-azure", "vgw-recovery", "lng-azure-southeastasia", **more)
    connect(azure, AZURE, "cn-azure-recovery", "vgw-azure", "lng-recovery-southeastasia", **more)


def part(azure: Any) -> None:
    for path in (f"{SOURCE}/connections/cn-source-azure", f"{AZURE}/connections/cn-azure-source"):
        azure.raw("DELETE", path + VERSION)
        azure.advance(45)


def status(azure: Any, path: str) -> dict[str, Any]:
    return dict(azure.raw("GET", path + VERSION).json()["properties"])


def ways(azure: Any, network: str) -> dict[str, list[str]]:
    """prefix -> networks that a network has a way to, as the log's last word on each prefix has it."""
    told: dict[str, list[str]] = {}
    for event in azure.events("routes.changed"):
        if event["site"] == network:
            told[event["prefix"]] = [home["network"].rsplit("/", 1)[1] for home in event["homes"]]
    return {prefix: homes for prefix, homes in told.items() if homes}


def reads(azure: Any, gateway: str, action: str) -> list[dict[str, Any]]:
    started = azure.raw("POST", f"{gateway}/{action}")
    azure.advance(15)
    return list(azure.raw("GET", started.headers["Location"]).json()["value"])


def test_two_connections_that_answer_each_other_join_two_networks(azure: Any) -> None:
    """Each through a local network gateway at the other gateway's public address; no site is made of these."""
    assert ways(azure, "vnet-azure") == {"10.1.0.0/16": ["vnet-source"]}
    assert ways(azure, "vnet-source") == {"10.2.0.0/16": ["vnet-azure"]}
    for path in (f"{SOURCE}/connections/cn-source-azure", f"{AZURE}/connections/cn-azure-source"):
        assert status(azure, path)["connectionStatus"] == "Connected"
    assert azure.world.state["sites"] == {}


def test_half_a_link_is_none(azure: Any) -> None:
    """One connection alone stays Connecting; when one of two is deleted the other is not connected any more."""
    part(azure)
    connect(azure, RECOVERY, "cn-recovery-azure", "vgw-recovery", "lng-azure-southeastasia")
    azure.advance(120)
    assert status(azure, f"{RECOVERY}/connections/cn-recovery-azure")["connectionStatus"] == "Connecting"
    assert ways(azure, "vnet-azure") == {}
    connect(azure, AZURE, "cn-azure-recovery", "vgw-azure", "lng-recovery-southeastasia")
    assert ways(azure, "vnet-azure") == {"10.1.0.0/16": ["vnet-recovery"]}
    azure.raw("DELETE", f"{RECOVERY}/connections/cn-recovery-azure{VERSION}")
    azure.advance(60)
    assert status(azure, f"{AZURE}/connections/cn-azure-recovery")["connectionStatus"] == "NotConnected"
    assert ways(azure, "vnet-azure") == {}
    assert azure.verdict()["violations"] == []


def test_halves_with_different_keys_do_not_join(azure: Any) -> None:
    """As with a device, both ends must have one key."""
    part(azure)
    connect(azure, RECOVERY, "cn-recovery-azure", "vgw-recovery", "lng-azure-southeastasia", key="one-key")
    connect(azure, AZURE, "cn-azure-recovery", "vgw-azure", "lng-recovery-southeastasia", key="another-key")
    azure.advance(120)
    assert status(azure, f"{AZURE}/connections/cn-azure-recovery")["connectionStatus"] == "Connecting"


def test_a_half_put_back_under_the_secret_of_its_network_joins_the_other(azure: Any) -> None:
    """The key of an estate's pair is the vault secret psk-<network>, so what was taken away can be put back."""
    azure.raw("DELETE", f"{AZURE}/connections/cn-azure-source{VERSION}")
    azure.advance(60)
    key = azure.world.secrets.value("kv-companya-dr", "psk-azure")
    connect(azure, AZURE, "cn-azure-source", "vgw-azure", "lng-source-southeastasia", key=key)
    assert status(azure, f"{AZURE}/connections/cn-azure-source")["connectionStatus"] == "Connected"


def test_a_network_that_stays_is_torn_between_source_and_recovery(azure: Any) -> None:
    """Both joined to the replica network: a split with that network as its observer, until one goes."""
    join(azure)
    azure.advance(30)
    (started,) = azure.events("split.started")
    assert started["of"] == "network"
    assert started["observer"].endswith("/virtualNetworks/vnet-azure")
    assert {home["network"].rsplit("/", 1)[1] for home in started["homes"]} == {"vnet-source", "vnet-recovery"}
    rules = {violation["rule"] for violation in azure.verdict()["violations"]}
    assert rules == {"never-two-ways-home", "predecessor-still-joined"}
    part(azure)
    assert azure.events("split.ended")[0]["observer"] == started["observer"]
    assert azure.verdict()["split_seconds"] > 0


def test_disconnected_first_nobody_is_torn(azure: Any) -> None:
    """The order that rule 3 asks for leaves nothing to judge, and machines meet across the new link."""
    part(azure)
    join(azure)
    azure.advance(30)
    assert ways(azure, "vnet-azure") == {"10.1.0.0/16": ["vnet-recovery"]}
    assert azure.verdict()["violations"] == []


def test_a_dark_region_takes_its_half_down_after_dead_peer_detection(start_azure: Any) -> None:
    """The living end forgets the route 45 seconds later."""
    azure = start_azure({"faults": [{"at": 10, "region": "eastasia", "dark": "data-plane"}]}, estate("company-a"))
    azure.advance(30)
    assert ways(azure, "vnet-azure") == {"10.1.0.0/16": ["vnet-source"]}
    azure.advance(40)
    assert ways(azure, "vnet-azure") == {}


def vnet_to_vnet(azure: Any, asns: tuple[int, int] | None = None) -> None:
    """Recovery and replica network by Vnet2Vnet; with ASNs also by BGP."""
    part(azure)
    gateways = f"{AZURE}/virtualNetworkGateways/vgw-azure", f"{RECOVERY}/virtualNetworkGateways/vgw-recovery"
    for at, gateway in enumerate(gateways):
        if asns:
            document = azure.world.documents.get(gateway)
            document["properties"]["enableBgp"] = True
            document["properties"]["bgpSettings"]["asn"] = asns[at]
    for where, name, here, there in (
        (AZURE, "cn-azure-recovery", gateways[0], gateways[1]),
        (RECOVERY, "cn-recovery-azure", gateways[1], gateways[0]),
    ):
        properties = {
            "connectionType": "Vnet2Vnet",
            "virtualNetworkGateway1": {"id": here},
            "virtualNetworkGateway2": {"id": there},
            "sharedKey": KEY,
            "enableBgp": asns is not None,
        }
        body = {"location": "southeastasia", "properties": properties}
        assert azure.raw("PUT", f"{where}/connections/{name}{VERSION}", body).status_code == 201
        azure.advance(80)


def test_vnet_to_vnet_knows_the_other_networks_space_by_itself(azure: Any) -> None:
    """No local network gateway, no BGP: routes are there all the same."""
    vnet_to_vnet(azure)
    assert ways(azure, "vnet-azure") == {"10.1.0.0/16": ["vnet-recovery"]}
    assert ways(azure, "vnet-recovery") == {"10.2.0.0/16": ["vnet-azure"]}


def test_two_gateways_with_bgp_learn_from_each_other(azure: Any) -> None:
    """Different ASNs: a session each way, learned and advertised rows, the peer's state."""
    vnet_to_vnet(azure, (65010, 65020))
    gateway = f"{RECOVERY}/virtualNetworkGateways/vgw-recovery"
    learned = [row for row in reads(azure, gateway, f"getLearnedRoutes{VERSION}") if row["origin"] == "EBgp"]
    assert [(row["network"], row["asPath"], row["sourcePeer"]) for row in learned] == [
        ("10.2.0.0/16", "65010", "10.2.255.30")
    ]
    (peer,) = reads(azure, gateway, f"getBgpPeerStatus{VERSION}")
    assert (peer["neighbor"], peer["asn"], peer["state"], peer["routesReceived"]) == (
        "10.2.255.30",
        65010,
        "Connected",
        1,
    )
    told = reads(azure, gateway, f"getAdvertisedRoutes{VERSION}&peer=10.2.255.30")
    assert [(row["network"], row["asPath"]) for row in told] == [("10.1.0.0/16", "65020")]


def test_two_gateways_of_one_asn_take_nothing_from_each_other(azure: Any) -> None:
    """Loop prevention: what has passed one's own ASN is not taken."""
    vnet_to_vnet(azure, (65515, 65515))
    assert ways(azure, "vnet-azure") == {}


def test_a_network_learns_beyond_its_neighbour_by_bgp_alone(start_azure: Any) -> None:
    """Three networks in a triangle of static links: each sees its neighbours, none through another."""
    azure = start_azure(estate=estate("company-a-app"))
    assert ways(azure, "vnet-one") == {"10.2.0.0/16": ["vnet-two"], "10.3.0.0/16": ["vnet-azure"]}


def test_the_log_tells_whom_a_network_reaches(azure: Any) -> None:
    """crossing.changed: the replica network's machines reach the source's, and lose them with the link."""
    there = [event for event in azure.events("crossing.changed") if event["network"] == "vnet-azure"]
    assert {(event["address"], event["reachable"], event["region"]) for event in there} == {
        ("10.1.1.4", True, "eastasia"),
        ("10.1.2.4", True, "eastasia"),
        ("10.1.3.4", True, "eastasia"),
    }
    part(azure)
    last = {event["address"]: event["reachable"] for event in azure.events("crossing.changed")}
    assert last["10.1.3.4"] is False


def test_a_machine_without_an_address_is_reached_by_nobody(start_azure: Any) -> None:
    """An estate may lack a machine's interface; the others are told of all the same."""
    documents = [one for one in estate("company-a") if one["name"] != "sqlreplica-nic"]
    azure = start_azure(estate=documents)
    assert "" in {machine.address for machine in azure.world.machines.all()}
    assert "10.2.4.4" not in {event["address"] for event in azure.events("crossing.changed")}
    assert "10.2.4.5" in {event["address"] for event in azure.events("crossing.changed")}


def test_a_connectivity_check_crosses_networks_both_ways(azure: Any) -> None:
    """Reachable while both connections stand, Unreachable when one has gone."""
    machine = next(one for one in azure.world.machines.all() if one.name == "app1")
    assert azure.world.state["routing"].ways.between(machine, "10.2.4.4", 1433).reached
    azure.raw("DELETE", f"{AZURE}/connections/cn-azure-source{VERSION}")
    azure.advance(60)
    assert not azure.world.state["routing"].ways.between(machine, "10.2.4.4", 1433).reached
