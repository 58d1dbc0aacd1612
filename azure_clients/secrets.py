"""Secrets from Key Vault, resolved inside the activity that needs them and never kept (rule 8)."""

from __future__ import annotations

from collections.abc import Mapping

from azure_clients.errors import NotUnderstood, calling
from azure_clients.factory import Clients
from azure_clients.scrubbing import SCRUBBER


def read_secret(clients: Clients, reference: Mapping[str, str]) -> str:
    """The value of ``{"vault", "secret"}``. From here on no text of ours shows it. Raises CallFailed."""
    vault, name = reference["vault"], reference["secret"]
    doing = f"reading secret {name} of Key Vault {vault}"
    with calling(doing):
        value = clients.secrets(vault).get_secret(name).value
    if not value:
        raise NotUnderstood(f"{doing}: it is empty", code="EmptySecret")
    SCRUBBER.remember(value)
    return value
