"""The halves of a link: the ARM objects, one or two, that join a network to a site or to another network.

A connection to a site is one object; so is one to an ExpressRoute circuit. Between two networks there are always two,
one at each end: two connections (VNet-to-VNet, or site-to-site with each gateway as the other's local network
gateway), or two peerings. With one of the two gone, nothing passes (sources: Links between networks).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain import arm_ids
from domain.links.peers import peers
from domain.plans.links import LinkKind
from domain.snapshot import Document, Snapshot, properties
from domain.topology import (
    CONNECTION_TYPE,
    GATEWAY_TYPE,
    NETWORK_TYPE,
    PEERING_TYPE,
    network_of_gateway,
    reference,
)

KIND_OF_CONNECTION: dict[str, LinkKind] = {
    "ipsec": "site-to-site",
    "vnet2vnet": "vnet-to-vnet",
    "expressroute": "expressroute",
}


@dataclass(frozen=True)
class Half:
    """One object of a link, there or to come.

    document  as ARM has it, or the body that is to be written
    holder    the id of the gateway, or of a peering's network, that takes one writer at a time
    network   the id of the network that it stands at
    """

    id: str
    document: Document
    holder: str
    network: str

    @property
    def is_peering(self) -> bool:
        return arm_ids.parse(self.id).type.lower() == PEERING_TYPE.lower()

    @property
    def name(self) -> str:
        return "/".join(self.id.split("/")[-3::2]) if self.is_peering else arm_ids.name_of(self.id)


@dataclass(frozen=True)
class Joined:
    """A link that the snapshot holds: its halves, the one that was asked for first."""

    kind: LinkKind
    halves: tuple[Half, ...]


def find_peering(snapshot: Snapshot, named: str) -> Half | None:
    """A peering by its id, or as ``NETWORK/PEERING``."""
    network_name, _, name = named.rpartition("/")
    for half in peerings(snapshot):
        by_name = half.name.lower() == f"{network_name}/{name}".lower()
        if arm_ids.same(half.id, named) or by_name:
            return half
    return None


def is_peering_reference(named: str) -> bool:
    """Whether a plan's reference means a peering rather than a connection."""
    if arm_ids.is_arm_id(named):
        return arm_ids.parse(named).type.lower() == PEERING_TYPE.lower()
    return "/" in named


def peerings(snapshot: Snapshot) -> Iterator[Half]:
    """Every peering half, whether it stands in its network's document or is one of its own."""
    for network in snapshot.of_type(NETWORK_TYPE):
        for document in properties(network).get("virtualNetworkPeerings") or []:
            name = document.get("name") or arm_ids.name_of(document.get("id") or "peering")
            one = document.get("id") or f"{network['id']}/virtualNetworkPeerings/{name}"
            yield Half(one, document, network["id"], network["id"])
    for document in snapshot.of_type(PEERING_TYPE):
        network_id = arm_ids.parent_of(document["id"])
        nested = properties(snapshot.get(network_id)).get("virtualNetworkPeerings") or []
        if not any(arm_ids.same(one.get("id"), document["id"]) for one in nested):
            yield Half(document["id"], document, network_id, network_id)


def joined_by_peering(snapshot: Snapshot, half: Half) -> Joined:
    remote = reference(half.document, "remoteVirtualNetwork")
    for other in peerings(snapshot):
        back = reference(other.document, "remoteVirtualNetwork")
        if arm_ids.same(other.network, remote) and arm_ids.same(back, half.network):
            return Joined("peering", (half, other))
    return Joined("peering", (half,))


def joined_by_connection(snapshot: Snapshot, connection: Document) -> Joined:
    """What a connection is a half of. Of a kind that nobody knows: site-to-site, which the links then refuse."""
    kind = KIND_OF_CONNECTION.get(str(properties(connection).get("connectionType")).lower(), "site-to-site")
    own = half_of(snapshot, connection)
    far = far_gateway(snapshot, connection)
    for other in snapshot.of_type(CONNECTION_TYPE) if far else ():
        if arm_ids.same(reference(other, "virtualNetworkGateway1"), (far or {})["id"]) and arm_ids.same(
            (far_gateway(snapshot, other) or {}).get("id"), own.holder
        ):
            return Joined(kind, (own, half_of(snapshot, other)))
    return Joined(kind, (own,))


def half_of(snapshot: Snapshot, connection: Document) -> Half:
    gateway = reference(connection, "virtualNetworkGateway1") or ""
    return Half(connection["id"], connection, gateway, network_of_gateway(snapshot.get(gateway)) or "")


def far_gateway(snapshot: Snapshot, connection: Document) -> Document | None:
    """The Azure gateway at a connection's other end; None where that is a device or a circuit."""
    second = snapshot.get(reference(connection, "virtualNetworkGateway2"))
    if second:
        return second
    address = properties(snapshot.get(reference(connection, "localNetworkGateway2"))).get("gatewayIpAddress")
    return gateway_at(snapshot, address) if address else None


def gateway_at(snapshot: Snapshot, address: str) -> Document | None:
    """The Azure gateway that has a public address."""
    for gateway in snapshot.of_type(GATEWAY_TYPE):
        if any(peer["publicAddress"] == address for peer in peers(snapshot, gateway)):
            return gateway
    return None
