"""The keys of the HTTP doors: made once, kept beside the database in a file only its owner can read.

The layout follows the Functions host's own: one master key (admin), host-wide function keys, and the system key of
the Durable extension. A key never appears in a log.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Keys:
    path: Path
    master: str
    function: str
    system: str

    def allows(self, presented: str | None, level: str) -> bool:
        """``level`` is anonymous, function, admin, or system (the Durable management API)."""
        if level == "anonymous":
            return True
        accepted = {
            "function": (self.function, self.master), "admin": (self.master,), "system": (self.system, self.master)
        }[level]
        given = (presented or "").encode()
        return any(hmac.compare_digest(given, key.encode()) for key in accepted)


def load_or_create(database: Path) -> Keys:
    """``{database}.keys.json``: {"masterKey", "functionKeys": {"default"}, "systemKeys": {"durabletask_extension"}}."""
    path = database.with_name(database.name + ".keys.json")
    if not path.exists():
        _create(path)
    document = json.loads(path.read_text())
    return Keys(
        path, document["masterKey"], document["functionKeys"]["default"],
        document["systemKeys"]["durabletask_extension"],
    )


def _create(path: Path) -> None:
    document = {
        "masterKey": secrets.token_urlsafe(32),
        "functionKeys": {"default": secrets.token_urlsafe(32)},
        "systemKeys": {"durabletask_extension": secrets.token_urlsafe(32)},
    }
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=2)
    temporary.replace(path)
