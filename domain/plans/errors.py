"""What is wrong with a plan: each error names the field's path, what was found and expected, and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SHOWN = 80


@dataclass(frozen=True)
class PlanError:
    """One thing wrong. ``hint`` is the nearest valid name or the next thing to do."""

    path: str
    found: str
    expected: str
    hint: str | None = None

    def __str__(self) -> str:
        text = (
            f"{self.path}: expected {self.expected}, found {self.found}"
            if self.expected
            else f"{self.path}: {self.found}"
        )
        return f"{text}; {self.hint}" if self.hint else text


class PlanErrors(ValueError):
    """All that is wrong with a plan."""

    def __init__(self, errors: list[PlanError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors

    def __iter__(self) -> Iterator[PlanError]:
        return iter(self.errors)


def nearest(found: Any, names: Any) -> str | None:
    """A sentence with the valid name that is most like what was found."""
    close = difflib.get_close_matches(str(found)[:200], [str(name) for name in names], n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else None


def shown(value: Any) -> str:
    """A value as an error shows it: short, and never a failure of its own."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except ValueError:
        return "a number too long to show"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
