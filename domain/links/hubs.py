"""Networks whose routes others carry: Virtual WAN and Route Server are refused by name, with what to do instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain import arm_ids
from domain.findings import Findings
from domain.snapshot import Document, Snapshot, properties

HUB_TYPE = "Microsoft.Network/virtualHubs"
HUB_JOIN_TYPE = "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections"


def check_hubs(networks: Iterable[str], findings: Findings) -> None:
    """Refuse a network of the plan (by id) that has a Route Server, or that a Virtual WAN hub is joined to."""
    wanted = dict.fromkeys(map(arm_ids.key, networks))
    for network in wanted:
        for subnet in properties(findings.snapshot.get(network)).get("subnets") or []:
            if str(subnet.get("name")).lower() == "routeserversubnet":
                findings.refuse(
                    "links",
                    f"{_name(findings.snapshot, network)}, which has an Azure Route Server",
                    "a network without one: it carries routes between gateways in ways that are not proven here",
                    "take that network out of the plan, and fail its appliances over by steps of your own",
                )
    for remote, hub in _joined(findings.snapshot):
        if arm_ids.key(remote) in wanted:
            findings.refuse(
                "links",
                f"{arm_ids.name_of(remote)}, joined to the Virtual WAN hub {hub}",
                "networks that are joined by gateways and peerings of their own",
                "move it by the Virtual WAN's own routing, or join the network to a hub network instead",
            )


def _joined(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """(network's id, hub's name) of every join, whether it stands in its hub's document or is one of its own."""
    for hub in snapshot.of_type(HUB_TYPE):
        for join in properties(hub).get("virtualNetworkConnections") or []:
            yield from _remote(join, arm_ids.name_of(hub["id"]))
    for join in snapshot.of_type(HUB_JOIN_TYPE):
        yield from _remote(join, arm_ids.name_of(arm_ids.parent_of(join["id"])))


def _remote(join: Document, hub: str) -> Iterator[tuple[str, str]]:
    remote = (properties(join).get("remoteVirtualNetwork") or {}).get("id")
    if remote:
        yield remote, hub


def _name(snapshot: Snapshot, network: str) -> str:
    return arm_ids.name_of((snapshot.get(network) or {"id": network})["id"])
