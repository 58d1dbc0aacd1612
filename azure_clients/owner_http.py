"""The owner's own URLs: looking glass, automation hook, probes. They are somebody else's machines.

Each call is made once, with a time limit, an answer limit, and no redirect to another host. A rehearsal leads
every such URL to the gateway; a webhook's signature is over what the owner receives, not over where it went.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from azure_clients.answers import Answer
from azure_clients.errors import NotUnderstood, Refused, calling, refusal
from azure_clients.factory import CONNECT_SECONDS, Clients

READ_SECONDS = 15.0
ANSWER_LIMIT = 1_000_000
REDIRECTS = 3


def get(clients: Clients, url: str, arguments: Mapping[str, str] | None = None, *, doing: str) -> Answer:
    """GET an owner's URL. Raises CallFailed for 400 and more."""
    target = f"{url}{'&' if '?' in url else '?'}{urlencode(arguments)}" if arguments else url
    for _ in range(REDIRECTS + 1):
        answer = _send(clients, "GET", target, None, {}, doing)
        if answer.status not in (301, 302, 303, 307, 308):
            return _checked(answer, doing)
        onward = urljoin(target, answer.headers.get("location", ""))
        if urlsplit(onward)[:2] != urlsplit(target)[:2]:
            raise Refused(f"{doing}: redirected to another host ({urlsplit(onward).hostname})", code="ForeignRedirect")
        target = onward
    raise Refused(f"{doing}: redirected more than {REDIRECTS} times", code="TooManyRedirects")


def post_signed(
    clients: Clients, url: str, body: Mapping[str, Any], secret: str, unix_seconds: int, *, doing: str
) -> Answer:
    """POST JSON with X-Bridgehead-Timestamp and X-Bridgehead-Signature. Raises CallFailed for anything but 2xx.

    Signature: ``sha256=`` + hex HMAC-SHA256(secret, timestamp + "." + body).
    """
    content = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Bridgehead-Timestamp": str(unix_seconds),
        "X-Bridgehead-Signature": signature(secret, unix_seconds, content),
    }
    answer = _checked(_send(clients, "POST", url, content, headers, doing), doing)
    if answer.status >= 300:
        raise Refused(f"{doing}: redirected, which a signed order does not follow", code="ForeignRedirect")
    return answer


def signature(secret: str, unix_seconds: int, content: bytes) -> str:
    signed = hmac.new(secret.encode(), f"{unix_seconds}.".encode() + content, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def led_to(clients: Clients, url: str) -> str:
    """Where a call for an owner's URL really goes: there, or in a rehearsal to the gateway under the host's name."""
    gateway = clients.settings.owner_gateway
    if gateway is None:
        return url
    parts = urlsplit(url)
    return f"{gateway}/{parts.netloc}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def _send(
    clients: Clients, method: str, url: str, content: bytes | None, headers: Mapping[str, str], doing: str
) -> Answer:
    if urlsplit(url).scheme != "https":
        raise Refused(f"{doing}: expected an https URL", code="NotHttps")
    with calling(doing):
        response = clients.session().request(
            method,
            led_to(clients, url),
            data=content,
            headers={"Accept": "application/json", "User-Agent": "bridgehead", **headers},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            verify=clients.settings.ca_bundle or True,
            stream=True,
        )
        with response:
            content_read = _bounded(response, doing)
    text = content_read.decode("utf-8", errors="replace")
    try:
        body = json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        body = None
    return Answer(response.status_code, body, {k.lower(): v for k, v in response.headers.items()}, text)


def _bounded(response: Any, doing: str) -> bytes:
    read = bytearray()
    for chunk in response.iter_content(65_536):
        read += chunk
        if len(read) > ANSWER_LIMIT:
            raise NotUnderstood(f"{doing}: the answer is larger than {ANSWER_LIMIT} bytes", code="AnswerTooLarge")
    return bytes(read)


def _checked(answer: Answer, doing: str) -> Answer:
    if answer.status >= 400:
        raise refusal(answer.status, answer.text, answer.headers, doing)
    return answer
