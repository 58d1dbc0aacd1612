"""Company B by other ways than one site-to-site VPN: ExpressRoute on one circuit and on two, and both at once.

The networks are those of Company B, with fewer machines. Circuits stand in a group outside East Asia: they are read and
changed while East Asia is dark.
"""

from __future__ import annotations

from simulator.estates.circuits import circuit, used
from simulator.estates.gateways import expressroute, local_network_gateway, site_to_site
from simulator.estates.place import Document, Owner, Place
from simulator.estates.protection import Machine, Protected
from simulator.estates.sides import Side, express_gateway, express_side, side
from simulator.estates.surroundings import key_vault, network_watcher, site, workspace

OWNER = Owner.named("companyb", "0000b0b0-0000-4000-8000-00000000b0b0")
SOURCE = OWNER.at("rg-companyb-eastasia", "eastasia")
RECOVERY = OWNER.at("rg-companyb-southeastasia", "southeastasia")
DR = OWNER.at("rg-companyb-dr", "southeastasia")
CIRCUITS = OWNER.at("rg-companyb-circuits", "southeastasia")

SPACE = "10.1.0.0/16"
TIERS = {"web": "10.1.1.0/24", "app": "10.1.2.0/24", "data": "10.1.3.0/24"}
KEY_VAULT = "kv-companyb-dr"
DEVICE, DEVICE_BGP = "203.0.113.10", (65050, "10.50.255.1")
FIRST_LINKS = ("10.50.250.0/30", "10.50.250.4/30")
SECOND_LINKS = ("10.50.251.0/30", "10.50.251.4/30")


def one_circuit() -> list[Document]:
    """One circuit: East Asia uses one of its authorizations, the other one waits for Southeast Asia.

    The datacenter is in Japan, another geography than both regions, so that the circuit is a Premium one.
    """
    source, recovery = _express_sides()
    authorizations = ["eastasia", "southeastasia"]
    line = circuit(CIRCUITS, "er-datacenter", FIRST_LINKS, 65050, authorizations, location="Tokyo", tier="Premium")
    connection = expressroute(SOURCE, "cn-er-eastasia", source.gateway, line)
    return [
        *_groups(CIRCUITS),
        *source,
        *recovery,
        used(line, eastasia=connection),
        connection,
        *surroundings(["fence-datacenter", "er-eastasia", "er-southeastasia"]),
        *protection(source, recovery),
        datacenter([line]),
    ]


def two_circuits() -> list[Document]:
    """Both networks are joined, each to a circuit of its own; the datacenter prefers the one of East Asia."""
    source, recovery = _express_sides()
    hong_kong = circuit(CIRCUITS, "er-hongkong", FIRST_LINKS, 65050, ["eastasia"])
    singapore = circuit(CIRCUITS, "er-singapore", SECOND_LINKS, 65050, ["southeastasia"], location="Singapore")
    connections = [
        expressroute(SOURCE, "cn-er-eastasia", source.gateway, hong_kong),
        expressroute(RECOVERY, "cn-er-southeastasia", recovery.gateway, singapore),
    ]
    return [
        *_groups(CIRCUITS),
        *source,
        *recovery,
        used(hong_kong, eastasia=connections[0]),
        used(singapore, southeastasia=connections[1]),
        *connections,
        *surroundings(["fence-datacenter", "er-eastasia", "er-southeastasia"]),
        *protection(source, recovery),
        datacenter([hong_kong, singapore], localPreferences={"10.50.250.2": 200, "10.50.251.2": 100}),
    ]


def both() -> list[Document]:
    """A VPN gateway and an ExpressRoute gateway in each network; the datacenter prefers the circuit."""
    source, recovery = (
        side(place, place.region, SPACE, TIERS, f"{net}.0/26", [address], [f"{net}.30"])
        for place, net, address in (
            (SOURCE, "10.1.255", "198.51.100.21"),
            (RECOVERY, "10.1.254", "198.51.100.34"),
        )
    )
    line = circuit(CIRCUITS, "er-datacenter", FIRST_LINKS, 65050, ["eastasia", "southeastasia"])
    (public_here,), gateway_here = express_gateway(SOURCE, "eastasia", source.network, "198.51.100.22")
    (public_there,), gateway_there = express_gateway(RECOVERY, "southeastasia", recovery.network, "198.51.100.35")
    here, there = picture_of_datacenter(SOURCE), picture_of_datacenter(RECOVERY)
    connection = expressroute(SOURCE, "cn-er-eastasia", gateway_here, line)
    return [
        *_groups(CIRCUITS),
        *source,
        public_here,
        gateway_here,
        *recovery,
        public_there,
        gateway_there,
        used(line, eastasia=connection),
        connection,
        here,
        there,
        site_to_site(SOURCE, "cn-vpn-eastasia", source.gateway, here),
        *surroundings(["psk-datacenter", "fence-datacenter", "er-eastasia", "er-southeastasia"]),
        *protection(source, recovery),
        datacenter([line], localPreferences={"10.50.250.2": 200}),
    ]


def _express_sides() -> tuple[Side, Side]:
    return (
        express_side(SOURCE, "eastasia", SPACE, TIERS, "10.1.255.0/27", "198.51.100.22"),
        express_side(RECOVERY, "southeastasia", SPACE, TIERS, "10.1.254.0/27", "198.51.100.35"),
    )


def _groups(*more: Place) -> list[Document]:
    return [place.resource_group() for place in (SOURCE, RECOVERY, DR, *more)]


def surroundings(secrets: list[str]) -> list[Document]:
    """What a run leans on, none of it in East Asia."""
    return [
        key_vault(DR, KEY_VAULT, secrets),
        workspace(DR, "law-companyb-dr"),
        *(network_watcher(OWNER.at(DR.group, place.region)) for place in (SOURCE, RECOVERY)),
    ]


def protection(source: Side, recovery: Side) -> list[Document]:
    """A machine in each tier."""
    homes = {"network": source.network["id"], "target_network": recovery.network["id"]}
    tiers = [
        [Machine("sql1", subnet="data", address="10.1.3.4", os_type="Windows", **homes)],
        [Machine("app1", subnet="app", address="10.1.2.4", **homes)],
        [Machine("web1", subnet="web", address="10.1.1.4", **homes)],
    ]
    return Protected(SOURCE, RECOVERY, DR, tiers).documents()


def picture_of_datacenter(place: Place) -> Document:
    """What the gateways of a region know of the datacenter's device: with BGP, its peering address only."""
    prefixes = [f"{DEVICE_BGP[1]}/32"]
    return local_network_gateway(place, f"lng-datacenter-{place.region}", DEVICE, prefixes, DEVICE_BGP)


def datacenter(circuits: list[Document] | None = None, **more: object) -> Document:
    asn, peering = DEVICE_BGP
    particular = {"circuits": [one["id"] for one in circuits]} if circuits else {}
    return site(
        "datacenter",
        "companyb.example",
        KEY_VAULT,
        asn=asn,
        publicAddress=DEVICE,
        bgpPeeringAddress=peering,
        prefixes=["10.50.0.0/16"],
        **particular,
        **more,
    )
