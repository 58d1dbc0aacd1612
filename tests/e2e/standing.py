"""What stands in an estate, compared: two states of the simulator's documents are the same but for what a change of any
kind leaves behind (etags, guids, times, counters)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

Document = dict[str, Any]

CHANGES_BY_ITSELF = frozenset(
    {
        "etag", "resourceGuid", "vmId", "timeCreated", "rpoInSeconds", "lastHeartbeat", "lastRpoCalculatedTime",
        "lastSuccessfulFailoverTime", "failoverRecoveryPointId", "ingressBytesTransferred", "egressBytesTransferred",
        "connectedDuration", "bridgehead-run", "bridgehead-step", "lastSuccessfulTestFailoverTime",
        "currentScenario", "lastUpdatedTime",
    }
)  # fmt: skip
"""Fields by name: versions, guids, times and counters, and the names of the run that wrote a tag."""


def by_id(documents: Iterable[Document]) -> dict[str, Document]:
    return {one["id"].lower(): one for one in documents}


def differing(before: Iterable[Document], after: Iterable[Document], ignored: str = "$^") -> list[str]:
    """``ID PATH: old -> new`` for each value that is not as it was; ``ignored`` is a pattern of such lines."""
    one, other = by_id(before), by_id(after)
    lines = [f"{key} is gone" for key in one.keys() - other.keys()]
    lines += [f"{key} is new" for key in other.keys() - one.keys()]
    for key in one.keys() & other.keys():
        old, new = dict(_leaves(one[key])), dict(_leaves(other[key]))
        lines += [
            f"{key} {path}: {old.get(path)!r} -> {new.get(path)!r}"
            for path in sorted(old.keys() | new.keys())
            if _plain(old.get(path)) != _plain(new.get(path))
        ]
    return sorted(line for line in lines if not re.search(ignored, line, re.IGNORECASE))


def _plain(value: Any) -> Any:
    """Ids without regard to case; nothing and emptiness are one."""
    if isinstance(value, str):
        return value.lower()
    return value or None


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in CHANGES_BY_ITSELF:
                yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        named = all(isinstance(one, dict) and (one.get("name") or one.get("id")) for one in value)
        for place, inner in enumerate(value):
            label = (inner.get("name") or inner["id"]).lower() if named else place
            yield from _leaves(inner, f"{path}[{label}]")
    else:
        yield path, value
