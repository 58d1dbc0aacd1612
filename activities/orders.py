"""Orders to a site's automation: signed, each with a key of its own, and never believed without being read back.

The same order again carries the same key, so that the owner's side has one effect of it. Shapes: docs/on-premises.md.
"""

from __future__ import annotations

from typing import Any

from activities import looking_glass
from activities.looking_glass import Glass
from activities.work import Work
from azure_clients import owner_http, secrets
from azure_clients.answers import Answer
from azure_clients.errors import CallFailed

Peer = dict[str, Any]

READ_BACK_SECONDS = 4.0


def order(work: Work, action: str, key: str, **content: Any) -> Answer:
    """Sign and send one order. ``key`` tells one order of a step from another. Raises CallFailed."""
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


def address_of(peer: Peer) -> str:
    """How the site's own table names a peer: by its BGP address, or where it has none by its public one."""
    return str(peer.get("bgpPeeringAddress") or peer.get("publicAddress") or "")


def named(peers: list[Peer]) -> str:
    return " and ".join(dict.fromkeys(address_of(one) for one in peers))


def glance(work: Work) -> Glass | None:
    """The looking glass if there is one and it answers: it saves an order, it is never a condition of one."""
    url = work.settings.get("looking_glass_url")
    if not url:
        return None
    try:
        return looking_glass.look(work, url)
    except CallFailed:
        return None


def whose_word(work: Work) -> str:
    """Who says that it is done, where nothing can be read back."""
    return "a person's word" if work.call.step.kind.endswith("by-person") else "the automation's word"
