"""The calls of ``bridgehead verify-azure``: plain reads, writes and deletions, looked at once each, never waited for.

Networks go through the SDK's operations, so that recordings show what the product itself sends. Resource groups have
no SDK here: they go through ARM's pipeline, as Site Recovery's reads do. No run of a plan uses this module.
"""

from __future__ import annotations

from typing import Any

from azure_clients import resources, site_recovery
from azure_clients.answers import Answer, request
from azure_clients.errors import Missing
from azure_clients.factory import Clients
from azure_clients.long_running import Polled, begun
from domain import arm_ids
from domain.outcomes import Operation

GROUPS_VERSION = "2021-04-01"
"""Microsoft.Resources/resourceGroups, as the recordings of newer command lines have it."""


def send(
    clients: Clients, subscription: str, method: str, path: str, body: Any, now: str
) -> tuple[Answer, Operation | None]:
    """One call on a resource id; 404 is an answer. The operation is what it has begun. Raises CallFailed."""
    doing = f"{method} {arm_ids.name_of(path)}"
    answer = _sdk(clients, method, path, body) if resources.is_known(path) else None
    if answer is None:
        vault = site_recovery.vault_of(path) if "/providers/" in path.lower() else None
        version = site_recovery.api_version(clients, vault) if vault else GROUPS_VERSION
        client = clients.site_recovery(subscription) if vault else clients.arm()
        url = f"{clients.settings.arm_endpoint}{path}?api-version={version}"
        answer = request(doing, client, method, url, body=body, absent_is_fine=True)
    return answer, None if method == "GET" else begun(answer, path, now)


def poll_once(clients: Clients, operation: Operation) -> Polled:
    """Look once at what a call has begun."""
    return resources.poll_operation(clients, operation)


def _sdk(clients: Clients, method: str, path: str, body: Any) -> Answer:
    try:
        return resources.ask(clients, method, path, body)
    except Missing as missing:
        return Answer(404, text=missing.reason)
