"""Reads recordings: VCR cassettes, as Azure's command line and SDKs keep them.

A cassette is YAML with ``interactions``, each a request (method, uri, headers, body) and a response (status, headers,
body). What is no cassette is refused by name; nothing is guessed.
"""

from __future__ import annotations

import ast
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from simulator.core.web import NOTHING


class CassetteError(ValueError):
    """A folder or a file that cannot be put to the simulator; the message names it."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One call and its recorded answer. ``body`` is JSON, text that is no JSON (`str`), or NOTHING when empty."""

    index: int
    method: str
    host: str
    path: str
    query: dict[str, str]
    sent: Any
    sent_headers: dict[str, str]
    status: int
    headers: dict[str, str]
    body: Any
    moment: datetime | None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def writes(self) -> bool:
        return self.method in ("PUT", "PATCH", "POST", "DELETE")

    @property
    def key(self) -> str:
        """The path under which calls are compared: lower case, one slash in front, none at the end."""
        return "/" + self.path.strip("/").lower()


@dataclass(frozen=True)
class Cassette:
    """One recording; ``name`` is its path below the folder that was read."""

    name: str
    interactions: list[Interaction] = field(default_factory=list)


def read_folder(folder: Path) -> list[Cassette]:
    """Every ``*.yaml`` below ``folder``, by name. Raises `CassetteError` for no folder, no cassettes, or a bad one."""
    if not folder.is_dir():
        raise CassetteError(f"{folder}: no such folder")
    found = sorted(path for pattern in ("*.yaml", "*.yml") for path in folder.rglob(pattern))
    if not found:
        raise CassetteError(f"{folder}: holds no cassettes (*.yaml)")
    return [read(path, path.relative_to(folder).as_posix()) for path in found]


def read(path: Path, name: str | None = None) -> Cassette:
    """One file. Raises `CassetteError` naming it when it is no cassette."""
    name = name or path.name
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise CassetteError(f"{name}: no YAML: {str(error).splitlines()[0]}") from error
    rows = content.get("interactions") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise CassetteError(f"{name}: not a cassette: it has no list of interactions")
    try:
        return Cassette(name, [_interaction(at, row) for at, row in enumerate(rows)])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CassetteError(f"{name}: not a cassette: an interaction lacks {error}") from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader; text that an older Python wrote with a tag of its own is text."""


def _text(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _text)


def _interaction(at: int, row: Mapping[str, Any]) -> Interaction:
    request, response = row["request"], row["response"]
    url = urlsplit(str(request["uri"]))
    headers = _headers(response.get("headers"))
    body = response.get("body")
    content = body.get("string", body.get("base64_string")) if isinstance(body, dict) else body
    return Interaction(
        index=at,
        method=str(request["method"]).upper(),
        host=(url.hostname or "").lower(),
        path="/" + "/".join(part for part in unquote(url.path).split("/") if part),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        sent=_json(_plain(request.get("body"), {})),
        sent_headers=_headers(request.get("headers")),
        status=int(response["status"]["code"]),
        headers=headers,
        body=_json(_plain(content, headers)),
        moment=_moment(headers.get("date")),
    )


def _headers(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Names in lower case; of several equal lines the first."""
    found = {}
    for name, value in (given or {}).items():
        one = value[0] if isinstance(value, list) and value else value
        found[str(name).lower()] = "" if one is None or one == [] else str(one)
    return found


def _plain(content: Any, headers: Mapping[str, str]) -> str:
    if content is None:
        return ""
    if isinstance(content, bytes):
        if headers.get("content-encoding") in ("gzip", "deflate") or content[:2] == b"\x1f\x8b":
            content = _inflated(content)
        return str(content.decode("utf-8", errors="replace"))
    if isinstance(content, str):
        return _unquoted(content) if content[:2] in ("b'", 'b"') else content
    return json.dumps(content)


def _unquoted(text: str) -> str:
    """Some recorders wrote bytes as Python shows them."""
    try:
        content = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return content.decode("utf-8", errors="replace") if isinstance(content, bytes) else text


def _inflated(content: bytes) -> bytes:
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else zlib.decompress(content)
    except (OSError, zlib.error):
        return content


def _json(text: str) -> Any:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return NOTHING
    try:
        return json.loads(text)
    except ValueError:
        return text


def _moment(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
