"""What doors read and write of the document store: runs and plans, one small JSON document each.

The store's SDK is imported when a door is first used, not when the app starts. Every call blocks; doors make them in
a thread. A store that does not answer is 503, never a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from triggers.problems import Problem

logger = logging.getLogger("bridgehead.doors")

T = TypeVar("T")
Document = dict[str, Any]


def request_path(run: str) -> str:
    return f"runs/{run}/request.json"


def report_path(run: str) -> str:
    return f"runs/{run}/report.json"


async def request_of(run: str) -> Document | None:
    """What the run was asked to do, as recorded when it was started; None when nothing is recorded."""
    return await _read(request_path(run))


async def report_of(run: str) -> Document | None:
    """The run's report; None until it has one."""
    return await _read(report_path(run))


async def record_request(run: str, document: Document) -> bool:
    """Record a run before it is started. False when it is recorded already: somebody else was first."""
    return await _in_thread(f"record {run}", lambda: _store().create(request_path(run), document))


async def forget_request(run: str) -> None:
    """Take back the record of a run that was never started, so that its key can be used again."""
    await _in_thread(f"take back {run}", lambda: _store().delete(request_path(run)))


async def recorded_runs(plan: str | None = None) -> list[str]:
    """Names of all runs with any document, in no order."""
    prefix = "runs/" + (f"{plan}-" if plan else "")
    names = await _in_thread("list the runs", lambda: list(_store().names(prefix)))
    return sorted({name.split("/")[1] for name in names if name.count("/") >= 2})


async def _read(path: str) -> Document | None:
    found = await _in_thread(f"read {path}", lambda: _store().read(path))
    return found if isinstance(found, dict) else None


async def published(name: str) -> Document | None:
    """The pointer of a published plan; None when no such plan is published."""
    return await _in_thread(f"read plan {name}", lambda: _library().pointer(name))


async def all_published() -> list[Document]:
    """The pointers of all published plans, by name."""
    return await _in_thread("list the plans", lambda: list(_library().pointers()))


async def compiled(name: str, mode: str) -> Any:
    """The runbook of a published plan, compiled now. Raises Problem (409) with every refusal."""
    return await _in_thread(f"compile {name}", functools.partial(_compile, name, mode))


def _compile(name: str, mode: str) -> Any:
    from domain.findings import Refused
    from triggers.problems import FieldError

    try:
        return _library().compile(name, mode)
    except Refused as refused:
        errors = [FieldError(one.path, str(one)) for one in refused.errors]
        raise Problem("conflict", f"plan {name} does not compile in mode {mode}", errors) from None


def _store() -> Any:
    from azure_clients import documents

    return documents.from_environment()


def _library() -> Any:
    from azure_clients import plan_library

    return plan_library.PlanLibrary(_store())


async def _in_thread(doing: str, call: Callable[[], T]) -> T:
    with _unavailable(doing):
        return await asyncio.to_thread(call)


@contextlib.contextmanager
def _unavailable(doing: str) -> Iterator[None]:
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        logger.warning("the document store could not %s", doing, exc_info=True)
        raise Problem("unavailable", f"the document store could not {doing}; try again") from error
