"""Fence a site: its own device drops and ignores a peer, so that the old way home carries nothing even while it is up.

The order goes to the owner's automation, signed; whether it took effect is read back from the site's routes. Without a
looking glass the automation's or the person's word is all there is, and the evidence says so.
"""

from __future__ import annotations

from typing import Any

from activities import looking_glass
from activities.looking_glass import Glass
from activities.orders import READ_BACK_SECONDS, Peer, address_of, glance, named, order, whose_word
from activities.work import Work
from domain.outcomes import Outcome, retryable, succeeded


def begin_fence(work: Work) -> Outcome:
    """Order every peer to be blocked that the looking glass does not show blocked."""
    glass = glance(work)
    left = [peer for peer in _peers(work) if glass is None or not _is_blocked(work, glass, peer)]
    if not left:
        return succeeded(f"{work.settings['site']} blocks {named(_peers(work))} already")
    return _order(work, "block-peer", left)


def begin_unfence(work: Work) -> Outcome:
    """Order each block to be lifted that the looking glass may still show."""
    glass = glance(work)
    left = [peer for peer in _peers(work) if glass is None or not _is_free(glass, address_of(peer))]
    if not left:
        return succeeded(f"{work.settings['site']} does not block {named(_peers(work))}")
    return _order(work, "unblock-peer", left)


def verify_fenced(work: Work) -> Outcome:
    """No route of the old way is left at the site."""
    url = work.settings.get("looking_glass_url")
    if not url:
        said = whose_word(work)
        return succeeded(
            f"fenced by {said}: there is no looking glass to read it back", read_back=f"none: {said} alone"
        )
    glass, peers = looking_glass.look(work, url), _peers(work)
    left = [(peer, route) for peer in peers for route in _routes(work, glass, peer)]
    evidence: dict[str, Any] = {"routes": glass.shown(), "blocked": sorted(glass.blocked), "split": False}
    if left:
        shown = ", ".join(sorted({route.prefix for _, route in left}))
        reason = f"{work.settings['site']} still has {shown} through {named([peer for peer, _ in left])}"
        return retryable(reason, code="StillRouted", retry_after_seconds=READ_BACK_SECONDS, **evidence)
    return succeeded(
        f"{work.settings['site']} has no route through {named(peers)}", read_back="the looking glass", **evidence
    )


def verify_unfenced(work: Work) -> Outcome:
    """The peer is no longer blocked, as far as the looking glass tells."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return succeeded("lifted by the automation's word: there is no looking glass to read it back")
    glass, peers = looking_glass.look(work, url), _peers(work)
    left = [peer for peer in peers if address_of(peer) in glass.blocked]
    if left:
        reason = f"{work.settings['site']} still blocks {named(left)}"
        return retryable(reason, code="StillBlocked", retry_after_seconds=READ_BACK_SECONDS)
    return succeeded(f"{work.settings['site']} does not block {named(peers)}")


def _order(work: Work, action: str, peers: list[Peer]) -> Outcome:
    """One signed call a peer, each with a key of its own: an active-active gateway is two peers."""
    status = 0
    for peer in peers:
        status = order(work, action, f"{action}-{address_of(peer)}", peer=peer).status
    return succeeded(f"{work.settings['site']} took the order to {action} {named(peers)}", automation_status=status)


def _peers(work: Work) -> list[Peer]:
    peers: list[Peer] = work.settings["peers"]
    return peers


def _is_blocked(work: Work, glass: Glass, peer: Peer) -> bool:
    return address_of(peer) in glass.blocked and not _routes(work, glass, peer)


def _is_free(glass: Glass, address: str) -> bool:
    return address in glass.peers and address not in glass.blocked


def _routes(work: Work, glass: Glass, peer: Peer) -> list[looking_glass.Route]:
    return glass.through(address_of(peer), work.settings["prefixes"])
