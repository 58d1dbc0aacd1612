"""The store of ARM documents. It answers what it was given and knows nothing of what a document means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from simulator.core import ids

Document = dict[str, Any]


class Documents:
    """Documents by id, whatever the id's case; listed in the order in which they were first written.

    Children (a subnet, a protected item) are documents of their own. Who writes tells the listeners: ``changed`` is
    called with the id after each put and delete.
    """

    def __init__(self) -> None:
        self._by_key: dict[str, Document] = {}
        self._by_type: dict[str, dict[str, Document]] = defaultdict(dict)
        self._children: dict[str, dict[str, Document]] = defaultdict(dict)
        self._listeners: list[Callable[[str], None]] = []

    def on_change(self, listener: Callable[[str], None]) -> None:
        self._listeners.append(listener)

    def get(self, resource_id: str) -> Document | None:
        return self._by_key.get(ids.key(resource_id))

    def __contains__(self, resource_id: object) -> bool:
        return isinstance(resource_id, str) and ids.key(resource_id) in self._by_key

    def __len__(self) -> int:
        return len(self._by_key)

    def all(self) -> Iterator[Document]:
        return iter(list(self._by_key.values()))

    def put(self, document: Document) -> Document:
        """Store ``document`` under its ``id``; the very object is kept, so a handler may go on changing it."""
        key = ids.key(document["id"])
        self._by_key[key] = document
        self._by_type[document["type"].lower()][key] = document
        parent = ids.parent_of(key)
        if parent:
            self._children[parent][key] = document
        self.changed(document["id"])
        return document

    def changed(self, resource_id: str) -> None:
        """Tell the listeners that a document was altered in place."""
        for listener in self._listeners:
            listener(resource_id)

    def delete(self, resource_id: str) -> Document | None:
        """Remove a document and everything below it. The removed document, or None."""
        key = ids.key(resource_id)
        document = self._by_key.pop(key, None)
        if document is None:
            return None
        self._by_type[document["type"].lower()].pop(key, None)
        parent = ids.parent_of(key)
        if parent:
            self._children[parent].pop(key, None)
        for child in list(self._children.pop(key, {}).values()):
            self.delete(child["id"])
        self.changed(document["id"])
        return document

    def of_type(self, resource_type: str, scope: str | None = None) -> list[Document]:
        """Documents of one type; with ``scope`` only those whose id lies under that id (a resource group, a parent)."""
        found = self._by_type.get(resource_type.lower(), {})
        if scope is None:
            return list(found.values())
        prefix = ids.key(scope) + "/"
        return [document for key, document in found.items() if key.startswith(prefix)]

    def children(self, resource_id: str, resource_type: str | None = None) -> list[Document]:
        """Direct children of a resource, of one type or of all."""
        found = self._children.get(ids.key(resource_id), {}).values()
        if resource_type is None:
            return list(found)
        wanted = resource_type.lower()
        return [document for document in found if document["type"].lower() == wanted]

    def location_of(self, resource_id: str) -> str | None:
        """The Azure region of a resource: its own, or that of the nearest resource above it that has one."""
        at: str | None = resource_id
        while at:
            document = self.get(at)
            if document and document.get("location"):
                return normalise_location(document["location"])
            at = ids.parent_of(at)
        return None


def normalise_location(location: str) -> str:
    """``East Asia`` and ``eastasia`` are one region."""
    return location.replace(" ", "").lower()
