"""Which paths this room answers; the SDK asks for the latest version with a slash at the end."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.key_vault import responses

URLS = [
    Url("GET", "/vaults/{vault}/secrets/{name}", responses.get_secret, plane="vault"),
    Url("GET", "/vaults/{vault}/secrets/{name}/{version}", responses.get_secret, plane="vault"),
]
