"""Take something away: the desired state is that it is gone.

One way for a connection, a half of a peering, an authorization of a circuit and whatever a run has made. What is taken
away may lie in a dark region: a read that fails never keeps the delete from being tried, and nothing here decides that
Azure will not answer: that is the step's deadline. Only a step that takes back what its run has made must have read it.
"""

from __future__ import annotations

from typing import Any

from activities import made
from activities.polling import is_under_way, provisioning_state
from activities.work import Work, advised, with_evidence
from azure_clients import resources
from azure_clients.errors import CallFailed
from domain import arm_ids
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Operation, Outcome, retryable, running, succeeded
from domain.runbook import COMPENSATION_STAGE

Document = dict[str, Any]


def begin(work: Work) -> Outcome:
    """DELETE, unless it is gone or going."""
    unread: str | None = None
    try:
        document = resources.read(work.clients, work.target)
    except CallFailed as failure:
        if is_undoing(work):
            return failure.outcome()
        document, unread = None, failure.reason
    if unread is None:
        known = _known(work, document)
        if known is not None:
            return known
    answer, operation = resources.begin_delete(work.clients, work.target, work.call.now)
    note = {"unread": unread} if unread else _note(work, document)
    if operation is None:
        return with_evidence(succeeded("Azure says that there is none, or that it is gone"), **note)
    return with_evidence(running(operation), **advised(answer), **note)


def verify(work: Work) -> Outcome:
    """Gone is a 404, seen by us."""
    document = resources.read(work.clients, work.target)
    known = _known(work, document)
    if known is None:
        name = arm_ids.name_of(work.target)
        state = provisioning_state(document or {})
        return retryable(f"{name} is still there ({state})", code=NOT_ACCEPTED)
    if known.status == "running":
        return retryable("it is still being deleted", code="Deleting", retry_after_seconds=5)
    return known


def is_undoing(work: Work) -> bool:
    """The step takes back what its run has made, and nothing else."""
    return work.call.step.stage == COMPENSATION_STAGE


def _note(work: Work, document: Document | None) -> dict[str, Any]:
    """The plan means whatever has this id; that it was made anew since the snapshot is told, and hinders nothing."""
    expected = work.settings.get("resource_guid")
    found = ((document or {}).get("properties") or {}).get("resourceGuid")
    same = not expected or not found or str(found).lower() == str(expected).lower()
    return {} if same else {"made_anew_since_snapshot": {"found": found, "expected": expected}}


def _known(work: Work, document: Document | None) -> Outcome | None:
    """What the document settles by itself; None when it is there and to be deleted."""
    name = arm_ids.name_of(work.target)
    if document is None:
        return succeeded(f"{name} is gone")
    if is_undoing(work) and not made.is_ours(work, document):
        return succeeded(f"{name} was not made by a run and is left as it is")
    if provisioning_state(document).lower() == "deleting" and is_under_way(document):
        return running(Operation("resource", work.target, started_at=work.call.now))
    return None
