"""Schedules on wall clocks that are put forward and back: by table, against a watched clock, and against a library."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.schedules import ScheduleError, nearest_zone, read_schedule

UTC = timezone.utc
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TABLE = [
    # the schedule and its zone; then, both in UTC, the moment after which it is sought and what is found
    ("0 0 6 * * SAT", "Asia/Singapore", "2026-03-11T00:00", "2026-03-13T22:00"),
    ("0 0 6 * * SAT", "UTC", "2026-03-11T00:00", "2026-03-14T06:00"),
    ("0 30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
    ("0 30 2 * * *", "Europe/Berlin", "2026-03-29T01:00", "2026-03-30T00:30"),
    ("0 0 3 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
    ("0 0,15,30 2,3 29 3 *", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T01:15"),
    ("0 30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
    ("0 30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
    ("0 30 2 * * *", "Europe/Berlin", "2026-10-25T00:45", "2026-10-26T01:30"),
    ("0 30 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", "2026-10-03T15:30"),
    ("0 45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", "2026-04-04T14:45"),
    ("0 0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00", "2011-12-30T10:00"),
    ("0 0 0 29 2 *", "Asia/Kolkata", "2026-01-01T00:00", "2028-02-28T18:30"),
]


@pytest.mark.parametrize(("schedule", "zone", "after", "expected"), TABLE)
def test_the_next_occurrence_on_a_wall_clock(schedule: str, zone: str, after: str, expected: str) -> None:
    """What falls into a gap comes right after it; what the clock shows twice comes the first time."""
    assert read_schedule(schedule, zone).next_after(at(after)) == at(expected)


def test_a_day_that_never_comes_has_no_occurrence() -> None:
    """In no zone is there a thirtieth of February, and no age of the world breaks the search."""
    never = read_schedule("0 0 0 30 2 *", "Asia/Singapore")
    assert never.next_after(at("2026-01-01T00:00")) is None
    assert never.due(at("2026-01-01T00:00"), at("2036-01-01T00:00")) is None
    daily = read_schedule("0 0 0 * * *", "Pacific/Kiritimati")
    assert daily.next_after(datetime.max.replace(tzinfo=UTC)) is None
    assert daily.next_after(datetime.min.replace(tzinfo=UTC)) == at("0001-01-02T10:29:20")


def test_what_is_no_schedule_or_no_zone_is_refused_by_name() -> None:
    """The error says what was found."""
    with pytest.raises(ScheduleError, match="hour '25'"):
        read_schedule("0 0 25 * * *", "UTC")
    with pytest.raises(ScheduleError, match="'Asia/Singapor' is not an IANA time zone"):
        read_schedule("0 0 6 * * *", "Asia/Singapor")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Asia/Singapor", "Asia/Singapore"), ("singapore", "Asia/Singapore"), ("New York", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"), ("utc", "UTC"), ("/etc/passwd", None), ("", None), ("x" * 9999, None),
    ],
)  # fmt: skip
def test_the_zone_that_was_probably_meant_is_offered(written: str, meant: str | None) -> None:
    """By its whole name or by its city."""
    assert nearest_zone(written) == meant


ZONES = st.sampled_from(
    [
        "UTC", "Asia/Singapore", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
        "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "America/Sao_Paulo", "Antarctica/Troll",
    ]
)  # fmt: skip
CHANGES = st.sampled_from(
    [
        "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-10-03T15:30",
        "2026-04-04T15:00", "2011-12-30T10:00", "2018-11-04T03:00", "2018-02-18T02:00", "2026-02-15T02:00",
    ]
).map(at)  # fmt: skip
SCHEDULES = st.builds(
    "0 {} {} {} * {}".format,
    st.sampled_from(["0", "30", "*/20", "15,45", "59", "5-50/15"]),
    st.sampled_from(["*", "0", "1", "2", "2,3", "23", "*/6", "0-4"]),
    st.sampled_from(["*", "29", "1-15", "30"]),
    st.sampled_from(["*", "SUN", "SAT,SUN", "1-5"]),
)


def watched(schedule: str, zone: str, start: datetime, minutes: int) -> list[datetime]:
    """Somebody who looks at the wall clock each minute, and starts what has come due since the latest time seen."""
    minute, hour, day, _, weekday = read_fields(schedule)
    seen, moments = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None), []
    for number in range(1, minutes + 1):
        now = start + number * MINUTE
        wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        missed = (seen + one * MINUTE for one in range(1, max(0, (wall - seen) // MINUTE) + 1))
        if any(
            one.minute in minute and one.hour in hour and one.day in day and (one.weekday() + 1) % 7 in weekday
            for one in missed
        ):
            moments.append(now)
        seen = max(seen, wall)
    return moments


def read_fields(schedule: str) -> tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int], frozenset[int]]:
    read = read_schedule(schedule, "UTC").schedule
    return frozenset(read.minutes), frozenset(read.hours), read.days, read.months, read.weekdays


@settings(max_examples=150, deadline=None)
@given(SCHEDULES, ZONES, CHANGES, st.integers(0, 1500))
def test_each_tick_runs_once_as_a_watched_clock_would_run_it(
    schedule: str, zone: str, change: datetime, before: int
) -> None:
    """Two days around changes of many zones: no tick is lost, none runs twice."""
    start = change - before * MINUTE
    expected = watched(schedule, zone, start, 2880)
    found = read_schedule(schedule, zone).upcoming(start, len(expected) + 1)
    assert [one for one in found if one <= start + 2880 * MINUTE] == expected


@settings(max_examples=150, deadline=None)
@given(
    st.builds("{} {} {} * {}".format, st.integers(0, 59), st.integers(0, 23), st.just("*"), st.sampled_from("*0136")),
    ZONES,
    st.datetimes(datetime(2012, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_it_agrees_with_cronsim_on_times_of_day(text: str, zone: str, base: datetime) -> None:
    """Also in gaps and overlaps: the library runs a fixed time of day as Debian's cron does, which is what we do."""
    start = base.replace(tzinfo=UTC)
    theirs = [one.astimezone(UTC) for one in islice(CronSim(text, start.astimezone(ZoneInfo(zone))), 400)]
    assert read_schedule(text, zone).upcoming(start, 400) == theirs


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - made aware where used


@settings(max_examples=150, deadline=None)
@given(SCHEDULES, ZONES, MOMENTS, st.lists(st.integers(1, 5000), min_size=1, max_size=8))
def test_looking_now_and_then_starts_one_run_for_all_that_was_missed(
    schedule: str, zone: str, base: datetime, pauses: list[int]
) -> None:
    """A look finds the newest tick since the look before, or nothing where there was none."""
    read, last = read_schedule(schedule, zone), base.replace(tzinfo=UTC)
    for pause in pauses:
        now = last + pause * MINUTE
        newest, found = None, read.next_after(last)
        while found is not None and found <= now:
            newest, found = found, read.next_after(found)
        assert read.due(last, now) == newest
        last = now


@given(SCHEDULES, ZONES, MOMENTS, st.integers(1, 5000), st.integers(0, 5000))
def test_two_who_look_at_one_time_speak_of_the_same_run(
    schedule: str, zone: str, base: datetime, later: int, earlier: int
) -> None:
    """Whenever each of them looked last."""
    read, now = read_schedule(schedule, zone), base.replace(tzinfo=UTC)
    found = read.due(now - later * MINUTE, now)
    assert found is None or read.due(now - (later + earlier) * MINUTE, now) == found
