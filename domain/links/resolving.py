"""The links of a plan with every name resolved against the snapshot: what goes, and what comes in its place."""

from __future__ import annotations

from dataclasses import dataclass

from domain import arm_ids
from domain.findings import Findings
from domain.links.checks import check_old, check_preference
from domain.links.halves import (
    Half,
    Joined,
    find_peering,
    is_peering_reference,
    joined_by_connection,
    joined_by_peering,
)
from domain.links.networks import Networks
from domain.links.new_halves import Coming, coming_halves
from domain.plans.links import Link, LinkKind
from domain.plans.reading import Plan
from domain.plans.types import SecretReference
from domain.snapshot import Document, properties
from domain.topology import CONNECTION_TYPE, NETWORK_TYPE


@dataclass(frozen=True)
class ResolvedLink:
    """A link of the plan with every name resolved to a document. ``path`` is its field in the plan.

    kind   of what comes, else of what goes
    far    the id of the network that a link between networks leads to; None for a site
    goes   the halves that are taken away, that of the failing side first
    comes  the halves that are made, that of the recovery side first
    """

    path: str
    link: Link
    kind: LinkKind
    far: str | None = None
    goes: tuple[Half, ...] = ()
    comes: tuple[Half, ...] = ()
    like: tuple[Half, ...] = ()
    prefer: tuple[Half, Half] | None = None
    old_gateway: Document | None = None
    new_gateway: Document | None = None
    new_local_gateways: tuple[Document, ...] = ()

    @property
    def old(self) -> Half | None:
        """The half of the failing side, when it is taken away."""
        return self.goes[0] if self.goes else None

    @property
    def old_network(self) -> str | None:
        halves = self.goes or self.like
        return halves[0].network or None if halves else None

    @property
    def new_network(self) -> str | None:
        return self.comes[0].network or None if self.comes else None

    @property
    def site(self) -> str:
        """The site that it leads to; empty for a link between networks."""
        return self.link.site or ""

    @property
    def far_name(self) -> str:
        """Where it leads, in people's words."""
        return self.site or arm_ids.name_of(self.far or "")


def resolve_links(plan: Plan, networks: Networks, findings: Findings) -> list[ResolvedLink]:
    """Every link of the plan against the snapshot; what cannot be resolved is refused and left out."""
    links = [
        found for index, link in enumerate(plan.links) if (found := _resolve(plan, index, link, networks, findings))
    ]
    goes: dict[str, str] = {}
    comes: dict[str, str] = {}
    for found in links:
        for half in found.goes:
            _once(goes, half, f"{found.path}.disconnect", findings)
        for half in found.comes:
            _once(comes, half, f"{found.path}.connect.name", findings)
    return links


def shared_key(link: Link) -> SecretReference | None:
    """Where the key of the connection that comes lies: its own, or that of both."""
    return (link.connect.shared_key if link.connect else None) or link.shared_key


def _once(seen: dict[str, str], half: Half, path: str, findings: Findings) -> None:
    """A connection goes, or comes, in one link only: two steps for it would be one."""
    other = seen.setdefault(arm_ids.key(half.id), path)
    if other != path:
        findings.refuse(path, f"{half.name}, which is {other} too", "a connection of its own")


def _resolve(plan: Plan, index: int, link: Link, networks: Networks, findings: Findings) -> ResolvedLink | None:
    path, before = f"links[{index}]", len(findings.errors)
    if link.site is not None and link.site not in plan.sites:
        return None
    if link.prefer is not None:
        return _preference(plan, path, link, findings)
    far = findings.resolve(f"{path}.network", NETWORK_TYPE, link.network) if link.network else None
    joined = _joined(path, link, far, findings)
    old_gateway = findings.snapshot.get(joined.halves[0].holder) if joined else None
    if joined:
        check_old(plan, path, link, joined, far, findings)
    coming = Coming(joined.kind if joined else "site-to-site")
    if link.connect and len(findings.errors) == before:
        coming = coming_halves(plan, path, link, joined, far, networks, findings)
    if link.connect and coming.kind in ("site-to-site", "vnet-to-vnet") and shared_key(link) is None:
        findings.warn(f"{path} names no sharedKey: without one a connection that a run makes stays down")
    if len(findings.errors) > before:
        return None
    halves = joined.halves if joined else ()
    return ResolvedLink(
        path,
        link,
        coming.kind,
        far["id"] if far else None,
        goes=halves if link.disconnect else (),
        comes=coming.halves,
        like=halves,
        old_gateway=old_gateway,
        new_gateway=coming.gateway,
        new_local_gateways=coming.local_gateways,
    )


def _joined(path: str, link: Link, far: Document | None, findings: Findings) -> Joined | None:
    """The link that is there, the half of the failing side first."""
    field, named = ("disconnect", link.disconnect) if link.disconnect else ("like", link.like)
    if named is None:
        return None
    snapshot = findings.snapshot
    if is_peering_reference(named):
        half = find_peering(snapshot, named)
        if half is None:
            findings.refuse(
                f"{path}.{field}", f"{named!r}, which the snapshot does not hold", "a peering, as NETWORK/PEERING"
            )
            return None
        joined = joined_by_peering(snapshot, half)
    else:
        document = findings.resolve(f"{path}.{field}", CONNECTION_TYPE, named)
        if document is None:
            return None
        joined = joined_by_connection(snapshot, document)
    if far and arm_ids.same(joined.halves[0].network, far["id"]) and len(joined.halves) == 2:
        return Joined(joined.kind, joined.halves[::-1])
    return joined


def _preference(plan: Plan, path: str, link: Link, findings: Findings) -> ResolvedLink | None:
    """Two connections to two circuits, both joined."""
    assert link.prefer is not None
    halves = []
    for field, named in (("from", link.prefer.from_), ("to", link.prefer.to)):
        document = findings.resolve(f"{path}.prefer.{field}", CONNECTION_TYPE, named)
        if document:
            halves.append(joined_by_connection(findings.snapshot, document).halves[0])
    if len(halves) < 2 or not check_preference(plan, path, link, halves, findings):
        return None
    one, other = halves
    return ResolvedLink(
        path,
        link,
        "expressroute",
        like=(one,),
        prefer=(one, other),
        old_gateway=findings.snapshot.get(one.holder),
        new_gateway=findings.snapshot.get(other.holder),
    )


def is_bgp(half: Half) -> bool:
    """Whether routes travel by themselves over a connection."""
    details = properties(half.document)
    return details.get("connectionType") == "ExpressRoute" or bool(details.get("enableBgp"))
