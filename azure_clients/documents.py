"""Documents that outlive a process: plans, snapshots, runbooks, reports, intents. A folder, or a blob container.

Both keep the same promises: a document is written whole or not at all, ``create`` succeeds for exactly one of many, and
``write`` can be made to depend on the etag that was read. The etag of a folder's document is its content's hash.
"""

from __future__ import annotations

import re
from typing import Protocol

from azure_clients.errors import Refused
from azure_clients.factory import Clients
from azure_clients.settings import read_settings

_NAME = re.compile(r"^[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,150}$")
DEEPEST = 8


class BadName(ValueError):
    """The name of a document leads outside the store, or is none that both stores can hold."""


class Documents(Protocol):
    """A store of documents by name, such as ``runs/r1/report.json``. Every method raises CallFailed."""

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Content and etag; None when there is none."""

    def create(self, name: str, content: bytes, *, content_type: str = ...) -> bool:
        """Write it if there is none. True for the one who did; False leaves what is there untouched."""

    def write(self, name: str, content: bytes, *, etag: str | None = None, content_type: str = ...) -> str:
        """Write it whole and give its new etag. With ``etag``, raises Changed when somebody wrote since."""

    def list(self, prefix: str) -> list[str]:
        """Names that begin with ``prefix``, in order."""

    def delete(self, name: str) -> None:
        """Take it away; nothing happens when there is none."""

    def location(self, name: str) -> str:
        """Where a person finds it: a path or a URL."""


def documents(clients: Clients | None = None) -> Documents:
    """The store of this process's environment. Raises SettingsError."""
    settings = clients.settings if clients else read_settings()
    if settings.documents.startswith("https://"):
        from azure_clients.blob_documents import BlobDocuments
        from azure_clients.factory import clients as made

        return BlobDocuments((clients or made()).container(settings.documents))
    from azure_clients.folder_documents import folder_documents

    return folder_documents(settings.documents)


def checked(name: str) -> str:
    """``name`` if it is safe: relative, without ``..``, of plain characters. Raises BadName."""
    parts = name.split("/")
    if len(parts) > DEEPEST or not all(_NAME.match(part) and set(part) != {"."} for part in parts):
        expected = "parts of letters, digits, '.', '-' and '_' joined by '/'"
        raise BadName(f"{name!r} is no name of a document: expected {expected}")
    return name


def checked_prefix(prefix: str) -> str:
    """A prefix may end with a slash, or in the middle of a name."""
    if prefix.rstrip("/"):
        checked(prefix.rstrip("/"))
    return prefix


def required(store: Documents, name: str) -> bytes:
    """The content of a document that must be there. Raises Refused when it is not."""
    found = store.read(name)
    if found is None:
        raise Refused(f"there is no document {name} at {store.location('')}", code="DocumentMissing")
    return found[0]
