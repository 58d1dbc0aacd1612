"""A hub with gateway and appliance, two spokes, and an application joined by peerings only.

``hub_and_spoke``: spokes use the hub's gateway, and route what is not theirs to a network virtual appliance at
10.0.2.4; the recovery region holds the same three networks with an appliance of its own at the same address, peered
among themselves and joined to nothing else.
``peered_application``: one network, peered with a hub that has the gateway to the datacenter and with shared services,
both of which stay; its recovery network is peered with nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.estates.gateways import local_network_gateway, site_to_site
from simulator.estates.networks import Half, Rule, peer, route_table, security_group, virtual_network
from simulator.estates.place import Document, Owner, Place
from simulator.estates.protection import Machine, Protected, machine
from simulator.estates.sides import Side, side
from simulator.estates.surroundings import key_vault, network_watcher, site, workspace

OWNER = Owner.named("contoso", "0000c0c0-0000-4000-8000-00000000c0c0")
SOURCE = OWNER.at("rg-contoso-eastasia", "eastasia")
RECOVERY = OWNER.at("rg-contoso-southeastasia", "southeastasia")
SHARED = OWNER.at("rg-contoso-shared", "japaneast")
DR = OWNER.at("rg-contoso-dr", "southeastasia")

KEY_VAULT = "kv-contoso-dr"
DEVICE, DEVICE_BGP = "203.0.113.40", (65060, "10.70.255.1")
HUB, APPLIANCE = "10.0.0.0/16", "10.0.2.4"
SPOKES = {"web": "10.1", "data": "10.2"}


@dataclass(frozen=True)
class Star:
    """A hub, its spokes by name, and every document of them."""

    hub: Side
    spokes: dict[str, Document]
    documents: list[Document]

    def homes(self, other: Star) -> dict[str, dict[str, Any]]:
        """Each network of this star and its counterpart in the other, as a Machine is told them."""
        networks = {"hub": (self.hub.network, other.hub.network)}
        networks |= {name: (spoke, other.spokes[name]) for name, spoke in self.spokes.items()}
        return {name: {"network": one["id"], "target_network": two["id"]} for name, (one, two) in networks.items()}


def hub_and_spoke() -> list[Document]:
    """Two stars of one kind, the source's joined to the datacenter."""
    source, recovery = _star(SOURCE, "10.0.255", "198.51.100.71"), _star(RECOVERY, "10.0.254", "198.51.100.72")
    here, there = _picture(SOURCE), _picture(RECOVERY)
    homes = source.homes(recovery)
    tiers = [
        [Machine("sql1", subnet="workload", address="10.2.1.4", os_type="Windows", **homes["data"])],
        [Machine("web1", subnet="workload", address="10.1.1.4", **homes["web"])],
    ]
    return [
        *(place.resource_group() for place in (SOURCE, RECOVERY, DR)),
        *source.documents,
        *recovery.documents,
        here,
        there,
        site_to_site(SOURCE, "cn-hub-datacenter", source.hub.gateway, here),
        *_surroundings(),
        *_appliance(SOURCE, "nva1", source.hub),
        *_appliance(RECOVERY, "nva2", recovery.hub),
        *Protected(SOURCE, RECOVERY, DR, tiers).documents(),
        _datacenter(),
    ]


def _appliance(place: Place, name: str, hub: Side) -> list[Document]:
    return machine(place, Machine(name, hub.network["id"], "nva", APPLIANCE, forwards=True))


def peered_application() -> list[Document]:
    """The hub's gateway announces the application's network to the datacenter, in transit."""
    hub = side(SHARED, "hub", HUB, {"nva": "10.0.2.0/24"}, "10.0.255.0/27", ["198.51.100.73"], ["10.0.255.30"])
    shared = virtual_network(SHARED, "vnet-shared", "10.9.0.0/16", {"services": "10.9.1.0/24"})
    subnets = {"web": "10.6.1.0/24", "data": "10.6.2.0/24"}
    orders = virtual_network(SOURCE, "vnet-orders-eastasia", "10.6.0.0/16", subnets)
    recovery = virtual_network(RECOVERY, "vnet-orders-southeastasia", "10.6.0.0/16", subnets)
    peer(
        Half(orders, "to-hub", remote_gateways=True, forwarded=True),
        Half(hub.network, "to-orders", gateway_transit=True),
        gateways=[hub.gateway],
    )
    peer(Half(orders, "to-shared"), Half(shared, "to-orders", forwarded=True))
    peer(
        Half(shared, "to-hub", remote_gateways=True),
        Half(hub.network, "to-shared", gateway_transit=True),
        gateways=[hub.gateway],
    )
    picture = _picture(SHARED)
    homes = {"network": orders["id"], "target_network": recovery["id"]}
    tiers = [
        [Machine("ordersql", subnet="data", address="10.6.2.4", os_type="Windows", **homes)],
        [Machine("orderweb", subnet="web", address="10.6.1.4", **homes)],
    ]
    return [
        *(place.resource_group() for place in (SOURCE, RECOVERY, SHARED, DR)),
        *hub,
        shared,
        orders,
        recovery,
        picture,
        site_to_site(SHARED, "cn-hub-datacenter", hub.gateway, picture),
        *_surroundings(),
        *machine(SHARED, Machine("files1", shared["id"], "services", "10.9.1.4")),
        *Protected(SOURCE, RECOVERY, DR, tiers).documents(),
        _datacenter(),
    ]


def _star(place: Place, gateway_net: str, address: str) -> Star:
    """A hub and two spokes: the spokes' routes to each other and to on-premises, and the gateway's routes to the
    spokes, lead to the appliance."""
    region = place.region
    to_spokes = route_table(
        place, f"rt-gateway-{region}", {name: (f"{net}.0.0/16", APPLIANCE) for name, net in SPOKES.items()}
    )
    hub = side(
        place,
        f"hub-{region}",
        HUB,
        {"nva": "10.0.2.0/24"},
        f"{gateway_net}.0/27",
        [address],
        [f"{gateway_net}.30"],
        tables={"GatewaySubnet": to_spokes},
    )
    spokes, more = {}, []
    for name, net in SPOKES.items():
        guard, table = _guard(place, name, net), _spoke_table(place, name)
        prefixes = {"workload": f"{net}.1.0/24"}
        spokes[name] = virtual_network(
            place,
            f"vnet-{name}-{region}",
            f"{net}.0.0/16",
            prefixes,
            guards={"workload": guard},
            tables={"workload": table},
        )
        more += [guard, table]
        peer(
            Half(spokes[name], "to-hub", remote_gateways=True, forwarded=True),
            Half(hub.network, f"to-{name}", gateway_transit=True, forwarded=True),
            gateways=[hub.gateway],
        )
    return Star(hub, spokes, [to_spokes, *more, *hub, *spokes.values()])


def _guard(place: Place, name: str, net: str) -> Document:
    """What comes in comes by way of the hub."""
    rules = [
        Rule("allow-datacenter", 100, "10.70.0.0/16", f"{net}.1.0/24", "443"),
        Rule("allow-appliance", 110, f"{APPLIANCE}/32", f"{net}.1.0/24", "*", protocol="*"),
    ]
    return security_group(place, f"nsg-{name}-{place.region}", rules)


def _spoke_table(place: Place, name: str) -> Document:
    others = {f"to-{other}": (f"{net}.0.0/16", APPLIANCE) for other, net in SPOKES.items() if other != name}
    routes = {**others, "to-datacenter": ("10.70.0.0/16", APPLIANCE)}
    return route_table(place, f"rt-{name}-{place.region}", routes, propagates=False)


def _picture(place: Place) -> Document:
    return local_network_gateway(place, f"lng-datacenter-{place.region}", DEVICE, [f"{DEVICE_BGP[1]}/32"], DEVICE_BGP)


def _surroundings() -> list[Document]:
    return [
        key_vault(DR, KEY_VAULT, ["psk-datacenter", "fence-datacenter"]),
        workspace(DR, "law-contoso-dr"),
        *(network_watcher(OWNER.at(DR.group, region)) for region in ("eastasia", "southeastasia", "japaneast")),
    ]


def _datacenter() -> Document:
    return site(
        "datacenter",
        "contoso.example",
        KEY_VAULT,
        asn=DEVICE_BGP[0],
        publicAddress=DEVICE,
        bgpPeeringAddress=DEVICE_BGP[1],
        prefixes=["10.70.0.0/16"],
    )
