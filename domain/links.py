"""The links of a plan with every name resolved against the snapshot, and what is refused about them."""

from __future__ import annotations

from dataclasses import dataclass

from domain import arm_ids
from domain.addresses import overlapping
from domain.findings import Findings
from domain.plan import Plan
from domain.plan_links import Link
from domain.plan_types import SecretReference
from domain.snapshot import Document, properties, region_name
from domain.topology import (
    CONNECTION_TYPE,
    GATEWAY_TYPE,
    LOCAL_GATEWAY_TYPE,
    announced,
    bgp_address,
    network_of_gateway,
    reference,
)


@dataclass(frozen=True)
class ResolvedLink:
    """A link of the plan with every name resolved to a document. ``path`` is its field in the plan."""

    path: str
    link: Link
    old: Document | None = None
    old_gateway: Document | None = None
    new_gateway: Document | None = None
    new_local_gateway: Document | None = None

    @property
    def old_network(self) -> str | None:
        return network_of_gateway(self.old_gateway)

    @property
    def new_network(self) -> str | None:
        return network_of_gateway(self.new_gateway)

    @property
    def new_id(self) -> str:
        """The id of the connection that comes: deterministic, in the recovery gateway's own resource group."""
        group = arm_ids.resource_group_id((self.new_gateway or {})["id"])
        mirror = self.link.connect
        old_name = arm_ids.name_of(self.old["id"]) if self.old else self.link.name
        name = mirror.name if mirror and mirror.name else f"{old_name}-recovery"
        return f"{group}/providers/{CONNECTION_TYPE}/{name}"


def resolve_links(plan: Plan, findings: Findings) -> list[ResolvedLink]:
    """Every link of the plan against the snapshot; what cannot be resolved is refused and left out."""
    links = [found for index, link in enumerate(plan.links) if (found := _resolve(plan, index, link, findings))]
    goes: dict[str, str] = {}
    comes: dict[str, str] = {}
    for found in links:
        if found.old:
            _once(goes, found.old["id"], f"{found.path}.disconnect", findings)
        if found.link.connect:
            _once(comes, found.new_id, f"{found.path}.connect.name", findings)
    return links


def _once(seen: dict[str, str], connection: str, path: str, findings: Findings) -> None:
    """A connection goes, or comes, in one link only: two steps for it would be one."""
    other = seen.setdefault(arm_ids.key(connection), path)
    if other != path:
        findings.refuse(path, f"{arm_ids.name_of(connection)}, which is {other} too", "a connection of its own")


def _resolve(plan: Plan, index: int, link: Link, findings: Findings) -> ResolvedLink | None:
    path, before = f"links[{index}]", len(findings.errors)
    old = findings.resolve(f"{path}.disconnect", CONNECTION_TYPE, link.disconnect) if link.disconnect else None
    old_gateway = findings.snapshot.get(reference(old, "virtualNetworkGateway1"))
    if old and properties(old).get("connectionType") != "IPsec":
        kind = properties(old).get("connectionType")
        findings.refuse(f"{path}.disconnect", f"a connection of type {kind!r}", "a site-to-site connection (IPsec)")
    if old and old_gateway is None:
        findings.refuse(
            f"{path}.disconnect", "a connection whose gateway the snapshot does not hold", "its gateway, too"
        )
    new_gateway = new_local = None
    if link.connect:
        new_gateway = findings.resolve(f"{path}.connect.gateway", GATEWAY_TYPE, link.connect.gateway)
        new_local = _local_gateway(path, link, old, new_gateway, findings)
        _check_local_gateway(plan, path, new_local, new_gateway, findings)
        _check_new_gateway(plan, path, new_gateway, old_gateway, findings)
        _check_site(plan, path, link, new_gateway, new_local, findings)
    _check_single(f"{path}.disconnect", old_gateway, findings)
    _check_single(f"{path}.connect.gateway", new_gateway, findings)
    if shared_key(link) is None:
        findings.warn(f"{path} names no sharedKey: without one a connection that a run makes stays down")
    if len(findings.errors) > before:
        return None
    return ResolvedLink(path, link, old, old_gateway, new_gateway, new_local)


def shared_key(link: Link) -> SecretReference | None:
    """Where the key of the connection that comes lies: its own, or that of both."""
    return (link.connect.shared_key if link.connect else None) or link.shared_key


def _check_single(path: str, gateway: Document | None, findings: Findings) -> None:
    """A fence blocks one peer, and routes are looked for through one: of two, the other would go on unseen."""
    if properties(gateway).get("activeActive") is True:
        findings.refuse(
            path,
            f"the active-active gateway {arm_ids.name_of((gateway or {})['id'])}",
            "an active-standby gateway, which a site knows as one peer",
        )


def _check_site(
    plan: Plan, path: str, link: Link, gateway: Document | None, local: Document | None, findings: Findings
) -> None:
    """What the site has itself is not announced to it, and its ASN is the device's own: routing is verified by it."""
    site, network = plan.sites[link.site], network_of_gateway(gateway)
    for one, prefix in announced(findings.snapshot, network) if network else ():
        shared = overlapping([prefix], site.prefixes)
        if shared:
            findings.refuse(
                f"{path}.connect.gateway",
                f"{arm_ids.name_of(one)} ({prefix}), which overlaps {link.site}'s own {shared[0][1]}",
                "networks whose addresses are not the site's own",
            )
    asn = (properties(local).get("bgpSettings") or {}).get("asn")
    if site.asn is not None and asn is not None and asn != site.asn:
        findings.refuse(
            f"{path}.connect.localNetworkGateway",
            f"{arm_ids.name_of((local or {})['id'])} with ASN {asn}",
            f"the ASN of sites.{link.site}, {site.asn}",
        )


def _local_gateway(
    path: str, link: Link, old: Document | None, gateway: Document | None, findings: Findings
) -> Document | None:
    """The local network gateway named by the plan, or the one in the recovery region that means the same device."""
    where = f"{path}.connect.localNetworkGateway"
    named = link.connect.local_network_gateway if link.connect else None
    if named:
        return findings.resolve(where, LOCAL_GATEWAY_TYPE, named)
    device = properties(findings.snapshot.get(reference(old, "localNetworkGateway2"))).get("gatewayIpAddress")
    same = [
        one
        for one in findings.snapshot.of_type(LOCAL_GATEWAY_TYPE)
        if device
        and properties(one).get("gatewayIpAddress") == device
        and gateway
        and region_name(one.get("location")) == region_name(gateway.get("location"))
    ]
    if len(same) == 1:
        return same[0]
    findings.refuse(
        where, f"{len(same)} that mean the device {device}", "one in the recovery region", "name it in the plan"
    )
    return None


def _check_local_gateway(
    plan: Plan, path: str, local: Document | None, gateway: Document | None, findings: Findings
) -> None:
    """A connection, its gateway and its local network gateway stand in one region, and none of it may be failing."""
    if local is None or gateway is None:
        return
    where, name = f"{path}.connect.localNetworkGateway", arm_ids.name_of(local["id"])
    region, wanted = region_name(local.get("location")), region_name(gateway.get("location"))
    if region != wanted:
        findings.refuse(where, f"{name} in {region}", f"a local network gateway in the gateway's region {wanted}")
    elif findings.snapshot.region_of_group(local["id"]) == plan.primary.region:
        findings.refuse(
            where, f"{name} in a resource group located in {plan.primary.region}", "a group outside the failing region"
        )


def _check_new_gateway(
    plan: Plan, path: str, gateway: Document | None, old_gateway: Document | None, findings: Findings
) -> None:
    if gateway is None:
        return
    where, name = f"{path}.connect.gateway", arm_ids.name_of(gateway["id"])
    region = region_name(gateway.get("location"))
    if region != plan.recovery.region:
        findings.refuse(where, f"{name} in {region}", f"a gateway in the recovery region {plan.recovery.region}")
    group_region = findings.snapshot.region_of_group(gateway["id"])
    if group_region == plan.primary.region:
        findings.refuse(
            where,
            f"{name} in a resource group located in {group_region}",
            "a resource group outside the failing region: ARM cannot update what such a group holds",
            "move the gateway to a group in another region",
        )
    elif group_region is None:
        findings.warn(
            f"the snapshot does not hold the resource group of {name}: capture it, its region must not fail too"
        )
    if network_of_gateway(gateway) is None:
        findings.refuse(where, f"{name} without a subnet", "a provisioned gateway in a virtual network")
    same = bgp_address(gateway)
    if same and same == bgp_address(old_gateway):
        findings.refuse(
            where,
            f"{name}, whose BGP address {same} is the old gateway's too",
            "another BGP address: one on-premises device cannot tell the two apart",
            "give it an APIPA address",
        )
