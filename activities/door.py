"""The door of every step's activities: a dict comes in, one function runs, a dict goes out.

An expected failure is an outcome, never an exception (rule 2). What is no failed call is a bug: it is
raised with its text scrubbed, and the step's orchestrator asks a person.

A poll that fails says nothing of the operation, so it is ``running``. A retryable outcome of a poll means that the
operation came to nothing; it leaves with the code that sends the orchestrator back to the beginning.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from activities.kinds import BEGIN, POLL, VERIFY
from activities.polling import poll_whatever
from activities.work import Act, Work, fit_for_history
from azure_clients.errors import CallFailed
from azure_clients.scrubbing import SCRUBBER
from domain.calls import StepCall
from domain.codec import from_wire, to_wire
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Outcome, failed, running

Wire = dict[str, Any]

logger = logging.getLogger("bridgehead.activities")


class StepBug(RuntimeError):
    """Something that nobody expected. Its text holds no secret."""


def begin_step(call: Wire) -> Wire:
    """StepCall -> Outcome. Reads what is there first; one effect at most."""
    return _through(call, lambda work: _act(BEGIN, work)(work))


def verify_step(call: Wire) -> Wire:
    """StepCall -> Outcome. Reads only."""
    return _through(call, lambda work: _act(VERIFY, work)(work))


def poll_operation(call: Wire) -> Wire:
    """StepCall with its operation -> Outcome. One look."""
    return _through(call, _poll)


def _poll(work: Work) -> Outcome:
    operation = work.call.operation
    if operation is None:
        return failed("there is no operation to look at", code="NoOperation")
    try:
        outcome = POLL.get(work.call.step.kind, poll_whatever)(work)
    except CallFailed as failure:
        return running(operation, poll_after_seconds=failure.retry_after, reason=failure.reason)
    if outcome.status == "retryable" and outcome.code != NOT_ACCEPTED:
        outcome = replace(outcome, code=NOT_ACCEPTED, evidence={**outcome.evidence, "azure_code": outcome.code})
    return outcome


def _act(table: Mapping[str, Act], work: Work) -> Act:
    kind = work.call.step.kind
    return table.get(kind) or (lambda _: failed(f"nothing is known of steps of kind {kind!r}", code="UnknownKind"))


def _through(call: Wire, act: Callable[[Work], Outcome]) -> Wire:
    try:
        outcome = act(Work(from_wire(StepCall, call)))
    except CallFailed as failure:
        outcome = failure.outcome()
    except Exception as error:  # noqa: BLE001
        raise _bug(error) from None
    wire: Wire = to_wire(fit_for_history(outcome))
    return wire


def _bug(error: Exception) -> StepBug:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(frame.filename).name}:{frame.lineno}"
    text = SCRUBBER.scrub(f"{type(error).__name__} at {where}: {error}")[:400]
    logger.error("a step's activity met something unexpected: %s", text)
    return StepBug(text)
