"""Install Network Watcher's extension in a machine: connectivity checks start from it, and no failover brings it along.

The machine's own document tells its system and its region; the extension is put like any other resource.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from activities import putting
from activities.work import Work
from azure_clients import compute
from domain import arm_ids
from domain.outcomes import Outcome, failed, retryable, succeeded

Document = dict[str, Any]

NAME = "AzureNetworkWatcherExtension"
PUBLISHER = "Microsoft.Azure.NetworkWatcher"
AGAIN_SECONDS = 10.0


def begin(work: Work) -> Outcome:
    """PUT the extension, unless the machine has it."""
    machine = compute.read_machine(work.clients, work.target)
    name = arm_ids.name_of(work.target)
    if machine is None:
        return failed(f"there is no machine {name}", code="MachineMissing")
    if _has_it(machine):
        return succeeded(f"{name} has the Network Watcher extension already")
    power = compute.power_state(machine)
    if power != "running":
        reason = f"{name} is {power or 'in an unknown power state'}: extensions are installed in a machine that runs"
        return retryable(reason, code="NotUp", retry_after_seconds=AGAIN_SECONDS)
    return putting.begin(_as_resource(work, machine))


def verify(work: Work) -> Outcome:
    """The extension is there and provisioned."""
    machine = compute.read_machine(work.clients, work.target)
    if machine is not None and _has_it(machine):
        return succeeded(f"{arm_ids.name_of(work.target)} has the Network Watcher extension")
    return putting.verify(_as_resource(work, machine or {}))


def _has_it(machine: Document) -> bool:
    """Whatever it is called there: machines list their extensions."""
    kinds = [one.get("properties") or {} for one in machine.get("resources") or () if isinstance(one, dict)]
    return any(
        str(one.get("publisher") or "").lower() == PUBLISHER.lower()
        and str(one.get("provisioningState") or "").lower() == "succeeded"
        for one in kinds
    )


def _as_resource(work: Work, machine: Document) -> Work:
    """The same call about the extension: its id, and the body that it should have."""
    told = work.settings.get("os")
    disk = ((machine.get("properties") or {}).get("storageProfile") or {}).get("osDisk") or {}
    system = "Windows" if str(told or disk.get("osType") or "Linux").lower() == "windows" else "Linux"
    details = {
        "publisher": PUBLISHER,
        "type": f"NetworkWatcherAgent{system}",
        "typeHandlerVersion": "1.4",
        "autoUpgradeMinorVersion": True,
    }
    body = {"location": machine.get("location") or work.settings.get("location"), "properties": details}
    step = replace(work.call.step, target=f"{work.target}/extensions/{NAME}", settings={"body": body})
    return work.of(replace(work.call, step=step))
