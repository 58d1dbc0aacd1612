"""What a recording only refers to: resources that a successful write names and that nobody makes or shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.conformance.scope import NEVER, Scope
from simulator.core import ids

Document = dict[str, Any]
_REFERENCE = re.compile(
    r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/(Microsoft\.Network/[^?]+|Microsoft\.RecoveryServices/vaults/[^/?]+)$",
    re.IGNORECASE,
)


@dataclass
class Story:
    """What happened to one resource: indexes of readings (with bodies), absences and writes."""

    readings: list[tuple[int, Document, bool]] = field(default_factory=list)
    absences: list[float] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    update: Document | None = None
    made: bool = False


def referred_to(
    calls: Sequence[Interaction], known: set[str], stories: Mapping[str, Story], scope: Scope
) -> Iterator[tuple[int, Document]]:
    """Bare documents of what a successful write names and nobody makes or shows."""
    told: set[str] = set()
    for call in calls:
        if not (call.writes and call.ok) or scope.out(call) is not None:
            continue
        for reference in {*_references(call.sent), *_targets(call)}:
            for one in _with_parents(reference):
                key = ids.key(one)
                made = any(index <= call.index for index in stories[key].writes) if key in stories else False
                if key in known or key in told or (made and key != call.key):
                    continue
                if key == call.key and not _takes_for_granted(call, stories[key]):
                    continue
                told.add(key)
                yield call.index, _bare(one, call)


def _takes_for_granted(call: Interaction, story: Story) -> bool:
    """Whether a write is of something that must be there: a PATCH, a DELETE that found it, an action."""
    first = story.writes[0] if story.writes else call.index
    return call.index <= first and call.method in ("PATCH", "DELETE") and call.status in (200, 202)


def _targets(call: Interaction) -> Iterator[str]:
    """The resource that a PATCH, DELETE or action is for, and the parents of any."""
    parts = call.path.strip("/").split("/")
    resource = call.path if len(parts) % 2 == 0 else "/" + "/".join(parts[:-1])
    if _REFERENCE.match(resource) and len(parts) >= 8:
        yield resource
    if "/vaults/" in call.key and len(parts) > 8:
        yield "/" + "/".join(parts[:8])


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.lower().endswith("id") and isinstance(inner, str) and _REFERENCE.match(inner):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _with_parents(resource_id: str) -> list[str]:
    try:
        at: ids.ResourceId | None = ids.parse(resource_id)
    except ValueError:
        return []
    found: list[str] = []
    while at is not None:
        if at.types and at.types[0].lower() not in _FOREIGN_TYPES:
            found.insert(0, str(at))
        at = at.parent()
    return found


_FOREIGN_TYPES = {pattern.lower() for pattern in NEVER["Microsoft.Network"] if not pattern.endswith("*")}


def _bare(resource_id: str, call: Interaction) -> Document:
    parsed = ids.parse(resource_id)
    document: Document = {
        "name": parsed.name,
        "id": resource_id,
        "type": parsed.type,
        "properties": {"provisioningState": "Succeeded"},
    }
    if parsed.depth == 1:
        sent = call.sent if isinstance(call.sent, dict) else {}
        polled = _LOCATION.search(call.headers.get("azure-asyncoperation", ""))
        document["location"] = sent.get("location") or (polled[1] if polled else "eastus")
    return document


_LOCATION = re.compile(r"/locations/([^/]+)/", re.IGNORECASE)
