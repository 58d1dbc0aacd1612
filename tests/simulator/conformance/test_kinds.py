"""What is volatile is known by its kind, and what a request names is not volatile."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.conformance.kinds import Known, is_secret, mask

NOBODY = Known(())


@given(st.uuids(), st.uuids())
def test_one_guid_is_as_good_as_another(one: uuid.UUID, other: uuid.UUID) -> None:
    """Alone, in an id, in an etag, in a sentence."""
    for frame in ("{}", "/subscriptions/{}/x", 'W/"{}"', "tracking id '{}'."):
        assert mask(frame.format(one), NOBODY) == mask(frame.format(other), NOBODY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2021-05-14T03:46:21.1234567Z", "2026-01-01T00:00:00Z"),
        ("10.0.0.4", "10.1.2.3"),
        ("00-0D-3A-8B-46-50", "00-0D-3A-00-00-01"),
        ("The call can be retried in 11 seconds.", "The call can be retried in 3 seconds."),
        ("/Subscriptions/A/resourceGroups/b", "/subscriptions/a/resourcegroups/B"),
    ],
)
def test_equal_by_kind(one: str, other: str) -> None:
    """Times, allotted addresses, waits, and ids in another case."""
    assert mask(one, NOBODY) == mask(other, NOBODY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2021-05-14T03:46:21Z", "2021-05-14T03:46:21"),
        ("0001-01-01T00:00:00", "2021-05-14T03:46:21"),
        ("1753-01-01T01:01:01Z", "2021-05-14T03:46:21Z"),
        ("10.0.0.0/16", "10.1.0.0/16"),
        ("Succeeded", "succeeded"),
        ("0.0.0.0", "10.0.0.4"),
    ],
)
def test_not_equal_though_alike(one: str, other: str) -> None:
    """A zone, a year that means nothing, a prefix, a state in another case: these are values."""
    assert mask(one, NOBODY) != mask(other, NOBODY)


def test_a_secret_is_azures_own_only_if_nobody_sent_it() -> None:
    """By the name of its key."""
    assert is_secret("sharedKey", "made-by-azure", NOBODY)
    assert not is_secret("tags", "made-by-azure", NOBODY)
