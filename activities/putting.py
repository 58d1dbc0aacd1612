"""Put something in place: the desired state is that it exists, holds what is wanted, and is provisioned.

A PUT may be sent again. What it must not do is to overwrite what somebody else has made: that is a conflict, named.
Updating is meant for what somebody else has made: it is read, the changes are merged into it, and it goes back under
the etag that was read; whoever wrote in between makes it be read again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from activities import made
from activities.polling import is_under_way, provisioning_state
from activities.work import Work, advised, with_evidence
from azure_clients import resources, secrets
from azure_clients.answers import Answer
from domain import arm_ids, bodies
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Operation, Outcome, failed, retryable, running, succeeded

Document = dict[str, Any]
Differences = Callable[[Document, Document], list[str]]
"""(wanted body, found document) -> what is wanted and not there."""

DIFFERENCES_SHOWN = 6


def begin(work: Work) -> Outcome:
    """PUT the resource, unless it is there already."""
    return put(work, work.settings["body"])


def verify(work: Work) -> Outcome:
    """There, with what is wanted in it, and provisioned."""
    return settled(work, work.settings["body"])


def begin_update(work: Work) -> Outcome:
    """Merge the changes into what is there, unless they hold."""
    changes, name = work.settings["changes"], arm_ids.name_of(work.target)
    document = resources.read(work.clients, work.target)
    if document is None:
        return failed(f"there is no {name} to change", code="ResourceNotFound")
    if is_under_way(document):
        return _attached(work)
    if bodies.contains(document, changes) and _is_provisioned(document):
        return succeeded(f"{name} is as wanted already")
    return _sent(*resources.begin_update(work.clients, work.target, changes, work.call.now), name)


def verify_update(work: Work) -> Outcome:
    """The changes hold, and it is provisioned."""
    return settled(work, work.settings["changes"])


def put(
    work: Work,
    wanted: Document,
    *,
    differences: Differences = bodies.differences,
    signed: bool = True,
    hidden: dict[str, dict[str, str]] | None = None,
) -> Outcome:
    """PUT ``wanted``, with the secrets that ``hidden`` names by path, unless it is there.

    ``signed``: it is marked as the run's, and what is there and not a run's is left alone.
    """
    name = arm_ids.name_of(work.target)
    document = resources.read(work.clients, work.target)
    if document is not None:
        wrong = differences(wanted, document)
        if wrong and signed and not made.is_ours(work, document):
            reason = f"{name} is there, and no run has made it: {_listed(wrong)}"
            return failed(reason, code="Conflict", differences=wrong[:DIFFERENCES_SHOWN])
        if is_under_way(document):
            return _attached(work)
        if not wrong and _is_provisioned(document):
            return with_evidence(succeeded(f"{name} is there already"), **seen(document))
    body = with_secrets(work, wanted, hidden if hidden is not None else work.settings.get("secrets") or {})
    if signed:
        body = made.sign(work, body)
    return _sent(*resources.begin_put(work.clients, work.target, body, work.call.now), name)


def settled(work: Work, wanted: Document, *, differences: Differences = bodies.differences) -> Outcome:
    """What a reading says of a resource that was put."""
    name = arm_ids.name_of(work.target)
    document = resources.read(work.clients, work.target)
    if document is None:
        return retryable(f"{name} is not there", code=NOT_ACCEPTED)
    if is_under_way(document):
        return retryable(f"{name} is {provisioning_state(document)}", code="Updating", retry_after_seconds=5)
    wrong = differences(wanted, document)
    if wrong:
        return retryable(f"{name} differs: {_listed(wrong)}", code=NOT_ACCEPTED)
    if not _is_provisioned(document):
        return retryable(f"{name} is {provisioning_state(document)}", code=NOT_ACCEPTED)
    return succeeded(f"{name} is provisioned", **seen(document))


def with_secrets(work: Work, wanted: Document, hidden: dict[str, dict[str, str]]) -> Document:
    """A copy of the body with each secret at its path: ``properties.sharedKey`` -> ``{"vault", "secret"}``."""
    body = copy.deepcopy(wanted)
    for path, reference in hidden.items():
        value = secrets.read_secret(work.clients, reference)
        *way, last = path.split(".")
        holder: Any = body
        for part in way:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        holder[last] = value
    return body


def seen(document: Document) -> Document:
    """What is worth keeping of a reading."""
    details = document.get("properties") or {}
    names = {"resource_guid": "resourceGuid", "connection_status": "connectionStatus", "address": "ipAddress"}
    return {ours: details[azures] for ours, azures in names.items() if details.get(azures)}


def _sent(answer: Answer, operation: Operation | None, name: str) -> Outcome:
    if operation is None:
        return succeeded(f"{name} was written at once")
    return with_evidence(running(operation), **advised(answer))


def _attached(work: Work) -> Outcome:
    return running(Operation("resource", work.target, started_at=work.call.now), reason="somebody is at it")


def _is_provisioned(document: Document) -> bool:
    """Some types do not say: what is there is provisioned then."""
    return provisioning_state(document).lower() in ("", "succeeded")


def _listed(wrong: list[str]) -> str:
    more = f"; and {len(wrong) - DIFFERENCES_SHOWN} more" if len(wrong) > DIFFERENCES_SHOWN else ""
    return "; ".join(wrong[:DIFFERENCES_SHOWN]) + more
