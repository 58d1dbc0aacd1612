"""From a path to the row of a room's table that answers it. Literal segments compare without regard to case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.core.web import Url


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    rest: _Node | None = None
    rows: dict[str, Url] = field(default_factory=dict)


class Router:
    """A tree of path segments; a literal wins over a variable, ``{*rest}`` at the end takes all that is left."""

    def __init__(self, rows: Iterable[Url] = ()) -> None:
        self._root = _Node()
        for row in rows:
            self.add(row)

    def add(self, row: Url) -> None:
        node = self._root
        for part in row.pattern.strip("/").split("/"):
            if part.startswith("{*"):
                node.rest = node.rest or _Node()
                node = node.rest
            elif part.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literal.setdefault(part.lower(), _Node())
        if row.method in node.rows:
            raise ValueError(f"two rows answer {row.method} {row.pattern}")
        node.rows[row.method] = row

    def find(self, method: str, path: str) -> tuple[Url, dict[str, str]] | None:
        """The row and its variables; None when no row has this method and path."""
        parts = path.strip("/").split("/")
        found = _match(self._root, parts, 0, method)
        return (found, _variables(found.pattern, parts)) if found else None

    def methods(self, path: str) -> set[str]:
        """Which methods the path has, to tell a wrong method from a wrong path."""
        parts = path.strip("/").split("/")
        names = ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")
        return {method for method in names if _match(self._root, parts, 0, method)}


def _match(node: _Node, parts: list[str], at: int, method: str) -> Url | None:
    if at == len(parts):
        return node.rows.get(method)
    literal = node.literal.get(parts[at].lower())
    if literal is not None:
        found = _match(literal, parts, at + 1, method)
        if found:
            return found
    if node.variable is not None and parts[at]:
        found = _match(node.variable, parts, at + 1, method)
        if found:
            return found
    return node.rest.rows.get(method) if node.rest is not None else None


def _variables(pattern: str, parts: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, part in enumerate(pattern.strip("/").split("/")):
        if part.startswith("{*"):
            found[part[2:-1]] = "/".join(parts[at:])
        elif part.startswith("{"):
            found[part[1:-1]] = parts[at]
    return found
