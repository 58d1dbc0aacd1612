"""Secrets leave every ARM document at the door: before hashing, storing or logging (ARCHITECTURE rule 8).

ARM answers a connection's ``sharedKey`` in clear (ARM-FIDELITY trap 15); circuits carry authorisation and service
keys, gateways RADIUS secrets. None may enter a snapshot.
"""

from __future__ import annotations

import re
from typing import Any

SECRET_FIELDS = frozenset(
    {
        "sharedkey",
        "presharedkey",
        "authorizationkey",
        "servicekey",
        "radiusserversecret",
        "adminpassword",
        "password",
        "primarykey",
        "secondarykey",
        "accountkey",
        "accesskey",
        "clientsecret",
        "connectionstring",
        "sastoken",
        "customdata",
        "userdata",
        "protectedsettings",
    }
)
_NORMAL = re.compile(r"[^a-z0-9]")


def redact(document: Any, path: str = "") -> tuple[Any, list[str]]:
    """A copy without secret values, and the paths where one was removed."""
    found: list[str] = []
    return _redact(document, path, found), found


def _redact(value: Any, path: str, found: list[str]) -> Any:
    if isinstance(value, list):
        return [_redact(item, f"{path}[{index}]", found) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    clean = {}
    for name, item in value.items():
        here = f"{path}.{name}" if path else str(name)
        if _NORMAL.sub("", str(name).lower()) in SECRET_FIELDS and _is_secret_value(item):
            found.append(here)
        else:
            clean[name] = _redact(item, here, found)
    return clean


def _is_secret_value(value: Any) -> bool:
    """A reference to a vault is no secret; an empty value is none either."""
    return bool(value) and not (isinstance(value, dict) and set(value) <= {"vault", "secret", "version"})
