"""Connect: the desired state is a connection that exists, equals the runbook in what matters, and is provisioned.

A PUT may be sent again. What it must not do is to overwrite a connection of that name that somebody else made.
"""

from __future__ import annotations

from typing import Any

from activities.polling import is_under_way, provisioning_state
from activities.work import Work, advised, with_evidence
from azure_clients import network, secrets
from domain import arm_ids
from domain.decide import NOT_ACCEPTED
from domain.names import RUN_TAG, STEP_TAG
from domain.outcomes import Operation, Outcome, failed, retryable, running, succeeded

Document = dict[str, Any]

MATTERS = ("connectionType", "enableBgp", "routingWeight", "connectionProtocol", "usePolicyBasedTrafficSelectors")
ENDS = ("virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2", "peer")
"""What makes two connections the same; ids are compared as Azure does. Azure fills in the rest by itself."""


def begin(work: Work) -> Outcome:
    """PUT the new connection, unless it is there already."""
    return _begin(work, tagged=True)


def begin_restore(work: Work) -> Outcome:
    """PUT the old connection back as the snapshot has it, with its own tags."""
    return _begin(work, tagged=False)


def verify(work: Work) -> Outcome:
    """There, equal in what matters, and provisioned. Whether the tunnel is up is the routing's question."""
    name = arm_ids.name_of(work.target)
    document = network.read(work.clients, work.target)
    if document is None:
        return retryable(f"{name} is not there", code=NOT_ACCEPTED)
    wrong = differences(work.settings["body"], document)
    if wrong:
        return retryable(f"{name} differs: {'; '.join(wrong)}", code=NOT_ACCEPTED)
    state = provisioning_state(document)
    if is_under_way(document):
        return retryable(f"{name} is {state}", code="Updating", retry_after_seconds=5)
    if state.lower() != "succeeded":
        return retryable(f"{name} is {state}", code=NOT_ACCEPTED)
    return succeeded(f"{name} is provisioned", **_seen(document))


def differences(wanted: Document, found: Document) -> list[str]:
    """What matters and is not as wanted, as sentences."""
    expected, actual = wanted.get("properties") or {}, found.get("properties") or {}
    wrong = [
        f"{name} is {actual.get(name)!r}, expected {expected[name]!r}"
        for name in MATTERS
        if expected.get(name) is not None and not _same(expected[name], actual.get(name))
    ]
    for end in ENDS:
        other = (expected.get(end) or {}).get("id")
        if other and not arm_ids.same(other, (actual.get(end) or {}).get("id")):
            wrong.append(f"{end} is {(actual.get(end) or {}).get('id')}, expected {other}")
    return wrong


def _begin(work: Work, *, tagged: bool) -> Outcome:
    name = arm_ids.name_of(work.target)
    document = network.read(work.clients, work.target)
    if document is not None:
        wrong = differences(work.settings["body"], document)
        ours = RUN_TAG in (document.get("tags") or {})
        if wrong and tagged and not ours:
            reason = f"a connection {name} is there that no run has made: {'; '.join(wrong)}"
            return failed(reason, code="Conflict", differences=wrong)
        if is_under_way(document):
            return running(Operation("resource", work.target, started_at=work.call.now), reason="somebody is at it")
        if not wrong and provisioning_state(document).lower() == "succeeded":
            return succeeded(f"{name} is there already", **_seen(document))
    answer, operation = network.begin_put_connection(work.clients, work.target, _body(work, tagged), work.call.now)
    if operation is None:
        return succeeded(f"{name} was written at once")
    return with_evidence(running(operation), **advised(answer))


def _body(work: Work, tagged: bool) -> Document:
    wanted = work.settings["body"]
    tags = dict(wanted.get("tags") or {})
    if tagged:
        tags |= {RUN_TAG: work.call.run, STEP_TAG: work.call.step.id}
    body: Document = {**wanted, "tags": tags, "properties": dict(wanted.get("properties") or {})}
    if work.settings.get("shared_key"):
        body["properties"]["sharedKey"] = secrets.read_secret(work.clients, work.settings["shared_key"])
    return body


def _same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, str) and isinstance(actual, str):
        return expected.lower() == actual.lower()
    return bool(expected == actual)


def _seen(document: Document) -> dict[str, Any]:
    details = document.get("properties") or {}
    seen = {"resource_guid": details.get("resourceGuid"), "connection_status": details.get("connectionStatus")}
    return {name: value for name, value in seen.items() if value}
