"""The steps of a link: the old way goes or is fenced, the new way comes, like for like."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.links import ResolvedLink, shared_key
from domain.peers import peers
from domain.plan import Plan
from domain.runbook import Step, When
from domain.snapshot import Document, Snapshot, properties
from domain.steps import make_step
from domain.topology import Way, announced

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
    }
)
MIRRORED = frozenset(
    {
        "connectionType",
        "connectionProtocol",
        "routingWeight",
        "enableBgp",
        "usePolicyBasedTrafficSelectors",
        "ipsecPolicies",
        "trafficSelectorPolicies",
        "dpdTimeoutSeconds",
        "connectionMode",
        "useLocalAzureIpAddress",
    }
)
"""What a new connection takes over from the old one."""


def disconnect_steps(plan: Plan, snapshot: Snapshot, found: ResolvedLink, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """The old way goes: delete the connection, and fence the site if Azure does not confirm."""
    old, gateway, link = found.old, found.old_gateway, found.link
    if old is None or gateway is None:
        return ()
    name = arm_ids.name_of(old["id"])
    settings = {
        "gateway": gateway["id"],
        "resource_guid": properties(old).get("resourceGuid"),
        **_site_settings(plan, snapshot, found),
    }
    compensation = {
        "kind": "restore-connection",
        "name": f"restore {name}",
        "settings": {"body": restore_body(old), "shared_key": _old_key(found)},
    }
    disconnect = make_step(
        plan,
        "disconnect-connection",
        old["id"],
        f"disconnect {name}",
        "disconnect",
        settings=settings,
        needs=needs,
        timeout_seconds=link.within,
        compensation=compensation,
    )
    return disconnect, _fence_step(plan, snapshot, found, disconnect)


def _fence_step(plan: Plan, snapshot: Snapshot, found: ResolvedLink, disconnect: Step) -> Step:
    """What stands in for a disconnect that Azure has not confirmed, or that a person skipped: not needed otherwise."""
    link, site = found.link, plan.sites[found.link.site]
    how = link.fence or ("webhook" if site.automation else "person")
    settings = _site_settings(plan, snapshot, found)
    when = When(disconnect.id, ("unconfirmed", "skipped"))
    compensation = None
    if how == "webhook" and site.automation:
        kind, name = "fence-site", f"fence {link.site} against {_gateway_name(found)}"
        settings |= {"automation_url": site.automation.url, "secret": site.automation.secret.model_dump()}
        compensation = {"kind": "unfence-site", "name": f"lift the fence at {link.site}", "settings": settings}
    else:
        kind, name = "fence-by-person", f"a person fences {link.site} against {_gateway_name(found)}"
        question = _fence_question(found, settings["peers"], how)
        settings |= {"role": site.person or "incident commander", "question": question}
    return make_step(
        plan,
        kind,
        f"site:{link.site}:{link.name}",
        name,
        "disconnect",
        settings=settings,
        needs=(disconnect.id,),
        when=when,
        compensation=compensation,
    )


def connect_step(plan: Plan, found: ResolvedLink, needs: tuple[str, ...]) -> Step:
    """The new way comes: a connection like the old one, but where the plan says otherwise."""
    new_id = found.new_id
    settings = {
        "body": mirror_body(found),
        "shared_key": shared_key_of(found),
        "mirrors": found.old["id"] if found.old else None,
        "gateway": (found.new_gateway or {})["id"],
    }
    return make_step(
        plan,
        "connect-connection",
        new_id,
        f"connect {arm_ids.name_of(new_id)}",
        "connect",
        settings=settings,
        needs=needs,
        compensation={"kind": "disconnect-connection", "name": f"remove {arm_ids.name_of(new_id)}", "settings": {}},
    )


def new_way(snapshot: Snapshot, found: ResolvedLink) -> Way:
    """The way home that a link's connect opens."""
    network = found.new_network or ""
    return Way(found.new_id, found.link.site, network, announced(snapshot, network))


def restore_body(connection: Document) -> dict[str, Any]:
    """The PUT body that brings a connection back as the snapshot has it."""
    kept = {name: value for name, value in properties(connection).items() if name not in READ_ONLY}
    return {"location": connection.get("location"), "tags": connection.get("tags") or {}, "properties": kept}


def mirror_body(found: ResolvedLink) -> dict[str, Any]:
    """The PUT body of the new connection."""
    gateway, local = found.new_gateway or {}, found.new_local_gateway or {}
    kept = {name: value for name, value in properties(found.old).items() if name in MIRRORED and value is not None}
    details = {"connectionType": "IPsec", **kept}
    mirror = found.link.connect
    if mirror and mirror.routing_weight is not None:
        details["routingWeight"] = mirror.routing_weight
    if mirror and mirror.enable_bgp is not None:
        details["enableBgp"] = mirror.enable_bgp
    details["virtualNetworkGateway1"] = {"id": gateway["id"]}
    details["localNetworkGateway2"] = {"id": local["id"]}
    tags = dict((found.old or {}).get("tags") or {})
    return {"location": gateway.get("location"), "tags": tags, "properties": details}


def _site_settings(plan: Plan, snapshot: Snapshot, found: ResolvedLink) -> dict[str, Any]:
    """What is needed to read at the site whether the old way still carries routes."""
    network = found.old_network or ""
    return {
        "site": found.link.site,
        "looking_glass_url": plan.sites[found.link.site].looking_glass,
        "prefixes": [prefix for _, prefix in announced(snapshot, network)],
        "peers": peers(snapshot, found.old_gateway),
    }


def _fence_question(found: ResolvedLink, known: list[dict[str, Any]], how: str) -> str:
    ends = " and to ".join(f"{peer['publicAddress']} (BGP {peer['bgpPeeringAddress']})" for peer in known)
    subject = (
        f"Azure has not confirmed that {arm_ids.name_of((found.old or {})['id'])} is gone. The device at "
        f"{found.link.site} may still send traffic to {ends}."
    )
    if how == "accept-split-risk":
        return f"{subject} The plan names no fence: answer accept-split-risk to go on with two ways home, or abort."
    what = "that peer" if len(known) == 1 else "those peers"
    return f"{subject} Drop and block {what} on the device, check that its routes are gone, then answer done."


def _gateway_name(found: ResolvedLink) -> str:
    return arm_ids.name_of((found.old_gateway or {})["id"])


def _old_key(found: ResolvedLink) -> dict[str, str] | None:
    key = found.link.shared_key
    return key.model_dump() if key else None


def shared_key_of(found: ResolvedLink) -> dict[str, str] | None:
    """The reference to the key of the connection that comes, as steps carry it."""
    key = shared_key(found.link)
    return key.model_dump() if key else None
