"""What a check of routing has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import arm_ids

Check = dict[str, Any]

TEXT_LIMIT = 240
_ABOUT = ("peer", "address", "port", "prefixes", "neighbors", "name", "client")
_ABOUT_IDS = ("connection", "gateway", "machine", "peering", "interface")


@dataclass(frozen=True)
class Checked:
    """One finding. ``passed`` None: the reading does not tell."""

    passed: bool | None
    expected: str
    saw: str


def shown(check: Check, found: Checked) -> dict[str, Any]:
    """A finding as evidence: what was looked at, what was expected of it, and what was seen."""
    about = {name: check[name] for name in _ABOUT if name in check}
    about |= {name: arm_ids.name_of(check[name]) for name in _ABOUT_IDS if check.get(name)}
    return {
        "check": check["check"],
        **about,
        "expected": found.expected[:TEXT_LIMIT],
        "saw": found.saw[:TEXT_LIMIT],
        "passed": found.passed,
    }
