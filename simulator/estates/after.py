"""What a runbook leaves of an estate when nothing goes wrong: its documents after every step that is no question.

A picture, not a simulation: no time passes, nothing fails, and no rule is checked. It stands beside the simulated
Azure's own end state in the tests, which must draw the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from domain.runbook import Runbook, Step
from simulator.core import ids
from simulator.estates.place import Document
from simulator.estates.reading import NET, SITE, neighbor_of

PEERING = f"{NET}/virtualNetworks/virtualNetworkPeerings"
PARTS = ("virtualNetworkPeerings", "endpoints")


class Aftermath:
    """Documents by id, children of a network on their own, while steps are applied to them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents: dict[str, Document] = {}
        for document in copy.deepcopy(list(documents)):
            parts = [part for field in PARTS for part in document["properties"].pop(field, ())]
            self.documents |= {ids.key(one["id"]): one for one in (document, *parts)}

    def get(self, resource_id: str) -> Document | None:
        return self.documents.get(ids.key(resource_id))

    def put(self, resource_id: str, body: Document) -> None:
        kind, name = ids.parse(resource_id).type, ids.last(resource_id)
        self.documents[ids.key(resource_id)] = {"id": resource_id, "name": name, "type": kind, **copy.deepcopy(body)}
        if kind.lower() == PEERING.lower():
            self._meet(resource_id)

    def remove(self, resource_id: str) -> None:
        gone = self.documents.pop(ids.key(resource_id), None)
        other = self._other_half(gone) if gone else None
        if other:
            other["properties"]["peeringState"] = "Disconnected"

    def _meet(self, resource_id: str) -> None:
        half = self.documents[ids.key(resource_id)]
        other = self._other_half(half)
        half["properties"]["peeringState"] = "Connected" if other else "Initiated"
        if other:
            other["properties"]["peeringState"] = "Connected"

    def _other_half(self, half: Document) -> Document | None:
        here = ids.parent_of(half["id"])
        there = (half["properties"].get("remoteVirtualNetwork") or {}).get("id")
        for other in self.documents.values():
            remote = (other["properties"].get("remoteVirtualNetwork") or {}).get("id")
            if remote and ids.same(remote, here) and ids.same(ids.parent_of(other["id"]), there):
                return other
        return None


def after(documents: Iterable[Document], runbook: Runbook) -> list[Document]:
    """The documents as a calm run leaves them: every step that has no condition has done what it says."""
    left = Aftermath(documents)
    for step in runbook.steps:
        apply = EFFECTS.get(step.kind)
        if apply and not step.when:
            apply(left, step)
    return list(left.documents.values())


def _remove(left: Aftermath, step: Step) -> None:
    left.remove(step.target)


def _put(left: Aftermath, step: Step) -> None:
    left.put(step.target, step.settings["body"])


def _update(left: Aftermath, step: Step) -> None:
    document = left.get(step.target)
    if document:
        _merge(document, step.settings["changes"])


def _merge(document: Any, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(document.get(name), dict):
            _merge(document[name], value)
        else:
            document[name] = copy.deepcopy(value)


def _land(left: Aftermath, step: Step) -> None:
    """The item is told where its machine comes up."""
    item = left.get(step.target)
    if item:
        item["properties"]["providerSpecificDetails"]["selectedRecoveryAzureNetworkId"] = step.settings["network"]


def _fail_over(left: Aftermath, step: Step) -> None:
    """The machine stands in the recovery group and network, and its item says so."""
    item, settings = left.get(step.target), step.settings
    if item is None:
        return
    item["properties"]["activeLocation"] = "Recovery"
    name, group = settings["machine"], settings["resource_group"]
    details = item["properties"]["providerSpecificDetails"]
    nic, network = details["vmNics"][0]["ipConfigs"][0], details["selectedRecoveryAzureNetworkId"]
    interface = f"{group}/providers/Microsoft.Network/networkInterfaces/{name}-nic"
    subnet = {"subnet": {"id": f"{network}/subnets/{nic['recoverySubnetName']}"}}
    left.put(interface, {"properties": {"ipConfigurations": [{"properties": subnet}]}})
    profile = {"networkProfile": {"networkInterfaces": [{"id": interface}]}}
    left.put(f"{group}/providers/Microsoft.Compute/virtualMachines/{name}", {"properties": profile})


def _prefer(left: Aftermath, step: Step) -> None:
    """The site's preference of the peer that gains is above that of the one that loses."""
    for site in left.documents.values():
        if site["type"] == SITE and site["name"] == step.settings["site"]:
            preferences = site["properties"].setdefault("localPreferences", {})
            preferences[neighbor_of(step.settings["prefer"])] = 1 + max(preferences.values(), default=100)


EFFECTS: dict[str, Callable[[Aftermath, Step], None]] = {
    "disconnect-connection": _remove,
    "disconnect-peering": _remove,
    "remove-half": _remove,
    "connect-connection": _put,
    "connect-peering": _put,
    "put-resource": _put,
    "update-resource": _update,
    "update-item": _land,
    "failover-item": _fail_over,
    "prefer-peer": _prefer,
    "prefer-by-person": _prefer,
}
"""Kind of step -> what it does to the documents; the others leave them as they are."""
