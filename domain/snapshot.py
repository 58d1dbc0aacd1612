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
from domain.shapes import kind_of, shape_problems

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
    _by_name: dict[tuple[str, str], list[Document]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for document in self.documents:
            self._by_id[arm_ids.key(document["id"])] = document
            name = (type_of(document).lower(), name_of(document).lower())
            self._by_name.setdefault(name, []).append(document)

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
        return list(self._by_name.get((resource_type.lower(), reference.lower()), ()))

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
        data = json.loads(_without_mark(text))
    except (ValueError, RecursionError) as error:
        reason = "nesting too deep" if isinstance(error, RecursionError) else error
        raise SnapshotError([f"the file is not JSON: {reason}"]) from None
    if isinstance(data, dict) and isinstance(data.get("value"), list):
        data = data["value"]
    if not isinstance(data, list):
        raise SnapshotError([f"expected a list of ARM documents, found {kind_of(data)}"])
    return snapshot_of(data)


def _without_mark(text: str | bytes) -> str | bytes:
    """What PowerShell's redirection puts before the text (a byte order mark) is no part of it."""
    return text.removeprefix("\ufeff") if isinstance(text, str) else text


def snapshot_of(documents: list[Any]) -> Snapshot:
    """A snapshot of documents already read. Raises SnapshotError naming every document that is none."""
    reasons: list[str] = []
    warnings: list[str] = []
    clean: dict[str, Document] = {}
    for index, document in enumerate(documents):
        problems = list(_problems(document))
        if problems:
            reasons += [f"document [{index}]: {problem}" for problem in problems]
            continue
        key = arm_ids.key(document["id"])
        if key in clean:
            reasons.append(f"document [{index}]: {document['id']} appears twice; expected each id once")
        safe, removed = redact(document)
        warnings += [f"{name_of(safe)}: a secret in {path} was removed; reference it in Key Vault" for path in removed]
        clean[key] = safe
    if reasons:
        raise SnapshotError(reasons)
    return Snapshot(tuple(clean[key] for key in sorted(clean)), tuple(sorted(warnings)))


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


def _problems(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        yield f"expected an ARM document (an object with id and type), found {kind_of(document)}"
        return
    identity = document.get("id")
    if not isinstance(identity, str) or not identity.startswith("/") or not arm_ids.key(identity):
        yield f"id: expected an ARM resource id that begins with '/', found {kind_of(identity)}"
        return
    yield from (f"{identity}: {problem}" for problem in shape_problems(document, type_of(document)))
