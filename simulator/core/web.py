"""Requests and answers as rooms see them: no server, no sockets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from simulator.core.world import World

Plane = Literal["arm", "vault", "logs", "owner", "identity", "control"]
JSON_TYPE = "application/json; charset=utf-8"
NOTHING = object()


@dataclass(slots=True)
class Request:
    """One call. ``params`` are the pattern's variables as they were written in the path."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    url: str = ""
    params: dict[str, str] = field(default_factory=dict)
    _json: Any = NOTHING

    @property
    def json(self) -> Any:
        """The body as JSON; None when empty. Raises ValueError when it is no JSON."""
        if self._json is NOTHING:
            self._json = json.loads(self.body) if self.body else None
        return self._json

    def argument(self, name: str) -> str | None:
        """A query argument, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.query.items() if key.lower() == wanted), None)

    @property
    def api_version(self) -> str:
        return self.argument("api-version") or ""


@dataclass(slots=True)
class Response:
    """An answer. ``body`` is JSON-able; ``text`` (str) goes out verbatim; NOTHING means an empty body."""

    status: int = 200
    body: Any = NOTHING
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    hold_seconds: float = 0.0
    drop: bool = False

    def encoded(self) -> bytes:
        if self.text is not None:
            return self.text.encode()
        return b"" if self.body is NOTHING else json.dumps(self.body, separators=(",", ":")).encode()


def dropped(after_seconds: float = 0.0) -> Response:
    """No answer at all: the connection is cut, at once or after a virtual while."""
    return Response(status=0, hold_seconds=after_seconds, drop=True)


Handler = Callable[["World", Request], Response]


@dataclass(frozen=True, slots=True)
class Url:
    """One row of a room's table: ``pattern`` is a path whose ``{variables}`` match one segment each."""

    method: str
    pattern: str
    handler: Handler
    plane: Plane = "arm"
    api_version_required: bool = True
