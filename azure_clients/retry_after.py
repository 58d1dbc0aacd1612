"""When Azure lets us come back: from the headers, or from the sentence in which it says so.

Recorded: a 429 of Microsoft.Network carries the seconds only in its text; status polls are throttled in plain text with
a UTC time four minutes ahead (sources: Errors).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 3600.0

_SECONDS = re.compile(
    r"(?i)(?:retr(?:y|ied)|try again)[^.]{0,40}?(?:in|after)\s+'?(\d{1,5}(?:\.\d+)?)'?\s*(second|minute)"
)
_MOMENT = re.compile(r"(?i)(?:retry|try again)\s+after\s+'?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?Z?'?")


def retry_after_seconds(headers: Mapping[str, str], text: str = "", *, now: datetime | None = None) -> float | None:
    """Seconds to wait as Azure says, or None when it says nothing. ``now`` is wall time, which Azure's dates are in."""
    lowered = {name.lower(): value for name, value in headers.items()}
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if _number(lowered.get(name)) is not None:
            return _bounded(float(lowered[name]) / 1000)
    moment = now or datetime.now(timezone.utc)
    said = lowered.get("retry-after")
    if said is not None:
        seconds = _number(said)
        return _bounded(seconds) if seconds is not None else _until_date(said, moment)
    return _from_text(text, moment)


def _from_text(text: str, now: datetime) -> float | None:
    found = _SECONDS.search(text)
    if found:
        return _bounded(float(found[1]) * (60 if found[2].lower() == "minute" else 1))
    found = _MOMENT.search(text)
    if found:
        then = datetime.fromisoformat(found[1].replace(" ", "T")).replace(tzinfo=timezone.utc)
        return _bounded((then - now).total_seconds())
    return None


def _until_date(said: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return _bounded((then - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _bounded(seconds: float) -> float:
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_SECONDS)
