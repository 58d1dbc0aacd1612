"""ASP.NET route templates as the Functions host reads them: which function answers a method and path.

``{id}``, ``{id?}``, ``{id:int}``, ``{id:alpha}``, ``{*rest}``; case-insensitive. The method is a route constraint, so a
wrong one is a 404. Of several templates that fit, the more literal wins, segment by segment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from devhost.app_loader import LoadedFunction
from devhost.errors import AppLoadError

_PARAMETER = re.compile(r"\{(?P<stars>\*{0,2})(?P<name>\w+)(?P<constraints>(?::[^:{}?]+)*)(?P<optional>\?)?\}")
_CONSTRAINTS = {
    "int": r"-?\d+", "long": r"-?\d+", "alpha": r"[A-Za-z]+", "bool": r"true|false",
    "guid": r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", "required": r"[^/]+",
}


@dataclass(frozen=True)
class Route:
    function: LoadedFunction
    pattern: re.Pattern[str]
    precedence: tuple[int, ...]
    methods: frozenset[str]

    @property
    def level(self) -> str:
        """anonymous, function or admin."""
        value = self.function.trigger.get("authLevel", "function")
        return str(getattr(value, "value", value)).lower()


@dataclass(frozen=True)
class Match:
    route: Route
    values: dict[str, str]


class RouteTable:
    def __init__(self, functions: list[LoadedFunction], prefix: str) -> None:
        routes = [_route(function, prefix) for function in functions]
        self._routes = sorted(routes, key=lambda route: route.precedence)

    def find(self, method: str, path: str) -> Match | None:
        """``path`` as it came, percent-encoded, with its leading slash."""
        trimmed = path.strip("/")
        for route in self._routes:
            if route.methods and method not in route.methods:
                continue
            found = route.pattern.fullmatch(trimmed)
            if found:
                values = {name: unquote(value) for name, value in found.groupdict().items() if value is not None}
                return Match(route, values)
        return None


def _route(function: LoadedFunction, prefix: str) -> Route:
    template = str(function.trigger.get("route") or function.name).strip("/")
    whole = f"{prefix}/{template}" if prefix else template
    methods = frozenset(_method_name(method) for method in function.trigger.get("methods") or [])
    patterns: list[str] = []
    precedence: list[int] = []
    for segment in whole.split("/"):
        pattern, rank = _segment(segment, function.name)
        optional = segment.endswith("?}") or "{*" in segment
        separator = "/" if patterns else ""
        patterns.append(f"(?:{separator}{pattern})?" if optional else f"{separator}{pattern}")
        precedence.append(rank)
    return Route(function, re.compile("".join(patterns), re.IGNORECASE), tuple(precedence), methods)


def _segment(segment: str, function_name: str) -> tuple[str, int]:
    """(regular expression, precedence digit as ASP.NET computes it)."""
    pattern, position, rank = "", 0, 1
    for found in _PARAMETER.finditer(segment):
        pattern += re.escape(segment[position : found.start()])
        position = found.end()
        constraints = [c for c in found["constraints"].split(":") if c]
        pattern += f"(?P<{found['name']}>{_value_pattern(found, constraints, function_name)})"
        rank = (5 if found["stars"] else 3) - (1 if constraints else 0)
    rest = segment[position:]
    if "{" in rest or "}" in rest:
        raise AppLoadError(f"cannot load the {function_name} function: route segment '{segment}' is not understood")
    return pattern + re.escape(rest), rank


def _value_pattern(found: re.Match[str], constraints: list[str], function_name: str) -> str:
    for constraint in constraints:
        if constraint not in _CONSTRAINTS:
            raise AppLoadError(
                f"cannot load the {function_name} function: route constraint '{constraint}' is not served by this host "
                f"(served: {', '.join(sorted(_CONSTRAINTS))})"
            )
    if constraints:
        return _CONSTRAINTS[constraints[0]]
    return ".*" if found["stars"] else "[^/]+"


def _method_name(method: Any) -> str:
    return str(getattr(method, "value", method)).upper()
