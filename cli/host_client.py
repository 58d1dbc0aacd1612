"""The command line's side of the HTTP doors: where the host is, with which key, and what its errors mean to a person.

A key is read from the environment or from the local host's own file and goes into one header; it is never printed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from cli.failing import Code, Problem

LOCAL_STATE = Path(".bridgehead/host.json")
KEY_SETTING = "BRIDGEHEAD_KEY"
_SECONDS = 40.0
_IDLE_SECONDS = 2.0
"""A connection that was idle longer is not used again: the host may be closing it at that moment."""


class Host:
    """A function app that answers at ``url``; every call raises Problem when it is refused or cannot be made."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url = url.rstrip("/")
        headers = {"accept": "application/json", "user-agent": "bridgehead-cli"}
        if key:
            headers["x-functions-key"] = key
        self._client = httpx.Client(
            base_url=f"{self.url}/api/",
            headers=headers,
            timeout=_SECONDS,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
        )

    def get(self, path: str) -> Any:
        return self._call("GET", path, None, {})

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self._call("POST", path, body, headers or {})

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"failovers/{quote(run, safe='')}")
        return found

    def runs(self, *, every: bool) -> dict[str, Any]:
        """The newest runs, or every one: ``{"failovers", "continuation"}``."""
        found: dict[str, Any] = self.get("failovers")
        while every and found["continuation"]:
            page = self.get(f"failovers?limit=100&continuation={found['continuation']}")
            found = {"failovers": found["failovers"] + page["failovers"], "continuation": page["continuation"]}
        return found

    def answer(self, run: str, word: str, body: dict[str, Any]) -> Any:
        return self.post(f"failovers/{quote(run, safe='')}/{word}", body)

    def close(self) -> None:
        self._client.close()

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        try:
            response = self._send(method, path, body, headers)
        except httpx.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise Problem(
                f"no answer from {self.url}", [detail, "is the host running? (bridgehead serve)"], Code.UNREACHABLE
            ) from None
        if response.is_success:
            return response.json() if response.content else None
        raise _refusal(response, self.url)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        """A reading whose connection was cut is asked again, once: nothing but an answer was lost."""
        try:
            return self._client.request(method, path, json=body, headers=headers)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if method != "GET":
                raise
            return self._client.request(method, path, json=body, headers=headers)


def connect(url: str | None) -> Host:
    """The host at ``url``, else the local one that ``bridgehead serve`` announced. Raises Problem."""
    if url:
        return Host(_checked(url), os.environ.get(KEY_SETTING) or _local_key_for(url))
    local = _local()
    if local is None:
        raise Problem(
            "no host is known",
            ["expected --url, BRIDGEHEAD_URL, or a local host started with: bridgehead serve"],
            Code.UNREACHABLE,
        )
    return local_host(local)


def local_host(told: dict[str, Any]) -> Host:
    """The embedded host that wrote ``told`` (url, keys_file) when it began to answer."""
    key = os.environ.get(KEY_SETTING) or function_key(Path(told["keys_file"]))
    return Host(str(told["url"]), key)


def function_key(keys_file: Path) -> str:
    """The default function key of a local host. Raises Problem when its file cannot be read."""
    try:
        key: str = json.loads(keys_file.read_text(encoding="utf-8"))["functionKeys"]["default"]
    except (OSError, ValueError, KeyError):
        raise Problem(
            f"{keys_file}: cannot read the host's function key", [f"set {KEY_SETTING}"], Code.UNREACHABLE
        ) from None
    return key


def _local() -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(LOCAL_STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if {"url", "keys_file"} <= told.keys() else None


def _local_key_for(url: str) -> str | None:
    local = _local()
    return function_key(Path(local["keys_file"])) if local and local["url"].rstrip("/") == url.rstrip("/") else None


def _checked(url: str) -> str:
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise Problem(f"{url}: expected an https URL (plain http only to this machine), for a key goes with each call")
    return url


def _refusal(response: httpx.Response, url: str) -> Problem:
    """RFC 9457 problem details as a person reads them."""
    try:
        said = response.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    title = str(said.get("detail") or said.get("title") or response.text[:200] or response.reason_phrase)
    details = [
        f"{error.get('field')}: {error.get('detail')}" for error in said.get("errors", []) if isinstance(error, dict)
    ]
    if response.status_code in (401, 403):
        return Problem(
            f"{url} does not accept the key: {title}", [f"set {KEY_SETTING} to a function key"], Code.UNREACHABLE
        )
    if response.status_code >= 500:
        return Problem(f"{url} answered {response.status_code}: {title}", details, Code.UNREACHABLE)
    return Problem(title, details, Code.BAD_INPUT if response.status_code == 400 else Code.REFUSED)
