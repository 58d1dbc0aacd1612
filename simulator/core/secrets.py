"""Secret values that nobody wrote down: made from the seed, known to Key Vault and to the devices that share them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from simulator.core.web import Request

BELONGS = {"sharedkey", "authorizationkey", "radiusserversecret"}
SHORTEST_THAT_IS_LOOKED_FOR = 12


class Secrets:
    """Values by (vault name, secret name); a value once made or set is the same for the whole run."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._values: dict[tuple[str, str], str] = {}

    def value(self, vault: str, name: str) -> str:
        key = (vault.lower(), name.lower())
        if key not in self._values:
            digest = hashlib.sha256(f"{self._seed}/{key[0]}/{key[1]}".encode()).digest()
            self._values[key] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return self._values[key]

    def set(self, vault: str, name: str, value: str) -> None:
        self._values[(vault.lower(), name.lower())] = value

    def names(self) -> Iterator[tuple[str, str]]:
        return iter(self._values)

    def misplaced(self, request: Request) -> list[str]:
        """Names of our secrets that a call carries where none belongs: its URL, its headers, or any body field but a
        shared key's. A name is ``vault/secret``; the value itself is told to nobody."""
        headers = "\n".join(value for name, value in request.headers.items() if name != "authorization")
        outside = f"{request.url}\n{request.path}\n{headers}"
        found = []
        body: str | None = None
        for (vault, name), value in self._values.items():
            if len(value) < SHORTEST_THAT_IS_LOOKED_FOR:
                continue
            if value in outside:
                found.append(f"{vault}/{name}")
            elif value.encode() in request.body:
                body = _without_its_places(request) if body is None else body
                if value in body:
                    found.append(f"{vault}/{name}")
        return found


def _without_its_places(request: Request) -> str:
    """The body's text less the fields in which a secret belongs."""
    lowered = request.path.lower()
    belongs = set(BELONGS)
    if lowered.endswith("/sharedkey") or lowered.startswith("/vaults/"):
        belongs.add("value")
    try:
        return json.dumps(_strip(request.json, belongs))
    except ValueError:
        return request.body.decode(errors="replace")


def _strip(value: Any, belongs: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _strip(inner, belongs) for key, inner in value.items() if key.lower() not in belongs}
    return [_strip(inner, belongs) for inner in value] if isinstance(value, list) else value
