"""When to look again at a long operation, and when to try again what failed for the moment."""

from __future__ import annotations

import hashlib

POLLS_PER_GENERATION = 50
"""A step continues as new after so many polls (rule 9)."""

QUIET_SHARE = 0.85
LONGEST_QUIET_SECONDS = 60.0
SHORTEST_SECONDS = 3.0
LONGEST_SECONDS = 30.0
EARLY_READS_PER_SECOND = 10.0
LATE_READS_PER_SECOND = 25.0
"""Polls of all items of a group together. ARM holds 250 reads and refills 25 a second (sources: Throttling). Before the
expected end polls are sparse: a group waits for its last, so that an early look gains nothing, and the next group's
begin needs a full bucket. After it many have ended, so that the rest of them stay below the refill."""

RETRY_FIRST_SECONDS = 2.0
RETRY_LONGEST_SECONDS = 60.0
JITTER = 0.25


def next_poll_seconds(elapsed: float, expected: float, *, at_least: float | None = None, concurrent: int = 1) -> float:
    """Seconds until the next poll: few while the operation cannot be done yet, dense where it is likely to end.

    ``at_least`` is what Azure demanded with a 429 or 503; it is never undercut.
    """
    quiet_until = expected * QUIET_SHARE
    if elapsed < quiet_until:
        wait = min(quiet_until - elapsed, LONGEST_QUIET_SECONDS)
    else:
        late = max(0.0, elapsed - 1.5 * expected)
        wait = min(max(SHORTEST_SECONDS, expected * 0.02, late * 0.2), LONGEST_SECONDS)
    together = concurrent / (EARLY_READS_PER_SECOND if elapsed < expected else LATE_READS_PER_SECOND)
    wait = max(wait, SHORTEST_SECONDS, together)
    return max(wait, at_least or 0.0)


def retry_seconds(retries: int, step: str, *, retry_after: float | None = None) -> float:
    """Exponential backoff with jitter that replays the same: drawn from the step's id, not from chance."""
    base = min(RETRY_FIRST_SECONDS * 2.0 ** min(retries, 10), RETRY_LONGEST_SECONDS)
    share = int.from_bytes(hashlib.sha256(f"{step}|{retries}".encode()).digest()[:4], "big") / 2**32
    wait = base * (1 + JITTER * share)
    return wait if retry_after is None else max(retry_after * (1 + JITTER * share / 2), 1.0)
