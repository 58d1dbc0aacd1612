"""Company B's machines and their protection, as ARM documents.

Three tiers (data, application, web) in East Asia, every machine protected to Southeast Asia with its own address as
the target address, and one recovery plan that boots the tiers in that order. Networks, gateways, the Key Vault and the
on-premises site are not made here. A recovery plan of Azure holds 100 machines at most; with more machines this estate
goes beyond it on purpose, because a benchmark asks for it.
"""

from __future__ import annotations

import uuid
from ipaddress import IPv4Address

from simulator.estates.place import Document, Owner
from simulator.estates.protection import Machine, Protected

OWNER = Owner("companyb", "0000b0b0-0000-4000-8000-00000000b0b0", uuid.UUID("5b6d1d0e-90b5-4f0e-9d0c-0000b0b0b0b0"))
SOURCE = OWNER.at("rg-companyb-eastasia", "eastasia")
RECOVERY = OWNER.at("rg-companyb-southeastasia", "southeastasia")
DR = OWNER.at("rg-companyb-dr", "southeastasia")

SOURCE_GROUP, RECOVERY_GROUP, DR_GROUP = SOURCE.group_id, RECOVERY.group_id, DR.group_id
SOURCE_NETWORK = SOURCE.id("Microsoft.Network/virtualNetworks", "vnet-companyb-eastasia")
RECOVERY_NETWORK = RECOVERY.id("Microsoft.Network/virtualNetworks", "vnet-companyb-southeastasia")

_LARGEST = 3 * 250
_TIERS = (("data", "10.1.3.4"), ("app", "10.1.2.4"), ("web", "10.1.1.4"))


def machines(virtual_machines: int = 9) -> list[list[Machine]]:
    """The data, application and web tier, each a third (the first ones take what is left over)."""
    if not 1 <= virtual_machines <= _LARGEST:
        raise ValueError(f"Company B has 1 to {_LARGEST} virtual machines, not {virtual_machines}")
    share, left = divmod(virtual_machines, 3)
    sizes = [share + (1 if tier < left else 0) for tier in range(3)]
    return [
        [_machine(tier, number, str(IPv4Address(first) + number)) for number in range(size)]
        for (tier, first), size in zip(_TIERS, sizes, strict=True)
    ]


def _machine(tier: str, number: int, address: str) -> Machine:
    return Machine(
        name=_name(tier, number),
        network=SOURCE_NETWORK,
        subnet=tier,
        address=address,
        target_network=RECOVERY_NETWORK,
        os_type="Windows" if tier == "data" else "Linux",
    )


def _name(tier: str, number: int) -> str:
    if tier != "data":
        return f"{tier}{number + 1}"
    return "dc1" if number == 0 else f"sql{number}"


def protection(virtual_machines: int = 9) -> Protected:
    return Protected(SOURCE, RECOVERY, DR, machines(virtual_machines))


def protected_estate(virtual_machines: int = 9) -> list[Document]:
    """VM and interface documents, the vault and everything in it. ``virtual_machines`` 1 to 750."""
    return protection(virtual_machines).documents()


def item_id(name: str) -> str:
    return protection(1).item_id(name)


VAULT = protection(1).vault_id
