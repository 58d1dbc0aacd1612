"""The owner's own URLs, as Bridgehead's documentation describes them to owners: looking glass and automation hook."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlsplit

from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.on_premises import azure_side, router
from simulator.on_premises.site import Site, sites
from simulator.on_premises.wiring import routing_of, tunnels_of

ACTIONS = ("block-peer", "unblock-peer", "allow-peer")
FRESH_SECONDS = 600


def get(world: World, request: Request) -> Response:
    """The looking glass: what the device's table says now."""
    site = _site_with(world, request, "lookingGlassUrl")
    if site is None:
        return Response(404, {"error": "no looking glass is declared at this address"})
    shown: dict[str, Any] = {"site": site.name, "routes": _routes(site), "peers": _peers(world, site)}
    address = request.argument("address")
    if address is not None:
        try:
            found = router.reach(world, site, address)
        except ValueError:
            return Response(400, {"error": f"{address!r} is no IP address"})
        del found["region"]
        shown["reach"] = {"address": address, "port": int(request.argument("port") or 0), **found}
    return Response(200, shown)


def post(world: World, request: Request) -> Response:
    """The automation hook: drop a peer, or take it back. The same idempotency key has one effect and one answer."""
    site = _site_with(world, request, "automationUrl")
    if site is None:
        return Response(404, {"error": "no automation is declared at this address"})
    refusal = _signature_refusal(world, site, request)
    if refusal is not None:
        return Response(401, {"error": refusal})
    try:
        order = request.json
    except ValueError:
        order = None
    if not isinstance(order, dict) or order.get("action") not in ACTIONS or not _peer_addresses(order):
        return Response(400, {"error": f"expected action ({', '.join(ACTIONS)}) and peer with an address"})
    key = str(order.get("idempotencyKey") or "")
    if key and key in site.answers:
        return Response(200, site.answers[key])
    answer = _carry_out(world, site, order)
    if key:
        site.answers[key] = answer
    return Response(200, answer)


def _carry_out(world: World, site: Site, order: dict[str, Any]) -> dict[str, Any]:
    action, addresses = order["action"], _peer_addresses(order)
    gateways = [azure_side.gateway(world, found["id"]) for found in world.documents.of_type(azure_side.GATEWAY)]
    for gateway in gateways:
        if gateway is not None and gateway.addresses & addresses:
            addresses |= gateway.addresses
    if action == "block-peer":
        site.blocked |= addresses
    else:
        site.blocked -= addresses
    world.log.write(
        "automation.done",
        site=site.name,
        action=action,
        peer=order["peer"],
        run=order.get("run"),
        step=order.get("step"),
    )
    tunnels_of(world).evaluate()
    routing_of(world).refresh()
    return {"status": "done", "action": action, "site": site.name, "peer": order["peer"], "at": world.now.isoformat()}


def _peer_addresses(order: dict[str, Any]) -> set[str]:
    peer = order.get("peer")
    if not isinstance(peer, dict):
        return set()
    return {str(peer[name]) for name in ("bgpPeeringAddress", "publicAddress") if peer.get(name)}


def _signature_refusal(world: World, site: Site, request: Request) -> str | None:
    reference = site.properties.get("automationSecret") or {}
    secret = world.secrets.value(str(reference.get("vault")), str(reference.get("secret")))
    stamp = request.headers.get("x-bridgehead-timestamp", "")
    signed = hmac.new(secret.encode(), f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("x-bridgehead-signature", ""), f"sha256={signed}"):
        return "the signature does not fit the body and timestamp"
    if not stamp.isdigit():
        return "the timestamp is no number of seconds"
    nearest = min(abs(int(stamp) - now) for now in (world.now.timestamp(), time.time()))
    return None if nearest <= FRESH_SECONDS else "the timestamp is too old or too far ahead"


def _routes(site: Site) -> list[dict[str, Any]]:
    return [
        {
            "prefix": route.prefix,
            "neighbor": route.neighbor,
            "asn": route.asn,
            "nextHop": route.neighbor,
            "asPath": list(route.as_path),
            "best": route in site.best(route.prefix),
        }
        for route in sorted(site.routes.values(), key=lambda route: (route.prefix, route.order))
    ]


def _peers(world: World, site: Site) -> list[dict[str, Any]]:
    """Every gateway that has, or is set up to have, a session with this device; and whoever is blocked."""
    shown: dict[str, dict[str, Any]] = {}
    for tunnel in tunnels_of(world).all():
        gateway = azure_side.gateway(world, tunnel.gateway)
        if tunnel.site is site and gateway is not None:
            state = "Established" if tunnel.bgp_since is not None else "Idle" if tunnel.up else "Down"
            shown[gateway.neighbor] = _peer(gateway, state, site)
    for document in world.documents.of_type(azure_side.GATEWAY):
        gateway = azure_side.gateway(world, document["id"])
        if gateway is not None and gateway.neighbor not in shown and site.refuses(set(gateway.addresses)):
            shown[gateway.neighbor] = _peer(gateway, "Down", site)
    return list(shown.values())


def _peer(gateway: azure_side.Gateway, state: str, site: Site) -> dict[str, Any]:
    blocked = site.refuses(set(gateway.addresses))
    return {"neighbor": gateway.neighbor, "asn": gateway.asn, "state": state, "blocked": blocked}


def _site_with(world: World, request: Request, which: str) -> Site | None:
    wanted = f"{request.params['host']}/{request.params.get('path', '')}".strip("/").lower()
    for site in sites(world).values():
        parts = urlsplit(str(site.properties.get(which, "")))
        if f"{parts.netloc}{parts.path}".strip("/").lower() == wanted:
            return site
    return None
