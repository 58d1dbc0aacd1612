"""The old way goes: the steps of a link's disconnect, and what stands in where Azure does not confirm it.

To a site: the connection is deleted, and if that stays unconfirmed the site itself is fenced. To a network that stays:
that network's own half is taken away, which needs nothing of the dead region, and the other half is deleted beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from domain import arm_ids
from domain.durations import EXPECTED_SECONDS
from domain.links.halves import Half
from domain.links.peers import circuit_peers, peers
from domain.links.resolving import ResolvedLink
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.runbook import Step, When
from domain.snapshot import Document, Snapshot, properties
from domain.steps import make_step
from domain.topology import reference

READ_ONLY = frozenset(
    {
        "provisioningState",
        "resourceGuid",
        "connectionStatus",
        "ingressBytesTransferred",
        "egressBytesTransferred",
        "tunnelConnectionStatus",
        "packetCaptureDiagnosticState",
        "peer",
        "gatewayCustomBgpIpAddresses",
        "peeringState",
        "peeringSyncLevel",
        "remoteAddressSpace",
        "remoteVirtualNetworkAddressSpace",
        "remoteBgpCommunities",
        "remoteGateways",
    }
)


@dataclass
class Closing:
    """The steps of a link's disconnect.

    beside  steps that nothing waits for
    end     the id of the step after whose success the way is gone or fenced
    closes  keys of the halves that are then of no use
    writes  step id -> ids of what it locks
    """

    steps: list[Step] = field(default_factory=list)
    beside: list[Step] = field(default_factory=list)
    end: str = ""
    closes: tuple[str, ...] = ()
    writes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def disconnect_steps(plan: Plan, snapshot: Snapshot, found: ResolvedLink, needs: tuple[str, ...]) -> Closing:
    """The old way of one link goes."""
    if not found.goes:
        return Closing()
    return _from_network(plan, found, needs) if found.far else _from_site(plan, snapshot, found, needs)


def _from_site(plan: Plan, snapshot: Snapshot, found: ResolvedLink, needs: tuple[str, ...]) -> Closing:
    half = found.goes[0]
    settings = {
        "gateway": half.holder,
        "resource_guid": properties(half.document).get("resourceGuid"),
        **_site_settings(plan, snapshot, found),
    }
    disconnect = _disconnect(plan, found, half, settings, needs)
    redeemed = _authorization(snapshot, found, reference(half.document, "peer") or "")
    if redeemed and disconnect.compensation:
        restoring = {**disconnect.compensation["settings"], "authorization": redeemed}
        disconnect = replace(disconnect, compensation={**disconnect.compensation, "settings": restoring})
    fence = _fence_step(plan, snapshot, found, disconnect)
    writes: dict[str, tuple[str, ...]] = {disconnect.id: (half.holder,)}
    return Closing([disconnect, fence], [], fence.id, (arm_ids.key(half.id),), writes)


def _from_network(plan: Plan, found: ResolvedLink, needs: tuple[str, ...]) -> Closing:
    """The surviving half first: with it gone nothing passes, whatever the failing side still holds."""
    near, far = found.goes
    held = "network" if far.is_peering else "gateway"
    removed = make_step(
        plan,
        "remove-half",
        far.id,
        f"take {far.name} away from {found.far_name}",
        "disconnect",
        settings={held: far.holder},
        needs=needs,
        compensation=_restore(found, far),
    )
    settings = {held: near.holder, "resource_guid": properties(near.document).get("resourceGuid")}
    near_step = _disconnect(plan, found, near, settings, needs, on_failure="continue")
    if far.is_peering:
        removed = replace(removed, expected_seconds=EXPECTED_SECONDS["disconnect-peering"])
        near_step = _after_far(near_step, removed)
    return Closing(
        [removed],
        [near_step],
        removed.id,
        (arm_ids.key(near.id), arm_ids.key(far.id)),
        {removed.id: (far.holder,), near_step.id: (near.holder,)},
    )


def _after_far(near: Step, far: Step) -> Step:
    """A half of a peering goes after the half at the network that stays, which spoils it: so the way back is always
    the failing side's half anew, then the other (sources: Peerings)."""
    undone = {**(near.compensation or {}), "spoiled_by": far.id}
    return replace(near, needs=(*near.needs, far.id), compensation=undone)


def _disconnect(
    plan: Plan, found: ResolvedLink, half: Half, settings: dict[str, Any], needs: tuple[str, ...], **how: Any
) -> Step:
    return make_step(
        plan,
        "disconnect-peering" if half.is_peering else "disconnect-connection",
        half.id,
        f"disconnect {half.name}",
        "disconnect",
        settings=settings,
        needs=needs,
        timeout_seconds=found.link.within,
        compensation=_restore(found, half),
        **how,
    )


def _restore(found: ResolvedLink, half: Half) -> dict[str, Any]:
    """How a half is brought back as the snapshot has it."""
    if half.is_peering:
        settings = {"body": {"properties": _kept(half.document)}, "network": half.network, "expect": "Initiated"}
        return {"kind": "connect-peering", "name": f"restore {half.name}", "settings": settings}
    key = found.link.shared_key
    return {
        "kind": "restore-connection",
        "name": f"restore {half.name}",
        "settings": {"body": restore_body(half.document), "shared_key": key.model_dump() if key else None},
    }


def restore_body(connection: Document) -> dict[str, Any]:
    """The PUT body that brings a connection back as the snapshot has it."""
    kept = _kept(connection)
    circuit = properties(connection).get("peer")
    if circuit:
        kept["peer"] = circuit
    return {"location": connection.get("location"), "tags": connection.get("tags") or {}, "properties": kept}


def _kept(document: Document) -> dict[str, Any]:
    return {name: value for name, value in properties(document).items() if name not in READ_ONLY}


def _fence_step(plan: Plan, snapshot: Snapshot, found: ResolvedLink, disconnect: Step) -> Step:
    """What stands in for a disconnect that Azure has not confirmed, or that a person skipped: not needed otherwise."""
    link, site = found.link, plan.sites[found.site]
    circuit = reference(found.goes[0].document, "peer") or ""
    authorization = _authorization(snapshot, found, circuit)
    home = snapshot.region_of_group(authorization) if authorization else None
    lives = authorization and (plan.scope == "application" or home != plan.primary.region)
    how = link.fence or ("authorization" if lives else "webhook" if site.automation else "person")
    settings = _site_settings(plan, snapshot, found)
    when = When(disconnect.id, ("unconfirmed", "skipped"))
    target, compensation = f"site:{found.site}:{link.name}", None
    if how == "authorization" and authorization:
        name = f"revoke {arm_ids.name_of(authorization)} of {arm_ids.name_of(circuit)}"
        kind, target, settings = "revoke-authorization", authorization, {"circuit": circuit}
    elif how == "webhook" and site.automation:
        kind, name = "fence-site", f"fence {found.site} against {_gateway_name(found)}"
        settings |= {"automation_url": site.automation.url, "secret": site.automation.secret.model_dump()}
        compensation = {"kind": "unfence-site", "name": f"lift the fence at {found.site}", "settings": settings}
    else:
        kind, name = "fence-by-person", f"a person fences {found.site} against {_gateway_name(found)}"
        question = _fence_question(found, settings["peers"], how)
        settings |= {"role": site.person or "incident commander", "question": question}
    return make_step(
        plan,
        kind,
        target,
        name,
        "disconnect",
        settings=settings,
        needs=(disconnect.id,),
        when=when,
        compensation=compensation,
    )


def _authorization(snapshot: Snapshot, found: ResolvedLink, circuit: str) -> str | None:
    """The id of the circuit's authorization that the old connection redeemed: named by the plan, or told by Azure."""
    named = found.link.authorization
    if named:
        return named if arm_ids.is_arm_id(named) else f"{circuit}/authorizations/{named}"
    for one in properties(snapshot.get(circuit)).get("authorizations") or [] if circuit else []:
        if arm_ids.same(properties(one).get("connectionResourceUri"), found.goes[0].id):
            return one.get("id") or f"{circuit}/authorizations/{one.get('name')}"
    return None


def _site_settings(plan: Plan, snapshot: Snapshot, found: ResolvedLink) -> dict[str, Any]:
    """What is needed to read at the site whether the old way still carries routes."""
    network = found.old_network or ""
    return {
        "site": found.site,
        "looking_glass_url": plan.sites[found.site].looking_glass,
        "prefixes": [prefix for _, prefix in announced(snapshot, network)],
        "peers": old_peers(snapshot, found),
    }


def old_peers(snapshot: Snapshot, found: ResolvedLink) -> list[dict[str, Any]]:
    """Who the site hears the old way from: the gateway's instances, or the circuit's two edges."""
    if found.like and properties(found.like[0].document).get("connectionType") == "ExpressRoute":
        return circuit_peers(snapshot, reference(found.like[0].document, "peer"))
    device = reference(found.goes[0].document, "localNetworkGateway2") if found.goes else None
    return peers(snapshot, found.old_gateway, snapshot.get(device))


def _fence_question(found: ResolvedLink, known: list[dict[str, Any]], how: str) -> str:
    ends = " and to ".join(_end(peer) for peer in known)
    subject = (
        f"Azure has not confirmed that {found.goes[0].name} is gone. The device at "
        f"{found.site} may still send traffic to {ends}."
    )
    if how == "accept-split-risk":
        return f"{subject} The plan names no fence: answer accept-split-risk to go on with two ways home, or abort."
    what = "that peer" if len(known) == 1 else "those peers"
    return f"{subject} Drop and block {what} on the device, check that its routes are gone, then answer done."


def _end(peer: dict[str, Any]) -> str:
    if peer["publicAddress"] is None:
        return f"the circuit's edge {peer['bgpPeeringAddress']}"
    return f"{peer['publicAddress']} (BGP {peer['bgpPeeringAddress']})"


def _gateway_name(found: ResolvedLink) -> str:
    return arm_ids.name_of((found.old_gateway or {})["id"])
