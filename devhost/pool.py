"""Where functions of the app run: a sized thread pool for sync ones, one long-lived event loop for async ones.

The pool is the worker's: PYTHON_THREADPOOL_THREAD_COUNT threads shared by activities and sync doors. Orchestrators,
entities and async doors never touch it, so a pool full of hanging calls cannot keep an abort from being taken.
Both count what is really under way, because the shared clock may jump only when that is known exactly: a call that
waits for a free thread is not under way.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

Job = Callable[[], None]


class CountedPool:
    """A ThreadPoolExecutor that hands out no more jobs than it has threads, and says how many run."""

    def __init__(self, threads: int, on_change: Callable[[], None]) -> None:
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._queue: deque[Job] = deque()
        self._lock = threading.Lock()
        self._on_change = on_change
        self._stopped = False
        self.running = 0

    def submit(self, job: Job) -> None:
        with self._lock:
            if self.running >= self._threads:
                self._queue.append(job)
                return
            self.running += 1
        self._executor.submit(self._run, job)
        self._on_change()

    def _run(self, job: Job) -> None:
        while True:
            job()
            with self._lock:
                if not self._queue or self._stopped:
                    self.running -= 1
                    break
                job = self._queue.popleft()
        self._on_change()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        self._executor.shutdown(wait=False, cancel_futures=True)


class WorkerLoop:
    """The one event loop of the worker: the SDK's HTTP session lives on it for as long as the process does."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.loop = asyncio.new_event_loop()
        self._on_change = on_change
        self._lock = threading.Lock()
        self.running = 0
        self._thread = threading.Thread(target=self._serve, name="worker-loop", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        with self._lock:
            self.running += 1
        self._on_change()
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: Future[Any]) -> None:
        with self._lock:
            self.running -= 1
        self._on_change()

    def stop(self) -> None:
        """Close the SDK's session on its own loop, then end the loop."""
        closing = asyncio.run_coroutine_threadsafe(_close_sdk_session(), self.loop)
        try:
            closing.result(timeout=2)
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout=2)


async def _close_sdk_session() -> None:
    from azure.durable_functions.models.utils import http_utils

    await http_utils._close_session()
    http_utils._client_session = None
    current = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not current:
            task.cancel()
    await asyncio.sleep(0)
