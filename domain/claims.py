"""What a run claims: everything that it writes to, by names short enough for a lock's message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from domain import arm_ids
from domain.links.networks import Networks
from domain.links.resolving import ResolvedLink
from domain.workload import Workload


def claims(workload: Workload, links: list[ResolvedLink], networks: Networks) -> tuple[str, ...]:
    """The gateways, networks and connections of its links, what it makes, and its machines."""
    ids: list[str] = []
    for found in links:
        for half in (*found.goes, *found.comes, *(found.prefer or ())):
            ids += [half.id, half.holder, half.network]
        ids += [network for network in (found.old_network, found.new_network) if network]
    ids += [document["id"] for made in networks.made for document in made.documents]
    machines = (f"~{_digest(item.id)}" for item in workload.items)
    return (*claim_names(ids), *machines)


def claim_names(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim_name(one) for one in ids if one))


def claim_name(resource_id: str) -> str:
    return f"{arm_ids.name_of(resource_id)[:40].lower()}~{_digest(resource_id)}"


def _digest(resource_id: str) -> str:
    return hashlib.sha256(arm_ids.key(resource_id).encode()).hexdigest()[:8]
