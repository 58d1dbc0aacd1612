"""Nothing secret leaves in a text: not the values we know, not what looks like a key, a token or a signed URL.

Values resolved from Key Vault are remembered here as they are read; patterns catch what others let slip. A log, an
outcome and a report hold only what has gone through ``scrub``.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import threading
from typing import Any
from urllib.parse import quote, quote_plus

from domain.outcomes import Outcome

MARK = "•••"
SHORTEST = 8
"""Characters from which a value can be taken out of texts: a shorter one is a part of ordinary words and numbers."""

_PATTERNS = (
    (re.compile(r"(?i)(https?://[^\s'\"<>?]+)\?[^\s'\"<>]*"), r"\1"),
    (re.compile(r"(?i)\b(bearer|sharedkey|sharedaccesssignature)\s+[A-Za-z0-9+/=._:~-]{12,}"), rf"\1 {MARK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?"), MARK),
    (re.compile(r"(?i)\b(accountkey|sharedaccesskey|sig|client_secret|password)=[^\s;&'\"]+"), rf"\1={MARK}"),
    (
        re.compile(
            r"(?i)([\"']?(?:shared[_ -]?key|pre[_ -]?shared[_ -]?key|authorization[_ -]?key|service[_ -]?key"
            r"|radius[_ -]?server[_ -]?secret|admin[_ -]?password|secret[_ -]?value|access[_ -]?token)[\"']?\s*[:=]\s*)"
            r"(\"[^\"]*\"|'[^']*'|[^\s,;}\]]+)"
        ),
        rf"\1{MARK}",
    ),
    (re.compile(r"sha256=[0-9a-f]{64}"), f"sha256={MARK}"),
)


class Scrubber:
    """Takes known secret values, and what looks like a secret, out of text. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: tuple[str, ...] = ()

    def remember(self, value: str) -> bool:
        """From now on ``value`` never leaves, nor the ways in which it is commonly written.

        False for a value of fewer than eight characters: texts without it would be texts full of holes.
        """
        if len(value.strip()) < SHORTEST:
            return False
        with self._lock:
            known = {*self._values, *_forms(value)}
            self._values = tuple(sorted(known, key=len, reverse=True))
        return True

    def scrub(self, text: str) -> str:
        """``text`` without secrets. URLs lose their queries: a signature lives there."""
        for known in self._values:
            text = text.replace(known, MARK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def scrub_value(self, value: Any) -> Any:
        """A JSON-like value with every text in it scrubbed, keys of objects too."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, dict):
            return {self.scrub(str(key)): self.scrub_value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrub_value(item) for item in value]
        return value

    def scrub_outcome(self, outcome: Outcome) -> Outcome:
        """An outcome fit for histories. Its operation stays as it is: the poll URL must keep its signature."""
        return dataclasses.replace(
            outcome,
            reason=self.scrub(outcome.reason),
            code=self.scrub(outcome.code) if outcome.code else outcome.code,
            evidence=self.scrub_value(outcome.evidence),
        )


def _forms(value: str) -> set[str]:
    """A secret as it may turn up: plain, in JSON, in a URL, in HTML, in Python's repr, in base64."""
    plain = value.strip()
    encoded = base64.b64encode(value.encode()).decode()
    forms = {
        value,
        plain,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        html.escape(value),
        encoded,
        encoded.rstrip("="),
    }
    return {form for form in forms if form}


SCRUBBER = Scrubber()
"""The process's one scrubber: what ``secrets.read_secret`` reads is remembered here."""
