"""One look at a long operation, whatever kind it is."""

from __future__ import annotations

from activities.work import Work
from azure_clients import resources
from azure_clients.long_running import outcome_of
from domain.outcomes import Operation, Outcome, running, succeeded

UNDER_WAY = frozenset({"updating", "deleting", "creating", "accepted", "provisioning", "inprogress"})


def poll_whatever(work: Work) -> Outcome:
    """Operations on resources: by their URL, or where there is none by the resource itself."""
    operation = work.call.operation
    assert operation is not None
    if operation.kind == "resource":
        return poll_resource(work, operation)
    return outcome_of(resources.poll_operation(work.clients, operation), operation)


def poll_resource(work: Work, operation: Operation) -> Outcome:
    """A resource that somebody's operation is changing, of which we have no URL."""
    document = resources.read(work.clients, operation.resource_id)
    if document is None:
        return succeeded("it is gone")
    state = provisioning_state(document)
    if state.lower() in UNDER_WAY:
        return running(operation, reason=f"provisioningState {state}")
    return succeeded(f"provisioningState {state}")


def provisioning_state(document: dict[str, object]) -> str:
    """A network resource's provisioningState; empty when it does not say."""
    found = document.get("properties")
    return str(found.get("provisioningState") or "") if isinstance(found, dict) else ""


def is_under_way(document: dict[str, object]) -> bool:
    return provisioning_state(document).lower() in UNDER_WAY
