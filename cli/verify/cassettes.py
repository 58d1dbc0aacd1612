"""Writes what was recorded as VCR cassettes, for ``bridgehead simulate --conformance``, without what is secret."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from cli.verify.anonymous import Anonymizer

if TYPE_CHECKING:
    from azure_clients.recorder import Recorded

PUBLIC = "https://management.azure.com"
ASKED = ("accept", "content-type", "if-match", "if-none-match")
TOLD = (
    "azure-asyncnotification", "azure-asyncoperation", "cache-control", "content-type", "date", "etag", "location",
    "retry-after", "x-ms-ratelimit-remaining-subscription-deletes", "x-ms-ratelimit-remaining-subscription-reads",
    "x-ms-ratelimit-remaining-subscription-writes",
)  # fmt: skip
"""Headers that a recording keeps; tokens, cookies, correlation ids and the client's own are not among them."""


def write(calls: Iterable[Recorded], endpoint: str, anonymizer: Anonymizer, folder: Path) -> list[Path]:
    """One cassette for each part. Raises Leak and writes nothing when something known would be in one of them."""
    parts: dict[str, list[Recorded]] = {}
    for call in calls:
        parts.setdefault(call.part, []).append(call)
        for text in (call.url, call.sent, call.body, *(call.headers.get(name, "") for name in TOLD)):
            anonymizer.learn(text)
    shown = {part: [_interaction(call, endpoint, anonymizer) for call in kept] for part, kept in parts.items()}
    texts = {part: yaml.safe_dump({"interactions": rows, "version": 1}, width=120) for part, rows in shown.items()}
    for text in texts.values():
        anonymizer.check(text)
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{part}.yaml" for part in texts]
    for path, text in zip(written, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return written


def _interaction(call: Recorded, endpoint: str, anonymizer: Anonymizer) -> dict[str, Any]:
    def clean(text: str) -> str:
        return anonymizer.clean(text.replace(endpoint, PUBLIC))

    return {
        "request": {
            "method": call.method,
            "uri": clean(call.url),
            "headers": {name: [value] for name, value in call.sent_headers.items() if name in ASKED},
            "body": clean(call.sent) or None,
        },
        "response": {
            "status": {"code": call.status, "message": call.reason},
            "headers": {name: [clean(call.headers[name])] for name in TOLD if name in call.headers},
            "body": {"string": clean(call.body)},
        },
    }
