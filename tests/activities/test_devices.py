"""A site's device is told, and what can be read back of it is; items are told where to land; packages are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

SITE = {
    "site": "datacenter",
    "automation_url": "https://automation.companyb.example/datacenter",
    "secret": {"vault": "kv-companyb-dr", "secret": "fence-datacenter"},
}
GLASS = "https://looking-glass.companyb.example/datacenter"
HONGKONG = {"bgpPeeringAddress": "10.50.250.2", "publicAddress": None, "asn": 12076}
SINGAPORE = {"bgpPeeringAddress": "10.50.251.2", "publicAddress": None, "asn": 12076}
PREFIXES = ["10.1.0.0/16"]
NEW = {"bgpPeeringAddress": "10.1.254.30", "publicAddress": "198.51.100.34", "asn": 65515}
GATEWAY = ("/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-southeastasia/providers/"
           "Microsoft.Network/virtualNetworkGateways/vgw-companyb-southeastasia")  # fmt: skip


@pytest.fixture
def circuits(start_azure: Any) -> Any:
    return start_azure(name="company-b-two-circuits")


def prefer(step: Any, kind: str = "prefer-peer", peer: Any = SINGAPORE, over: Any = HONGKONG, **more: Any) -> Any:
    named = {"looking_glass_url": GLASS, "prefixes": PREFIXES, "prefer": peer, "over": over, **more}
    return step(kind, "site:datacenter:circuits", **SITE, **named)


def test_a_preference_moves_and_is_read_back(circuits: Any, step: Any) -> None:
    """By the best route of every prefix; again it is done already; and the same swapped takes it back."""
    there, back = prefer(step), prefer(step, peer=HONGKONG, over=SINGAPORE)
    assert circuits.verify(there).code == "NotPreferred"
    assert circuits.walk(there).evidence["read_back"] == "the looking glass"
    assert circuits.begin(there).reason == "datacenter prefers 10.50.251.2 already"
    assert circuits.walk(back).status == "succeeded"
    assert [one["action"] for one in circuits.events("automation.done")] == ["prefer-peer", "prefer-peer"]


def test_an_order_sent_again_has_one_effect(circuits: Any, step: Any) -> None:
    """Without a looking glass: killed after the answer, the same key goes out again, and the word stands alone."""
    blind = prefer(step, looking_glass_url=None)
    assert [circuits.begin(blind).status for _ in range(3)] == ["succeeded"] * 3
    assert len(circuits.events("automation.done")) == 1
    assert circuits.verify(blind).evidence["read_back"] == "none: the automation's word alone"


def test_a_persons_preference_is_read_back_too(circuits: Any, step: Any) -> None:
    by_hand = prefer(step, kind="prefer-by-person")
    assert circuits.verify(by_hand).code == "NotPreferred"
    assert circuits.begin(prefer(step)).status == "succeeded"
    circuits.advance(60)
    assert circuits.verify(by_hand).status == "succeeded"


def test_a_device_is_told_of_new_peers_and_forgets_them(azure: Any, step: Any) -> None:
    """With the routes that it must have by hand, in the wire's own names."""
    routes = [{"prefix": "10.1.0.0/16", "next_hop": "198.51.100.34"}]
    named = {**SITE, "peers": [NEW], "prefixes": PREFIXES, "routes": routes}
    assert azure.walk(step("prepare-device", "site:datacenter:l", **named)).status == "succeeded"
    assert azure.walk(step("forget-device", "site:datacenter:l", **named)).status == "succeeded"
    told, forgotten = azure.events("automation.done")
    assert (told["action"], forgotten["action"]) == ("prepare-peer", "forget-peer")
    assert told["peers"] == [NEW]
    assert told["routes"] == [{"prefix": "10.1.0.0/16", "nextHop": "198.51.100.34"}]


def test_a_peer_that_the_run_makes_is_told_by_its_real_address(azure: Any, step: Any) -> None:
    """At compile time the public address was not there yet; the gateway is asked when the order goes out."""
    unknown = {"bgpPeeringAddress": None, "publicAddress": None, "asn": None, "gateway": GATEWAY}
    routes = [{"prefix": "10.1.0.0/16", "next_hop": None}]
    named = {**SITE, "peers": [unknown], "prefixes": PREFIXES, "routes": routes}
    outcome = azure.walk(step("prepare-device", "site:datacenter:l", **named))
    (told,) = azure.events("automation.done")
    assert (outcome.status, told["peers"]) == ("succeeded", [NEW])
    assert told["routes"] == [{"prefix": "10.1.0.0/16", "nextHop": "198.51.100.34"}]


def test_a_peer_without_any_address_is_not_told_of(azure: Any, step: Any) -> None:
    gone = {"bgpPeeringAddress": None, "publicAddress": None, "asn": None, "gateway": f"{GATEWAY}-none"}
    outcome = azure.begin(step("prepare-device", "site:d:l", **SITE, peers=[gone], prefixes=PREFIXES, routes=[]))
    assert (outcome.status, outcome.code, azure.events("automation.done")) == ("failed", "PeerUnknown", [])


def test_a_persons_preparation_is_a_word_until_the_tunnel_is_there(azure: Any, step: Any) -> None:
    outcome = azure.verify(step("prepare-by-person", "site:d:l", site="datacenter", peers=[NEW], prefixes=PREFIXES))
    assert outcome.evidence["read_back"] == "none: a person's word alone, until the tunnel is there"


def test_every_instance_of_an_active_gateway_is_fenced_by_its_own_order(azure: Any, step: Any) -> None:
    """Two peers, two keys; a second run sends neither again."""
    second = {"bgpPeeringAddress": "10.1.255.5", "publicAddress": "198.51.100.22", "asn": 65515}
    first = {"bgpPeeringAddress": "10.1.255.30", "publicAddress": "198.51.100.21", "asn": 65515}
    fence = step("fence-site", "site:datacenter:l", **SITE, peers=[first, second], prefixes=PREFIXES)
    assert [azure.begin(fence).status for _ in range(2)] == ["succeeded", "succeeded"]
    assert [one["peer"] for one in azure.events("automation.done")] == [first, second]


def test_an_item_is_told_where_to_land(azure: Any, step: Any) -> None:
    """Network, subnet and address; the second run finds them, and what nobody spoke of stays."""
    item = azure.step("failover-item", "web1").target
    network = GATEWAY.replace("virtualNetworkGateways/vgw-companyb-southeastasia",
                              "virtualNetworks/vnet-companyb-southeastasia")  # fmt: skip
    nic = azure.document(item)["properties"]["providerSpecificDetails"]["vmNics"][0]
    nics = [{"id": nic["nicId"], "subnet": "app", "address": "10.1.2.99"}]
    land = step("update-item", item, network=network, nics=nics)
    outcomes = [azure.walk(land), azure.begin(land)]
    assert [one.status for one in outcomes] == ["succeeded", "succeeded"]
    assert outcomes[1].reason == "web1 lands there already"
    after = azure.document(item)["properties"]["providerSpecificDetails"]["vmNics"][0]["ipConfigs"][0]
    assert (after["recoverySubnetName"], after["recoveryStaticIPAddress"]) == ("app", "10.1.2.99")
    assert after["name"] == nic["ipConfigs"][0]["name"]
    assert azure.accepted("replicationProtectedItems/update") == 1


def test_an_item_that_has_failed_over_lands_nowhere_else(azure: Any, step: Any) -> None:
    failover = azure.step("failover-item", "web1")
    assert azure.walk(failover).status == "succeeded"
    land = step("update-item", failover.target, network=GATEWAY, nics=[])
    assert azure.walk(land).reason == "web1 has failed over already"


def test_a_package_is_a_file_that_a_person_can_read(azure: Any, step: Any) -> None:
    """Written again it is the same; a name that leads elsewhere is none."""
    content = {"device": "ase-001", "checklist": ["Open the local screen"], "gateway": "198.51.100.34"}
    write = step("write-package", "device:ase-001", document="ase-001.json", content=content)
    outcomes = [azure.begin(write) for _ in range(2)]
    name = outcomes[0].evidence["document"]
    assert name.endswith("/packages/ase-001.json")
    assert json.loads((azure.documents / name).read_text()) == content
    assert outcomes[0] == outcomes[1]
    assert azure.begin(step("write-package", "device:x", document="../x", content={})).code == "BadName"
