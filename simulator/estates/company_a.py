"""Company A: replica nodes in Azure stay, and the source network or one application of it fails over.

``company_a`` is the full region: the source in East Asia is joined to *Azure VNet* in Southeast Asia, where replica
nodes (a SQL Server, a domain controller) live, by site-to-site VPN between the two gateways. ``company_a_app`` is one
application: two source networks, the second of which fails over alone, while the first and Azure VNet live.
"""

from __future__ import annotations

from typing import Any

from simulator.estates.place import Document, Owner, Place
from simulator.estates.protection import Machine, Protected, machine
from simulator.estates.sides import Side, joined, picture_of, side
from simulator.estates.surroundings import key_vault, network_watcher, workspace

OWNER = Owner.named("companya", "0000a0a0-0000-4000-8000-00000000a0a0")
SOURCE = OWNER.at("rg-companya-eastasia", "eastasia")
AZURE = OWNER.at("rg-companya-azure", "southeastasia")
RECOVERY = OWNER.at("rg-companya-recovery", "southeastasia")
DR = OWNER.at("rg-companya-dr", "southeastasia")
PLACES = (SOURCE, AZURE, RECOVERY, DR)
TIERS = {"web": "10.1.1.0/24", "app": "10.1.2.0/24", "data": "10.1.3.0/24"}


def company_a() -> list[Document]:
    """The full region; the recovery network mirrors the source and is joined to nothing."""
    source = side(SOURCE, "source", "10.1.0.0/16", TIERS, "10.1.255.0/27", ["198.51.100.41"], ["10.1.255.30"], **STATIC)
    recovery = side(
        RECOVERY, "recovery", "10.1.0.0/16", TIERS, "10.1.254.0/27", ["198.51.100.43"], ["10.1.254.30"], **STATIC
    )
    azure = _azure("10.2.0.0/16", "10.2.4.0/24", "10.2.255", "198.51.100.42")
    here, there = picture_of(azure, SOURCE), picture_of(source, AZURE)
    networks = {"network": source.network["id"], "target_network": recovery.network["id"]}
    machines = [
        [Machine("sql1", subnet="data", address="10.1.3.4", os_type="Windows", **networks)],
        [Machine("app1", subnet="app", address="10.1.2.4", **networks)],
        [Machine("web1", subnet="web", address="10.1.1.4", **networks)],
    ]
    return [
        *(place.resource_group() for place in PLACES),
        *source,
        *azure,
        *recovery,
        here,
        there,
        *joined(source, azure, (here, there)),
        picture_of(azure, RECOVERY),
        picture_of(recovery, AZURE),
        *_disaster_recovery(["psk-azure"]),
        *_replica_nodes(azure, "10.2.4"),
        *Protected(SOURCE, RECOVERY, DR, machines).documents(),
    ]


def company_a_app() -> list[Document]:
    """One application, in source network 2. The recovery networks have gateways and are joined to nothing."""
    one, two, recovery_one, recovery_two = (_small(*row) for row in _SMALL)
    azure = _azure("10.3.0.0/16", "10.3.4.0/24", "10.3.255", "198.51.100.53")
    here = {known.label: picture_of(known, SOURCE) for known in (one, two, azure, recovery_two)}
    there = {known.label: picture_of(known, AZURE) for known in (one, two, azure, recovery_two)}
    homes = {"network": two.network["id"], "target_network": recovery_two.network["id"]}
    machines = [
        [Machine("sql2", subnet="data", address="10.2.2.4", os_type="Windows", **homes)],
        [Machine("web2", subnet="web", address="10.2.1.4", **homes)],
    ]
    return [
        *(place.resource_group() for place in PLACES),
        *(document for known in (one, two, azure, recovery_one, recovery_two) for document in known),
        *here.values(),
        *there.values(),
        *joined(one, two, (here["two"], here["one"])),
        *joined(one, azure, (here["azure"], there["one"])),
        *joined(two, azure, (here["azure"], there["two"])),
        *_disaster_recovery(["psk-one", "psk-azure"]),
        *machine(SOURCE, Machine("web1", one.network["id"], "web", "10.1.1.4")),
        *_replica_nodes(azure, "10.3.4")[:2],
        *Protected(SOURCE, RECOVERY, DR, machines).documents(),
    ]


STATIC: dict[str, Any] = {"gateway": {"bgp": False}}

_SMALL = (
    (SOURCE, "one", "10.1", "255", "198.51.100.51"),
    (SOURCE, "two", "10.2", "255", "198.51.100.52"),
    (RECOVERY, "recovery-one", "10.1", "254", "198.51.100.54"),
    (RECOVERY, "recovery-two", "10.2", "254", "198.51.100.55"),
)


def _small(place: Place, label: str, net: str, gateway_net: str, address: str) -> Side:
    subnets = {"web": f"{net}.1.0/24", "data": f"{net}.2.0/24"}
    gateway = f"{net}.{gateway_net}"
    return side(place, label, f"{net}.0.0/16", subnets, f"{gateway}.0/27", [address], [f"{gateway}.30"], **STATIC)


def _azure(space: str, nodes: str, gateway_net: str, address: str) -> Side:
    """*Azure VNet*: where the replica nodes live."""
    subnets = {"nodes": nodes}
    return side(AZURE, "azure", space, subnets, f"{gateway_net}.0/27", [address], [f"{gateway_net}.30"], **STATIC)


def _replica_nodes(azure: Side, net: str) -> list[Document]:
    nodes = [
        Machine("sqlreplica", azure.network["id"], "nodes", f"{net}.4", os_type="Windows"),
        Machine("dcreplica", azure.network["id"], "nodes", f"{net}.5", os_type="Windows"),
    ]
    return [document for node in nodes for document in machine(AZURE, node)]


def _disaster_recovery(secrets: list[str]) -> list[Document]:
    return [
        key_vault(DR, "kv-companya-dr", secrets),
        workspace(DR, "law-companya-dr"),
        *(network_watcher(OWNER.at(DR.group, place.region)) for place in (SOURCE, RECOVERY)),
    ]
