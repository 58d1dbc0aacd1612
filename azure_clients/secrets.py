"""Secrets from Key Vault, resolved inside the activity that needs them and never kept (rule 8)."""

from __future__ import annotations

from collections.abc import Mapping

from azure_clients.errors import NotUnderstood, Refused, calling
from azure_clients.factory import Clients
from azure_clients.scrubbing import SCRUBBER, SHORTEST


def read_secret(clients: Clients, reference: Mapping[str, str]) -> str:
    """The value of ``{"vault", "secret"}``. From here on no text of ours shows it. Raises CallFailed.

    One that is too short to be kept out of texts is refused: the readiness check says so before anything has begun.
    """
    vault, name = reference["vault"], reference["secret"]
    doing = f"reading secret {name} of Key Vault {vault}"
    with calling(doing):
        value = clients.secrets(vault).get_secret(name).value
    if not value:
        raise NotUnderstood(f"{doing}: it is empty", code="EmptySecret")
    if not SCRUBBER.remember(value):
        raise Refused(
            f"{doing}: it is too short to be kept out of logs and reports; expected at least {SHORTEST} characters",
            code="SecretTooShort",
        )
    return value
