"""Who holds which route: BGP between gateways, circuits and sites, with what was entered by hand beside it.

Speakers announce their best path of each prefix to their peers, and take what has not passed them already (RFC 4271:
AS path, loop prevention). Documented (sources: Routing): a VPN gateway announces its network's space, that of networks
in its transit, what its local network gateways say, and what it learned over its other BGP sessions but for what
overlaps its own space, and refuses what lies in its own space; VPN and ExpressRoute gateways of one network tell each
other nothing; a circuit carries networks to its sites, and sites and other networks to its gateways.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain import addresses
from simulator.core import ids
from simulator.core.world import World
from simulator.routes import azure_side
from simulator.routes.azure_side import MICROSOFT_ASN, Gateway
from simulator.routes.site import Site, sites
from simulator.routes.tunnels import both_carry
from simulator.routes.wishes import CIRCUIT, EDGE, PAIR, SITE, Wish, local_prefixes, other_half

Live = Mapping[str, tuple[Wish, float]]
Held = dict[tuple[str, str], "Path"]
ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Path:
    """One route as its holder has it.

    ``owner``       id of the network, or of the site, whose addresses these are
    ``via``         the speaker that it came from; ``neighbor`` its address as the holder calls it
    ``gateway``     the Azure gateway by which it enters or leaves Azure next, over ``connection``
    ``tunnel``      the tunnel that it came over, live since ``since``
    """

    prefix: str
    owner: str
    as_path: tuple[int, ...]
    via: str
    neighbor: str
    gateway: str
    connection: str
    tunnel: str
    since: float
    weight: int = 0
    static: bool = False
    instance: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One direction of one tunnel, from the speaker ``source`` to the speaker ``target``."""

    source: str
    target: str
    wish: Wish
    since: float
    neighbor: str
    bgp: bool
    weight: int = 0


class Tables:
    """What every speaker holds. Speakers are keyed by the id of their gateway, circuit or site."""

    def __init__(self, world: World, live: Live) -> None:
        self._world = world
        self._gateways = {ids.key(one.id): one for one in azure_side.gateways(world)}
        self._served = {key: azure_side.served_by(world, one) for key, one in self._gateways.items()}
        self._sites = {site_key(site): site for site in sites(world).values()}
        self.sessions = [one for wish, since in live.values() for one in self._sessions_of(live, wish, since)]
        self._held: dict[str, Held] = self._settled()

    def of(self, speaker: str) -> list[Path]:
        return list(self._held.get(ids.key(speaker), {}).values())

    def served(self, gateway_id: str) -> dict[str, str]:
        """The prefixes that a gateway announces of its own, with the network of each."""
        return self._served.get(ids.key(gateway_id), {})

    def best(self, speaker: str, prefix: str) -> list[Path]:
        """The paths of a prefix that a speaker uses; more than one share the traffic."""
        found = sorted((path for path in self.of(speaker) if path.prefix == prefix), key=_rank)
        return [path for path in found if _rank(path)[:3] == _rank(found[0])[:3]]

    def announced(self, session: Session) -> list[Path]:
        """What goes over a session, with the AS path as its target gets it."""
        return list(self._announced(self._held, session))

    def _settled(self) -> dict[str, Held]:
        entered: dict[str, Held] = defaultdict(dict)
        for session in self.sessions:
            for path in self._static(session):
                entered[session.target][path.prefix, path.tunnel] = path
        held = {speaker: dict(paths) for speaker, paths in entered.items()}
        for _ in range(ROUNDS):
            then: dict[str, Held] = defaultdict(dict)
            for session in self.sessions:
                for path in self._announced(held, session):
                    if self._takes(session.target, path):
                        then[session.target][path.prefix, path.tunnel] = path
            for speaker, paths in entered.items():
                then[speaker] = {**paths, **then[speaker]}
            if then == held:
                break
            held = dict(then)
        return held

    def _sessions_of(self, live: Live, wish: Wish, since: float) -> Iterator[Session]:
        gateway = self._gateways.get(ids.key(wish.gateway)) if wish.gateway else None
        if wish.kind == EDGE:
            at, circuit = site_key(wish.site_in(self._world)), ids.key(wish.remote)
            peering = azure_side.private_peering(self._world, wish.remote)
            ends = azure_side.edge_addresses(peering) if peering else ("", "")
            yield Session(circuit, at, wish, since, ends[1], True)
            yield Session(at, circuit, wish, since, ends[0], True)
        elif gateway is None:
            return
        elif wish.kind == CIRCUIT:
            weight = self._weight(wish)
            yield Session(ids.key(wish.gateway), ids.key(wish.remote), wish, since, gateway.neighbor, True, weight)
            yield Session(
                ids.key(wish.remote), ids.key(wish.gateway), wish, since, self._edge_of(gateway), True, weight
            )
        elif wish.kind == PAIR:
            remote = self._gateways.get(ids.key(wish.remote))
            if remote is not None and both_carry(live, wish):
                bgp = self._speaks_bgp(wish) and remote.bgp and gateway.bgp
                yield Session(ids.key(wish.remote), ids.key(wish.gateway), wish, since, remote.neighbor, bgp)
        else:
            site, instance = wish.site_in(self._world), gateway.instances[wish.instance]
            bgp = gateway.bgp and self._speaks_bgp(wish)
            named = instance.neighbor or instance.public
            yield Session(ids.key(wish.gateway), site_key(site), wish, since, named, bgp)
            yield Session(site_key(site), ids.key(wish.gateway), wish, since, site.peering_address, bgp)

    def _speaks_bgp(self, wish: Wish) -> bool:
        halves = [self._world.documents.get(wish.connection)]
        if wish.kind == PAIR:
            halves.append(other_half(self._world, wish))
        return all(half is not None and bool(half["properties"].get("enableBgp")) for half in halves)

    def _weight(self, wish: Wish) -> int:
        connection = self._world.documents.get(wish.connection)
        return int(connection["properties"].get("routingWeight") or 0) if connection else 0

    def _edge_of(self, gateway: Gateway) -> str:
        """Microsoft's edge router as an ExpressRoute gateway calls it: an address of the GatewaySubnet (guessed)."""
        for subnet in self._world.documents.children(gateway.network, f"{azure_side.NETWORK}/subnets"):
            if subnet["name"].lower() == "gatewaysubnet":
                net = ipaddress.ip_network(str(subnet["properties"]["addressPrefix"]))
                return str(net[4])
        return "169.254.0.4"

    def _static(self, session: Session) -> Iterator[Path]:
        """What was entered by hand for this direction."""
        target, wish = self._gateways.get(session.target), session.wish
        connection = self._world.documents.get(wish.connection) if wish.connection else None
        if target is not None and connection is not None and not session.bgp:
            vnet = connection["properties"].get("connectionType") == "Vnet2Vnet"
            named = self._served.get(session.source, {})
            prefixes: Iterable[str] = named if vnet else local_prefixes(self._world, connection)
            for prefix in prefixes:
                yield self._path(session, prefix, self._owner(session.source, prefix), (), static=True)
        site = self._sites.get(session.target)
        if site is not None and wish.kind == SITE:
            gateway = self._gateways[session.source]
            instance = gateway.instances[wish.instance]
            for entry in site.static_routes:
                if entry.get("nextHop") in instance.addresses:
                    prefix = str(entry["prefix"])
                    owner = self._owner(session.source, prefix)
                    yield self._path(session, prefix, owner, (gateway.asn,), static=True)

    def _owner(self, speaker: str, prefix: str) -> str:
        """Whose addresses lie behind a speaker under a prefix that was written by hand."""
        if speaker in self._sites:
            return str(self._sites[speaker].document["id"])
        served = self._served.get(speaker, {})
        found = next((network for own, network in served.items() if addresses.overlap(own, prefix)), None)
        return found or self._gateways[speaker].network

    def _announced(self, held: Mapping[str, Held], session: Session) -> Iterator[Path]:
        if not session.bgp:
            return
        source = session.source
        if source in self._gateways:
            yield from self._of_gateway(held, session, self._gateways[source])
        elif source in self._sites:
            yield from self._of_site(held, session, self._sites[source])
        else:
            yield from self._of_circuit(held, session)

    def _of_gateway(self, held: Mapping[str, Held], session: Session, gateway: Gateway) -> Iterator[Path]:
        asn, own = gateway.asn, azure_side.space_of(self._world, gateway.network)
        for prefix, network in self._served[session.source].items():
            yield self._path(session, prefix, network, (asn,))
        if gateway.express:
            return
        told = self._world.variant("network.static_prefixes_over_bgp", "yes") == "yes"
        learned = [path for path in held.get(session.source, {}).values() if told or not path.static]
        for path in _best_of_each(learned, but=session.target):
            if not addresses.overlapping([path.prefix], own):
                yield self._path(session, path.prefix, path.owner, (asn, *path.as_path))

    def _of_site(self, held: Mapping[str, Held], session: Session, site: Site) -> Iterator[Path]:
        """A site tells its prefixes, and carries on what it learned: to whose ASN that has not passed already."""
        for prefix in site.prefixes:
            yield self._path(session, prefix, site.document["id"], (site.asn,))
        learned = (path for path in held.get(session.source, {}).values() if not path.static)
        for path in _best_of_each(learned, but=session.target):
            yield self._path(session, path.prefix, path.owner, (site.asn, *path.as_path))

    def _of_circuit(self, held: Mapping[str, Held], session: Session) -> Iterator[Path]:
        """Private ASNs of Azure's own gateways are not seen behind Microsoft's."""
        to_site = session.target in self._sites
        for path in held.get(session.source, {}).values():
            if path.via == session.target or (to_site and path.via in self._sites):
                continue
            behind = path.as_path if path.via in self._sites else ()
            sent = self._path(session, path.prefix, path.owner, (MICROSOFT_ASN, *behind))
            if path.via in self._gateways:
                sent = replace(sent, gateway=path.gateway, connection=path.connection if to_site else sent.connection)
            yield replace(sent, tunnel=f"{sent.tunnel}|{path.via}")

    def _path(
        self, session: Session, prefix: str, owner: str, as_path: tuple[int, ...], *, static: bool = False
    ) -> Path:
        wish = session.wish
        gateway = session.source if session.source in self._gateways else wish.gateway
        return Path(
            prefix=prefix,
            owner=owner,
            as_path=as_path,
            via=session.source,
            neighbor=session.neighbor,
            gateway=self._gateways[ids.key(gateway)].id if gateway else "",
            connection=wish.connection,
            tunnel=wish.key,
            since=session.since,
            weight=session.weight,
            static=static,
            instance=wish.instance,
        )

    def _takes(self, target: str, path: Path) -> bool:
        if target in self._gateways:
            gateway = self._gateways[target]
            own = azure_side.space_of(self._world, gateway.network)
            return gateway.asn not in path.as_path and not addresses.covers(own, path.prefix)
        if target in self._sites:
            site = self._sites[target]
            return site.asn not in path.as_path and not addresses.covers(site.prefixes, path.prefix)
        return MICROSOFT_ASN not in path.as_path


def site_key(site: Site) -> str:
    return ids.key(site.document["id"])


def _rank(path: Path) -> tuple[bool, int, int, float, str]:
    """Best first: entered by hand, heavier, shorter, older."""
    return (not path.static, -path.weight, len(path.as_path), path.since, path.tunnel)


def _best_of_each(paths: Iterable[Path], *, but: str) -> Iterator[Path]:
    """The best path of each prefix, of those that did not come from ``but``."""
    best: dict[str, Path] = {}
    for path in sorted(paths, key=_rank):
        if path.via != but:
            best.setdefault(path.prefix, path)
    return iter(best.values())
