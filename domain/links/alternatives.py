"""Where a new link is not like the old one, or two networks could be joined by the other sort: what would differ.

Facts: sources, Links between networks.
"""

from __future__ import annotations

from typing import Any

from domain.links.halves import KIND_OF_CONNECTION
from domain.links.mirror import MIRRORED, MIRRORED_PEERING
from domain.links.new_halves import gateway_in
from domain.links.resolving import ResolvedLink
from domain.snapshot import Snapshot, properties

DIFFERS = (
    ("gateway hops", "peering: none", "VPN: one at each end"),
    (
        "transit",
        "peering: the two networks' own prefixes, and more only by gateway transit",
        "VPN: with BGP whatever the gateways know, without it the prefixes written by hand",
    ),
    ("encryption", "peering: stays on Azure's network, not encrypted by itself", "VPN: IPsec"),
    ("cost", "peering: by volume, in and out", "VPN: by the hour of each gateway, and by volume out"),
)


def alternatives(snapshot: Snapshot, links: list[ResolvedLink]) -> list[dict[str, Any]]:
    """What of the new links is not like the old one, or could be of the other sort.

    Shape: ``{link, chosen, was, otherwise: [sentence], possible, differs: [sentence]}``.
    """
    found = []
    for one in links:
        if not one.comes:
            continue
        told = {
            "link": one.link.name,
            "chosen": one.kind,
            "was": _kind_of(one),
            "otherwise": _otherwise(one),
            "possible": _possible(snapshot, one),
        }
        if told["was"] not in (None, one.kind) or told["otherwise"] or told["possible"]:
            differs = DIFFERS if "peering" in (told["possible"], told["was"], one.kind) and one.far else ()
            found.append({**told, "differs": [f"{what}: {peering}; {vpn}" for what, peering, vpn in differs]})
    return found


def _kind_of(found: ResolvedLink) -> str | None:
    if not found.like:
        return None
    half = found.like[0]
    if half.is_peering:
        return "peering"
    return KIND_OF_CONNECTION.get(str(properties(half.document).get("connectionType")).lower())


def _possible(snapshot: Snapshot, found: ResolvedLink) -> str | None:
    """The other sort of link between the same two networks, where what it needs is there."""
    if not found.far:
        return None
    if found.kind != "peering":
        return "peering"
    ends = (found.comes[0].network, found.comes[-1].network)
    return "vnet-to-vnet" if all(gateway_in(snapshot, network, "Vpn") for network in ends) else None


def _otherwise(found: ResolvedLink) -> list[str]:
    """Where the plan says otherwise than the old link has it."""
    return [
        f"{new.name}: {field} {properties(new.document)[field]}, where {old.name} has {properties(old.document)[field]}"
        for new, old in zip(found.comes, found.like, strict=False)
        if new.is_peering == old.is_peering
        for field in (MIRRORED_PEERING if new.is_peering else MIRRORED)
        if field in properties(new.document)
        and properties(old.document).get(field) not in (None, properties(new.document)[field])
    ]
