"""NCRONTAB: the six-field schedule of timer triggers and of plans, on a clock of no zone.

``{second} {minute} {hour} {day} {month} {day-of-week}``; five fields mean second 0. A field is ``*``, a value, a range
``a-b``, a step ``*/n``, ``a-b/n`` or ``a/n`` (from a to the end), or a list of these. Months and days may be English
names or the beginnings of such. Sunday is 0, and 7 is not a day. Both day fields must match (AND), unlike Unix cron. A
range that runs backwards does not wrap: its ends are swapped (``FRI-MON`` is Monday to Friday), and a step of 0 is 1;
that is how the library has it. Source: CrontabField and CrontabFieldImpl of NCrontab, the library that Azure uses, and
"Timer trigger for Azure Functions".

Timer triggers give it UTC; what it means on a wall clock that is put forward and back is in ``domain.schedules``.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = [name.lower() for name in calendar.month_name]
_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
_FIELDS: tuple[tuple[str, int, int], ...] = (
    ("second", 0, 59),
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("day-of-week", 0, 6),
)
_NUMBER = re.compile(r"[0-9]{1,9}")
SEARCH_YEARS = 60
LAST_YEAR = 9998


class ScheduleError(ValueError):
    """Names the field, what was found and what was expected."""


@dataclass(frozen=True)
class Schedule:
    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def next_after(self, base: datetime) -> datetime | None:
        """The first occurrence strictly after ``base``; None when none comes in the next sixty years.

        ``base`` is in UTC, or the naive time of a wall clock, and so is the answer.
        """
        moment = base.replace(microsecond=0) + timedelta(seconds=1)
        last_year = min(moment.year + SEARCH_YEARS, LAST_YEAR)
        while moment.year <= last_year:
            if not self._day_matches(moment):
                moment = self._next_day(moment)
                continue
            found = self._time_from(moment)
            if found is not None:
                return found
            moment = self._next_day(moment)
        return None

    def _day_matches(self, moment: datetime) -> bool:
        weekday = (moment.weekday() + 1) % 7
        return moment.day in self.days and moment.month in self.months and weekday in self.weekdays

    def _next_day(self, moment: datetime) -> datetime:
        start = moment.replace(hour=0, minute=0, second=0)
        if moment.month not in self.months:
            following = start.replace(day=1) + timedelta(days=32)
            return following.replace(day=1)
        return start + timedelta(days=1)

    def _time_from(self, moment: datetime) -> datetime | None:
        for hour in (h for h in self.hours if h >= moment.hour):
            same_hour = hour == moment.hour
            for minute in (m for m in self.minutes if not same_hour or m >= moment.minute):
                same_minute = same_hour and minute == moment.minute
                for second in (s for s in self.seconds if not same_minute or s >= moment.second):
                    return moment.replace(hour=hour, minute=minute, second=second)
        return None

    def fires_more_often_than_every_minute(self) -> bool:
        return len(self.seconds) > 1


def parse(text: str) -> Schedule:
    """Raises ScheduleError."""
    fields = text.split()
    if len(fields) == 5:
        fields = ["0", *fields]
    if len(fields) != 6:
        raise ScheduleError(f"schedule '{text}' must have six fields (or five, without seconds), not {len(fields)}")
    values = [_parse_field(field, name, low, high) for field, (name, low, high) in zip(fields, _FIELDS, strict=True)]
    seconds, minutes, hours = (tuple(sorted(v)) for v in values[:3])
    return Schedule(text, seconds, minutes, hours, values[3], values[4], values[5])


def _parse_field(field: str, name: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        values.update(_parse_part(part, name, low, high))
    return frozenset(values)


def _parse_part(part: str, name: str, low: int, high: int) -> range:
    span, slash, step_text = part.partition("/")
    step = 1
    if slash:
        if not _NUMBER.fullmatch(step_text):
            raise ScheduleError(f"{name} '{part}': the step must be a whole number")
        step = max(1, int(step_text))
    if span == "*":
        return range(low, high + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _value(first_text, part, name, low, high)
    if dash:
        first, last = sorted((first, _value(last_text, part, name, low, high)))
    else:
        last = high if slash else first
    return range(first, last + 1, step)


def _value(text: str, part: str, name: str, low: int, high: int) -> int:
    if _NUMBER.fullmatch(text):
        number = int(text)
        if low <= number <= high:
            return number
    elif text and name in ("month", "day-of-week"):
        for number, word in enumerate(_MONTHS if name == "month" else _DAYS):
            if word and word.startswith(text.lower()):
                return number
    raise ScheduleError(f"{name} '{part}': '{text}' is not a value from {low} to {high}")
