"""Company B's machines and their protection, as ARM documents.

Three tiers (data, application, web) in East Asia, every machine protected to Southeast Asia with its own address as
the target address, and one recovery plan that boots the tiers in that order. Networks, gateways, the Key Vault and the
on-premises site are not made here. A recovery plan of Azure holds 100 machines at most; with more machines this estate
goes beyond it on purpose, because a benchmark asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from simulator.compute import bodies as compute
from simulator.site_recovery import bodies
from simulator.site_recovery.bodies import Document
from simulator.site_recovery.item_body import Protection, nic_details, protected_item

SUBSCRIPTION = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
SOURCE_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-companyb-eastasia"
RECOVERY_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-companyb-southeastasia"
DR_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-companyb-dr"
SOURCE_NETWORK = f"{SOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-companyb-eastasia"
RECOVERY_NETWORK = f"{RECOVERY_GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-companyb-southeastasia"
VAULT = f"{DR_GROUP}/providers/Microsoft.RecoveryServices/vaults/rsv-companyb"
REGIONS = ("eastasia", "southeastasia")

SOURCE_FABRIC = bodies.site_recovery_id(VAULT, "replicationFabrics", "asr-eastasia")
RECOVERY_FABRIC = bodies.site_recovery_id(VAULT, "replicationFabrics", "asr-southeastasia")
SOURCE_CONTAINER = f"{SOURCE_FABRIC}/replicationProtectionContainers/asr-container-eastasia"
RECOVERY_CONTAINER = f"{RECOVERY_FABRIC}/replicationProtectionContainers/asr-container-southeastasia"
POLICY = bodies.site_recovery_id(VAULT, "replicationPolicies", "policy-companyb")

_MADE = "2025-11-03T08:12:44.1675044+00:00"
_LAST_DRILL = "2026-02-17T03:20:11.4021187Z"
_LARGEST = 3 * 250


@dataclass(frozen=True)
class PlacedMachine:
    """One machine: its name, the subnet (tier) it lives in and its address, the same in both regions."""

    name: str
    tier: str
    address: str


def machines(virtual_machines: int = 9) -> list[list[PlacedMachine]]:
    """The data, application and web tier, each a third (the first ones take what is left over)."""
    if not 1 <= virtual_machines <= _LARGEST:
        raise ValueError(f"Company B has 1 to {_LARGEST} virtual machines, not {virtual_machines}")
    share, left = divmod(virtual_machines, 3)
    sizes = [share + (1 if tier < left else 0) for tier in range(3)]
    return [
        [PlacedMachine(_name(tier, n), tier, str(IPv4Address(first) + n)) for n in range(size)]
        for (tier, first), size in zip(_TIERS, sizes, strict=True)
    ]


_TIERS = (("data", "10.1.3.4"), ("app", "10.1.2.4"), ("web", "10.1.1.4"))


def _name(tier: str, number: int) -> str:
    if tier != "data":
        return f"{tier}{number + 1}"
    return "dc1" if number == 0 else f"sql{number}"


def protected_estate(virtual_machines: int = 9) -> list[Document]:
    """VM and interface documents, the vault and everything in it. ``virtual_machines`` 1 to 750."""
    tiers = machines(virtual_machines)
    everyone = [machine for tier in tiers for machine in tier]
    documents = [document for machine in everyone for document in _machine_documents(machine)]
    documents += _vault_documents(len(everyone))
    documents += [_item(machine) for machine in everyone]
    boot_groups = [[item_id(machine.name) for machine in tier] for tier in tiers if tier]
    documents.append(bodies.recovery_plan(VAULT, "rp-companyb", (SOURCE_FABRIC, RECOVERY_FABRIC), REGIONS, boot_groups))
    return documents


def item_id(name: str) -> str:
    return f"{SOURCE_CONTAINER}/replicationProtectedItems/{name}"


def _machine_documents(m: PlacedMachine) -> Iterator[Document]:
    described = compute.Machine(
        group_id=SOURCE_GROUP,
        name=m.name,
        location=REGIONS[0],
        nic_id=_nic_id(m),
        disk_name=_disk_name(m),
        created=_MADE,
        os_type=_os_type(m),
    )
    yield compute.machine(described, {"application": "companyb", "tier": m.tier})
    yield compute.interface(
        compute.Interface(
            group_id=SOURCE_GROUP,
            name=f"{m.name}-nic",
            location=REGIONS[0],
            subnet_id=f"{SOURCE_NETWORK}/subnets/{m.tier}",
            address=m.address,
            machine_id=described.id,
        )
    )


def _vault_documents(items: int) -> list[Document]:
    mapping = bodies.container_mapping
    return [
        bodies.vault(VAULT, REGIONS[1]),
        bodies.fabric(VAULT, "asr-eastasia", REGIONS[0], [SOURCE_CONTAINER]),
        bodies.fabric(VAULT, "asr-southeastasia", REGIONS[1], [RECOVERY_CONTAINER]),
        bodies.container(SOURCE_FABRIC, "asr-container-eastasia", REGIONS[0], protected=items, paired=True),
        bodies.container(RECOVERY_FABRIC, "asr-container-southeastasia", REGIONS[1], paired=True),
        bodies.policy(VAULT, "policy-companyb", history_minutes=1440, app_consistent_minutes=60, items=items),
        mapping(SOURCE_CONTAINER, "eastasia-to-southeastasia", RECOVERY_CONTAINER, POLICY, REGIONS),
        mapping(RECOVERY_CONTAINER, "southeastasia-to-eastasia", SOURCE_CONTAINER, POLICY, (REGIONS[1], REGIONS[0])),
        bodies.network_mapping(
            SOURCE_FABRIC, "vnet-companyb", (SOURCE_NETWORK, RECOVERY_NETWORK), RECOVERY_FABRIC, REGIONS
        ),
        bodies.network_mapping(
            RECOVERY_FABRIC,
            "vnet-companyb-back",
            (RECOVERY_NETWORK, SOURCE_NETWORK),
            SOURCE_FABRIC,
            (REGIONS[1], REGIONS[0]),
        ),
    ]


def _item(m: PlacedMachine) -> Document:
    nic = nic_details(
        _nic_id(m),
        m.address,
        subnets=(m.tier, m.tier),
        networks=(SOURCE_NETWORK, RECOVERY_NETWORK),
        recovery_address=m.address,
        configuration="ipconfig1",
    )
    protection = Protection(
        name=m.name,
        container_id=SOURCE_CONTAINER,
        recovery_container_id=RECOVERY_CONTAINER,
        policy_id=POLICY,
        machine_id=f"{SOURCE_GROUP}/providers/Microsoft.Compute/virtualMachines/{m.name}",
        machine_name=m.name,
        recovery_group_id=RECOVERY_GROUP,
        regions=REGIONS,
        initial_regions=REGIONS,
        nics=[nic],
        disk_name=_disk_name(m),
        network_id=RECOVERY_NETWORK,
        os_type=_os_type(m),
        staging_account_id=f"{SOURCE_GROUP}/providers/Microsoft.Storage/storageAccounts/stcompanybcache",
    )
    return protected_item(protection, {"lastSuccessfulTestFailoverTime": _LAST_DRILL})


def _nic_id(m: PlacedMachine) -> str:
    return f"{SOURCE_GROUP}/providers/Microsoft.Network/networkInterfaces/{m.name}-nic"


def _disk_name(m: PlacedMachine) -> str:
    return f"{m.name}_OsDisk"


def _os_type(m: PlacedMachine) -> str:
    return "Windows" if m.tier == "data" else "Linux"
