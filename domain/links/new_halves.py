"""What comes in a link's place: for each kind of link, the ends it needs, found or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain import arm_ids
from domain.findings import Findings
from domain.links.checks import check_local_gateway, check_new_gateway, check_peer, check_site, check_spaces
from domain.links.geographies import check_reach
from domain.links.halves import Half, Joined
from domain.links.mirror import connection_half, peering_half
from domain.links.networks import Networks
from domain.links.peers import peers
from domain.plans.links import Connect, Link, LinkKind
from domain.plans.reading import Plan
from domain.snapshot import Document, Snapshot, properties, region_name
from domain.topology import (
    GATEWAY_TYPE,
    LOCAL_GATEWAY_TYPE,
    NETWORK_TYPE,
    device_address,
    network_of_gateway,
    reference,
)

CIRCUIT_TYPE = "Microsoft.Network/expressRouteCircuits"


@dataclass(frozen=True)
class Coming:
    """The halves of a new link, that of the recovery side first, and what they stand on."""

    kind: LinkKind
    halves: tuple[Half, ...] = ()
    gateway: Document | None = None
    local_gateways: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A link that is to come: the plan's field and wish, what it is like, and where it leads."""

    plan: Plan
    path: str
    link: Link
    wish: Connect
    joined: Joined | None
    far: Document | None
    networks: Networks
    findings: Findings

    @property
    def where(self) -> str:
        return f"{self.path}.connect"

    @property
    def near_old(self) -> Half | None:
        return self.joined.halves[0] if self.joined else None

    @property
    def far_old(self) -> Half | None:
        return self.joined.halves[1] if self.joined and len(self.joined.halves) == 2 else None

    @property
    def snapshot(self) -> Snapshot:
        return self.findings.snapshot

    def name(self) -> str:
        return self.wish.name or _fresh(self.near_old, self.link.name)

    def far_name(self) -> str:
        return self.wish.remote_name or _fresh(self.far_old, f"{self.link.name}-back")

    def counterpart(self) -> str | None:
        return self.networks.counterpart(self.near_old.network) if self.near_old else None


def coming_halves(
    plan: Plan, path: str, link: Link, joined: Joined | None, far: Document | None, networks: Networks,
    findings: Findings,
) -> Coming:  # fmt: skip
    """The halves that a link's ``connect`` makes; what cannot be is refused."""
    wish = link.connect
    assert wish is not None
    kind: LinkKind = wish.kind or (joined.kind if joined else _told_kind(wish))
    far_now = findings.snapshot.get(networks.counterpart(far["id"])) or far if far else None
    wanted = Wanted(plan, path, link, wish, joined, far_now, networks, findings)
    allowed = ("peering", "site-to-site", "vnet-to-vnet") if far else ("site-to-site", "expressroute")
    if kind not in allowed:
        leads = "a network" if far else "a site"
        findings.refuse(f"{path}.connect.kind", repr(kind), f"one of {', '.join(allowed)}: the link leads to {leads}")
        return Coming(kind)
    return _MAKERS[kind](wanted)


def _told_kind(wish: Connect) -> LinkKind:
    if wish.circuit:
        return "expressroute"
    return "peering" if wish.network else "site-to-site"


def _fresh(old: Half | None, otherwise: str) -> str:
    return f"{arm_ids.name_of(old.id) if old else otherwise}-recovery"


def _site_to_site(wanted: Wanted) -> Coming:
    return _between_gateways(wanted) if wanted.far else _to_device(wanted)


def _to_device(wanted: Wanted) -> Coming:
    gateway = _gateway(wanted, "Vpn")
    local = _device(wanted, gateway)
    check_local_gateway(wanted.plan, wanted.path, local, gateway, wanted.findings)
    if gateway is not None:
        check_site(wanted.plan, wanted.path, wanted.link, gateway, local, wanted.findings)
    if gateway is None or local is None:
        return Coming("site-to-site")
    end = {"localNetworkGateway2": {"id": local["id"]}}
    network = network_of_gateway(gateway) or ""
    half = connection_half("site-to-site", wanted.near_old, wanted.name(), gateway, network, end, wanted.wish)
    if properties(half.document).get("enableBgp"):
        check_peer(wanted.path, gateway, local, wanted.findings)
    return Coming("site-to-site", (half,), gateway, (local,))


def _between_gateways(wanted: Wanted) -> Coming:
    """Two site-to-site connections, each gateway the other's local network gateway."""
    gateway, remote = _gateway(wanted, "Vpn"), _far_gateway(wanted)
    if gateway is None or remote is None:
        return Coming("site-to-site")
    near_local = _picture(wanted, "localNetworkGateway", wanted.wish.local_network_gateway, remote, gateway)
    far_local = _picture(wanted, "remoteLocalNetworkGateway", wanted.wish.remote_local_network_gateway, gateway, remote)
    if near_local is None or far_local is None:
        return Coming("site-to-site")
    halves = []
    for old, name, own, local in (
        (wanted.near_old, wanted.name(), gateway, near_local),
        (wanted.far_old, wanted.far_name(), remote, far_local),
    ):
        end = {"localNetworkGateway2": {"id": local["id"]}}
        network = network_of_gateway(own) or ""
        halves.append(connection_half("site-to-site", old, name, own, network, end, wanted.wish))
    check_spaces(wanted.path, halves[0].network, halves[1].network, wanted.findings)
    return Coming("site-to-site", tuple(halves), gateway, (near_local, far_local))


def _vnet_to_vnet(wanted: Wanted) -> Coming:
    gateway, remote = _gateway(wanted, "Vpn"), _far_gateway(wanted)
    if gateway is None or remote is None:
        return Coming("vnet-to-vnet")
    halves = []
    for old, name, own, other in (
        (wanted.near_old, wanted.name(), gateway, remote),
        (wanted.far_old, wanted.far_name(), remote, gateway),
    ):
        end = {"virtualNetworkGateway2": {"id": other["id"]}}
        network = network_of_gateway(own) or ""
        halves.append(connection_half("vnet-to-vnet", old, name, own, network, end, wanted.wish))
    check_spaces(wanted.path, halves[0].network, halves[1].network, wanted.findings)
    return Coming("vnet-to-vnet", tuple(halves), gateway)


def _expressroute(wanted: Wanted) -> Coming:
    gateway = _gateway(wanted, "ExpressRoute")
    named = wanted.wish.circuit or reference(wanted.near_old.document if wanted.near_old else None, "peer")
    if named is None:
        wanted.findings.refuse(f"{wanted.where}.circuit", "nothing", "the circuit that the new connection joins")
        return Coming("expressroute")
    circuit = wanted.findings.resolve(f"{wanted.where}.circuit", CIRCUIT_TYPE, named)
    if gateway is None or circuit is None:
        return Coming("expressroute")
    check_site(wanted.plan, wanted.path, wanted.link, gateway, None, wanted.findings)
    check_reach(f"{wanted.where}.circuit", circuit, gateway, wanted.findings)
    network = network_of_gateway(gateway) or ""
    end = {"peer": {"id": circuit["id"]}}
    half = connection_half("expressroute", wanted.near_old, wanted.name(), gateway, network, end, wanted.wish)
    return Coming("expressroute", (half,), gateway)


def _peering(wanted: Wanted) -> Coming:
    named, far = wanted.wish.network, wanted.far
    if named:
        near = wanted.findings.resolve(f"{wanted.where}.network", NETWORK_TYPE, named)
    else:
        near = wanted.snapshot.get(wanted.counterpart())
        if near is None:
            _refuse_unpaired(wanted, "connect.network")
    if near is None or far is None:
        return Coming("peering")
    wish = wanted.wish
    check_spaces(wanted.path, near["id"], far["id"], wanted.findings)
    own = peering_half(
        wanted.near_old, wanted.name(), near["id"], far["id"], wish.allow_gateway_transit, wish.use_remote_gateways,
        wish.allow_forwarded_traffic,
    )  # fmt: skip
    other = peering_half(
        wanted.far_old, wanted.far_name(), far["id"], near["id"], wish.remote_allow_gateway_transit,
        wish.remote_use_remote_gateways, wish.remote_allow_forwarded_traffic,
    )  # fmt: skip
    return Coming("peering", (own, other))


_MAKERS: dict[LinkKind, Callable[[Wanted], Coming]] = {
    "site-to-site": _site_to_site,
    "vnet-to-vnet": _vnet_to_vnet,
    "expressroute": _expressroute,
    "peering": _peering,
}


def _gateway(wanted: Wanted, gateway_type: str) -> Document | None:
    """The recovery side's gateway: named by the plan, or that of the network in the old one's place."""
    where = f"{wanted.where}.gateway"
    if wanted.wish.gateway:
        found = wanted.findings.resolve(where, GATEWAY_TYPE, wanted.wish.gateway)
    else:
        found = _gateway_in_counterpart(wanted, gateway_type)
    if found is not None:
        actual = properties(found).get("gatewayType") or "Vpn"
        if str(actual).lower() != gateway_type.lower():
            name = arm_ids.name_of(found["id"])
            wanted.findings.refuse(where, f"{name}, a gateway of type {actual}", f"one of type {gateway_type}")
            return None
        check_new_gateway(wanted.plan, wanted.path, found, wanted.findings)
    return found


def _gateway_in_counterpart(wanted: Wanted, gateway_type: str) -> Document | None:
    target = wanted.counterpart()
    if target is None:
        _refuse_unpaired(wanted, "connect.gateway")
        return None
    found = gateway_in(wanted.snapshot, target, gateway_type)
    if found is None:
        wanted.findings.refuse(
            f"{wanted.where}.gateway",
            f"no {gateway_type} gateway in {arm_ids.name_of(target)}",
            "one that is there before the event: Azure takes 20 to 37 minutes to make it",
            "or let the run make the network: networks, create with a gateway",
        )
    return found


def gateway_in(snapshot: Snapshot, network: str, gateway_type: str) -> Document | None:
    """The gateway of a type in a network: Azure allows one of each."""
    for gateway in snapshot.of_type(GATEWAY_TYPE):
        actual = str(properties(gateway).get("gatewayType") or "Vpn")
        if arm_ids.same(network_of_gateway(gateway), network) and actual.lower() == gateway_type.lower():
            return gateway
    return None


def _refuse_unpaired(wanted: Wanted, field: str) -> None:
    old = arm_ids.name_of(wanted.near_old.network) if wanted.near_old else "a network that no old link names"
    wanted.findings.refuse(
        f"{wanted.path}.{field}",
        "nothing",
        f"what takes the place of {old}",
        "name it here, or as a pair in networks",
    )


def _far_gateway(wanted: Wanted) -> Document | None:
    """The gateway at the network that stays: named, or the old link's, or the one that is there."""
    where, named = f"{wanted.where}.remoteGateway", wanted.wish.remote_gateway
    if named:
        return wanted.findings.resolve(where, GATEWAY_TYPE, named)
    far = wanted.far or {"id": ""}
    found = gateway_in(wanted.snapshot, far["id"], "Vpn")
    if found is None:
        wanted.findings.refuse(where, f"no Vpn gateway in {arm_ids.name_of(far['id'])}", "one, to join it")
    return found


def _picture(wanted: Wanted, field: str, named: str | None, device: Document, gateway: Document) -> Document | None:
    """The local network gateway that stands for ``device`` (an Azure gateway) in the region of ``gateway``."""
    where = f"{wanted.where}.{field}"
    if named:
        return wanted.findings.resolve(where, LOCAL_GATEWAY_TYPE, named)
    addresses = {peer["publicAddress"] for peer in peers(wanted.snapshot, device)} - {None}
    same = _standing_for(wanted.snapshot, addresses, gateway)
    if len(same) == 1:
        return same[0]
    wanted.findings.refuse(
        where,
        f"{len(same)} that mean {arm_ids.name_of(device['id'])}",
        f"one in {region_name(gateway.get('location'))}",
        "make it beforehand or name it; a link of kind vnet-to-vnet needs none",
    )
    return None


def _device(wanted: Wanted, gateway: Document | None) -> Document | None:
    """The local network gateway named by the plan, or the one in the recovery region that means the same device."""
    where, named = f"{wanted.where}.localNetworkGateway", wanted.wish.local_network_gateway
    if named:
        return wanted.findings.resolve(where, LOCAL_GATEWAY_TYPE, named)
    old = wanted.near_old.document if wanted.near_old else None
    address = device_address(wanted.snapshot.get(reference(old, "localNetworkGateway2")))
    same = _standing_for(wanted.snapshot, {address} - {None}, gateway) if gateway else []
    if len(same) == 1:
        return same[0]
    if gateway is not None:
        wanted.findings.refuse(
            where, f"{len(same)} that mean the device {address}", "one in the recovery region", "name it in the plan"
        )
    return None


def _standing_for(snapshot: Snapshot, addresses: set[str | None], gateway: Document) -> list[Document]:
    region = region_name(gateway.get("location"))
    return [
        one
        for one in snapshot.of_type(LOCAL_GATEWAY_TYPE)
        if device_address(one) in addresses and region_name(one.get("location")) == region
    ]
