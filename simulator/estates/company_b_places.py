"""Company B with several sites, and with one application in a network of its own.

``sites`` has active-active gateways, and three sites: a datacenter and an office that speak BGP, and a branch with
static routes. ``app`` has two networks in East Asia: that of one application, which fails over alone with its own way
to the datacenter, and everything else, which stays where it is.
"""

from __future__ import annotations

from simulator.estates.company_b_routes import (
    DR,
    KEY_VAULT,
    OWNER,
    RECOVERY,
    SOURCE,
    SPACE,
    TIERS,
    datacenter,
    picture_of_datacenter,
    protection,
    surroundings,
)
from simulator.estates.gateways import local_network_gateway, site_to_site, vnet_to_vnet
from simulator.estates.place import Document, Place
from simulator.estates.protection import Machine, Protected, machine
from simulator.estates.sides import Side, side
from simulator.estates.surroundings import site

PLATFORM = OWNER.at("rg-companyb-platform", "japaneast")


def sites() -> list[Document]:
    """Three sites on active-active gateways: each device has two peers, or two next hops, a side."""
    source = _active(SOURCE, "10.1.255", ("198.51.100.21", "198.51.100.22"))
    recovery = _active(RECOVERY, "10.1.254", ("198.51.100.34", "198.51.100.35"))
    connections = []
    pictures = []
    for name, bgp in (("datacenter", True), ("office", True), ("branch", False)):
        here, there = (_picture(name, place) for place in (SOURCE, RECOVERY))
        pictures += [here, there]
        connections.append(site_to_site(SOURCE, f"cn-eastasia-{name}", source.gateway, here, bgp=bgp))
    secrets = [f"{kind}-{name}" for name in ("datacenter", "office", "branch") for kind in ("psk", "fence")]
    return [
        *(place.resource_group() for place in (SOURCE, RECOVERY, DR)),
        *source,
        *recovery,
        *pictures,
        *connections,
        *surroundings(secrets),
        *protection(source, recovery),
        datacenter(),
        _office(),
        _branch(source),
    ]


def app() -> list[Document]:
    """The application's network is joined to the datacenter and, VNet to VNet, to a platform network in Japan East."""
    subnets = {"web": "10.4.1.0/24", "data": "10.4.2.0/24"}
    orders = side(
        SOURCE, "orders-eastasia", "10.4.0.0/16", subnets, "10.4.255.0/27", ["198.51.100.61"], ["10.4.255.30"]
    )
    recovery = side(
        RECOVERY, "orders-southeastasia", "10.4.0.0/16", subnets, "10.4.254.0/27", ["198.51.100.62"], ["10.4.254.30"]
    )
    rest = side(SOURCE, "eastasia", SPACE, TIERS, "10.1.255.0/27", ["198.51.100.21"], ["10.1.255.30"])
    platform = side(
        PLATFORM, "platform", "10.8.0.0/16", {"api": "10.8.1.0/24"}, "10.8.255.0/27", ["198.51.100.63"], ["10.8.255.30"]
    )
    here, there = picture_of_datacenter(SOURCE), picture_of_datacenter(RECOVERY)
    homes = {"network": orders.network["id"], "target_network": recovery.network["id"]}
    tiers = [
        [Machine("ordersql", subnet="data", address="10.4.2.4", os_type="Windows", **homes)],
        [Machine("orderweb", subnet="web", address="10.4.1.4", **homes)],
    ]
    return [
        *(place.resource_group() for place in (SOURCE, RECOVERY, DR, PLATFORM)),
        *(document for one in (orders, rest, recovery, platform) for document in one),
        here,
        there,
        site_to_site(SOURCE, "cn-orders-datacenter", orders.gateway, here),
        site_to_site(SOURCE, "cn-eastasia-datacenter", rest.gateway, here),
        vnet_to_vnet(SOURCE, "cn-orders-platform", orders.gateway, platform.gateway),
        vnet_to_vnet(PLATFORM, "cn-platform-orders", platform.gateway, orders.gateway),
        *surroundings(["psk-datacenter", "fence-datacenter", "psk-platform"]),
        *machine(SOURCE, Machine("web1", rest.network["id"], "web", "10.1.1.4")),
        *machine(PLATFORM, Machine("api1", platform.network["id"], "api", "10.8.1.4")),
        *Protected(SOURCE, RECOVERY, DR, tiers).documents(),
        datacenter(),
    ]


def _active(place: Place, net: str, addresses: tuple[str, str]) -> Side:
    return side(place, place.region, SPACE, TIERS, f"{net}.0/27", addresses, [f"{net}.4", f"{net}.5"])


_OFFICE_ADDRESS, _OFFICE_BGP = "203.0.113.20", (65051, "10.51.255.1")
_BRANCH_ADDRESS, _BRANCH_PREFIX = "203.0.113.30", "10.60.0.0/16"


def _picture(name: str, place: Place) -> Document:
    if name == "datacenter":
        return picture_of_datacenter(place)
    if name == "office":
        address, prefixes, bgp = _OFFICE_ADDRESS, [f"{_OFFICE_BGP[1]}/32"], _OFFICE_BGP
        return local_network_gateway(place, f"lng-office-{place.region}", address, prefixes, bgp)
    return local_network_gateway(place, f"lng-branch-{place.region}", _BRANCH_ADDRESS, [_BRANCH_PREFIX])


def _office() -> Document:
    return site(
        "office",
        "companyb.example",
        KEY_VAULT,
        asn=_OFFICE_BGP[0],
        publicAddress=_OFFICE_ADDRESS,
        bgpPeeringAddress=_OFFICE_BGP[1],
        prefixes=["10.51.0.0/16"],
    )


def _branch(source: Side) -> Document:
    """A device without BGP: its routes to East Asia were written by hand, one by way of each gateway instance."""
    document = site("branch", "companyb.example", KEY_VAULT, publicAddress=_BRANCH_ADDRESS, prefixes=[_BRANCH_PREFIX])
    document["properties"]["staticRoutes"] = [
        {"prefix": SPACE, "nextHop": public["properties"]["ipAddress"]} for public in source.public
    ]
    return document
