"""Reading fields of JSON that nobody guarantees: any case of the name, numbers for words, times without a zone.

A field that is there and cannot be read is remembered as a problem, with its path, rather than raised: one bad field
must neither crash the door nor be taken for an absent one.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

SHOWN_LIMIT = 80
_FALSE = ("", "false", "0", "no", "none", "null")


class Fields:
    """The fields of one JSON object. ``path`` is where it lies; ``problems`` what was found unreadable so far."""

    def __init__(self, data: dict[str, Any], path: str) -> None:
        self.path = path
        self.problems: list[str] = []
        self._data = data
        self._by_lower: dict[str, list[Any]] = {}
        for name, value in data.items():
            self._by_lower.setdefault(str(name).lower(), []).append(value)

    def value(self, name: str) -> Any:
        """The raw value, by exact name or else in any case; None when absent."""
        if name in self._data:
            return self._data[name]
        return next(iter(self._by_lower.get(name.lower(), [])), None)

    def text(self, name: str, *, limit: int = 200) -> str:
        """Text or a number as text, cleaned of control characters and cut at ``limit``; empty when absent."""
        value = self.value(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return clean(value, limit)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            return str(value)
        self.problems.append(f"{self.path}.{name}: expected text, found {kind_of(value)}")
        return ""

    def time(self, name: str) -> datetime | None:
        """An ISO 8601 time as UTC (one without a zone is taken as UTC); None when absent or unreadable."""
        value = self.value(name)
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
        except (ValueError, OverflowError, AttributeError):
            self.problems.append(f"{self.path}.{name}: expected an ISO 8601 time, found {shown(value)}")
            return None

    def flag(self, name: str) -> bool:
        """True unless every spelling of the name is absent or plainly false: in doubt a warning flag is up."""
        return any(str(value).strip().lower() not in _FALSE for value in self._by_lower.get(name.lower(), []))


def clean(text: str, limit: int) -> str:
    """Printable text (no control characters, no half surrogates) of at most ``limit`` characters."""
    return "".join(one if one.isprintable() else " " for one in text[: 2 * limit]).strip()[:limit]


def shown(value: Any) -> str:
    """A found value as an error text may show it: short, printable, quoted."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"'{clean(value, SHOWN_LIMIT)}'" if value else "empty text"
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**18):
        return str(value)
    return kind_of(value)


def kind_of(value: Any) -> str:
    """A JSON value's kind in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true/false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing" if value is None else type(value).__name__)
