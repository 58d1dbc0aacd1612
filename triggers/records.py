"""What doors read and write of the document store: runs and plans, one small JSON document each.

The store's SDK is imported when a door is first used, not when the app starts. Every call blocks; doors make them in
a thread. A store that does not answer is 503, never a crash.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from domain.codec import to_wire
from triggers.problems import FieldError, Problem

if TYPE_CHECKING:
    from azure_clients.documents import Documents

logger = logging.getLogger("bridgehead.doors")

T = TypeVar("T")
Document = dict[str, Any]

WITHDRAWN = "withdrawn"


def request_path(run: str) -> str:
    return f"runs/{run}/request.json"


def report_path(run: str) -> str:
    return f"runs/{run}/report.json"


async def request_of(run: str) -> Document | None:
    """What the run was asked to do, as recorded before it was started; None when nothing is, or no more."""
    found = await _in_thread(f"read what {run} was asked", functools.partial(_read, request_path(run)))
    return None if found is None or found.get(WITHDRAWN) else found


async def report_of(run: str) -> Document | None:
    """The run's report; None until it has one."""
    return await _in_thread(f"read the report of {run}", functools.partial(_read, report_path(run)))


async def record_request(run: str, document: Document) -> bool:
    """Record a run before it is started. False when somebody else has recorded it."""
    return await _in_thread(f"record {run}", functools.partial(_record, request_path(run), document))


async def withdraw_request(run: str, document: Document) -> None:
    """Mark the record of a run that was never started, so that its key can be used again."""
    marked = {**document, WITHDRAWN: True}
    await _in_thread(f"withdraw {run}", lambda: _store().write(request_path(run), _text(marked)))


async def listed() -> list[str]:
    """The positions of all runs in the list of runs, newest first."""
    return await _in_thread("list the runs", _positions)


async def published(name: str) -> Document | None:
    """The pointer of a published plan; None when no such plan is published."""
    return await _in_thread(f"read plan {name}", functools.partial(_pointer, name))


async def all_published() -> list[Document]:
    """The pointers of all published plans, by name."""
    return await _in_thread("list the plans", _pointers)


async def compiled(name: str, mode: str) -> Any:
    """The runbook of a published plan, compiled now; None when none is published. Raises Problem (409) when refused."""
    return await _in_thread(f"compile {name}", functools.partial(_compile, name, mode))


def _read(path: str) -> Document | None:
    found = _store().read(path)
    document = json.loads(found[0]) if found else None
    return document if isinstance(document, dict) else None


def _record(path: str, document: Document) -> bool:
    from azure_clients import run_index
    from azure_clients.errors import Changed

    store = _store()
    if not store.create(path, _text(document)):
        found = store.read(path)
        if found is None or not json.loads(found[0]).get(WITHDRAWN):
            return False
        try:
            store.write(path, _text(document), etag=found[1])
        except Changed:
            return False
    run_index.enter(store, document["run"], document["recorded_at"])
    return True


def _positions() -> list[str]:
    from azure_clients import run_index

    return run_index.positions(_store())


def _pointer(name: str) -> Document | None:
    from azure_clients import plan_library

    pointer = plan_library.read_pointer(_store(), name)
    return None if pointer is None else dict(to_wire(pointer))


def _pointers() -> list[Document]:
    from azure_clients import plan_library

    return [dict(to_wire(pointer)) for pointer in plan_library.read_pointers(_store())]


def _compile(name: str, mode: str) -> Any:
    from azure_clients import plan_library
    from domain.compile import Refused, compile_runbook

    store = _store()
    pointer = plan_library.read_pointer(store, name)
    if pointer is None:
        return None
    plan = plan_library.read_plan(store, pointer.plan_hash)
    try:
        return compile_runbook(plan, plan_library.read_snapshot(store, pointer.snapshot_hash), mode)
    except Refused as refused:
        errors = [FieldError(one.path, str(one).removeprefix(f"{one.path}: ")) for one in refused.errors]
        raise Problem("conflict", f"plan {name} does not compile in mode {mode}", errors) from None


def _store() -> Documents:
    from azure_clients.documents import documents

    return documents()


def _text(document: Document) -> bytes:
    return json.dumps(document, sort_keys=True).encode()


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
