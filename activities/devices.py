"""Change a site's device, or see that a person has: prefer one way home, know a new peer, forget it again.

A preference is read back from the site's routes. That a device knows a peer shows only once the tunnel is there, so
until then the automation's word or the person's is all there is, and the evidence says so.
"""

from __future__ import annotations

from typing import Any

from activities import looking_glass
from activities.looking_glass import Glass
from activities.orders import READ_BACK_SECONDS, Peer, address_of, glance, named, order, whose_word
from activities.work import Work
from azure_clients import resources
from domain.links.peers import peers as peers_of
from domain.outcomes import Outcome, failed, retryable, succeeded
from domain.snapshot import Document, snapshot_of


def begin_prefer(work: Work) -> Outcome:
    """Order the preference, unless every prefix leads through the preferred peer already."""
    settings, glass = work.settings, glance(work)
    if glass is not None and not _led_elsewhere(work, glass):
        return succeeded(f"{settings['site']} prefers {address_of(settings['prefer'])} already")
    key = f"prefer-peer-{address_of(settings['prefer'])}"
    content = {"peer": settings["prefer"], "over": settings["over"], "prefixes": settings["prefixes"]}
    answer = order(work, "prefer-peer", key, **content)
    reason = f"{settings['site']} took the order to prefer {address_of(settings['prefer'])}"
    return succeeded(reason, automation_status=answer.status)


def verify_preferred(work: Work) -> Outcome:
    """The best route of every prefix leads through the preferred peer."""
    url, site = work.settings.get("looking_glass_url"), work.settings["site"]
    peer = address_of(work.settings["prefer"])
    if not url:
        said = whose_word(work)
        return succeeded(f"preferred by {said}: there is no looking glass", read_back=f"none: {said} alone")
    glass = looking_glass.look(work, url)
    evidence: dict[str, Any] = {"routes": glass.shown()}
    left = _led_elsewhere(work, glass)
    if left:
        reason = f"{site} does not prefer {peer} for {', '.join(left)}"
        return retryable(reason, code="NotPreferred", retry_after_seconds=READ_BACK_SECONDS, **evidence)
    return succeeded(f"{site} prefers {peer}", read_back="the looking glass", **evidence)


def begin_prepare(work: Work) -> Outcome:
    """Tell the device of the peers, and of the routes that it must have by hand where there is no BGP."""
    return _tell(work, "prepare-peer")


def begin_forget(work: Work) -> Outcome:
    """Have the device forget the peers and the routes again."""
    return _tell(work, "forget-peer")


def verify_prepared(work: Work) -> Outcome:
    """What can be read back now: whether the looking glass shows the peers. That it does not yet proves nothing."""
    glass, said = glance(work), whose_word(work)
    shown = glass is not None and all(address_of(one) in glass.peers for one in work.settings["peers"])
    read_back = "the looking glass" if shown else f"none: {said} alone, until the tunnel is there"
    return succeeded(f"{work.settings['site']} knows {named(work.settings['peers'])}", read_back=read_back)


def verify_forgotten(work: Work) -> Outcome:
    said = whose_word(work)
    reason = f"{work.settings['site']} was told to forget {named(work.settings['peers'])}"
    return succeeded(reason, read_back=f"none: {said} alone")


def _tell(work: Work, action: str) -> Outcome:
    settings = work.settings
    known = [_completed(work, peer, place) for place, peer in enumerate(settings["peers"])]
    unknown = [peer for peer in known if not address_of(peer) or not peer.get("publicAddress")]
    if unknown and action == "prepare-peer":
        return failed(f"no public address is known of a peer of {settings['site']}", code="PeerUnknown")
    routes = [_route(one, known) for one in settings.get("routes") or ()]
    key = f"{action}-{'-'.join(address_of(one) for one in known)}"
    content = {"peers": known, "prefixes": settings["prefixes"], "routes": routes}
    answer = order(work, action, key, **content)
    reason = f"{settings['site']} took the order to {action} {named(known)}"
    return succeeded(reason, automation_status=answer.status, peers=known)


def _completed(work: Work, peer: Peer, place: int) -> Peer:
    """A peer as the device must know it. One that this run makes says only of which gateway it is an instance."""
    gateway_id = peer.get("gateway")
    plain = {name: value for name, value in peer.items() if name != "gateway"}
    if not gateway_id:
        return plain
    gateway = resources.read(work.clients, gateway_id)
    if gateway is None:
        return plain
    references = [
        (one.get("properties") or {}).get("publicIPAddress") or {}
        for one in (gateway.get("properties") or {}).get("ipConfigurations") or ()
    ]
    read = [resources.read(work.clients, one["id"]) for one in references if one.get("id")]
    documents: list[Document] = [gateway, *(one for one in read if one is not None)]
    found = peers_of(snapshot_of(documents), gateway)
    now = found[place] if place < len(found) else {}
    return {**plain, **{name: value for name, value in now.items() if value is not None and not plain.get(name)}}


def _route(route: dict[str, Any], known: list[Peer]) -> dict[str, Any]:
    """A route by hand, in the wire's own names."""
    hop = route.get("next_hop") or (known[0].get("publicAddress") if known else None)
    return {"prefix": route["prefix"], "nextHop": hop}


def _led_elsewhere(work: Work, glass: Glass) -> list[str]:
    """Prefixes whose best routes are not all through the preferred peer."""
    peer = address_of(work.settings["prefer"])
    left = []
    for prefix in work.settings["prefixes"]:
        best = [one for one in glass.routes if one.prefix == prefix and one.best]
        if not best or any(one.neighbor != peer for one in best):
            left.append(prefix)
    return left
