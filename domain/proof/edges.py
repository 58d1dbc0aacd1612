"""The links that a snapshot has, and those that a plan's links make, read as edges for ``reachability``.

What is not known is taken at its worst: a half whose other one the snapshot does not hold is up unless it says itself
that it is not, and a local network gateway may stand for every site that fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain import arm_ids
from domain.addresses import overlap
from domain.links.halves import KIND_OF_CONNECTION, Half, far_gateway, half_of, peerings
from domain.plans.links import LinkKind
from domain.plans.reading import Plan
from domain.proof.reachability import DEFAULT_ASN, SITE, Edge, Ground, Item, Reach
from domain.snapshot import Document, Snapshot, name_of, properties, region_name
from domain.topology import (
    CONNECTION_TYPE,
    GATEWAY_TYPE,
    NETWORK_TYPE,
    circuit_sites,
    network_of_gateway,
    prefixes_of,
    reference,
    sites_of,
)

LINK_LOCAL = "169.254.0.0/16"
_PROBE = f"{SITE} at the end of a link that is to come"


def ground_of(plan: Plan | None, snapshot: Snapshot) -> Ground:
    """What the snapshot's links stand on. A network that is known by its peering only has the space told there."""
    prefixes: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for half in peerings(snapshot):
        remote = reference(half.document, "remoteVirtualNetwork")
        space = properties(half.document).get("remoteAddressSpace") or {}
        if remote:
            prefixes[arm_ids.key(remote)] = tuple(space.get("addressPrefixes") or ())
            names[arm_ids.key(remote)] = arm_ids.name_of(remote)
    for network in snapshot.of_type(NETWORK_TYPE):
        prefixes[arm_ids.key(network["id"])] = prefixes_of(network)
        names[arm_ids.key(network["id"])] = name_of(network)
    asns = {arm_ids.key(one["id"]): _asn(one) for one in snapshot.of_type(GATEWAY_TYPE)}
    circuits = {
        arm_ids.key(circuit): tuple(f"{SITE}{name}" for name in circuit_sites(plan, snapshot, circuit))
        for connection in snapshot.of_type(CONNECTION_TYPE)
        if plan is not None and (circuit := reference(connection, "peer"))
    }
    return Ground(prefixes, asns, circuits, names)


def with_circuits(ground: Ground, plan: Plan, snapshot: Snapshot, edges: Iterable[Edge]) -> Ground:
    """The ground that also knows where the circuits of ``edges`` end: no connection of the snapshot may lead there."""
    told = {
        edge.far: tuple(f"{SITE}{name}" for name in circuit_sites(plan, snapshot, edge.far))
        for edge in edges
        if edge.kind == "expressroute"
    }
    return Ground(ground.prefixes, ground.asns, {**told, **ground.sites}, ground.names)


def edges_of(plan: Plan, snapshot: Snapshot) -> list[Edge]:
    """Every link of the snapshot that is up, or may be."""
    return [
        *_between_networks(snapshot),
        *_peered(snapshot),
        *(
            edge
            for connection in snapshot.of_type(CONNECTION_TYPE)
            if _leads_out(snapshot, connection)
            for edge in edges_between(plan, snapshot, (half_of(snapshot, connection),))
        ),
    ]


def edges_between(plan: Plan, snapshot: Snapshot, halves: Sequence[Half], site: str = "") -> tuple[Edge, ...]:
    """The link that ``halves`` make once all of them are there, whether they are or are to come.

    One half leads to a circuit, or to a device: to ``site``, or to each site that the device may be.
    """
    if len(halves) == 2:
        near, far = halves
        return (_peering(near, far) if near.is_peering else _pair(snapshot, near, far),)
    (half,) = halves
    circuit = reference(half.document, "peer")
    if circuit:
        return (_edge(half, "expressroute", arm_ids.key(circuit), bgp=True),)
    local = reference(half.document, "localNetworkGateway2")
    names = (site,) if site else sites_of(plan, snapshot, local)
    return tuple(_edge(half, "site-to-site", f"{SITE}{name}", bgp=_says_bgp(half)) for name in names)


def announced(snapshot: Snapshot, network: str) -> tuple[Item, ...]:
    """What a VPN gateway in ``network`` tells a site: its own space first, then that of networks it carries."""
    edges = [*_between_networks(snapshot), *_peered(snapshot)]
    key = arm_ids.key(network)
    known = next((arm_ids.key(one["id"]) for one in snapshot.of_type(GATEWAY_TYPE) if _is_vpn_of(one, network)), "?")
    probe = Edge((), "site-to-site", key, _PROBE, bgp=True, near_gateway=known)
    found = Reach(ground_of(None, snapshot), [*edges, probe]).seen(_PROBE)
    return tuple(sorted(found, key=lambda item: (item[0] != key, item[0])))


def failing_networks(plan: Plan, snapshot: Snapshot) -> set[str]:
    """Keys of the networks that the plan fails over, or whose region fails: what they see is of no matter any more."""
    named = [pair.source for pair in plan.networks] + ([plan.primary.network] if plan.primary.network else [])
    found = {arm_ids.key(one["id"]) for name in named for one in snapshot.named(NETWORK_TYPE, name)}
    if plan.scope == "region":
        found |= {
            arm_ids.key(one["id"])
            for one in snapshot.of_type(NETWORK_TYPE)
            if region_name(one.get("location")) == plan.primary.region
        }
    return found


def _is_vpn_of(gateway: Document, network: str) -> bool:
    kind = str(properties(gateway).get("gatewayType") or "Vpn").lower()
    return kind == "vpn" and arm_ids.same(network_of_gateway(gateway), network)


def _asn(gateway: Document) -> int:
    asn = (properties(gateway).get("bgpSettings") or {}).get("asn")
    return int(asn) if asn is not None else DEFAULT_ASN


def _edge(half: Half, kind: LinkKind, far: str, *, bgp: bool) -> Edge:
    return Edge((half.id,), kind, arm_ids.key(half.network), far, bgp, arm_ids.key(half.holder))


def _says_bgp(half: Half) -> bool:
    return bool(properties(half.document).get("enableBgp"))


def _leads_out(snapshot: Snapshot, connection: Document) -> bool:
    """To a device or a circuit, from a network that the snapshot holds."""
    if not half_of(snapshot, connection).network:
        return False
    out = reference(connection, "peer") or reference(connection, "localNetworkGateway2")
    return bool(out) and far_gateway(snapshot, connection) is None


def _between_networks(snapshot: Snapshot) -> list[Edge]:
    """Pairs of connections. Of several between two gateways nobody knows which belong together: every pair counts."""
    by_ends: dict[tuple[str, str], list[Half]] = defaultdict(list)
    for connection in snapshot.of_type(CONNECTION_TYPE):
        half, far = half_of(snapshot, connection), far_gateway(snapshot, connection)
        if far and half.network and network_of_gateway(far) and not arm_ids.same(far["id"], half.holder):
            by_ends[arm_ids.key(half.holder), arm_ids.key(far["id"])].append(half)
    edges = []
    for (near, far_key), halves in by_ends.items():
        others = by_ends.get((far_key, near), [])
        if others and near > far_key:
            continue
        for half in halves:
            edges += [_pair(snapshot, half, other) for other in others]
            if not others and _may_be_up(half, "connectionStatus"):
                edges.append(_pair(snapshot, half, None))
    return edges


def _may_be_up(half: Half, field: str) -> bool:
    return properties(half.document).get(field) in (None, "Connected")


def _pair(snapshot: Snapshot, near: Half, far: Half | None) -> Edge:
    """Two connections, or one whose other half is not known and taken to be like it."""
    gateway = snapshot.get(far.holder) if far else far_gateway(snapshot, near.document)
    holder = far.holder if far else (gateway or {"id": ""})["id"]
    network = far.network if far else network_of_gateway(gateway) or ""
    bgp = _says_bgp(near) and (far is None or _says_bgp(far))
    kind = KIND_OF_CONNECTION.get(str(properties(near.document).get("connectionType")).lower(), "site-to-site")
    return Edge(
        (near.id, far.id) if far else (near.id,),
        kind,
        arm_ids.key(near.network),
        arm_ids.key(network),
        bgp,
        arm_ids.key(near.holder),
        arm_ids.key(holder),
        near_routes=_by_hand(snapshot, near, network, bgp=bgp),
        far_routes=_by_hand(snapshot, far, near.network, bgp=bgp),
    )


def _by_hand(snapshot: Snapshot, half: Half | None, behind: str, *, bgp: bool) -> tuple[Item, ...]:
    """What a half's side sends into it by hand: its local network gateway's prefixes, as written.

    Each is taken for a prefix of the network behind it, or of a spoke of that one, as far as it lies in their space;
    any other is said of the network behind it. Without a local network gateway it is the network's own space.
    """
    local = snapshot.get(reference(half.document, "localNetworkGateway2")) if half else None
    if local is None:
        return () if bgp else tuple((arm_ids.key(behind), one) for one in prefixes_of(snapshot.get(behind)))
    owners = [behind, *_spokes_of(snapshot, behind)]
    found: dict[Item, None] = {}
    for prefix in (properties(local).get("localNetworkAddressSpace") or {}).get("addressPrefixes") or ():
        shares = [
            (arm_ids.key(owner), _narrower(prefix, own))
            for owner in owners
            for own in prefixes_of(snapshot.get(owner))
            if overlap(prefix, own)
        ]
        if not overlap(prefix, LINK_LOCAL):
            found.update(dict.fromkeys(shares or [(arm_ids.key(behind), prefix)]))
    return tuple(found)


def _narrower(one: str, other: str) -> str:
    """Of two prefixes that overlap, the one that lies in the other."""
    return one if int(one.rpartition("/")[2]) >= int(other.rpartition("/")[2]) else other


def _spokes_of(snapshot: Snapshot, hub: str) -> list[str]:
    key = arm_ids.key(hub)
    return [
        edge.other_end(key)
        for edge in _peered(snapshot)
        if (edge.near == key and edge.near_hub) or (edge.far == key and edge.far_hub)
    ]


def _peered(snapshot: Snapshot) -> list[Edge]:
    """Peerings, once each; of one whose other half is not known both flags are what this half allows."""
    ends: dict[tuple[str, str], Half] = {}
    for half in peerings(snapshot):
        remote = reference(half.document, "remoteVirtualNetwork")
        if remote:
            ends[arm_ids.key(half.network), arm_ids.key(remote)] = half
    edges = []
    for (near, far), half in ends.items():
        other = ends.get((far, near))
        known = [one for one in (half, other) if one]
        if (other is None or near < far) and all(_may_be_up(one, "peeringState") for one in known):
            edges.append(_peering(half, other))
    return edges


def _peering(near: Half, far: Half | None) -> Edge:
    remote = reference(near.document, "remoteVirtualNetwork") or ""
    return Edge(
        (near.id, far.id) if far else (near.id,),
        "peering",
        arm_ids.key(near.network),
        arm_ids.key(far.network if far else remote),
        near_hub=_flag(near, "allowGatewayTransit") and _flag(far, "useRemoteGateways"),
        far_hub=_flag(far, "allowGatewayTransit") and _flag(near, "useRemoteGateways"),
    )


def _flag(half: Half | None, name: str) -> bool:
    return half is None or bool(properties(half.document).get(name))
