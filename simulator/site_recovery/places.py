"""Where a copy of a machine comes up: for each of its interfaces a network, a subnet and addresses."""

from __future__ import annotations

import copy as copying
from collections.abc import Collection
from dataclasses import dataclass

from simulator.compute import bodies as compute
from simulator.core import ids
from simulator.core.world import World
from simulator.site_recovery import addresses
from simulator.site_recovery.models import Document, Item


@dataclass(frozen=True)
class Copy:
    """One machine to be made. ``network`` overrides the item's own (a drill); None: no network at all."""

    name: str
    machine_id: str
    suffix: str = ""
    network: str | None = None
    connected: bool = True


@dataclass(frozen=True)
class Place:
    """One address of an interface, in a subnet."""

    configuration: str
    subnet_id: str
    address: str
    allocation: str


@dataclass(frozen=True)
class Interface:
    """One interface to be made: its name, its network, and its addresses, the first one primary."""

    group_id: str
    name: str
    network: str
    addresses: tuple[Place, ...]

    @property
    def id(self) -> str:
        return f"{self.group_id}/providers/{compute.NIC_TYPE}/{self.name}"


def find(world: World, item: Item, copy: Copy) -> list[Interface] | Document:
    """The interfaces of a copy, the first one primary; an ARM error object when one of them has no place.

    What an earlier copy of the same machine holds is its own, and free for it.
    """
    mine = _addresses_of(world, copy.machine_id)
    given: set[str] = set()
    found = []
    for number, details in enumerate(item.details.get("vmNics") or [{}]):
        network = copy.network or details.get("recoveryVMNetworkId") or _chosen_network(item)
        chosen = []
        for settings in details.get("ipConfigs") or [{}]:
            place = _place(world, settings, copy, network, (mine - given, given))
            if place is None:
                return _no_place(item, network, str(settings.get("recoverySubnetName") or ""))
            given.add(place.address)
            chosen.append(place)
        name = details.get("targetNicName") or details.get("recoveryNicName") or _own_name(details, copy, number)
        group = item.details["recoveryAzureResourceGroupId"]
        found.append(Interface(group, f"{name}{copy.suffix}", str(network), tuple(chosen)))
    return found


def document_of(interface: Interface, item: Item, copy: Copy, *, primary: bool) -> Document:
    """The interface as ARM shows it, attached to its machine."""
    first, *others = interface.addresses
    described = compute.Interface(
        group_id=interface.group_id,
        name=interface.name,
        location=item.recovery_region,
        subnet_id=first.subnet_id,
        address=first.address,
        machine_id=copy.machine_id,
        configuration=first.configuration,
        allocation=first.allocation,
    )
    document = compute.interface(described)
    document["properties"]["primary"] = primary
    configurations = document["properties"]["ipConfigurations"]
    for other in others:
        made = copying.deepcopy(configurations[0])
        made |= {"name": other.configuration, "id": f"{interface.id}/ipConfigurations/{other.configuration}"}
        made["properties"] |= {
            "privateIPAddress": other.address,
            "privateIPAllocationMethod": other.allocation,
            "subnet": {"id": other.subnet_id},
            "primary": False,
        }
        configurations.append(made)
    return document


def _place(
    world: World, settings: Document, copy: Copy, network: str | None, own: tuple[Collection[str], Collection[str]]
) -> Place | None:
    wanted = settings.get("recoveryStaticIPAddress") or settings.get("staticIPAddress")
    subnet: str | None = str(settings.get("recoverySubnetName") or "")
    if copy.suffix and network:
        subnet = addresses.fitting_subnet(world, network, settings.get("tfoSubnetName") or subnet or "")
        wanted = settings.get("tfoStaticIPAddress") or wanted
    if not network or not subnet:
        return None
    address = addresses.choose(world, network, subnet, wanted, free_for_it=own[0], besides=own[1])
    if address is None:
        return None
    name = str(settings.get("name") or "ipconfig1")
    allocation = str(settings.get("recoveryIPAddressType") or "Dynamic")
    return Place(name, f"{network}/subnets/{subnet}", address, allocation)


def _addresses_of(world: World, machine_id: str) -> set[str]:
    return {
        str(configuration["properties"].get("privateIPAddress"))
        for interface in world.documents.of_type(compute.NIC_TYPE)
        if ids.same((interface["properties"].get("virtualMachine") or {}).get("id"), machine_id)
        for configuration in interface["properties"].get("ipConfigurations") or ()
    }


def _chosen_network(item: Item) -> str | None:
    found = item.details.get("selectedRecoveryAzureNetworkId")
    return str(found) if found else None


def _no_place(item: Item, network: str | None, subnet: str) -> Document:
    """(the code is reported for failed Site Recovery operations in general; no failed failover was recorded)"""
    where = f"subnet '{subnet}' of network '{network}'" if network else "no network"
    return {
        "code": "28020",
        "message": f"The requested operation failed. '{item.name}' can't be connected: {where} has no free address.",
        "possibleCauses": "The target network or subnet doesn't exist, or all its addresses are in use.",
        "recommendedAction": "Choose another target network or subnet in the item's compute and network settings.",
    }


def _own_name(details: Document, copy: Copy, number: int) -> str:
    """Unless told otherwise an interface keeps its name (A2A #192)."""
    source = str(details.get("sourceNicArmId") or "")
    return ids.last(source) if source else f"{copy.name}-nic{number or ''}"
