"""A network with its VPN gateway, and how two of them are joined: what most estates are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.estates.gateways import (
    expressroute_gateway,
    local_network_gateway,
    public_address,
    site_to_site,
    vpn_gateway,
)
from simulator.estates.networks import GATEWAY_SUBNET, virtual_network
from simulator.estates.place import Document, Place

Device = tuple[int, str]
"""ASN and BGP peering address."""


@dataclass(frozen=True)
class Side:
    """A network and the VPN gateway in it; ``label`` is in the names of what belongs to it."""

    place: Place
    label: str
    network: Document
    public: tuple[Document, ...]
    gateway: Document

    def __iter__(self) -> Iterator[Document]:
        return iter((self.network, *self.public, self.gateway))

    @property
    def space(self) -> list[str]:
        found: list[str] = self.network["properties"]["addressSpace"]["addressPrefixes"]
        return found

    @property
    def address(self) -> str:
        """The public address of the gateway's first instance."""
        return str(self.public[0]["properties"]["ipAddress"])


def side(
    place: Place,
    label: str,
    space: str,
    subnets: Mapping[str, str],
    gateway_subnet: str,
    addresses: Sequence[str],
    peering: Sequence[str],
    *,
    gateway: Mapping[str, Any] | None = None,
    **network: Any,
) -> Side:
    """``addresses`` and ``peering`` are the public and the BGP address of each gateway instance.

    ``gateway`` and ``network`` are what vpn_gateway and virtual_network are further told.
    """
    whole = {**subnets, GATEWAY_SUBNET: gateway_subnet}
    made = virtual_network(place, f"vnet-{label}", space, whole, **network)
    public = tuple(
        public_address(place, f"pip-vgw-{label}" + (f"-{number}" if number > 1 else ""), address)
        for number, address in enumerate(addresses, start=1)
    )
    return Side(place, label, made, public, vpn_gateway(place, f"vgw-{label}", made, public, peering, **gateway or {}))


def express_side(
    place: Place, label: str, space: str, subnets: Mapping[str, str], gateway_subnet: str, address: str
) -> Side:
    """A network whose one gateway is for ExpressRoute."""
    whole = {**subnets, GATEWAY_SUBNET: gateway_subnet}
    made = virtual_network(place, f"vnet-{label}", space, whole)
    return Side(place, label, made, *express_gateway(place, label, made, address))


def express_gateway(place: Place, label: str, network: Document, address: str) -> tuple[tuple[Document], Document]:
    public = public_address(place, f"pip-ergw-{label}", address)
    return (public,), expressroute_gateway(place, f"ergw-{label}", network, public)


def picture_of(known: Side, place: Place, bgp: Device | None = None) -> Document:
    """The local network gateway by which the gateways of a region know another gateway."""
    return local_network_gateway(place, f"lng-{known.label}-{place.region}", known.address, known.space, bgp)


def joined(one: Side, other: Side, pictures: Sequence[Document]) -> list[Document]:
    """The two connections of a site-to-site link between networks, over ``pictures`` of (other, one); static routes."""
    return [
        site_to_site(one.place, f"cn-{one.label}-{other.label}", one.gateway, pictures[0], bgp=False),
        site_to_site(other.place, f"cn-{other.label}-{one.label}", other.gateway, pictures[1], bgp=False),
    ]
