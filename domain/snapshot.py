"""The snapshot: what exists, as ARM documents with full ids, without any secret.

It is read from what ``az resource show`` or Resource Graph prints: a JSON list of documents (or ``{"value": [...]}``).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain import arm_ids
from domain.codec import content_hash
from domain.redaction import redact

Document = dict[str, Any]


class SnapshotError(ValueError):
    """The file is no snapshot. ``reasons`` lists everything that is wrong with it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Snapshot:
    """ARM documents by id. ``warnings`` say where secrets were removed on import."""

    documents: tuple[Document, ...]
    warnings: tuple[str, ...] = ()
    _by_id: dict[str, Document] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for document in self.documents:
            self._by_id[arm_ids.key(document["id"])] = document

    @property
    def hash(self) -> str:
        return content_hash([self._by_id[one] for one in sorted(self._by_id)])

    def get(self, resource_id: str | None) -> Document | None:
        """The document with this id, whatever its case; None when the snapshot has none."""
        return self._by_id.get(arm_ids.key(resource_id)) if resource_id else None

    def of_type(self, resource_type: str) -> Iterator[Document]:
        wanted = resource_type.lower()
        return (document for document in self.documents if type_of(document).lower() == wanted)

    def named(self, resource_type: str, reference: str) -> list[Document]:
        """Documents of a type that ``reference`` may mean: one by id, else all of that name."""
        if arm_ids.is_arm_id(reference):
            found = self.get(reference)
            return [found] if found and type_of(found).lower() == resource_type.lower() else []
        return [one for one in self.of_type(resource_type) if name_of(one).lower() == reference.lower()]

    def nearest(self, resource_type: str, reference: str) -> str | None:
        """The name of that type that is most like ``reference``."""
        names = [name_of(document) for document in self.of_type(resource_type)]
        return next(iter(difflib.get_close_matches(reference, names, n=1, cutoff=0.4)), None)

    def region_of_group(self, resource_id: str) -> str | None:
        """The region that holds a resource's group; None when the snapshot does not have the group."""
        group = self.get(arm_ids.resource_group_id(resource_id))
        return region_name(group.get("location")) if group else None


def parse_snapshot(text: str | bytes) -> Snapshot:
    """Read a snapshot file, redacting what it must not hold. Raises SnapshotError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SnapshotError([f"the file is not JSON: {error}"]) from None
    if isinstance(data, dict) and isinstance(data.get("value"), list):
        data = data["value"]
    if not isinstance(data, list):
        raise SnapshotError([f"expected a list of ARM documents, found {_kind(data)}"])
    return snapshot_of(data)


def snapshot_of(documents: list[Any]) -> Snapshot:
    """A snapshot of documents already read. Raises SnapshotError naming every document that is none."""
    reasons, warnings, clean, seen = [], [], [], set()
    for index, document in enumerate(documents):
        problem = _problem(document)
        if problem:
            reasons.append(f"document [{index}]: {problem}")
            continue
        if arm_ids.key(document["id"]) in seen:
            reasons.append(f"document [{index}]: {document['id']} appears twice; expected each id once")
        seen.add(arm_ids.key(document["id"]))
        safe, removed = redact(document)
        warnings += [f"{name_of(safe)}: a secret in {path} was removed; reference it in Key Vault" for path in removed]
        clean.append(safe)
    if reasons:
        raise SnapshotError(reasons)
    return Snapshot(tuple(clean), tuple(warnings))


def type_of(document: Document) -> str:
    """A document's resource type, from the document or else from its id."""
    declared = document.get("type")
    if isinstance(declared, str) and declared:
        return declared
    return arm_ids.parse(document["id"]).type if arm_ids.is_arm_id(document["id"]) else ""


def name_of(document: Document) -> str:
    return arm_ids.name_of(document["id"])


def properties(document: Document | None) -> dict[str, Any]:
    """A document's properties, or an empty object."""
    found = (document or {}).get("properties")
    return found if isinstance(found, dict) else {}


def region_name(display: Any) -> str | None:
    """ARM's form of a region: ``East Asia`` and ``eastasia`` are both ``eastasia``."""
    return display.replace(" ", "").lower() if isinstance(display, str) and display else None


def _problem(document: Any) -> str | None:
    if not isinstance(document, dict):
        return f"expected an ARM document (an object with id and type), found {_kind(document)}"
    identity = document.get("id")
    if not isinstance(identity, str) or not identity.startswith("/"):
        return f"id: expected an ARM resource id that begins with '/', found {identity!r}"
    if "properties" in document and not isinstance(document["properties"], dict):
        return f"{identity}: properties: expected an object, found {_kind(document['properties'])}"
    return None


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing" if value is None else type(value).__name__)
