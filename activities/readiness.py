"""Is the recovery side ready: read before anything is changed, and never from the failing side.

Everything that is not ready is named at once. What only did not answer is tried again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from activities import looking_glass
from activities.failover import standing_of_item
from activities.polling import is_under_way, provisioning_state
from activities.work import Work
from azure_clients import resources, secrets, site_recovery
from azure_clients.errors import CallFailed, Missing
from domain import arm_ids
from domain.addresses import covers
from domain.outcomes import Outcome, failed, retryable, succeeded

Document = dict[str, Any]

READERS = 8
"""Readings made side by side: 40 items one after another would take longer than the check is worth."""
LISTED_FROM = 5
"""From so many items of one container on they are listed: 300 single readings are more than ARM's bucket holds."""
NEEDED = ("allowedOperations", "protectionState", "providerSpecificDetails")
"""What a listed item must show; one that shows less is read by itself, because lists can be thin (trap 5)."""
REASONS_SHOWN = 12


@dataclass
class Found:
    """What was read. ``wrong`` stays wrong; ``busy`` and ``unread`` may change by themselves."""

    wrong: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    evidence: Document = field(default_factory=dict)


def verify(work: Work) -> Outcome:
    """Read everything that the step names."""
    found, settings = Found(evidence=looking_glass.routes_before(work)), work.settings
    _read(found, _network_readings(work))
    _read(found, [_secret_reading(work, one) for one in settings.get("secrets") or ()])
    items = settings.get("items") or ()
    listed = _listed(work, [one["id"] for one in items])
    _read(found, [_item_reading(work, one, listed.get(arm_ids.key(one["id"]))) for one in items])
    if found.wrong:
        return failed(_sentence("not ready", [*found.wrong, *found.busy]), code="NotReady", not_ready=found.wrong)
    if found.busy or found.unread:
        reason = _sentence("not ready yet", [*found.busy, *found.unread])
        return retryable(reason, code="NotReadyYet", retry_after_seconds=10, **found.evidence)
    return succeeded("the recovery side is ready", **found.evidence)


Reading = Callable[[Found], None]


def _read(found: Found, readings: Iterable[Reading]) -> None:
    def one(reading: Reading) -> None:
        try:
            reading(found)
        except CallFailed as failure:
            (found.unread if failure.retries else found.wrong).append(failure.reason)

    with ThreadPoolExecutor(READERS) as readers:
        list(readers.map(one, readings))


def _network_readings(work: Work) -> list[Reading]:
    settings = work.settings
    readings: list[Reading] = []
    if settings.get("network"):
        readings.append(lambda found: _check_network(work, found))
    if settings.get("gateway"):
        readings.append(_state_reading(work, settings["gateway"], "gateway"))
    local_gateways = settings.get("local_network_gateways") or ()
    readings += [_state_reading(work, one, "local network gateway") for one in local_gateways]
    return readings


def _state_reading(work: Work, resource_id: str, what: str) -> Reading:
    def read(found: Found) -> None:
        _check_state(work, found, resource_id, what)

    return read


def _check_state(work: Work, found: Found, resource_id: str, what: str) -> Document | None:
    name = arm_ids.name_of(resource_id)
    document = resources.read(work.clients, resource_id)
    if document is None:
        found.wrong.append(f"there is no {what} {name}")
        return None
    state = provisioning_state(document)
    if is_under_way(document):
        found.busy.append(f"{what} {name} is {state}")
    elif state.lower() != "succeeded":
        found.wrong.append(f"{what} {name} is {state}")
    return document


def _check_network(work: Work, found: Found) -> None:
    document = _check_state(work, found, work.settings["network"], "virtual network")
    if document is None:
        return
    space = ((document.get("properties") or {}).get("addressSpace") or {}).get("addressPrefixes") or []
    lacking = [one for one in work.settings.get("prefixes") or () if not covers(space, one)]
    if lacking:
        name = arm_ids.name_of(work.settings["network"])
        found.wrong.append(f"virtual network {name} lacks {', '.join(lacking)} (it has {', '.join(space)})")


def _secret_reading(work: Work, reference: dict[str, str]) -> Reading:
    def read(found: Found) -> None:
        try:
            secrets.read_secret(work.clients, reference)
        except Missing:
            found.wrong.append(f"Key Vault {reference['vault']} has no secret {reference['secret']}")

    return read


def _listed(work: Work, items: list[str]) -> dict[str, Document]:
    """The items by key, as the lists of their containers show them. A list that fails leaves single readings."""
    containers = Counter(item.rsplit("/", 2)[0] for item in items)
    listed: dict[str, Document] = {}
    for container, count in containers.items():
        if count < LISTED_FROM:
            continue
        try:
            found = site_recovery.items_of(work.clients, container)
        except CallFailed:
            continue
        whole = [one for one in found if all((one.get("properties") or {}).get(name) for name in NEEDED)]
        listed |= {arm_ids.key(str(one.get("id"))): one for one in whole}
    return listed


def _item_reading(work: Work, item: Document, listed: Document | None) -> Reading:
    def read(found: Found) -> None:
        name = item.get("machine") or arm_ids.name_of(item["id"])
        document = listed or site_recovery.read_item(work.clients, item["id"])
        standing = standing_of_item(document, name)
        if standing.state in ("done", "running"):
            found.evidence.setdefault("over_already", []).append(name)
            return
        if standing.outcome is not None:
            (found.busy if standing.outcome.status == "retryable" else found.wrong).append(standing.outcome.reason)
            return
        details = (document or {}).get("properties") or {}
        if "UnplannedFailover" not in (details.get("allowedOperations") or []):
            found.wrong.append(f"{name} cannot fail over: {details.get('protectionState')}")
            return
        _note_replication(found, name, details)
        planned = _target_addresses(details)
        lacking = [one for one in item.get("addresses") or () if one not in planned]
        if lacking and planned:
            found.wrong.append(f"{name} would get {', '.join(planned)}, expected {', '.join(item['addresses'])}")

    return read


def _note_replication(found: Found, name: str, details: Document) -> None:
    specific = details.get("providerSpecificDetails") or {}
    if specific.get("rpoInSeconds") is not None:
        found.evidence.setdefault("rpo_seconds_of_azure", {})[name] = specific["rpoInSeconds"]
    if str(details.get("replicationHealth") or "Normal") not in ("Normal", "Warning"):
        found.evidence.setdefault("replication_health", {})[name] = details["replicationHealth"]


def _target_addresses(details: Document) -> list[str]:
    specific = details.get("providerSpecificDetails") or {}
    configurations = [one for nic in specific.get("vmNics") or () for one in nic.get("ipConfigs") or ()]
    return [str(one["recoveryStaticIPAddress"]) for one in configurations if one.get("recoveryStaticIPAddress")]


def _sentence(start: str, reasons: list[str]) -> str:
    shown = sorted(reasons)[:REASONS_SHOWN]
    more = f"; and {len(reasons) - len(shown)} more" if len(reasons) > len(shown) else ""
    return f"{start}: {'; '.join(shown)}{more}"
