"""Connect: a connection of any type that exists, equals the runbook in what matters, and is provisioned.

Whether the tunnel is up is the routing's question. Keys come from Key Vault on the way out and are in nothing that
comes back.
"""

from __future__ import annotations

from typing import Any

from activities import putting
from activities.work import Work
from azure_clients import resources
from domain import bodies
from domain.outcomes import Outcome

Document = dict[str, Any]

MATTERS = (
    "connectionType",
    "enableBgp",
    "routingWeight",
    "connectionProtocol",
    "usePolicyBasedTrafficSelectors",
    "expressRouteGatewayBypass",
)
ENDS = ("virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2", "peer")
"""What makes two connections the same. Azure fills in the rest by itself."""

KEYS = {"shared_key": "properties.sharedKey", "authorization_key": "properties.authorizationKey"}


def begin(work: Work) -> Outcome:
    """PUT the new connection, unless it is there already."""
    return _begin(work, signed=True)


def begin_restore(work: Work) -> Outcome:
    """PUT the old connection back as the snapshot has it, with its own tags.

    One that had redeemed a circuit's authorization redeems it again, by the key that the authorization itself tells;
    where that is revoked it comes back without.
    """
    authorization = work.settings.get("authorization")
    key = resources.authorization_key(work.clients, authorization) if authorization else None
    if not key:
        return _begin(work, signed=False)
    body = work.settings["body"]
    redeeming = {**body, "properties": {**body["properties"], "authorizationKey": key}}
    return putting.put(work, redeeming, differences=differences, signed=False, hidden={})


def verify(work: Work) -> Outcome:
    """There, equal in what matters, and provisioned."""
    return putting.settled(work, work.settings["body"], differences=differences)


def differences(wanted: Document, found: Document) -> list[str]:
    """What matters and is not as wanted, as sentences."""
    details = wanted.get("properties") or {}
    ends = {end: {"id": details[end]["id"]} for end in ENDS if (details.get(end) or {}).get("id")}
    matters = {name: details[name] for name in MATTERS if details.get(name) is not None}
    return bodies.differences({"properties": {**matters, **ends}}, found)


def _begin(work: Work, *, signed: bool) -> Outcome:
    hidden = {path: work.settings[key] for key, path in KEYS.items() if work.settings.get(key)}
    return putting.put(work, work.settings["body"], differences=differences, signed=signed, hidden=hidden)
