"""Replication begins, turns round and ends: enable, re-protect, update, disable, purge.

Enable and re-protect are recorded (A2A #147 to #168, #193 to #213): the operation ends in minutes, the way to Protected
takes most of an hour. Re-protect moves the item under the other fabric with the roles swapped, and deletes the machine
that was the source (documented); it needs that region.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator.core import ids
from simulator.core.world import World
from simulator.site_recovery import machines
from simulator.site_recovery.bodies import NETWORK_MAPPING_TYPE, no_scenario
from simulator.site_recovery.item_body import Protection, nic_details, protected_item
from simulator.site_recovery.models import Document, Item, of
from simulator.site_recovery.recovery_points import CRASH_CONSISTENT_MINUTES
from simulator.site_recovery.running import Run
from simulator.site_recovery.transitions import COMMITTED, FINISHING, PROTECTED, REPLICATING, Transition
from simulator.site_recovery.wire import precise

NEVER_DRILLED = "161011"


def prepare(world: World, item: Item, row: Transition, settings: Document) -> Run:
    """The run of a re-protect; ``settings`` are the request's properties (switchprotection's or reProtect's)."""
    given = settings.get("providerSpecificDetails") or {}
    given = given if isinstance(given, dict) else {}
    turned = _turned(world, item, given)

    def at_end() -> Document | None:
        if world.faults.control_plane_is_dead(item.source_region):
            return {
                "code": "28020",
                "message": f"The requested operation failed. The primary region '{item.source_region}' doesn't answer.",
            }
        machines.take_down(world, item.source_machine)
        site = of(world)
        world.documents.delete(item.id)
        world.log.write("resource.deleted", resource=item.id)
        again = protected_item(turned, site.states[REPLICATING])
        for disk in again["properties"]["providerSpecificDetails"]["protectedManagedDisks"]:
            home = turned.recovery_group_id
            disk["recoveryOrignalTargetDiskId"] = f"{home}/providers/Microsoft.Compute/disks/{disk['diskName']}"
        start_replication(world, again, _unselected(turned.nics))
        return None

    skipping = frozenset({"committed"}) if item.state == COMMITTED else frozenset()
    custom = {
        "newReplicationProtectedItemId": f"{turned.container_id}/replicationProtectedItems/{turned.name}",
        "instanceType": "SwitchProtectionJobDetails",
    }
    return Run(row, item, at_end, skipping=skipping, custom=custom)


def _turned(world: World, item: Item, given: Document) -> Protection:
    p, details = item.properties, item.details
    renamed = of(world).guesses.reprotected_name == "new"
    disk = (details.get("protectedManagedDisks") or [{}])[0]
    source_network = _network_of(world, item.source_machine)
    return Protection(
        name=world.guid("reprotected", item.id).replace("-", "") if renamed else item.name,
        container_id=str(p["recoveryContainerId"]),
        recovery_container_id=str(given.get("recoveryContainerId") or item.container_id),
        policy_id=str(given.get("policyId") or p["policyId"]),
        machine_id=item.recovery_machine,
        machine_name=str(p["friendlyName"]),
        recovery_group_id=str(given.get("recoveryResourceGroupId") or _group_of(world, item.source_machine)),
        regions=(item.recovery_region, item.source_region),
        initial_regions=(details["initialPrimaryFabricLocation"], details["initialRecoveryFabricLocation"]),
        nics=[_turned_nic(world, item, nic) for nic in details.get("vmNics") or []],
        disk_name=str(disk.get("failoverDiskName") or f"{p['friendlyName']}_OsDisk"),
        network_id=source_network,
        os_type=str(details.get("osType") or "Linux"),
        size=str(details.get("recoveryAzureVMSize") or "Standard_D2s_v5"),
        replication_group=item.replication_group,
        replication_group_id=str(details.get("multiVmGroupId") or ""),
        staging_account_id=_staging(given),
    )


def _staging(given: Document) -> str | None:
    disks = given.get("vmManagedDisks") or [{}]
    staging: str | None = disks[0].get("primaryStagingAzureStorageAccountId")
    return staging


def _turned_nic(world: World, item: Item, nic: Document) -> Document:
    """Roles swapped: the interface in the recovery region is now the source, the old network is the target."""
    settings: Document = next(iter(nic.get("ipConfigs") or []), {})
    name = nic.get("targetNicName") or nic.get("recoveryNicName") or ids.last(nic["sourceNicArmId"])
    machine = world.machines.get(item.recovery_machine)
    home = nic.get("vMNetworkName") or _network_of(world, item.source_machine) or ""
    address = str(settings.get("staticIPAddress") or "")
    turned = nic_details(
        f"{item.details['recoveryAzureResourceGroupId']}/providers/Microsoft.Network/networkInterfaces/{name}",
        machine.address if machine else address,
        subnets=(str(settings.get("recoverySubnetName") or ""), str(settings.get("subnetName") or "")),
        networks=(str(nic.get("recoveryVMNetworkId") or ""), home),
        recovery_address="" if settings.get("ipAddressType") == "Dynamic" else address,
        configuration=str(settings.get("name") or "ipconfig1"),
        dynamic=settings.get("ipAddressType") == "Dynamic",
    )
    old = world.documents.get(nic["sourceNicArmId"])
    if old is not None:
        own: Document = next(iter(old["properties"].get("ipConfigurations") or ()), {"properties": {}})["properties"]
        turned["ipConfigs"][0]["recoveryPublicIPAddressId"] = (own.get("publicIPAddress") or {}).get("id")
        turned["recoveryNetworkSecurityGroupId"] = (old["properties"].get("networkSecurityGroup") or {}).get("id")
    return turned


def _network_of(world: World, machine_id: str) -> str | None:
    machine = world.machines.get(machine_id)
    return machine.network if machine else None


def _group_of(world: World, machine_id: str) -> str:
    document = world.documents.get(machine_id)
    return str(document["id"] if document else machine_id).split("/providers/", 1)[0]


def start_replication(world: World, document: Document, again: list[Document] | None = None) -> None:
    """An item begins to replicate now and is Protected most of an hour later (recorded).

    ``again`` are the interfaces to show meanwhile of an item that was protected the other way before."""
    item = Item(document)
    item.properties["currentScenario"] = no_scenario(item.vault)
    item.details.update(vmProtectionState="UnprotectedStatesBegin", vmProtectionStateDescription="Enabling protection")
    _show_disks(item, "Unavailable")
    known = {name: item.details[name] for name in _KNOWN_LATER}
    item.details.update(dict.fromkeys(_KNOWN_LATER), vmNics=again or [], monitoringJobType=None)
    item.details["monitoringPercentageCompletion"] = None
    world.documents.put(document)
    world.log.write("resource.written", resource=item.id)
    seconds = world.draw("replicationProtectedItems/initialReplication", item.id)
    done = AGAIN_DONE if again else None
    _later(world, item, seconds * AGENT_FOUND_AT, lambda: _show_disks(item, "InitialReplicationPending", world))
    _later(world, item, seconds * COPYING_AT, lambda: _copying(world, item, done))
    _later(world, item, seconds, lambda: _finishing(world, item, known))


_KNOWN_LATER = ("vmNics", "selectedRecoveryAzureNetworkId", "lifecycleId")
"""What an item does not tell until it is protected (A2A #160 to #166, #209 to #212)."""
AGENT_FOUND_AT, COPYING_AT, COPIED_AT = 0.2, 0.5, 0.5
"""When the agent is first heard and the copy first counted, as parts of the initial replication; when the copy is
complete, as a part of what follows (guesses between two readings)."""
AGAIN_DONE = 9
CERTIFICATE_DAYS = 1095


def _later(world: World, item: Item, seconds: float, what: Callable[[], None]) -> None:
    """Do something to an item later, if it is still there."""

    def act() -> None:
        if world.documents.get(item.id) is item.document:
            what()
            world.documents.changed(item.id)

    world.after(seconds, act)


def _show_disks(item: Item, state: str, heard: World | None = None) -> None:
    for disk in item.details["protectedManagedDisks"]:
        disk |= {"diskState": state, "monitoringJobType": None, "monitoringPercentageCompletion": None}
    if heard is not None:
        item.details["lastHeartbeat"] = precise(heard.now)


def _copying(world: World, item: Item, done: int | None) -> None:
    item.details.update(monitoringPercentageCompletion=done or 0, monitoringJobType="InitialReplication")
    item.details["lastHeartbeat"] = precise(world.now)
    for disk in item.details["protectedManagedDisks"]:
        disk |= {"monitoringJobType": "InitialReplication", "monitoringPercentageCompletion": done}


def _unselected(nics: list[Document]) -> list[Document]:
    """The interfaces of an item that was turned round a moment ago: nothing of the new source is known (A2A #209)."""
    shown = copy.deepcopy(nics)
    for nic in shown:
        nic |= {"selectionType": "NotSelected", "vMNetworkName": None, "sourceNicArmId": nic["sourceNicArmId"].lower()}
        for configuration in nic["ipConfigs"]:
            configuration |= {"name": None, "subnetName": None, "staticIPAddress": None, "ipAddressType": "Dynamic"}
    return shown


def _finishing(world: World, item: Item, known: Document) -> None:
    of(world).set_state(item, FINISHING)
    seconds = world.draw("replicationProtectedItems/finishReplication", item.id)
    _later(world, item, seconds * COPIED_AT, lambda: _show_disks(item, "Protected", world))
    _later(world, item, seconds, lambda: _protected(world, item, known))


def _protected(world: World, item: Item, known: Document) -> None:
    """There is a first recovery point; that nobody has drilled it is found out a while later (A2A #167, #213)."""
    site = of(world)
    _show_disks(item, "Protected", world)
    for disk in item.details["protectedManagedDisks"]:
        disk["recoveryOrignalTargetDiskId"] = "" if disk.get("recoveryOrignalTargetDiskId") else None
    item.details.update(known, vmProtectionState="Protected", vmProtectionStateDescription="Protected")
    expires = world.now + timedelta(days=CERTIFICATE_DAYS)
    item.details["agentCertificateExpiryDate"] = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    site.points_until.pop(item.key, None)
    site.points_since[item.key] = world.now - timedelta(minutes=CRASH_CONSISTENT_MINUTES)
    site.set_state(item, PROTECTED, failoverHealth="Normal", healthErrors=[])
    seconds = world.draw("replicationProtectedItems/firstValidation", item.id)
    _later(world, item, seconds, lambda: _validated(world, item))


def _validated(world: World, item: Item) -> None:
    if item.state == PROTECTED and not item.properties.get("lastSuccessfulTestFailoverTime"):
        item.properties.update(failoverHealth="Warning", healthErrors=[_never_drilled(world, item)])


def _never_drilled(world: World, item: Item) -> Document:
    """The warning of every item that was never test-failed-over (A2A #213)."""
    name = item.properties["friendlyName"]
    return {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "8010",
        "errorLevel": "Warning",
        "errorCategory": "TestFailover",
        "errorCode": NEVER_DRILLED,
        "summaryMessage": "",
        "errorMessage": f"No successful test failover has been done on the virtual machine '{name}'.",
        "possibleCauses": "No successful test failover has been done on the virtual machine after it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": world.now.strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z",
        "recoveryProviderErrorMessage": None,
        "entityId": world.guid("entity", item.id),
        "errorId": "6:8010",
        "customerResolvability": "NotAllowed",
    }


def enabled(world: World, item_id: str, settings: Document) -> Document | None:
    """A newly enabled item's document from its PUT; None when the machine it names is not there."""
    given: dict[str, Any] = settings.get("providerSpecificDetails") or {}
    machine = world.documents.get(str(given.get("fabricObjectId") or ""))
    container = world.documents.get(item_id.split("/replicationProtectedItems/", 1)[0])
    target = world.documents.get(str(given.get("recoveryContainerId") or ""))
    if machine is None or container is None or target is None:
        return None
    regions = (_region_of(world, container["id"]), _region_of(world, target["id"]))
    disk: Document = machine["properties"].get("storageProfile", {}).get("osDisk", {})
    network = given.get("recoveryAzureNetworkId") or _mapped_network(world, item_id, machine["id"])
    subnet = str(given.get("recoverySubnetName") or "").rsplit("/", 1)[-1]
    nics = machine["properties"].get("networkProfile", {}).get("networkInterfaces") or []
    protection = Protection(
        name=ids.last(item_id),
        container_id=container["id"],
        recovery_container_id=target["id"],
        policy_id=str(settings.get("policyId") or ""),
        machine_id=machine["id"],
        recovery_group_id=str(given.get("recoveryResourceGroupId") or ""),
        regions=regions,
        initial_regions=regions,
        nics=[_new_nic(world, nic["id"], network or "", subnet) for nic in nics],
        disk_name=str(disk.get("name") or f"{machine['name']}_OsDisk"),
        network_id=network,
        os_type=disk.get("osType", "Linux"),
        size=str(machine["properties"].get("hardwareProfile", {}).get("vmSize") or "Standard_D2s_v5"),
        replication_group=str(given.get("multiVmGroupName") or ""),
        replication_group_id=str(given.get("multiVmGroupId") or ""),
        staging_account_id=_staging(given),
    )
    return protected_item(protection, of(world).states[REPLICATING])


def _new_nic(world: World, nic_id: str, network: str, subnet: str) -> Document:
    nic = world.documents.get(nic_id)
    settings: Document = {"name": "ipconfig1", "properties": {}}
    if nic:
        settings = nic["properties"]["ipConfigurations"][0]
    own = str((settings["properties"].get("subnet") or {}).get("id") or "")
    networks = (own.rsplit("/subnets/", 1)[0], network)
    address = str(settings["properties"].get("privateIPAddress") or "")
    subnets = (ids.last(own) if own else "", subnet or ids.last(own))
    dynamic = settings["properties"].get("privateIPAllocationMethod") == "Dynamic"
    made = nic_details(nic_id, address, subnets, networks, "", settings["name"], dynamic=dynamic)
    made["ipConfigs"][0]["recoveryLBBackendAddressPoolIds"] = None
    return made


def _region_of(world: World, container_id: str) -> str:
    fabric = world.documents.get(container_id.split("/replicationProtectionContainers/", 1)[0])
    return str(fabric["properties"]["customDetails"].get("location") or "") if fabric else ""


def _mapped_network(world: World, item_id: str, machine_id: str) -> str | None:
    """The recovery network that the fabric's network mapping gives for the machine's own."""
    machine = world.machines.get(machine_id)
    fabric = item_id.split("/replicationProtectionContainers/", 1)[0]
    for mapping in world.documents.of_type(NETWORK_MAPPING_TYPE, fabric):
        if machine and ids.same(mapping["properties"]["primaryNetworkId"], machine.network):
            return str(mapping["properties"]["recoveryNetworkId"])
    return None
