"""A recovery network that is made in the run, and one that was made ahead of time for people on the internet.

``recreated_network``: Southeast Asia holds a resource group and a local network gateway, and no network; what the
source network has (security group, route table, DNS servers, gateway) is made from the snapshot. ``replica_network``:
East Asia and Korea Central, which are no pair, hold the same address space, only one of them joined to the datacenter;
Traffic Manager and a DNS record say who serves the internet.
"""

from __future__ import annotations

from simulator.estates.gateways import local_network_gateway, public_address, site_to_site
from simulator.estates.networks import Rule, route_table, security_group
from simulator.estates.place import Document, Owner, Place
from simulator.estates.protection import Machine, Protected
from simulator.estates.sides import Device, side
from simulator.estates.surroundings import (
    dns_zone,
    key_vault,
    network_watcher,
    site,
    traffic_manager,
    workspace,
)

OWNER = Owner.named("fabrikam", "0000f0f0-0000-4000-8000-00000000f0f0")
SOURCE = OWNER.at("rg-fabrikam-eastasia", "eastasia")
SOUTHEAST = OWNER.at("rg-fabrikam-southeastasia", "southeastasia")
KOREA = OWNER.at("rg-fabrikam-koreacentral", "koreacentral")

KEY_VAULT = "kv-fabrikam-dr"
DEVICE, DEVICE_BGP = "203.0.113.60", (65080, "10.80.255.1")
APIPA_OF_DEVICE = (65080, "169.254.21.1")
SPACE = "10.1.0.0/16"
SUBNETS = {"web": "10.1.1.0/24", "data": "10.1.2.0/24"}


def recreated_network() -> list[Document]:
    """The network that will be made has the source's GatewaySubnet, so its gateway speaks BGP from an APIPA address."""
    rules = [Rule("allow-datacenter", 100, "10.80.0.0/16", "10.1.0.0/16", "443")]
    guard = security_group(SOURCE, "nsg-orders", rules)
    table = route_table(SOURCE, "rt-orders", {"to-inspection": ("172.16.0.0/12", "10.1.1.250")})
    source = side(
        SOURCE,
        "orders",
        SPACE,
        SUBNETS,
        "10.1.255.0/27",
        ["198.51.100.81"],
        ["10.1.255.30"],
        guards={"web": guard, "data": guard},
        tables={"data": table},
        dns_servers=["10.80.1.10", "10.80.1.11"],
    )
    here = _picture(SOURCE, DEVICE_BGP)
    dr = OWNER.at("rg-fabrikam-dr", "southeastasia")
    return [
        *(place.resource_group() for place in (SOURCE, SOUTHEAST, dr)),
        guard,
        table,
        *source,
        here,
        site_to_site(SOURCE, "cn-orders-datacenter", source.gateway, here),
        _picture(SOUTHEAST, APIPA_OF_DEVICE),
        *_surroundings(dr, SOUTHEAST),
        *Protected(SOURCE, SOUTHEAST, dr, _tiers(source.network["id"], None)).documents(),
        _datacenter(requiresPreparation=True, preparedPeers=["198.51.100.81"]),
    ]


def replica_network() -> list[Document]:
    """Both networks and gateways are there; the shop's endpoint and its address record are East Asia's."""
    source = side(SOURCE, "shop-eastasia", SPACE, SUBNETS, "10.1.255.0/27", ["198.51.100.83"], ["10.1.255.30"])
    replica = side(KOREA, "shop-koreacentral", SPACE, SUBNETS, "10.1.254.0/27", ["198.51.100.84"], ["10.1.254.30"])
    here, there = _picture(SOURCE, DEVICE_BGP), _picture(KOREA, DEVICE_BGP)
    dr = OWNER.at("rg-fabrikam-dr", "koreacentral")
    fronts = {"eastasia": "198.51.100.91", "koreacentral": "198.51.100.92"}
    endpoints = [(region, f"shop-{region}.fabrikam.example", region == "eastasia") for region in fronts]
    return [
        *(place.resource_group() for place in (SOURCE, KOREA, dr)),
        *source,
        here,
        site_to_site(SOURCE, "cn-shop-datacenter", source.gateway, here),
        *replica,
        there,
        *(public_address(place, f"pip-shop-{place.region}", fronts[place.region]) for place in (SOURCE, KOREA)),
        traffic_manager(dr, "tm-shop", endpoints),
        *dns_zone(dr, "fabrikam.example", {"api": fronts["eastasia"]}),
        *_surroundings(dr, KOREA),
        *Protected(SOURCE, KOREA, dr, _tiers(source.network["id"], replica.network["id"])).documents(),
        _datacenter(),
    ]


def _tiers(network: str, target: str | None) -> list[list[Machine]]:
    return [
        [Machine("sql1", network, "data", "10.1.2.4", target, os_type="Windows")],
        [Machine("web1", network, "web", "10.1.1.4", target)],
    ]


def _picture(place: Place, bgp: Device) -> Document:
    return local_network_gateway(place, f"lng-datacenter-{place.region}", DEVICE, [f"{bgp[1]}/32"], bgp)


def _surroundings(dr: Place, recovery: Place) -> list[Document]:
    return [
        key_vault(dr, KEY_VAULT, ["psk-datacenter", "fence-datacenter"]),
        workspace(dr, "law-fabrikam-dr"),
        *(network_watcher(OWNER.at(dr.group, place.region)) for place in (SOURCE, recovery)),
    ]


def _datacenter(**more: object) -> Document:
    return site(
        "datacenter",
        "fabrikam.example",
        KEY_VAULT,
        asn=DEVICE_BGP[0],
        publicAddress=DEVICE,
        bgpPeeringAddress=DEVICE_BGP[1],
        prefixes=["10.80.0.0/16"],
        **more,
    )
