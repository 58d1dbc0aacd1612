"""The links of a snapshot read as edges: which halves belong together, what is up, and who then sees whom."""

from __future__ import annotations

import json
from typing import Any

from domain import arm_ids
from domain.links.halves import Half
from domain.plans.reading import Plan, parse_plan
from domain.proof.edges import announced, edges_between, edges_of, failing_networks, ground_of
from domain.proof.reachability import Edge, seen
from domain.snapshot import snapshot_of

GROUP = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg"
NET = f"{GROUP}/providers/Microsoft.Network"
SITES: dict[str, Any] = {
    "hall": {"prefixes": ["10.50.0.0/16"], "asn": 65050, "person": "network on call", "circuits": ["er-hall"]},
    "yard": {"prefixes": ["10.60.0.0/16"], "person": "network on call"},
}


class Land:
    """ARM documents, added one by one."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def add(self, kind: str, name: str, region: str = "southeastasia", **properties: Any) -> str:
        made = {"id": f"{NET}/{kind}/{name}", "type": f"Microsoft.Network/{kind}", "name": name, "location": region}
        self.documents.append({**made, "properties": properties})
        return str(made["id"])

    def network(self, name: str, *spaces: str, public: str = "", kind: str = "Vpn", asn: int = 65515) -> str:
        """A network, and with a public address a gateway in it, ``vgw-NAME``."""
        one = self.add("virtualNetworks", name, addressSpace={"addressPrefixes": list(spaces)})
        if public:
            address = self.add("publicIPAddresses", f"pip-{name}", ipAddress=public)
            place = {"subnet": {"id": f"{one}/subnets/GatewaySubnet"}, "publicIPAddress": {"id": address}}
            self.add(
                "virtualNetworkGateways", f"vgw-{name}", gatewayType=kind,
                ipConfigurations=[{"properties": place}], bgpSettings={"asn": asn},
            )  # fmt: skip
        return one

    def half(self, name: str, gateway: str, to: str, *spaces: str, bgp: bool = True, **more: Any) -> None:
        """A site-to-site connection of ``gateway`` to whoever has the public address ``to``."""
        local = self.add(
            "localNetworkGateways", f"lng-{name}", gatewayIpAddress=to,
            localNetworkAddressSpace={"addressPrefixes": list(spaces)},
        )  # fmt: skip
        ends = {"virtualNetworkGateway1": {"id": f"{NET}/virtualNetworkGateways/{gateway}"}}
        self.add(
            "connections", name, connectionType="IPsec", enableBgp=bgp, localNetworkGateway2={"id": local},
            **ends, **more,
        )  # fmt: skip

    def circuit(self, name: str, gateway: str, circuit: str) -> None:
        peer = {"id": f"{NET}/expressRouteCircuits/{circuit}"}
        ends = {"virtualNetworkGateway1": {"id": f"{NET}/virtualNetworkGateways/{gateway}"}, "peer": peer}
        self.add("connections", name, connectionType="ExpressRoute", **ends)

    def peering(self, near: str, far: str, state: str = "Connected", *, alone: bool = False, **flags: Any) -> None:
        """A half of ``near``; in the network's own document, or one of its own."""
        name = f"to-{far}"
        details = {"remoteVirtualNetwork": {"id": f"{NET}/virtualNetworks/{far}"}, "peeringState": state, **flags}
        document = {"id": f"{NET}/virtualNetworks/{near}/virtualNetworkPeerings/{name}", "properties": details}
        if alone:
            kind = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
            self.documents.append({**document, "type": kind, "name": name})
        else:
            holder = next(one for one in self.documents if one["id"].endswith(f"virtualNetworks/{near}"))
            holder["properties"].setdefault("virtualNetworkPeerings", []).append(document)

    def plan(self, *links: dict[str, Any], **more: Any) -> Plan:
        workload = {"vault": "v", "groups": [{"name": "g", "items": ["vm"]}]}
        known = {"apiVersion": "bridgehead/v1", "name": "p", "sites": SITES, "workload": workload}
        known |= {"primary": {"region": "eastasia"}, "recovery": {"region": "southeastasia"}}
        link = {"name": "l", "site": "hall", "connect": {"gateway": "vgw-a", "localNetworkGateway": "lng-x"}}
        return parse_plan(json.dumps(known | {"links": list(links) or [link]} | more))

    def edges(self, *links: dict[str, Any]) -> list[Edge]:
        return edges_of(self.plan(*links), snapshot_of(self.documents))

    def sees(self, observer: str, *links: dict[str, Any]) -> set[str]:
        """What a site (``site:NAME``) or a network sees, as ``NETWORK PREFIX``."""
        plan, snapshot = self.plan(*links), snapshot_of(self.documents)
        key = observer if observer.startswith("site:") else arm_ids.key(f"{NET}/virtualNetworks/{observer}")
        found = seen(ground_of(plan, snapshot), edges_of(plan, snapshot), key)
        return {f"{arm_ids.name_of(network)} {prefix}" for network, prefix in found}


def _two(bgp: bool = True) -> Land:
    """Two networks, joined by two site-to-site connections; b joined to hall."""
    land = Land()
    land.network("a", "10.1.0.0/16", public="198.51.100.1")
    land.network("b", "10.2.0.0/16", public="198.51.100.2")
    land.half("a-b", "vgw-a", "198.51.100.2", "10.2.0.0/16", bgp=bgp)
    land.half("b-a", "vgw-b", "198.51.100.1", "10.1.0.0/16", bgp=bgp)
    land.half("b-hall", "vgw-b", "203.0.113.10", "10.50.0.0/16")
    return land


def test_two_connections_make_one_link_between_networks() -> None:
    """Each to a local network gateway that has the other gateway's public address."""
    land = _two()
    pair = next(edge for edge in land.edges() if len(edge.halves) == 2)
    assert {arm_ids.name_of(half) for half in pair.halves} == {"a-b", "b-a"}
    assert pair.bgp
    assert land.sees("a") == {"b 10.2.0.0/16"}
    assert land.sees("site:hall") == {"b 10.2.0.0/16", "a 10.1.0.0/16"}


def test_a_lone_half_is_up_unless_it_says_otherwise() -> None:
    """The other one may lie in a subscription that the snapshot does not hold."""
    for state, up in (("Connected", True), ("NotConnected", False), (None, True)):
        land = _two()
        land.documents = [one for one in land.documents if one["name"] != "b-a"]
        next(one for one in land.documents if one["name"] == "a-b")["properties"]["connectionStatus"] = state
        assert bool(land.sees("a")) is up, state


def test_bgp_needs_both_halves_and_static_routes_are_as_written() -> None:
    """A route by hand reaches the part of the other network that it names, and its spokes; more it does not."""
    land = _two(bgp=False)
    local = next(one for one in land.documents if one["name"] == "lng-a-b")
    local["properties"]["localNetworkAddressSpace"]["addressPrefixes"] = ["10.2.4.0/24", "10.9.0.0/17", "10.7.0.0/16"]
    land.network("spoke", "10.9.0.0/16")
    land.peering("b", "spoke", allowGatewayTransit=True)
    land.peering("spoke", "b", alone=True, useRemoteGateways=True)
    assert land.sees("a") == {"b 10.2.4.0/24", "spoke 10.9.0.0/17", "b 10.7.0.0/16"}
    next(one for one in land.documents if one["name"] == "a-b")["properties"]["enableBgp"] = True
    assert "b 10.2.0.0/16" not in land.sees("a")


def test_what_local_network_gateways_say_is_announced_on() -> None:
    """A VPN gateway tells its BGP peers the prefixes of its local network gateways, too."""
    assert "a 10.1.0.0/16" in _two(bgp=False).sees("site:hall")


def test_a_peering_shows_the_two_networks_only_unless_gateways_are_shared() -> None:
    """Non-transitive; with both flags the spoke sees what the hub's gateways learned, and is announced by them."""
    for allows, uses, beyond in ((True, True, True), (True, False, False), (False, True, False)):
        land = _two()
        land.network("spoke", "10.9.0.0/16")
        land.network("leaf", "10.8.0.0/16")
        land.peering("b", "spoke", allowGatewayTransit=allows)
        land.peering("spoke", "b", alone=True, useRemoteGateways=uses)
        land.peering("spoke", "leaf")
        land.peering("leaf", "spoke")
        assert land.sees("leaf") == {"spoke 10.9.0.0/16"}
        assert land.sees("b") == {"a 10.1.0.0/16", "spoke 10.9.0.0/16"}
        assert ("a 10.1.0.0/16" in land.sees("spoke")) is beyond
        assert ("spoke 10.9.0.0/16" in land.sees("a")) is beyond
        assert ("spoke 10.9.0.0/16" in land.sees("site:hall")) is beyond


def test_what_a_hub_tells_of_its_spoke_does_not_come_back_to_it() -> None:
    """Two links side by side to one network: what went out by the one is no news by the other."""
    land = _two()
    land.half("a-b-2", "vgw-a", "198.51.100.2", "10.2.0.0/16")
    for name, space in (("spoke", "10.9.0.0/16"), ("other", "10.8.0.0/16")):
        land.network(name, space)
        land.peering("b", name, allowGatewayTransit=True)
        land.peering(name, "b", alone=True, useRemoteGateways=True)
    assert "spoke 10.9.0.0/16" in land.sees("a")
    assert land.sees("other") == {"a 10.1.0.0/16", "b 10.2.0.0/16"}


def test_a_peering_is_up_when_no_half_says_otherwise() -> None:
    """Initiated and Disconnected carry nothing."""
    for first, second, up in (("Connected", "Connected", True), ("Initiated", "Connected", False)):
        land = Land()
        land.network("a", "10.1.0.0/16")
        land.network("b", "10.2.0.0/16")
        land.peering("a", "b", first)
        land.peering("b", "a", second)
        assert bool(land.sees("a")) is up


def test_a_peering_to_a_network_elsewhere_shows_the_space_that_it_tells() -> None:
    """In another subscription, not captured."""
    land = Land()
    land.network("a", "10.1.0.0/16")
    land.peering("a", "far", remoteAddressSpace={"addressPrefixes": ["10.8.0.0/16"]})
    assert land.sees("a") == {"far 10.8.0.0/16"}


def test_a_circuit_shows_its_networks_to_each_other_and_to_its_sites() -> None:
    """The plan says where a circuit ends: in the site, or by a link; else its end is a site of its own."""
    land = Land()
    for name, space in (("a", "10.1.0.0/16"), ("b", "10.2.0.0/16")):
        land.network(name, space, public=f"198.51.100.{len(land.documents)}", kind="ExpressRoute")
        land.circuit(f"er-{name}", f"vgw-{name}", "er-hall")
    land.network("c", "10.3.0.0/16", public="198.51.100.99", kind="ExpressRoute")
    land.circuit("er-c", "vgw-c", "er-other")
    assert land.sees("a") == {"b 10.2.0.0/16"}
    assert land.sees("site:hall") == {"a 10.1.0.0/16", "b 10.2.0.0/16"}
    assert land.sees("site:circuit er-other") == {"c 10.3.0.0/16"}
    comes = {"gateway": "vgw-a", "localNetworkGateway": "lng-x"}
    told = {"name": "l", "site": "yard", "disconnect": "er-c", "connect": comes}
    assert land.sees("site:yard", told) == {"c 10.3.0.0/16"}


def test_vpn_and_expressroute_gateways_of_one_network_do_not_carry_between_each_other() -> None:
    """What the one learned the other does not tell; the network sees both."""
    land = _two()
    place = {"subnet": {"id": f"{NET}/virtualNetworks/b/subnets/GatewaySubnet"}}
    land.add(
        "virtualNetworkGateways", "ergw-b", gatewayType="ExpressRoute", ipConfigurations=[{"properties": place}]
    )  # fmt: skip
    land.network("c", "10.3.0.0/16", public="198.51.100.3", kind="ExpressRoute")
    land.circuit("er-b", "ergw-b", "er-other")
    land.circuit("er-c", "vgw-c", "er-other")
    assert land.sees("c") == {"b 10.2.0.0/16"}
    assert land.sees("a") == {"b 10.2.0.0/16"}
    assert land.sees("b") == {"a 10.1.0.0/16", "c 10.3.0.0/16"}


def test_a_site_carries_between_gateways_of_different_asns_only() -> None:
    """Of one ASN the route would come back to where it has been."""
    for asn, carried in ((65515, False), (65010, True)):
        land = Land()
        land.network("a", "10.1.0.0/16", public="198.51.100.1")
        land.network("b", "10.2.0.0/16", public="198.51.100.2", asn=asn)
        land.half("a-hall", "vgw-a", "203.0.113.10", "10.50.0.0/16")
        land.half("b-hall", "vgw-b", "203.0.113.10", "10.50.0.0/16")
        assert bool(land.sees("a")) is carried


def test_what_a_gateway_announces_begins_with_its_own_network() -> None:
    """Whether a link of it is there or not."""
    land = _two()
    snapshot = snapshot_of(land.documents)
    told = announced(snapshot, f"{NET}/virtualNetworks/b")
    assert [prefix for _, prefix in told] == ["10.2.0.0/16", "10.1.0.0/16"]
    land.network("c", "10.3.0.0/16")
    assert [one for _, one in announced(snapshot_of(land.documents), f"{NET}/virtualNetworks/c")] == ["10.3.0.0/16"]


def test_halves_to_come_make_the_edge_that_they_will_be() -> None:
    """Bodies without ids of their own documents, on gateways that have no address yet."""
    land = _two()
    land.documents = [one for one in land.documents if one["name"] not in ("b-a", "a-b")]
    snapshot, halves = snapshot_of(land.documents), []
    for near, far in (("a", "b"), ("b", "a")):
        ends = {
            f"virtualNetworkGateway{n}": {"id": f"{NET}/virtualNetworkGateways/vgw-{x}"}
            for n, x in ((1, near), (2, far))
        }
        body = {"properties": {"connectionType": "Vnet2Vnet", "enableBgp": False, **ends}}
        halves.append(
            Half(
                f"{NET}/connections/{near}-{far}",
                body,
                ends["virtualNetworkGateway1"]["id"],
                f"{NET}/virtualNetworks/{near}",
            )
        )
    (edge,) = edges_between(land.plan(), snapshot, halves)
    assert edge.kind == "vnet-to-vnet"
    assert [prefix for _, prefix in edge.near_routes] == ["10.2.0.0/16"]
    assert [prefix for _, prefix in edge.far_routes] == ["10.1.0.0/16"]


def test_networks_that_fail_are_no_observers() -> None:
    """Those of the failing region; when only an application fails, those that the plan moves."""
    land = Land()
    land.network("a", "10.1.0.0/16")
    land.network("b", "10.2.0.0/16")
    land.documents[1]["location"] = "East Asia"
    pairs = [{"source": "a", "target": "b"}]
    for scope, names in (("region", {"a", "b"}), ("application", {"a"})):
        plan = land.plan(scope=scope, networks=pairs)
        found = failing_networks(plan, snapshot_of(land.documents))
        assert {arm_ids.name_of(one) for one in found} == names
