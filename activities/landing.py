"""Tell Site Recovery where an item is to land: the network, subnets and addresses of its recovery machine.

The update says all that is wanted and may be sent again. What it does not speak of stays as the item has it.
"""

from __future__ import annotations

from typing import Any

from activities.failover import standing_of_item
from activities.work import Work, advised, with_evidence
from azure_clients import site_recovery
from azure_clients.long_running import begun
from domain import arm_ids
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Outcome, failed, retryable, running, succeeded

Document = dict[str, Any]

KEPT_OF_NIC = (
    "recoveryNetworkSecurityGroupId", "enableAcceleratedNetworkingOnRecovery", "recoveryNicName",
    "recoveryNicResourceGroupName", "reuseExistingNic",
)  # fmt: skip


def begin(work: Work) -> Outcome:
    """PATCH the item, unless it lands there already, or has failed over."""
    item = site_recovery.read_item(work.clients, work.target)
    name = arm_ids.name_of(work.target)
    if item is None:
        return failed(f"there is no protected item {name}", code="ItemMissing")
    standing = standing_of_item(item, name)
    if standing.state in ("done", "running"):
        return succeeded(standing.reason)
    if not _wrong(work, item):
        return succeeded(f"{name} lands there already")
    if standing.outcome is not None:
        return standing.outcome
    answer = site_recovery.begin_update_item(work.clients, work.target, _changes(work, item))
    operation = begun(answer, work.target, work.call.now)
    if operation is None:
        return succeeded(f"{name} was updated at once")
    return with_evidence(running(operation), **advised(answer))


def verify(work: Work) -> Outcome:
    """The item says so itself."""
    item = site_recovery.read_item(work.clients, work.target)
    name = arm_ids.name_of(work.target)
    standing = standing_of_item(item, name)
    if standing.state in ("done", "running"):
        return succeeded(standing.reason)
    wrong = _wrong(work, item or {})
    if wrong:
        return retryable(f"{name} would land elsewhere: {'; '.join(wrong)}", code=NOT_ACCEPTED)
    return succeeded(f"{name} lands in {arm_ids.name_of(work.settings['network'])}")


def _wrong(work: Work, item: Document) -> list[str]:
    details = _details(item)
    network = work.settings["network"]
    found = details.get("selectedRecoveryAzureNetworkId")
    wrong = [] if arm_ids.same(network, found) else [f"its network is {found}, expected {network}"]
    for wanted in work.settings["nics"]:
        now = _first(_nic(details, wanted["id"]))
        for field, name in (("subnet", "recoverySubnetName"), ("address", "recoveryStaticIPAddress")):
            expected, there = wanted.get(field), now.get(name)
            if expected and str(expected).lower() != str(there or "").lower():
                wrong.append(f"{name} is {there}, expected {expected}")
    return wrong


def _changes(work: Work, item: Document) -> Document:
    details = _details(item)
    nics = []
    for wanted in work.settings["nics"]:
        nic = _nic(details, wanted["id"])
        first = _first(nic)
        configuration = {
            "ipConfigName": first.get("name"),
            "isPrimary": first.get("isPrimary", True),
            "isSeletedForFailover": first.get("isSeletedForFailover", True),
            "recoverySubnetName": wanted.get("subnet") or first.get("recoverySubnetName"),
            "recoveryStaticIPAddress": wanted.get("address") or first.get("recoveryStaticIPAddress"),
        }
        kept = {name: nic[name] for name in KEPT_OF_NIC if nic.get(name) is not None}
        nics.append({"nicId": wanted["id"], "selectionType": "SelectedByUser", **kept, "ipConfigs": [configuration]})
    return {
        "selectedRecoveryAzureNetworkId": work.settings["network"],
        "vmNics": nics,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }


def _nic(details: Document, nic_id: str) -> Document:
    for one in details.get("vmNics") or ():
        if str(one.get("nicId") or "").lower() == str(nic_id).lower():
            return dict(one)
    return {}


def _first(nic: Document) -> Document:
    return next(iter(nic.get("ipConfigs") or ()), {})


def _details(item: Document) -> Document:
    return (item.get("properties") or {}).get("providerSpecificDetails") or {}
