"""Which tunnels the documents ask for: of every connection, and between circuits and the sites where they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World
from simulator.routes import azure_side
from simulator.routes.azure_side import Gateway
from simulator.routes.site import Site, site_at, sites

SITE, PAIR, CIRCUIT, EDGE = "site", "pair", "circuit", "edge"


@dataclass(frozen=True)
class Wish:
    """One tunnel that somebody set up.

    ``site``     gateway instance (``instance``) to a site's device
    ``pair``     one half of a link between two gateways: up only with its other half
    ``circuit``  ExpressRoute gateway to circuit
    ``edge``     circuit to a site where it ends; no connection of Azure's
    """

    kind: str
    key: str
    connection: str = ""
    gateway: str = ""
    instance: int = 0
    site: str = ""
    remote: str = ""

    def site_in(self, world: World) -> Site:
        return sites(world)[self.site]

    @property
    def who(self) -> str:
        """Whose device takes its time to learn: a site's, else Azure's."""
        return self.site or "azure"


def all_wishes(world: World) -> dict[str, Wish]:
    found = [
        wish for document in world.documents.of_type(azure_side.CONNECTION) for wish in of_connection(world, document)
    ]
    return {wish.key: wish for wish in (*found, *_edges(world))}


def of_connection(world: World, connection: Document) -> Iterator[Wish]:
    """The tunnels of one connection; none where one of its ends is nowhere."""
    properties = connection["properties"]
    near = azure_side.gateway(world, _end(connection, "virtualNetworkGateway1"))
    if near is None:
        return
    name, gateway = connection["id"], near.id
    if properties.get("connectionType") == azure_side.EXPRESS_ROUTE:
        circuit = _end(connection, "peer")
        if circuit:
            yield Wish(CIRCUIT, ids.key(name), name, gateway, remote=circuit)
        return
    remote = far_gateway(world, connection)
    if remote is not None:
        yield Wish(PAIR, ids.key(name), name, gateway, remote=remote.id)
        return
    site = site_at(world, device_address(world, connection))
    if site is not None:
        for at, instance in enumerate(near.instances):
            key = f"{ids.key(name)}|{instance.public}" if at else ids.key(name)
            yield Wish(SITE, key, name, gateway, at, site.name.lower())


def far_gateway(world: World, connection: Document) -> Gateway | None:
    """The other Azure gateway of a connection: Vnet2Vnet names it, a local network gateway has its public address."""
    if connection["properties"].get("connectionType") == "Vnet2Vnet":
        return azure_side.gateway(world, _end(connection, "virtualNetworkGateway2"))
    return azure_side.gateway_at(world, device_address(world, connection))


def device_address(world: World, connection: Document) -> str:
    local = world.documents.get(_end(connection, "localNetworkGateway2"))
    return str(local["properties"].get("gatewayIpAddress") or "") if local else ""


def local_prefixes(world: World, connection: Document) -> list[str]:
    """What a static connection sends to its other end, as its local network gateway says."""
    local = world.documents.get(_end(connection, "localNetworkGateway2"))
    space = (local["properties"].get("localNetworkAddressSpace") or {}) if local else {}
    return list(space.get("addressPrefixes") or ())


def other_half(world: World, wish: Wish) -> Document | None:
    """The connection that answers a half: from the remote gateway to this one's."""
    for connection in world.documents.of_type(azure_side.CONNECTION):
        if not ids.same(_end(connection, "virtualNetworkGateway1"), wish.remote) or ids.same(
            connection["id"], wish.connection
        ):
            continue
        back = far_gateway(world, connection)
        if back is not None and ids.same(back.id, wish.gateway):
            return connection
    return None


def _edges(world: World) -> Iterator[Wish]:
    for name, site in sites(world).items():
        for circuit in site.properties.get("circuits", ()):
            yield Wish(EDGE, f"{ids.key(circuit)}|{name}", site=name, remote=circuit)


def _end(connection: Document, name: str) -> str:
    return str((connection["properties"].get(name) or {}).get("id") or "")
