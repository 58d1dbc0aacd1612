"""Answers of a vault's secrets. The challenge that precedes them is the front's (`simulator.door.gateway`)."""

from __future__ import annotations

from simulator.core import errors
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.key_vault import models


def get_secret(world: World, request: Request) -> Response:
    """GET secrets/{name}[/{version}] (documented: Key Vault REST, Get Secret)."""
    vault = models.vault_named(world, request.params["vault"])
    if vault is None:
        return errors.error(404, "VaultNotFound", f"There is no vault {request.params['vault']} in this estate.")
    name, version = request.params["name"], request.params.get("version", "")
    bundle = models.secret(world, vault, name)
    if bundle is None or (version and version != models.version_of(bundle)):
        message = (
            f"A secret with (name/id) {name}{'/' + version if version else ''} was not found in this key vault. "
            "If you recently deleted this secret you may be able to recover it using the correct recovery command."
        )
        return errors.error(404, "SecretNotFound", message)
    return Response(200, bundle)
