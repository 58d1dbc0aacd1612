"""One answer of Azure's as it came: status, headers and JSON, taken past the SDK's models.

The SDKs build requests, sign them and raise errors; their models would turn unfinished times into naive datetimes of
the year 1 and drop what they do not know (sources: Traps 4 and 9), so bodies are read as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from azure_clients.errors import NotUnderstood, calling, refusal
from azure_clients.retry_after import retry_after_seconds


@dataclass(frozen=True)
class Answer:
    """``body`` is the decoded JSON, None when empty or the literal null. Header names are in lower case."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The body as an object; empty for anything else."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def retry_after(self) -> float | None:
        return retry_after_seconds(self.headers, "" if self.body is not None else self.text)


def call(doing: str, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Answer:
    """Call an SDK operation once and give its raw answer. Raises CallFailed.

    A ``begin_*`` operation is told not to poll.
    """
    taken: list[Any] = []
    if operation.__name__.startswith("begin_"):
        named["polling"] = False
    with calling(doing):
        operation(*arguments, raw_response_hook=lambda response: taken.append(response.http_response), **named)
        if not taken:
            raise NotUnderstood(f"{doing}: the SDK sent nothing")
        return _read(taken[-1])


def request(
    doing: str, client: Any, method: str, url: str, *, body: Any = None, absent_is_fine: bool = False
) -> Answer:
    """Send one request, with a JSON body or none, through a client's own pipeline. Raises CallFailed from status 400.

    ``absent_is_fine``: a 404 or 410 is returned rather than raised.
    """
    from azure.core.rest import HttpRequest

    with calling(doing):
        answer = _read(client.send_request(HttpRequest(method, url, json=body)))
    if answer.status >= 400 and not (absent_is_fine and answer.status in (404, 410)):
        raise refusal(answer.status, answer.text, answer.headers, doing)
    return answer


def _read(response: Any) -> Answer:
    text = text_of(response)
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    try:
        body = json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        body = None
    return Answer(int(response.status_code), body, headers, text)


def text_of(response: Any) -> str:
    """A response's body, read to its end; it may be read again."""
    read = getattr(response, "read", None)
    content = read() if callable(read) else response.body()
    return bytes(content or b"").decode("utf-8-sig", errors="replace")
