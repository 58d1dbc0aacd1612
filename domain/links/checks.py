"""What is refused about a link's ends, each with the field, what was found and what was expected."""

from __future__ import annotations

from domain import arm_ids
from domain.addresses import overlapping
from domain.findings import Findings
from domain.links.halves import KIND_OF_CONNECTION, Half, Joined
from domain.links.peers import peers
from domain.plans.links import Link
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.snapshot import Document, properties, region_name
from domain.topology import CONNECTION_TYPE, device_address, network_of_gateway, prefixes_of, reference

ADVICE_GROUP = "a resource group outside the failing region: ARM cannot update what such a group holds"


def check_old(plan: Plan, path: str, link: Link, joined: Joined, far: Document | None, findings: Findings) -> None:
    """The link that is there: of a kind that is known, between the ends that the plan says."""
    near = joined.halves[0]
    where = f"{path}.{'disconnect' if link.disconnect else 'like'}"
    kind = properties(near.document).get("connectionType")
    if not near.is_peering and str(kind).lower() not in KIND_OF_CONNECTION:
        findings.refuse(where, f"a connection of type {kind!r}", "one of type IPsec, Vnet2Vnet or ExpressRoute")
        return
    if not near.is_peering and findings.snapshot.get(near.holder) is None:
        findings.refuse(where, "a connection whose gateway the snapshot does not hold", "its gateway, too")
    _check_far_end(path, where, joined, far, findings)
    if link.disconnect:
        _check_region(plan, where, near, findings)
        if far and len(joined.halves) == 2:
            _check_survivor(plan, path, joined.halves[1], findings)


def _check_far_end(path: str, where: str, joined: Joined, far: Document | None, findings: Findings) -> None:
    between = len(joined.halves) == 2 or joined.kind in ("peering", "vnet-to-vnet")
    near = joined.halves[0]
    if far is None:
        if between:
            findings.refuse(where, f"{near.name}, which leads to a network", "network: the network that it leads to")
        return
    if not between:
        findings.refuse(where, f"{near.name}, which leads to no network", "site: where it leads to")
    elif len(joined.halves) < 2:
        findings.refuse(
            where,
            f"{near.name}, whose other half the snapshot does not hold",
            f"the half at {arm_ids.name_of(far['id'])}, too: it is what is taken away when the region is dark",
        )
    elif not arm_ids.same(joined.halves[1].network, far["id"]):
        other = arm_ids.name_of(joined.halves[1].network)
        findings.refuse(f"{path}.network", arm_ids.name_of(far["id"]), f"{other}, to which {near.name} leads")


def _check_region(plan: Plan, where: str, near: Half, findings: Findings) -> None:
    if near.is_peering:
        region, what = region_name((findings.snapshot.get(near.network) or {}).get("location")), "peering"
    else:
        region, what = region_name(near.document.get("location")), "connection"
    if region and region != plan.primary.region:
        findings.refuse(where, f"a {what} in {region}", f"one in the primary region {plan.primary.region}")


def _check_survivor(plan: Plan, path: str, far: Half, findings: Findings) -> None:
    """What is taken away in place of a dead region's half must itself be writable on the day."""
    if plan.scope == "application":
        return
    holder = findings.snapshot.get(far.holder) or {}
    region, group = region_name(holder.get("location")), findings.snapshot.region_of_group(far.holder)
    if plan.primary.region in (region, group):
        findings.refuse(
            f"{path}.network",
            f"{arm_ids.name_of(far.network)}, whose half of the link is in {plan.primary.region} too",
            "a network outside the failing region, in a resource group outside it",
            "say scope: application when the region itself lives",
        )


def check_preference(plan: Plan, path: str, link: Link, halves: list[Half], findings: Findings) -> bool:
    """Two circuits, two networks, one site that can say which it prefers."""
    before, where = len(findings.errors), f"{path}.prefer"
    for field, half in zip(("from", "to"), halves, strict=True):
        kind = properties(half.document).get("connectionType")
        if str(kind).lower() != "expressroute":
            found = f"{half.name} of type {kind!r}"
            findings.refuse(f"{where}.{field}", found, "a connection to an ExpressRoute circuit")
    circuits = [reference(half.document, "peer") for half in halves]
    if len(findings.errors) == before and arm_ids.same(*circuits):
        findings.refuse(
            where, f"two connections to one circuit, {arm_ids.name_of(circuits[0] or '')}", "two circuits",
            "two networks of one address space cannot both join one circuit: disconnect one, then connect the other",
        )  # fmt: skip
    site = plan.sites[link.site or ""]
    if site.looking_glass is None:
        findings.refuse(
            f"sites.{link.site}.lookingGlass", "nothing", "a looking glass: the preference is read back there"
        )
    if site.automation is None and site.person is None:
        findings.refuse(f"sites.{link.site}", "neither", "an automation or a person: the preference is set at the site")
    return len(findings.errors) == before


def check_spaces(path: str, near: str, far: str, findings: Findings) -> None:
    """Two networks that share addresses cannot be joined: a peering is refused, a tunnel carries nothing."""
    shared = overlapping(prefixes_of(findings.snapshot.get(near)), prefixes_of(findings.snapshot.get(far)))
    if shared:
        findings.refuse(
            f"{path}.connect",
            f"{arm_ids.name_of(near)} ({shared[0][0]}) joined to {arm_ids.name_of(far)} ({shared[0][1]})",
            "networks whose addresses do not overlap",
        )


def check_site(
    plan: Plan, path: str, link: Link, gateway: Document, local: Document | None, findings: Findings
) -> None:
    """What the site has itself is not announced to it, and its ASN is the device's own: routing is verified by it."""
    site, network = plan.sites[link.site or ""], network_of_gateway(gateway)
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


def check_local_gateway(
    plan: Plan, path: str, local: Document | None, gateway: Document | None, findings: Findings
) -> None:
    """A connection, its gateway and its local network gateway stand in one region, and none of it may be failing."""
    if local is None or gateway is None:
        return
    where, name = f"{path}.connect.localNetworkGateway", arm_ids.name_of(local["id"])
    region, wanted = region_name(local.get("location")), region_name(gateway.get("location"))
    if region != wanted:
        findings.refuse(where, f"{name} in {region}", f"a local network gateway in the gateway's region {wanted}")
    elif findings.snapshot.region_of_group(local["id"]) == plan.primary.region and plan.scope == "region":
        findings.refuse(
            where,
            f"{name} in a resource group located in {plan.primary.region}",
            ADVICE_GROUP,
            "move it to a group in another region",
        )


def check_new_gateway(plan: Plan, path: str, gateway: Document, findings: Findings) -> None:
    """The gateway of the recovery side: in its region, and writable on the day."""
    where, name = f"{path}.connect.gateway", arm_ids.name_of(gateway["id"])
    region = region_name(gateway.get("location"))
    if region != plan.recovery.region:
        findings.refuse(where, f"{name} in {region}", f"a gateway in the recovery region {plan.recovery.region}")
    group_region = findings.snapshot.region_of_group(gateway["id"])
    if group_region == plan.primary.region and plan.scope == "region":
        findings.refuse(
            where,
            f"{name} in a resource group located in {group_region}",
            ADVICE_GROUP,
            "move the gateway to a group in another region",
        )
    elif group_region is None:
        findings.warn(
            f"the snapshot does not hold the resource group of {name}: capture it, its region must not fail too"
        )
    if network_of_gateway(gateway) is None:
        findings.refuse(where, f"{name} without a subnet", "a provisioned gateway in a virtual network")


def check_peer(path: str, gateway: Document, device: Document, findings: Findings) -> None:
    """One device cannot tell two gateways of one BGP address apart, and Azure takes it from the GatewaySubnet.

    So no other gateway that speaks BGP to the device may have the new one's: mirrored networks collide. Of a new
    connection without BGP nobody asks this.
    """
    snapshot = findings.snapshot
    if not (properties(gateway).get("bgpSettings") or {}).get("asn"):
        return
    mine = {peer["bgpPeeringAddress"] for peer in peers(snapshot, gateway, device)} - {None}
    for connection in snapshot.of_type(CONNECTION_TYPE):
        local = snapshot.get(reference(connection, "localNetworkGateway2"))
        other = snapshot.get(reference(connection, "virtualNetworkGateway1"))
        if local is None or other is None or arm_ids.same(other["id"], gateway["id"]):
            continue
        if properties(connection).get("enableBgp") is False:
            continue
        theirs = {peer["bgpPeeringAddress"] for peer in peers(snapshot, other, local)}
        if device_address(local) == device_address(device) and mine & theirs:
            findings.refuse(
                f"{path}.connect.gateway",
                f"{arm_ids.name_of(gateway['id'])}, whose BGP address {min(mine & theirs)} is "
                f"{arm_ids.name_of(other['id'])}'s too",
                "another BGP address: one on-premises device cannot tell the two apart",
                "give gateway and local network gateway an APIPA address",
            )
