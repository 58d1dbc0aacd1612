"""Virtual machines, read only and without their SDK: one GET each through ARM's own pipeline."""

from __future__ import annotations

from typing import Any

from azure_clients.answers import request
from azure_clients.factory import Clients
from domain import arm_ids

API_VERSION = "2024-07-01"
"""Microsoft.Compute virtualMachines, GET with ``$expand=instanceView``."""


def read_machine(clients: Clients, machine_id: str) -> dict[str, Any] | None:
    """A virtual machine with its instance view; None when there is none. Raises CallFailed."""
    url = f"{clients.settings.arm_endpoint}{machine_id}?api-version={API_VERSION}&$expand=instanceView"
    answer = request(f"reading machine {arm_ids.name_of(machine_id)}", clients.arm(), "GET", url, absent_is_fine=True)
    return answer.document if answer.status == 200 else None


def power_state(machine: dict[str, Any]) -> str:
    """``running``, ``starting``, ``deallocated`` ... as the instance view says; empty when it says nothing."""
    view = (machine.get("properties") or {}).get("instanceView") or {}
    codes = [str(one.get("code") or "") for one in view.get("statuses") or () if isinstance(one, dict)]
    states = [code.partition("/")[2].lower() for code in codes if code.lower().startswith("powerstate/")]
    return states[-1] if states else ""


def interfaces(machine: dict[str, Any]) -> list[str]:
    """Ids of the machine's network interfaces, the primary one first."""
    found = ((machine.get("properties") or {}).get("networkProfile") or {}).get("networkInterfaces") or []
    ordered = sorted(found, key=lambda one: not (one.get("properties") or {}).get("primary", False))
    return [one["id"] for one in ordered if one.get("id")]


def addresses(interface: dict[str, Any]) -> list[tuple[str, str]]:
    """(private address, subnet id) of each configuration of a network interface."""
    found = []
    for configuration in (interface.get("properties") or {}).get("ipConfigurations") or []:
        details = configuration.get("properties") or {}
        if details.get("privateIPAddress"):
            found.append((str(details["privateIPAddress"]), str((details.get("subnet") or {}).get("id") or "")))
    return found
