"""Running activity calls: at least once, no more at a time than host.json allows, sync ones on the sized pool.

A call is a row until its end is recorded; after a crash every row is run again. Failures become the extension's
texts, which is all that an orchestrator ever sees of them (sources: Durable Functions).
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from devhost.app_loader import LoadedApp, LoadedFunction
from devhost.errors import PayloadTooLarge, UnknownFunction, check_payload
from devhost.history import EventType
from devhost.invocation import Invoker
from devhost.pool import CountedPool, WorkerLoop
from devhost.store import Work

log = logging.getLogger("devhost.activities")

Ending = tuple[EventType, dict[str, Any]]
"""TASK_COMPLETED with {"Result"}, or TASK_FAILED with {"Reason", "Details", "FailureDetails"}."""


class Activities:
    """``record`` is called, on whatever thread the function ran, with each call's end before it stops counting."""

    def __init__(
        self, app: LoadedApp, invoker: Invoker, pool: CountedPool, loop: WorkerLoop, slots: int,
        record: Callable[[Work, Ending], None],
    ) -> None:
        self._app, self._invoker, self._pool, self._loop, self._record = app, invoker, pool, loop, record
        self._slots = slots
        self._queue: deque[Work] = deque()
        self._lock = threading.Lock()

    def start(self, work: Work) -> None:
        with self._lock:
            if self._slots == 0:
                self._queue.append(work)
                return
            self._slots -= 1
        self._launch(work)

    def _launch(self, work: Work) -> None:
        try:
            function = self._app.require_activity(work.name)
        except UnknownFunction as error:
            self._finish(work, failure(work.name, str(error)))
            return
        if function.is_async:
            self._loop.submit(self._run_async(work, function))
        else:
            self._pool.submit(lambda: self._run_sync(work, function))

    def _run_sync(self, work: Work, function: LoadedFunction) -> None:
        try:
            ending = success(work.name, self._invoker.activity(function, work.input))
        except BaseException as error:  # noqa: BLE001 - even sys.exit() is the end of this call, not of the host
            ending = self._failed(work, error)
        self._finish(work, ending)

    async def _run_async(self, work: Work, function: LoadedFunction) -> None:
        try:
            ending = success(work.name, await self._invoker.activity_async(function, work.input))
        except Exception as error:  # noqa: BLE001 - whatever a function raises is its result
            ending = self._failed(work, error)
        self._finish(work, ending)

    def _failed(self, work: Work, error: BaseException) -> Ending:
        log.info("activity %s of %s failed: %s", work.name, work.instance_id, type(error).__name__)
        return failure(work.name, f"{type(error).__name__}: {error}")

    def _finish(self, work: Work, ending: Ending) -> None:
        self._record(work, ending)
        with self._lock:
            if not self._queue:
                self._slots += 1
                return
            following = self._queue.popleft()
        self._launch(following)


def success(name: str, result: str) -> Ending:
    """``result`` is the converter's JSON text; None travels as null."""
    try:
        check_payload(result, f"the result of activity '{name}'")
    except PayloadTooLarge as error:
        return failure(name, f"PayloadTooLarge: {error}")
    return EventType.TASK_COMPLETED, {"Result": None if result == "null" else result}


def failure(name: str, message: str) -> Ending:
    """The two blanks are the extension's own. An error text is cut at 8,000 characters to stay within the limit."""
    message = message if len(message) <= 8000 else message[:8000] + " ..."
    details = {
        "$type": "System.Exception, System.Private.CoreLib",
        "ClassName": "System.Exception",
        "Message": f" {message}",
        "Data": None,
        "InnerException": None,
    }
    reason = f"Activity function '{name}' failed:  {message}"
    return EventType.TASK_FAILED, {"Reason": reason, "Details": json.dumps(details), "FailureDetails": None}
