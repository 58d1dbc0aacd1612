"""The new way comes: the steps that make a link's halves, prepare the device at a site, or move a preference."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.links.halves import Half
from domain.links.mirror import in_order
from domain.links.peers import circuit_peers, peers
from domain.links.resolving import ResolvedLink, shared_key
from domain.plans.reading import Plan
from domain.proof.edges import announced
from domain.runbook import Step
from domain.snapshot import Snapshot, properties
from domain.steps import make_step
from domain.topology import reference


def connect_steps(plan: Plan, found: ResolvedLink, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """A step for each half, in the order in which Azure takes them; peerings one after the other."""
    steps: list[Step] = []
    ordered = in_order(found.comes)
    for half in ordered:
        if half.is_peering:
            expect = "Initiated" if half is ordered[0] else "Connected"
            steps.append(_peering_step(plan, half, expect, (*needs, *(step.id for step in steps))))
        else:
            steps.append(_connection_step(plan, found, half, needs))
    return tuple(steps)


def _connection_step(plan: Plan, found: ResolvedLink, half: Half, needs: tuple[str, ...]) -> Step:
    wish = found.link.connect
    authorization = wish.authorization_key if wish else None
    is_circuit = found.kind == "expressroute"
    likes = dict(zip((one.id for one in found.comes), (one.id for one in found.like), strict=False))
    settings = {
        "body": half.document,
        "shared_key": None if is_circuit else shared_key_of(found),
        "authorization_key": authorization.model_dump() if authorization else None,
        "mirrors": likes.get(half.id),
        "gateway": half.holder,
    }
    return make_step(
        plan,
        "connect-connection",
        half.id,
        f"connect {half.name}",
        "connect",
        settings=settings,
        needs=needs,
        compensation={"kind": "disconnect-connection", "name": f"remove {half.name}", "settings": {}},
    )


def _peering_step(plan: Plan, half: Half, expect: str, needs: tuple[str, ...]) -> Step:
    return make_step(
        plan,
        "connect-peering",
        half.id,
        f"peer {half.name}",
        "connect",
        settings={"body": half.document, "network": half.network, "expect": expect},
        needs=needs,
        compensation={"kind": "remove-half", "name": f"remove {half.name}", "settings": {"network": half.network}},
    )


def writes_of(step: Step) -> tuple[str, ...]:
    """The ids of what a connecting step locks."""
    settings = step.settings
    if step.kind == "connect-peering":
        remote = settings["body"]["properties"]["remoteVirtualNetwork"]["id"]
        return (settings["network"], remote)
    if step.kind == "update-resource":
        return tuple(settings["lock"])
    return (settings["gateway"],) if "gateway" in settings else ()


def shared_key_of(found: ResolvedLink) -> dict[str, str] | None:
    """The reference to the key of the connection that comes, as steps carry it."""
    key = shared_key(found.link)
    return key.model_dump() if key else None


def prepare_steps(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink], needs: tuple[str, ...]) -> dict[str, Step]:
    """A device that does not know the recovery gateway yet is told of it: by link name, one step for each."""
    steps = {}
    for found in links:
        site = plan.sites.get(found.site)
        if site is None or not found.comes or site.device.prepared is not False or found.kind != "site-to-site":
            continue
        change = site.device.change or ("webhook" if site.automation else "person")
        if change != "none":
            steps[found.link.name] = _prepare_step(plan, snapshot, found, change, needs)
    return steps


def _prepare_step(plan: Plan, snapshot: Snapshot, found: ResolvedLink, change: str, needs: tuple[str, ...]) -> Step:
    site = plan.sites[found.site]
    device = found.new_local_gateways[0] if found.new_local_gateways else None
    known = peers(snapshot, found.new_gateway, device)
    prefixes = [prefix for _, prefix in announced(snapshot, found.new_network or "")]
    static = not properties(found.comes[0].document).get("enableBgp")
    gateway = (found.new_gateway or {})["id"]
    settings: dict[str, Any] = {
        "site": found.site,
        "peers": [peer if peer["publicAddress"] else {**peer, "gateway": gateway} for peer in known],
        "prefixes": prefixes,
        "routes": [
            {"prefix": prefix, "next_hop": peer["publicAddress"]} for prefix in prefixes for peer in known if static
        ],
    }
    if change == "webhook" and site.automation:
        settings |= {"automation_url": site.automation.url, "secret": site.automation.secret.model_dump()}
        kind, name = "prepare-device", f"tell the device at {found.site} of {arm_ids.name_of(gateway)}"
        undo = {"kind": "forget-device", "name": f"the device at {found.site} forgets it again", "settings": settings}
    else:
        settings |= {"role": site.person or "network on call", "question": prepare_question(found, settings)}
        kind, name = "prepare-by-person", f"a person tells the device at {found.site} of {arm_ids.name_of(gateway)}"
        undo = None
    return make_step(
        plan,
        kind,
        f"site:{found.site}:{found.link.name}",
        name,
        "prepare",
        settings=settings,
        needs=needs,
        compensation=undo,
    )


def prepare_question(found: ResolvedLink, settings: dict[str, Any]) -> str:
    """Exactly what must change on a device, in order, and how it is undone."""
    peer = settings["peers"][0] if settings["peers"] else {}
    gateway = arm_ids.name_of((found.new_gateway or {})["id"])
    where = peer.get("publicAddress") or f"the public address of {gateway}, which this run makes"
    lines = [
        f"On the device at {found.site}: 1. add a tunnel to {where} with the pre-shared key of the old one.",
    ]
    prefixes = ", ".join(settings["prefixes"])
    if settings["routes"]:
        lines.append(f"2. add static routes for {prefixes} through it, less preferred than the old ones.")
    else:
        lines.append(
            f"2. add the BGP neighbor {peer.get('bgpPeeringAddress')} with ASN {peer.get('asn')}; accept {prefixes}."
        )
    lines.append("Leave the old tunnel as it is. To undo: remove both again. Then answer done.")
    return " ".join(lines)


def preference_steps(plan: Plan, snapshot: Snapshot, found: ResolvedLink, needs: tuple[str, ...]) -> tuple[Step, ...]:
    """Both circuits stay joined; the site prefers the other one, and Azure's side its connection."""
    assert found.prefer is not None
    assert found.link.prefer is not None
    one, other = found.prefer
    site = plan.sites[found.site]
    gains, loses = (circuit_peers(snapshot, reference(half.document, "peer")) for half in (other, one))
    settings: dict[str, Any] = {
        "site": found.site,
        "looking_glass_url": site.looking_glass,
        "prefixes": [prefix for _, prefix in announced(snapshot, other.network)],
        "prefer": gains[0] if gains else {},
        "over": loses[0] if loses else {},
    }
    weight = found.link.prefer.routing_weight
    steps = [_weight_step(plan, other, weight, needs)] if weight is not None else []
    needs = (*needs, *(step.id for step in steps))
    target = f"site:{found.site}:{found.link.name}"
    if site.automation:
        settings |= {"automation_url": site.automation.url, "secret": site.automation.secret.model_dump()}
        back = {**settings, "prefer": settings["over"], "over": settings["prefer"]}
        undo = {"kind": "prefer-peer", "name": f"{found.site} prefers {one.name} again", "settings": back}
        steps.append(
            make_step(
                plan, "prefer-peer", target, f"{found.site} prefers {other.name}", "connect",
                settings=settings, needs=needs, compensation=undo,
            )
        )  # fmt: skip
    else:
        question = (
            f"On the device at {found.site}: prefer {settings['prefer'].get('bgpPeeringAddress')} over "
            f"{settings['over'].get('bgpPeeringAddress')} for {', '.join(settings['prefixes'])} (local preference in "
            f"one direction, a longer AS path towards the old circuit in the other). Then answer done."
        )
        settings |= {"role": site.person or "network on call", "question": question}
        name = f"a person makes {found.site} prefer {other.name}"
        steps.append(make_step(plan, "prefer-by-person", target, name, "connect", settings=settings, needs=needs))
    return tuple(steps)


def _weight_step(plan: Plan, half: Half, weight: int, needs: tuple[str, ...]) -> Step:
    before = properties(half.document).get("routingWeight")
    undo = {"properties": {"routingWeight": before if before is not None else 0}}
    return make_step(
        plan,
        "update-resource",
        half.id,
        f"weigh {half.name} {weight}",
        "connect",
        settings={"changes": {"properties": {"routingWeight": weight}}, "lock": [half.holder]},
        needs=needs,
        compensation={
            "kind": "update-resource",
            "name": f"weigh {half.name} as before",
            "settings": {"changes": undo, "lock": [half.holder]},
        },
    )
