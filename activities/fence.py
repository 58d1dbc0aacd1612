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
from azure_clients.errors import CallFailed
from domain.outcomes import Outcome, retryable, succeeded

READ_BACK_SECONDS = 4.0


def begin_fence(work: Work) -> Outcome:
    """Order the peer to be blocked, unless the looking glass shows that it is."""
    glass = _glance(work)
    peer = _peer_address(work)
    if glass is not None and peer in glass.blocked and not _routes(work, glass):
        return succeeded(f"{work.settings['site']} blocks {peer} already")
    return _order(work, "block-peer")


def begin_unfence(work: Work) -> Outcome:
    """Order the block to be lifted, unless the looking glass shows that there is none."""
    glass, peer = _glance(work), _peer_address(work)
    if glass is not None and peer in glass.peers and peer not in glass.blocked:
        return succeeded(f"{work.settings['site']} does not block {peer}")
    return _order(work, "unblock-peer")


def verify_fenced(work: Work) -> Outcome:
    """No route of the old way is left at the site."""
    url = work.settings.get("looking_glass_url")
    if not url:
        said = "the automation's word" if work.call.step.kind == "fence-site" else "a person's word"
        return succeeded(
            f"fenced by {said}: there is no looking glass to read it back", read_back=f"none: {said} alone"
        )
    glass, peer = looking_glass.look(work, url), _peer_address(work)
    left = _routes(work, glass)
    evidence: dict[str, Any] = {"routes": glass.shown(), "blocked": sorted(glass.blocked), "split": False}
    if left:
        shown = ", ".join(sorted({one.prefix for one in left}))
        reason = f"{work.settings['site']} still has {shown} through {peer}"
        return retryable(reason, code="StillRouted", retry_after_seconds=READ_BACK_SECONDS, **evidence)
    return succeeded(f"{work.settings['site']} has no route through {peer}", read_back="the looking glass", **evidence)


def verify_unfenced(work: Work) -> Outcome:
    """The peer is no longer blocked, as far as the looking glass tells."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return succeeded("lifted by the automation's word: there is no looking glass to read it back")
    glass, peer = looking_glass.look(work, url), _peer_address(work)
    if peer in glass.blocked:
        reason = f"{work.settings['site']} still blocks {peer}"
        return retryable(reason, code="StillBlocked", retry_after_seconds=READ_BACK_SECONDS)
    return succeeded(f"{work.settings['site']} does not block {peer}")


def _order(work: Work, action: str) -> Outcome:
    call, settings = work.call, work.settings
    secret = secrets.read_secret(work.clients, settings["secret"])
    body: dict[str, Any] = {
        "action": action,
        "site": settings["site"],
        "peer": settings["peer"],
        "run": call.run,
        "step": call.step.id,
        "idempotencyKey": f"{call.run}-{call.step.id}-{action}-{call.attempt}",
    }
    doing = f"ordering {settings['site']} to {action}"
    answer = owner_http.post_signed(
        work.clients, settings["automation_url"], body, secret, int(work.now.timestamp()), doing=doing
    )
    return succeeded(f"{settings['site']} took the order to {action}", automation_status=answer.status)


def _glance(work: Work) -> Glass | None:
    """The looking glass if there is one and it answers: it saves an order, it is never a condition of one."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return None
    try:
        return looking_glass.look(work, url)
    except CallFailed:
        return None


def _peer_address(work: Work) -> str:
    return str(work.settings["peer"].get("bgpPeeringAddress") or work.settings["peer"].get("publicAddress") or "")


def _routes(work: Work, glass: Glass) -> list[looking_glass.Route]:
    return glass.through(_peer_address(work), work.settings["prefixes"])
