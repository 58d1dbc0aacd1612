"""What a failover does to machines: shuts the source down when it can, makes the copy, makes and removes drill copies.

A failed-over machine and its disk keep the source's names in the recovery resource group, and its interface too
(A2A #192); a drill's machine is called ``<vm>-test`` (PowerShell excerpts).
"""

from __future__ import annotations

from functools import partial

from simulator.compute import bodies as compute
from simulator.core import ids
from simulator.core.world import World
from simulator.site_recovery import places
from simulator.site_recovery.models import Document, Item, of
from simulator.site_recovery.places import Copy
from simulator.site_recovery.wire import precise

TWO_LIVE_COPIES = "never-two-live-copies"
GRACE_SECONDS = 900.0
"""How long a source that came back with its region may run beside its copy before that is a violation."""


def shut_down_source(world: World, item: Item) -> bool:
    """Deallocate the source if it answers; a failover goes on without (documented). True if it is down afterwards."""
    machine = world.machines.get(item.source_machine)
    if machine is None or not world.machines.up(machine):
        return True
    if of(world).guesses.shutdown_needs == "control-plane" and world.faults.control_plane_is_dead(machine.region):
        return False
    world.machines.stop(item.source_machine)
    world.state.setdefault("compute.power", {})[ids.key(item.source_machine)] = "deallocated"
    return True


def bring_up(world: World, item: Item) -> Document | None:
    """Make the recovery machine. An ARM error object when that is not possible."""
    error = _make(world, item, Copy(str(item.details["recoveryAzureVMName"]), item.recovery_machine))
    if error is None:
        source = world.machines.get(item.source_machine)
        if source is not None and world.machines.up(source):
            detail = f"{item.name}: {source.id} is still running in {source.region} beside {item.recovery_machine}"
            world.violated(TWO_LIVE_COPIES, detail)
    return error


def watch(world: World) -> None:
    """Two live copies also come to be when a dead region comes back: somebody must stop the old one."""

    def came_up(machine_id: str) -> None:
        for item in of(world).failed_over_from(machine_id):
            if _both_up(world, item):
                world.after(GRACE_SECONDS, partial(still_up, item))

    def still_up(item: Item) -> None:
        if _both_up(world, item) and item.id in world.documents:
            detail = f"{item.name}: its source came back and ran beside it for {GRACE_SECONDS:g} s"
            world.violated(TWO_LIVE_COPIES, detail)

    world.log.on("machine.up", lambda event: came_up(event["id"]))


def _both_up(world: World, item: Item) -> bool:
    both = (world.machines.get(item.source_machine), world.machines.get(item.recovery_machine))
    return all(machine is not None and world.machines.up(machine) for machine in both)


def bring_up_drill(world: World, item: Item, network: str | None) -> Document | None:
    copy = Copy(item.drill_name, item.drill_machine, suffix="-test", network=network, connected=network is not None)
    return _make(world, item, copy)


def take_down(world: World, machine_id: str) -> None:
    """Delete a machine and its interfaces."""
    document = world.documents.get(machine_id)
    if document is not None:
        for interface in document["properties"].get("networkProfile", {}).get("networkInterfaces") or []:
            if world.documents.delete(interface["id"]):
                world.log.write("resource.deleted", resource=interface["id"])
        world.documents.delete(machine_id)
        world.log.write("resource.deleted", resource=document["id"])
    world.machines.remove(machine_id)


def _make(world: World, item: Item, copy: Copy) -> Document | None:
    if world.faults.control_plane_is_dead(item.recovery_region):
        message = f"The requested operation failed. The target region '{item.recovery_region}' doesn't answer."
        return {"code": "28020", "message": message}
    found = places.find(world, item, copy)
    if isinstance(found, dict):
        return found
    first = found[0]
    take_down(world, copy.machine_id)
    disk = (item.details.get("protectedManagedDisks") or [{}])[0]
    described = compute.Machine(
        group_id=item.details["recoveryAzureResourceGroupId"],
        name=copy.name,
        location=item.recovery_region,
        nic_id=first.id,
        disk_name=str(disk.get("tfoDiskName" if copy.suffix else "failoverDiskName") or f"{copy.name}_OsDisk"),
        created=precise(world.now).replace("Z", "+00:00"),
        size=str(item.details.get("recoveryAzureVMSize") or "Standard_D2s_v5"),
        os_type=str(item.details.get("osType") or "Linux"),
        recovered=True,
    )
    source = world.documents.get(item.source_machine)
    made = compute.machine(described, dict(source.get("tags") or {}) if source else {})
    made["properties"]["networkProfile"]["networkInterfaces"] = [
        {"id": place.id, "properties": {"primary": place is first}} for place in found
    ]
    for place in found:
        world.documents.put(places.document_of(place, item, copy, primary=place is first))
    world.documents.put(made)
    for written in (*(place.id for place in found), described.id):
        world.log.write("resource.written", resource=written)
    world.state.setdefault("compute.power", {})[ids.key(described.id)] = "running"
    world.machines.place(
        described.id,
        name=copy.name,
        region=item.recovery_region,
        network=first.network,
        address=first.addresses[0].address,
        running=True,
    )
    return None
