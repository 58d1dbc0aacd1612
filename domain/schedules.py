"""When a plan's schedule is due: NCRONTAB on the wall clock of an IANA time zone, answered in UTC.

The host knows no zone (Flex Consumption has no setting for one), so the wall clock is ours to read. Where it is put
forward, a tick that falls into the gap runs once, at the first moment after it, however many ticks fell in. Where it is
put back, a tick of the doubled hour runs once, the first time. Ticks that nobody was there to see are made up for by
one run. The zones come with the ``tzdata`` package; no clock is read here.
"""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import islice

from domain import ncrontab
from domain.ncrontab import ScheduleError

__all__ = ["ScheduleError", "ZonedSchedule", "is_zone", "nearest_zone", "read_schedule"]

UTC = timezone.utc
SECOND = timedelta(seconds=1)
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Between these no zone's wall clock leaves the calendar."""


@dataclass(frozen=True)
class ZonedSchedule:
    """A schedule and the zone whose wall clock it is read on."""

    schedule: ncrontab.Schedule
    zone: zoneinfo.ZoneInfo

    def next_after(self, base: datetime) -> datetime | None:
        """The first occurrence strictly after ``base`` (aware), in UTC; None when none comes in sixty years."""
        base = min(max(base.astimezone(UTC), FIRST), LAST)
        wall: datetime | None = base.astimezone(self.zone).replace(tzinfo=None)
        while wall is not None and (wall := self.schedule.next_after(wall)) is not None:
            moment = self._moment(wall)
            if moment > base:
                return moment
        return None

    def upcoming(self, base: datetime, count: int) -> list[datetime]:
        """At most ``count`` occurrences after ``base``, in UTC."""
        return list(islice(self._after(base), count))

    def due(self, last_checked: datetime, now: datetime) -> datetime | None:
        """The newest occurrence in (``last_checked``, ``now``], in UTC; None when there was none.

        However many were missed, there is one answer, and it does not depend on when somebody looked last: two who
        look at the same time speak of the same run.
        """
        if not self._comes(last_checked, now):
            return None
        low, high = last_checked, now
        while high - low > SECOND:
            middle = low + (high - low) / 2
            low, high = (middle, high) if self._comes(middle, now) else (low, middle)
        *_, newest = (one for one in self.upcoming(low, 2) if one <= now)
        return newest

    def _after(self, base: datetime) -> Iterator[datetime]:
        found = self.next_after(base)
        while found is not None:
            yield found
            found = self.next_after(found)

    def _comes(self, base: datetime, until: datetime) -> bool:
        found = self.next_after(base)
        return found is not None and found <= until

    def _moment(self, wall: datetime) -> datetime:
        """When the wall clock first shows ``wall``, or, where it skips it, first shows something later."""
        late = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        if late.astimezone(self.zone).replace(tzinfo=None) == wall:
            return late
        early = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        while late - early > SECOND:
            middle = early + (late - early) // SECOND // 2 * SECOND
            shown = middle.astimezone(self.zone).replace(tzinfo=None)
            early, late = (early, middle) if shown > wall else (middle, late)
        return late


def read_schedule(text: str, zone: str) -> ZonedSchedule:
    """Raises ScheduleError, which names the field, what was found and what was expected."""
    if not is_zone(zone):
        raise ScheduleError(f"'{zone}' is not an IANA time zone")
    return ZonedSchedule(ncrontab.parse(text), zoneinfo.ZoneInfo(zone))


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def is_zone(name: str) -> bool:
    """Whether the IANA database has a zone of exactly this name."""
    return name in _zones()


def nearest_zone(name: str) -> str | None:
    """The zone that was probably meant: whole, or by its city, in any case and with blanks for underscores."""
    wanted = name.strip().replace(" ", "_").casefold()
    whole = {zone.casefold(): zone for zone in sorted(_zones())}
    cities = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in whole.values() if "/" in zone and zone[:4] != "Etc/"}
    for known in (cities, whole):
        if wanted in known:
            return known[wanted]
    for known in (cities, whole):
        close = difflib.get_close_matches(wanted[:200], known, n=1, cutoff=0.8)
        if close:
            return known[close[0]]
    return None
