"""When Azure lets us come back, in every way in which it was seen to say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_clients.retry_after import LONGEST_SECONDS, retry_after_seconds

NOW = datetime(2023, 11, 27, 9, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"Retry-After": "30"}, "", 30),
        ({"retry-after": "1.5"}, "", 1.5),
        ({"x-ms-retry-after-ms": "250"}, "", 0.25),
        ({"Retry-After": "Mon, 27 Nov 2023 09:01:20 GMT"}, "", 20),
        ({"Retry-After": "soon"}, "", None),
        ({}, "Operation PutX is updating resource Y. The call can be retried in 11 seconds.", 11),
        ({}, "exceeded the backend storage limit. Please try again after '6' seconds.", 6),
        ({}, "API calls.Please\n retry after '2023-11-27T09:04:57.0000000Z' UTC.", 237),
        ({}, "Please retry in 2 minutes.", 120),
        ({}, "nothing is said", None),
        ({"Retry-After": "9999999"}, "", LONGEST_SECONDS),
        ({"Retry-After": "-5"}, "", 0),
        ({"Retry-After": "nan"}, "", 0),
        ({"Retry-After": "5"}, "try again after '60' seconds", 5),
    ],
)
def test_the_wait_is_read(headers: dict[str, str], text: str, seconds: float | None) -> None:
    """Headers first, then the sentence."""
    assert retry_after_seconds(headers, text, now=NOW) == seconds


@given(said=st.text(max_size=30), text=st.text(max_size=80))
def test_nonsense_is_no_crash(said: str, text: str) -> None:
    """A wait is a bounded number or nothing."""
    found = retry_after_seconds({"retry-after": said}, text, now=NOW)
    assert found is None or 0 <= found <= LONGEST_SECONDS
