"""Fence a site: its own device drops and ignores a peer, so that the old way home carries nothing even while it is up.

The order goes to the owner's automation, signed; whether it took effect is read back from the site's routes. Without a
looking glass the automation's or the person's word is all there is, and the evidence says so.
"""

from __future__ import annotations

from typing import Any

from activities import looking_glass
from activities.looking_glass import Glass
from activities.work import Work
from azure_clients import owner_http, secrets
from azure_clients.answers import Answer
from azure_clients.errors import CallFailed
from domain.outcomes import Outcome, retryable, succeeded

READ_BACK_SECONDS = 4.0

Peer = dict[str, Any]


def begin_fence(work: Work) -> Outcome:
    """Order every peer to be blocked that the looking glass does not show blocked."""
    glass = _glance(work)
    left = [peer for peer in _peers(work) if glass is None or not _is_blocked(work, glass, peer)]
    if not left:
        return succeeded(f"{work.settings['site']} blocks {_named(_peers(work))} already")
    return _order(work, "block-peer", left)


def begin_unfence(work: Work) -> Outcome:
    """Order each block to be lifted that the looking glass may still show."""
    glass = _glance(work)
    left = [peer for peer in _peers(work) if glass is None or not _is_free(glass, address_of(peer))]
    if not left:
        return succeeded(f"{work.settings['site']} does not block {_named(_peers(work))}")
    return _order(work, "unblock-peer", left)


def verify_fenced(work: Work) -> Outcome:
    """No route of the old way is left at the site."""
    url = work.settings.get("looking_glass_url")
    if not url:
        said = "the automation's word" if work.call.step.kind == "fence-site" else "a person's word"
        return succeeded(
            f"fenced by {said}: there is no looking glass to read it back", read_back=f"none: {said} alone"
        )
    glass, peers = looking_glass.look(work, url), _peers(work)
    left = [(peer, route) for peer in peers for route in _routes(work, glass, peer)]
    evidence: dict[str, Any] = {"routes": glass.shown(), "blocked": sorted(glass.blocked), "split": False}
    if left:
        shown = ", ".join(sorted({route.prefix for _, route in left}))
        reason = f"{work.settings['site']} still has {shown} through {_named([peer for peer, _ in left])}"
        return retryable(reason, code="StillRouted", retry_after_seconds=READ_BACK_SECONDS, **evidence)
    return succeeded(
        f"{work.settings['site']} has no route through {_named(peers)}", read_back="the looking glass", **evidence
    )


def verify_unfenced(work: Work) -> Outcome:
    """The peer is no longer blocked, as far as the looking glass tells."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return succeeded("lifted by the automation's word: there is no looking glass to read it back")
    glass, peers = looking_glass.look(work, url), _peers(work)
    left = [peer for peer in peers if address_of(peer) in glass.blocked]
    if left:
        reason = f"{work.settings['site']} still blocks {_named(left)}"
        return retryable(reason, code="StillBlocked", retry_after_seconds=READ_BACK_SECONDS)
    return succeeded(f"{work.settings['site']} does not block {_named(peers)}")


def _order(work: Work, action: str, peers: list[Peer]) -> Outcome:
    """One signed call a peer, each with a key of its own: an active-active gateway is two peers."""
    status = 0
    for peer in peers:
        status = order(work, action, f"{action}-{address_of(peer)}", peer=peer).status
    return succeeded(f"{work.settings['site']} took the order to {action} {_named(peers)}", automation_status=status)


def order(work: Work, action: str, key: str, **content: Any) -> Answer:
    """Sign and send one order to the site's automation. ``key`` tells one order of a step from another."""
    call, settings = work.call, work.settings
    secret = secrets.read_secret(work.clients, settings["secret"])
    body: dict[str, Any] = {
        "action": action,
        "site": settings["site"],
        **content,
        "run": call.run,
        "step": call.step.id,
        "idempotencyKey": f"{call.run}-{call.step.id}-{key}-{call.attempt}",
    }
    return owner_http.post_signed(
        work.clients,
        settings["automation_url"],
        body,
        secret,
        int(work.now.timestamp()),
        doing=f"ordering {settings['site']} to {action}",
    )


def _glance(work: Work) -> Glass | None:
    """The looking glass if there is one and it answers: it saves an order, it is never a condition of one."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return None
    try:
        return looking_glass.look(work, url)
    except CallFailed:
        return None


def address_of(peer: Peer) -> str:
    """How the site's own table names a peer."""
    return str(peer.get("bgpPeeringAddress") or peer.get("publicAddress") or "")


def _peers(work: Work) -> list[Peer]:
    peers: list[Peer] = work.settings["peers"]
    return peers


def _named(peers: list[Peer]) -> str:
    return " and ".join(dict.fromkeys(address_of(one) for one in peers))


def _is_blocked(work: Work, glass: Glass, peer: Peer) -> bool:
    return address_of(peer) in glass.blocked and not _routes(work, glass, peer)


def _is_free(glass: Glass, address: str) -> bool:
    return address in glass.peers and address not in glass.blocked


def _routes(work: Work, glass: Glass, peer: Peer) -> list[looking_glass.Route]:
    return glass.through(address_of(peer), work.settings["prefixes"])
