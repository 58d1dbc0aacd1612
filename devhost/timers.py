"""Timer triggers: NCRONTAB schedules on the injected clock, past due once, never two runs of one function at a time.

The status (last, next) is kept in the store when the function uses the monitor, so a host that was dead while a tick
passed runs it once on start (``past_due``), not once per tick. Source: webjobs-sdk-extensions ``TimerListener``.
"""

from __future__ import annotations

import json
import logging
import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.functions.meta import Datum

from devhost.app_loader import LoadedFunction
from devhost.engine import Engine
from devhost.errors import AppLoadError
from devhost.history import iso, parse_iso
from devhost.http_front import log_failure
from devhost.invocation import Invoker
from devhost.pool import CountedPool, WorkerLoop
from domain import ncrontab

log = logging.getLogger("devhost.timers")

_TIMESPAN = re.compile(r"-?(\d+\.)?\d{1,2}:\d{2}(:\d{2})?$")


@dataclass
class Trigger:
    """A timer function, its schedule and where it stands."""

    function: LoadedFunction
    schedule: ncrontab.Schedule
    monitored: bool
    last: datetime | None = None
    due: datetime | None = None
    updated: datetime | None = None
    running: bool = False


class TimerTriggers:
    def __init__(
        self, triggers: list[Trigger], engine: Engine, invoker: Invoker, pool: CountedPool, loop: WorkerLoop
    ) -> None:
        self._engine, self._invoker, self._pool, self._loop = engine, invoker, pool, loop
        self._triggers = {trigger.function.name.lower(): trigger for trigger in triggers}

    def start(self) -> None:
        now = self._engine.clock.now()
        for trigger in self._triggers.values():
            past_due = self._restore(trigger, now)
            if past_due or trigger.function.trigger.get("runOnStartup"):
                self._run(trigger, past_due=past_due)
            else:
                self._wait(trigger)

    def run_now(self, name: str) -> bool:
        """The admin API's manual run. False when there is no such timer function."""
        trigger = self._triggers.get(name.lower())
        if trigger is None:
            return False
        self._run(trigger, past_due=False)
        return True

    def _restore(self, trigger: Trigger, now: datetime) -> bool:
        """Read the stored status; True when a tick was missed."""
        stored = self._engine.store.schedule(trigger.function.name) if trigger.monitored else None
        trigger.due = trigger.schedule.next_after(now)
        if stored is None:
            self._save(trigger, now)
            return False
        last = parse_iso(stored[0]) if stored[0] else None
        recorded = parse_iso(stored[1])
        trigger.last, trigger.updated = last, parse_iso(stored[2])
        if trigger.schedule.next_after(last or trigger.updated) != recorded:
            self._save(trigger, now)
            return False
        if now > recorded:
            return True
        trigger.due = recorded
        return False

    def _wait(self, trigger: Trigger) -> None:
        if trigger.due is not None:
            self._engine.call_at(trigger.function.name, trigger.due, lambda _: self._run(trigger, past_due=False))

    def _run(self, trigger: Trigger, *, past_due: bool) -> None:
        if trigger.running:
            return
        trigger.running = True
        started = self._engine.clock.now()
        datum = Datum(json.dumps(_status(trigger, past_due)), "json")
        if trigger.function.is_async:
            self._loop.submit(self._run_async(trigger, started, datum))
        else:
            self._pool.submit(lambda: self._run_sync(trigger, started, datum))

    def _run_sync(self, trigger: Trigger, started: datetime, datum: Datum) -> None:
        try:
            _refuse_result(trigger.function, self._invoker.call(trigger.function, datum))
        except Exception as error:  # noqa: BLE001 - a failed tick is over; the next one comes
            log_failure(f"timer function {trigger.function.name}", error)
        self._ended(trigger, started)

    async def _run_async(self, trigger: Trigger, started: datetime, datum: Datum) -> None:
        try:
            _refuse_result(trigger.function, await self._invoker.call_async(trigger.function, datum))
        except Exception as error:  # noqa: BLE001 - a failed tick is over; the next one comes
            log_failure(f"timer function {trigger.function.name}", error)
        self._ended(trigger, started)

    def _ended(self, trigger: Trigger, started: datetime) -> None:
        trigger.last = max(started, trigger.due) if trigger.due and trigger.due <= started else started
        now = self._engine.clock.now()
        trigger.due = trigger.schedule.next_after(max(trigger.last, now))
        self._save(trigger, now)
        trigger.running = False
        self._wait(trigger)

    def _save(self, trigger: Trigger, now: datetime) -> None:
        trigger.updated = now
        if trigger.monitored and trigger.due is not None:
            last = iso(trigger.last) if trigger.last else None
            with self._engine.store.transaction():
                self._engine.store.put_schedule(trigger.function.name, last, iso(trigger.due), iso(now))


def read_trigger(function: LoadedFunction) -> Trigger:
    """Raises AppLoadError for a schedule that cannot be served."""
    if os.environ.get("WEBSITE_TIME_ZONE"):
        raise AppLoadError("WEBSITE_TIME_ZONE is not served by this host: timer schedules are UTC")
    text = str(function.trigger.get("schedule", ""))
    setting = re.fullmatch(r"%(.+)%", text.strip())
    if setting:
        if setting[1] not in os.environ:
            raise AppLoadError(
                f"cannot load the {function.name} function: setting '{setting[1]}' of its schedule is not set"
            )
        text = os.environ[setting[1]]
    if _TIMESPAN.match(text.strip()):
        raise AppLoadError(
            f"cannot load the {function.name} function: a TimeSpan schedule ('{text}') is not served by this host"
        )
    try:
        schedule = ncrontab.parse(text)
    except ncrontab.ScheduleError as error:
        raise AppLoadError(f"cannot load the {function.name} function: {error}") from error
    wanted = function.trigger.get("useMonitor")
    monitored = wanted is not False and not schedule.fires_more_often_than_every_minute()
    return Trigger(function, schedule, monitored)


def _status(trigger: Trigger, past_due: bool) -> dict[str, Any]:
    status = None
    if trigger.monitored:
        status = {
            "Last": iso(trigger.last) if trigger.last else "0001-01-01T00:00:00",
            "Next": iso(trigger.due) if trigger.due else "0001-01-01T00:00:00",
            "LastUpdated": iso(trigger.updated) if trigger.updated else "0001-01-01T00:00:00",
        }
    return {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}


def _refuse_result(function: LoadedFunction, result: Any) -> None:
    if result is not None:
        raise TypeError(f"timer function {function.name} returned a value; it must return None")
