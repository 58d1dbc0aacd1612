"""A half of a peering: there, as wanted, in the state that its step expects, and knowing the other side's addresses.

Azure's order (sources: Peerings): the first half is Initiated; the second makes both Connected. A half whose other
half was taken away is Disconnected, though still provisioned, and cannot be used again: it goes before a new one comes.
After a change of address space a half is Connected and yet not in sync, which is cured by a PUT that asks for it.
"""

from __future__ import annotations

from typing import Any

from activities import putting
from activities.polling import is_under_way
from activities.work import Work, advised, with_evidence
from azure_clients import resources
from domain import arm_ids, bodies
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Outcome, failed, retryable, running, succeeded

Document = dict[str, Any]

IN_SYNC = "fullyinsync"
AGAIN_SECONDS = 5.0


def begin(work: Work) -> Outcome:
    """PUT the half; a Disconnected one goes first, one out of sync is synced."""
    document = resources.read(work.clients, work.target)
    if document is not None and not is_under_way(document):
        if not _leads_there(work, document):
            return failed(_elsewhere(work, document), code="Conflict")
        if state_of(document) == "disconnected":
            answer, operation = resources.begin_delete(work.clients, work.target, work.call.now)
            gone = running(operation) if operation else retryable("the Disconnected half is gone", code=NOT_ACCEPTED)
            return with_evidence(gone, was="Disconnected", **advised(answer))
        if _lags(document) and bodies.contains(document, _wanted(work)):
            return _sync(work)
    return putting.put(work, _wanted(work))


def verify(work: Work) -> Outcome:
    """As wanted and provisioned; Connected where that is expected, and in sync then."""
    outcome = putting.settled(work, _wanted(work))
    if outcome.status != "succeeded":
        return outcome
    document = resources.read(work.clients, work.target) or {}
    name, state = arm_ids.name_of(work.target), str(_details(document).get("peeringState"))
    if state.lower() == "disconnected" or _lags(document):
        return retryable(f"{name} is {said(document)}", code=NOT_ACCEPTED)
    if work.settings.get("expect") == "Connected" and state.lower() != "connected":
        reason = f"{name} is {state}, expected Connected: its other half is missing or Disconnected"
        return retryable(reason, code="NotConnected", retry_after_seconds=AGAIN_SECONDS)
    return succeeded(f"{name} is {said(document)}", peering_state=state)


def state_of(document: Document) -> str:
    """initiated, connected or disconnected: provisioningState says nothing of it (sources: Traps 11)."""
    return str(_details(document).get("peeringState") or "").lower()


def is_in_sync(document: Document) -> bool:
    """Both sides know each other's addresses; older versions do not say."""
    return str(_details(document).get("peeringSyncLevel") or IN_SYNC).lower() == IN_SYNC


def said(document: Document) -> str:
    """The state in words: ``Connected``, or ``Connected, RemoteNotInSync``."""
    state = str(_details(document).get("peeringState") or "in no state")
    lags = state.lower() == "connected" and not is_in_sync(document)
    return f"{state}, {_details(document)['peeringSyncLevel']}" if lags else state


def _sync(work: Work) -> Outcome:
    answer, operation = resources.begin_update(
        work.clients, work.target, _wanted(work), work.call.now, sync_remote_address_space="true"
    )
    if operation is None:
        return succeeded("the sync was done at once")
    return with_evidence(running(operation, reason="syncing the address space"), **advised(answer))


def _lags(document: Document) -> bool:
    return state_of(document) == "connected" and not is_in_sync(document)


def _leads_there(work: Work, document: Document) -> bool:
    wanted = (_wanted(work)["properties"].get("remoteVirtualNetwork") or {}).get("id")
    return arm_ids.same(wanted, _remote(document))


def _elsewhere(work: Work, document: Document) -> str:
    name, remote = arm_ids.name_of(work.target), _remote(document)
    wanted = _remote(_wanted(work))
    return f"{name} is there and leads to {remote}, expected {wanted}"


def _remote(document: Document) -> str | None:
    return (_details(document).get("remoteVirtualNetwork") or {}).get("id")


def _wanted(work: Work) -> Document:
    body: Document = work.settings["body"]
    return body


def _details(document: Document) -> Document:
    return document.get("properties") or {}
