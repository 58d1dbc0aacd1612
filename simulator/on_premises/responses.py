"""The owner's own URLs, as Bridgehead's documentation describes them to owners: looking glass and automation hook."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlsplit

from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.on_premises.orders import NEEDED, carry_out, known_addresses
from simulator.on_premises.wiring import routing_of, tunnels_of
from simulator.routes import azure_side
from simulator.routes.site import Site, sites
from simulator.routes.tunnels import Tunnel
from simulator.routes.wishes import EDGE

FRESH_SECONDS = 600


def get(world: World, request: Request) -> Response:
    """The looking glass: what the device's table says now."""
    site = _site_with(world, request, "lookingGlassUrl")
    if site is None:
        return Response(404, {"error": "no looking glass is declared at this address"})
    shown: dict[str, Any] = {"site": site.name, "routes": _routes(site), "peers": _peers(world, site)}
    address = request.argument("address")
    if address is not None:
        port = request.argument("port") or "0"
        try:
            found = routing_of(world).ways.from_site(site, address, int(port))
        except ValueError:
            return Response(400, {"error": f"{address!r} or port {port!r} is none"})
        told = {"reachable": found.reached, "neighbor": found.neighbor, "detail": found.detail}
        shown["reach"] = {"address": address, "port": int(port), **told}
    return Response(200, shown)


def post(world: World, request: Request) -> Response:
    """The automation hook: one change of the device. The same idempotency key has one effect and one answer."""
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
    if not isinstance(order, dict) or order.get("action") not in NEEDED:
        return Response(400, {"error": f"expected an action: {', '.join(NEEDED)}"})
    lacking = [name for name in NEEDED[order["action"]] if not known_addresses(order.get(name))]
    if lacking:
        return Response(400, {"error": f"{order['action']} needs {' and '.join(lacking)}, with addresses"})
    key = str(order.get("idempotencyKey") or "")
    if key and key in site.answers:
        return Response(200, site.answers[key])
    answer = carry_out(world, site, order)
    if key:
        site.answers[key] = answer
    return Response(200, answer)


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
    """Every peer that has, or is set up to have, a session with this device; and whoever is blocked."""
    shown: dict[str, dict[str, Any]] = {}
    for tunnel in tunnels_of(world).all():
        if tunnel.wish.site != site.name.lower():
            continue
        state = "Established" if tunnel.carries_since is not None else "Idle" if tunnel.up else "Down"
        if tunnel.wish.kind == EDGE:
            _show_edge(world, site, tunnel, state, shown)
            continue
        gateway = azure_side.gateway(world, tunnel.wish.gateway)
        if gateway is not None:
            instance = gateway.instances[tunnel.wish.instance]
            if not _speaks_bgp(world, tunnel, gateway):
                state = "Idle" if tunnel.up else "Down"
            shown[instance.neighbor or instance.public] = _peer(gateway, instance, state, site)
    for gateway in azure_side.gateways(world):
        for instance in gateway.instances:
            named = instance.neighbor or instance.public
            if named not in shown and site.refuses(instance.addresses):
                shown[named] = _peer(gateway, instance, "Down", site)
    return list(shown.values())


def _speaks_bgp(world: World, tunnel: Tunnel, gateway: azure_side.Gateway) -> bool:
    connection = world.documents.get(tunnel.wish.connection)
    return gateway.bgp and connection is not None and bool(connection["properties"].get("enableBgp"))


def _show_edge(world: World, site: Site, tunnel: Tunnel, state: str, shown: dict[str, dict[str, Any]]) -> None:
    peering = azure_side.private_peering(world, tunnel.wish.remote)
    if peering is not None:
        neighbor, asn = azure_side.edge_addresses(peering)[1], azure_side.MICROSOFT_ASN
        blocked = site.refuses({neighbor})
        shown[neighbor] = {"neighbor": neighbor, "asn": asn, "state": state, "blocked": blocked}


def _peer(gateway: azure_side.Gateway, instance: azure_side.Instance, state: str, site: Site) -> dict[str, Any]:
    blocked = site.refuses(instance.addresses)
    return {"neighbor": instance.neighbor or instance.public, "asn": gateway.asn, "state": state, "blocked": blocked}


def _site_with(world: World, request: Request, which: str) -> Site | None:
    wanted = f"{request.params['host']}/{request.params.get('path', '')}".strip("/").lower()
    for site in sites(world).values():
        parts = urlsplit(str(site.properties.get(which, "")))
        if f"{parts.netloc}{parts.path}".strip("/").lower() == wanted:
            return site
    return None
