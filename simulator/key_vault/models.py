"""Vaults and the names of their secrets."""

from __future__ import annotations

from typing import Any

from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.web import Request
from simulator.core.world import World

VAULT = "Microsoft.KeyVault/vaults"


def begin(world: World) -> None:
    """Make the values, and tell the front where a vault lives: it is dark when its region's data plane is."""
    for vault in world.documents.of_type(VAULT):
        for name in vault["properties"].get("secretNames", ()):
            world.secrets.value(vault["name"], name)
    world.state["vault-region"] = lambda request: _region(world, request)


def vault_named(world: World, name: str) -> Document | None:
    vaults = world.documents.of_type(VAULT)
    return next((vault for vault in vaults if vault["name"].lower() == name.lower()), None)


def secret(world: World, vault: Document, name: str) -> dict[str, Any] | None:
    """A secret's bundle as GET shows it, or None. The version follows from the name: there is one."""
    names = {known.lower(): known for known in vault["properties"].get("secretNames", ())}
    if name.lower() not in names:
        return None
    version = world.guid("secret", vault["name"], name).replace("-", "")
    made = int(world.start.timestamp()) - 86_400 * 90
    return {
        "value": world.secrets.value(vault["name"], name),
        "id": f"https://{vault['name']}.vault.azure.net/secrets/{names[name.lower()]}/{version}",
        "attributes": {
            "enabled": True,
            "created": made,
            "updated": made,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": 90,
        },
        "tags": {},
    }


def _region(world: World, request: Request) -> str | None:
    parts = request.path.strip("/").split("/")
    vault = vault_named(world, parts[1]) if len(parts) > 1 else None
    return normalise_location(vault["location"]) if vault else None


def version_of(bundle: dict[str, Any]) -> str:
    return ids.last(bundle["id"])
