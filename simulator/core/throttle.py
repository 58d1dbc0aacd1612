"""ARM's token buckets: per region, subscription and kind of call, with the headers that tell what is left.

Documented (request-limits-and-throttling): reads 250 and 25 a second, writes and deletes 200 and 10 a second. A call
refused for too many calls renews its wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.core import errors
from simulator.core.web import Response

if TYPE_CHECKING:
    from simulator.core.world import World

BUCKETS = {"reads": (250, 25.0), "writes": (200, 10.0), "deletes": (200, 10.0)}
RETRY_AFTER_SECONDS = 6


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class Throttling:
    """One bucket for each (region, subscription, kind) that was called."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, method: str, subscription: str, region: str) -> tuple[Response | None, dict[str, str]]:
        """Spend a token. The refusal, if none was left, and the header to add to an answer."""
        kind = "reads" if method in ("GET", "HEAD") else "deletes" if method == "DELETE" else "writes"
        size, refill = BUCKETS[kind]
        smaller = self._world.faults.throttle(kind)
        if smaller is not None:
            size, refill = smaller.bucket, smaller.refill
        now = self._world.now
        bucket = self._buckets.setdefault((region, subscription.lower(), kind), _Bucket(size, now))
        elapsed = (now - bucket.at).total_seconds()
        bucket.tokens, bucket.at = min(size, bucket.tokens + elapsed * refill), now
        header = f"x-ms-ratelimit-remaining-subscription-{kind}"
        if bucket.tokens < 1:
            wait = max(RETRY_AFTER_SECONDS, round((1 - bucket.tokens) / refill))
            return errors.throttled(wait, subscription, kind[:-1]), {header: "0"}
        bucket.tokens -= 1
        return None, {header: str(int(bucket.tokens))}
