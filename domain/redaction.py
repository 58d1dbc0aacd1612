"""Secrets leave every ARM document at the door: before hashing, storing or logging (rule 8).

ARM answers a connection's ``sharedKey`` in clear (sources: Traps 15); circuits carry authorisation and service
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
SECRET_ENDINGS = (
    "password",
    "passphrase",
    "sharedkey",
    "secretkey",
    "privatekey",
    "accesskey",
    "accountkey",
    "storagekey",
    "connectionstring",
    "sastoken",
    "accesstoken",
    "refreshtoken",
    "clientsecret",
    "serversecret",
)
_NORMAL = re.compile(r"[^a-z0-9]")
_SECRET_TEXT = re.compile(r"(accountkey|sharedaccesskey|sharedaccesssignature)\s*=|[?&]sig=", re.IGNORECASE)
_REFERENCE = frozenset({"vault", "secret", "version"})


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
        if _is_secret(value, str(name), item):
            found.append(here)
        else:
            clean[name] = _redact(item, here, found)
    return clean


def _is_secret(holder: dict[Any, Any], name: str, item: Any) -> bool:
    """By the field's name, by the name beside a ``value``, or by what the text itself looks like."""
    if isinstance(item, str) and _SECRET_TEXT.search(item):
        return True
    named = _is_secret_name(name) or (name.lower() == "value" and _is_secret_name(holder.get("name")))
    return named and bool(item) and not _is_reference(item)


def _is_secret_name(name: Any) -> bool:
    plain = _NORMAL.sub("", name.lower()) if isinstance(name, str) else ""
    return plain in SECRET_FIELDS or plain.endswith(SECRET_ENDINGS)


def _is_reference(value: Any) -> bool:
    """A reference to a vault is no secret: the vault's name and the secret's, as text."""
    named = isinstance(value, dict) and {"vault", "secret"} <= set(value) <= _REFERENCE
    return named and all(isinstance(part, str) for part in value.values())
