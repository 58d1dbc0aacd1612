"""NCRONTAB: what a schedule means, by table and by brute force."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ncrontab import ScheduleError, parse


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


TABLE = [
    ("*/5 * * * * *", "2026-03-14T02:00:00", "2026-03-14T02:00:05"),
    ("0 */5 * * * *", "2026-03-14T02:00:00", "2026-03-14T02:05:00"),
    ("0 */5 * * * *", "2026-03-14T01:59:59.999999", "2026-03-14T02:00:00"),
    ("*/5 * * * *", "2026-03-14T02:00:01", "2026-03-14T02:05:00"),
    ("0 0 * * * *", "2026-03-14T23:30:00", "2026-03-15T00:00:00"),
    ("0 30 9 * * 1-5", "2026-03-14T00:00:00", "2026-03-16T09:30:00"),
    ("0 30 9 * * Mon-Fri", "2026-03-16T09:30:00", "2026-03-17T09:30:00"),
    ("0 0 0 * * SUN", "2026-03-14T00:00:00", "2026-03-15T00:00:00"),
    ("0 0 0 * * 0", "2026-03-14T00:00:00", "2026-03-15T00:00:00"),
    ("0 0 0 1 January *", "2026-03-14T00:00:00", "2027-01-01T00:00:00"),
    ("0 0 0 29 2 *", "2026-03-14T00:00:00", "2028-02-29T00:00:00"),
    ("0 0 12 13 * 5", "2026-03-14T00:00:00", "2026-11-13T12:00:00"),
    ("0 10-20/5 * * * *", "2026-03-14T02:11:00", "2026-03-14T02:15:00"),
    ("0 50/5 * * * *", "2026-03-14T02:51:00", "2026-03-14T02:55:00"),
    ("0 50/5 * * * *", "2026-03-14T02:56:00", "2026-03-14T03:50:00"),
    ("0 5,1,3 * * * *", "2026-03-14T02:02:00", "2026-03-14T02:03:00"),
    ("59 59 23 31 12 *", "2026-03-14T00:00:00", "2026-12-31T23:59:59"),
    ("0 0 9-17 * * *", "2026-03-14T17:00:00", "2026-03-15T09:00:00"),
    ("0 0 0 * * FRI-MON", "2026-03-14T00:00:00", "2026-03-16T00:00:00"),
    ("0 0 0 1 D *", "2026-03-14T00:00:00", "2026-12-01T00:00:00"),
    ("0 */0 * * * *", "2026-03-14T02:00:00", "2026-03-14T02:01:00"),
    ("0 0 0 29 2 0", "2026-03-14T00:00:00", "2032-02-29T00:00:00"),
]


@pytest.mark.parametrize(("schedule", "base", "expected"), TABLE)
def test_next_occurrence(schedule: str, base: str, expected: str) -> None:
    """The first occurrence strictly after the base time."""
    assert parse(schedule).next_after(at(base)) == at(expected)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("* * * *", "six fields"), ("60 * * * * *", "second '60'"), ("0 * 24 * * *", "hour '24'"),
        ("0 * * 0 * *", "day '0'"), ("0 * * * 13 *", "month '13'"), ("0 * * * * 7", "day-of-week '7'"),
        ("0 * * * * Foo", "'Foo' is not a value"), ("0 */x * * * *", "the step"),
        ("0 , * * * *", "minute ''"), ("0 1- * * * *", "minute '1-'"), ("0 Jan * * * *", "minute 'Jan'"), ("", "not 0"),
        ("² * * * * *", "second '²'"), (f"0 {'1' * 5000} * * * *", "from 0 to 59"), ("0 */² * * * *", "the step"),
    ],
)
def test_bad_schedule_names_the_field(schedule: str, message: str) -> None:
    """An error says which field, what was found and what was expected."""
    with pytest.raises(ScheduleError, match=message.replace("'", "'")):
        parse(schedule)


def test_impossible_date_has_no_occurrence() -> None:
    """The thirtieth of February never comes."""
    assert parse("0 0 0 30 2 *").next_after(at("2026-03-14T00:00:00")) is None


def fields(low: int, high: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """A field's text beside what it means, built from the meaning."""

    def ranged(pair: tuple[int, int], step: int) -> tuple[str, frozenset[int]]:
        first, last = sorted(pair)
        return f"{first}-{last}/{step}", frozenset(range(first, last + 1, step))

    value = st.integers(low, high)
    part = st.one_of(
        st.just(("*", frozenset(range(low, high + 1)))),
        value.map(lambda v: (str(v), frozenset({v}))),
        st.builds(ranged, st.tuples(value, value), st.integers(1, 10)),
        st.builds(lambda v, s: (f"{v}/{s}", frozenset(range(v, high + 1, s))), value, st.integers(1, 10)),
        st.integers(1, 10).map(lambda s: (f"*/{s}", frozenset(range(low, high + 1, s)))),
    )
    return st.lists(part, min_size=1, max_size=3).map(
        lambda parts: (",".join(p[0] for p in parts), frozenset().union(*(p[1] for p in parts)))
    )


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(fields(0, 59), fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 6)),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_next_occurrence_matches_and_nothing_is_skipped(
    parts: tuple[tuple[str, frozenset[int]], ...], base: datetime
) -> None:
    """Found by its fields, after the base, and no earlier second matches."""
    base = base.replace(tzinfo=timezone.utc)
    seconds, minutes, hours, days, months, weekdays = (meaning for _, meaning in parts)

    def matches(moment: datetime) -> bool:
        day = moment.day in days and moment.month in months and (moment.weekday() + 1) % 7 in weekdays
        return day and moment.hour in hours and moment.minute in minutes and moment.second in seconds

    found = parse(" ".join(text for text, _ in parts)).next_after(base)
    if found is None:
        assert not any(30 in days or 31 in days or 29 in days or day <= 28 for day in days if day < 29)
        return
    assert found > base
    assert matches(found)
    day = base.date()
    while day < found.date():
        assert not any(
            matches(m) and m > base for m in _moments(day, hours, minutes, seconds)
        ), "an earlier day matches"
        day += timedelta(days=1)
    assert not any(base < m < found and matches(m) for m in _moments(found.date(), hours, minutes, seconds))


def _moments(day: object, hours: frozenset[int], minutes: frozenset[int], seconds: frozenset[int]) -> list[datetime]:
    """First, second and last times of a day that the time fields allow (enough to see whether the day counts)."""
    year, month, number = day.year, day.month, day.day  # type: ignore[attr-defined]
    picks = [sorted(values)[:2] + sorted(values)[-1:] for values in (hours, minutes, seconds)]
    times = [(h, m, s) for h in picks[0] for m in picks[1] for s in picks[2]]
    return [datetime(year, month, number, h, m, s, tzinfo=timezone.utc) for h, m, s in times]


def overlapping(low: int, high: int) -> st.SearchStrategy[str]:
    """Text that both libraries read alike: ranges in order, steps of at least 1, Sunday as 0.

    No ``a/n`` on weekdays either: cron counts on to 7, a second Sunday, which NCRONTAB does not have.
    """

    def ranged(pair: tuple[int, int], step: int) -> str:
        first, last = sorted(pair)
        return f"{first}-{last}" if first == last or step == 1 else f"{first}-{last}/{step}"

    value = st.integers(low, high)
    part = st.one_of(
        value.map(str),
        st.builds(ranged, st.tuples(value, value), st.integers(1, 10)),
        *([st.builds("{}/{}".format, value, st.integers(1, 10))] if high > 6 else []),
        st.integers(1, 10 if high > 6 else 6).map("*/{}".format),
    )
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(overlapping(0, 59), overlapping(0, 59), overlapping(0, 23)),
    st.one_of(
        st.tuples(overlapping(1, 31), overlapping(1, 12), st.just("*")),
        st.tuples(st.just("*"), overlapping(1, 12), overlapping(0, 6)),
    ),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_it_agrees_with_cronsim_where_both_mean_the_same(
    times: tuple[str, ...], days: tuple[str, ...], base: datetime
) -> None:
    """The next five occurrences. Only one day field is restricted: cron takes either of two, NCRONTAB wants both."""
    text, moment = " ".join((*times, *days)), base.replace(tzinfo=timezone.utc)
    try:
        theirs = [*itertools.islice(CronSim(text, moment), 5)]
    except CronSimError:
        theirs = []
    schedule, ours = parse(text), []
    found: datetime | None = moment
    while len(ours) < 5 and (found := schedule.next_after(found)) is not None:
        ours.append(found)
    assert ours == theirs
