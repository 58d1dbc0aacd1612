"""Power states of machines, and how they come into the world with the estate."""

from __future__ import annotations

import copy
from typing import Any

from simulator.core import ids
from simulator.core.chance import Duration
from simulator.core.documents import Document, normalise_location
from simulator.core.operations import Operation
from simulator.core.web import Request
from simulator.core.world import World

POWER = "compute.power"
VIEWS = "compute.views"
RETRY_AFTER_SECONDS = 10
RUNNING, STOPPED, DEALLOCATED = "running", "stopped", "deallocated"

DISPLAY = {RUNNING: "VM running", STOPPED: "VM stopped", DEALLOCATED: "VM deallocated"}

AFTER = {"start": RUNNING, "powerOff": STOPPED, "deallocate": DEALLOCATED}
"""The power state that each action leads to."""

DURATIONS: dict[str, Duration] = {
    "virtualMachines/start": (15, 45),
    "virtualMachines/powerOff": (10, 40),
    "virtualMachines/deallocate": (30, 60),
    "virtualMachines/delete": 38,
    "virtualMachines/write": (60, 180),
    "virtualMachines/extensions/write": (29, 114),
    "virtualMachines/extensions/delete": (29, 114),
}
"""Seconds. A delete was recorded (errors/...delete_dependent_resources #20 to #26), and extensions that were installed
(network watcher tests); the others are guesses."""


WHOLE_VIEW = {"vmAgent", "disks", "statuses"}


def adopt(world: World, document: Document) -> None:
    """Place one machine of the estate; it runs unless its instance view says otherwise."""
    view = document["properties"].pop("instanceView", None)
    world.state.setdefault(POWER, {})[ids.key(document["id"])] = _power_in(view)
    place(world, document)
    if view is not None and set(view) >= WHOLE_VIEW:
        power = power_of(world, document["id"])
        world.state.setdefault(VIEWS, {})[ids.key(document["id"])] = (power, view)


def guest_is_ready(world: World, machine_id: str) -> None:
    """Whoever takes an extension has ended its own provisioning (recorded: osProvisioningInProgress is gone)."""
    known = world.state.get(VIEWS, {}).get(ids.key(machine_id))
    for status in known[1].get("statuses", ()) if known else ():
        if str(status.get("code", "")).startswith("ProvisioningState/succeeded/"):
            status |= {"code": "ProvisioningState/succeeded", "displayStatus": "Provisioning succeeded"}


def _power_in(view: dict[str, Any] | None) -> str:
    codes = [status.get("code", "") for status in (view or {}).get("statuses") or []]
    said = next((code.rsplit("/", 1)[1] for code in codes if code.startswith("PowerState/")), RUNNING)
    return said if said in DISPLAY else RUNNING


def poll_headers(world: World, operation: Operation, request: Request) -> dict[str, str]:
    """Where to ask for an operation, with both headers; Location is the same URL with ``monitor=true``."""
    subscription = ids.parse(operation.resource).subscription
    path = f"/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{operation.location}/operations"
    url, version = f"{world.endpoint}{path}/{operation.id}", f"api-version={request.api_version}"
    return {
        "Azure-AsyncOperation": f"{url}?{version}",
        "Location": f"{url}?monitor=true&{version}",
        "Retry-After": str(RETRY_AFTER_SECONDS),
    }


def power_of(world: World, machine_id: str) -> str:
    found: str = world.state.setdefault(POWER, {}).get(ids.key(machine_id), RUNNING)
    return found


def set_power(world: World, document: Document, power: str) -> None:
    world.state.setdefault(POWER, {})[ids.key(document["id"])] = power
    place(world, document)
    world.documents.changed(document["id"])


def place(world: World, document: Document) -> None:
    """Tell the world where a machine runs, with the address of its first interface."""
    network, address = _home(world, document)
    world.machines.place(
        document["id"],
        name=document["name"],
        region=normalise_location(document["location"]),
        network=network,
        address=address,
        running=power_of(world, document["id"]) == RUNNING,
    )


def _home(world: World, document: Document) -> tuple[str, str]:
    """(network id, address); both empty for a machine whose interface the estate does not have."""
    for interface in document["properties"].get("networkProfile", {}).get("networkInterfaces") or []:
        nic = world.documents.get(interface["id"])
        for configuration in nic["properties"].get("ipConfigurations") or [] if nic else []:
            subnet = (configuration["properties"].get("subnet") or {}).get("id")
            if subnet:
                return subnet.rsplit("/subnets/", 1)[0], configuration["properties"].get("privateIPAddress", "")
    return "", ""


def instance_view(world: World, document: Document) -> Document:
    """``instanceView`` (A2A #18); an estate's own while nothing has happened to the machine.

    The agent is not ready while the machine is off or its region's data plane dark."""
    power, machine = power_of(world, document["id"]), world.machines.get(document["id"])
    alive = machine is not None and world.machines.up(machine)
    known = world.state.get(VIEWS, {}).get(ids.key(document["id"]))
    if known is not None and known[0] == power and alive == (power == RUNNING):
        view: Document = copy.deepcopy(known[1])
        return view
    now = world.now.isoformat()
    provisioned = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Provisioning succeeded",
        "time": now,
    }
    agent = {
        "code": "ProvisioningState/succeeded" if alive else "ProvisioningState/Unavailable",
        "level": "Info" if alive else "Warning",
        "displayStatus": "Ready" if alive else "Not Ready",
        "message": "Guest Agent is running" if alive else "VM status blob is found but not yet populated.",
        "time": now,
    }
    disk = document["properties"].get("storageProfile", {}).get("osDisk", {}).get("name", "")
    return {
        "vmAgent": {"vmAgentVersion": "2.11.1.4" if alive else "Unknown", "statuses": [agent]},
        "disks": [{"name": disk, "statuses": [dict(provisioned)]}],
        "hyperVGeneration": "V1",
        "statuses": [
            dict(provisioned),
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": DISPLAY[power]},
        ],
    }
