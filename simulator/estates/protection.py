"""Machines and their protection by Site Recovery: vault, fabrics, containers, mappings, items and a recovery plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.compute import bodies as compute
from simulator.estates.place import Document, Place
from simulator.site_recovery import bodies
from simulator.site_recovery.item_body import Protection, nic_details, protected_item

_MADE = "2025-11-03T08:12:44.1675044+00:00"
_LAST_DRILL = "2026-02-17T03:20:11.4021187Z"


@dataclass(frozen=True)
class Machine:
    """A machine in a subnet of ``network``, tagged with the subnet's name.

    Protected, it goes to ``target_network`` (None: one that is not there yet), and there has ``target_address``, its
    own one unless said otherwise. ``forwards``: an appliance, whose interface forwards what is not its own.
    """

    name: str
    network: str
    subnet: str
    address: str
    target_network: str | None = None
    target_address: str | None = None
    os_type: str = "Linux"
    forwards: bool = False


def machine(place: Place, m: Machine) -> list[Document]:
    """The machine and its interface, as they stand in ``place``."""
    described = compute.Machine(
        group_id=place.group_id,
        name=m.name,
        location=place.region,
        nic_id=_nic_id(place, m),
        disk_name=_disk_name(m),
        created=_MADE,
        os_type=m.os_type,
    )
    interface = compute.interface(
        compute.Interface(
            group_id=place.group_id,
            name=f"{m.name}-nic",
            location=place.region,
            subnet_id=f"{m.network}/subnets/{m.subnet}",
            address=m.address,
            machine_id=described.id,
        )
    )
    if m.forwards:
        interface["properties"]["enableIPForwarding"] = True
    return [compute.machine(described, {"application": place.owner.application, "tier": m.subnet}), interface]


@dataclass(frozen=True)
class Protected:
    """What one vault protects: from ``source`` to ``recovery``, places of the machines' groups.

    ``vault`` is the place of the vault, ``tiers`` the machines in the order in which the recovery plan boots them.
    """

    source: Place
    recovery: Place
    vault: Place
    tiers: Sequence[Sequence[Machine]]

    @property
    def name(self) -> str:
        return self.source.owner.application

    @property
    def regions(self) -> tuple[str, str]:
        return self.source.region, self.recovery.region

    @property
    def vault_id(self) -> str:
        return self.vault.id("Microsoft.RecoveryServices/vaults", f"rsv-{self.name}")

    @property
    def fabrics(self) -> tuple[str, str]:
        """Ids of the source's fabric and of the recovery side's."""
        source, recovery = (
            bodies.site_recovery_id(self.vault_id, "replicationFabrics", f"asr-{one}") for one in self.regions
        )
        return source, recovery

    @property
    def containers(self) -> tuple[str, str]:
        source, recovery = (
            f"{fabric}/replicationProtectionContainers/asr-container-{region}"
            for fabric, region in zip(self.fabrics, self.regions, strict=True)
        )
        return source, recovery

    @property
    def policy(self) -> str:
        return bodies.site_recovery_id(self.vault_id, "replicationPolicies", f"policy-{self.name}")

    def item_id(self, machine_name: str) -> str:
        return f"{self.containers[0]}/replicationProtectedItems/{machine_name}"

    def documents(self) -> list[Document]:
        """Machines and interfaces, the vault and everything in it, the recovery plan last."""
        everyone = [one for tier in self.tiers for one in tier]
        documents = [document for one in everyone for document in machine(self.source, one)]
        documents += self._infrastructure(len(everyone))
        documents += [document for one in self._homes(everyone) for document in self._network_mappings(*one)]
        documents += [self._item(one) for one in everyone]
        return [*documents, self._recovery_plan()]

    def _infrastructure(self, items: int) -> list[Document]:
        (source, recovery), (here, there) = self.containers, self.regions
        mapping, policy = bodies.container_mapping, f"policy-{self.name}"
        return [
            bodies.vault(self.vault_id, self.vault.region),
            bodies.fabric(self.vault_id, f"asr-{here}", here, [source]),
            bodies.fabric(self.vault_id, f"asr-{there}", there, [recovery]),
            bodies.container(self.fabrics[0], f"asr-container-{here}", here, protected=items, paired=True),
            bodies.container(self.fabrics[1], f"asr-container-{there}", there, paired=True),
            bodies.policy(self.vault_id, policy, history_minutes=1440, app_consistent_minutes=60, items=items),
            mapping(source, f"{here}-to-{there}", recovery, self.policy, (here, there)),
            mapping(recovery, f"{there}-to-{here}", source, self.policy, (there, here)),
        ]

    def _homes(self, everyone: Sequence[Machine]) -> Iterator[tuple[str, str, str]]:
        """Each source network with its recovery network, and the mapping's name: numbered from the second on."""
        pairs = dict.fromkeys((one.network, one.target_network) for one in everyone)
        known = [(source, target) for source, target in pairs if target]
        for number, (source, target) in enumerate(known, start=1):
            yield source, target, f"vnet-{self.name}" + (f"-{number}" if number > 1 else "")

    def _network_mappings(self, source: str, target: str, name: str) -> list[Document]:
        there, back = self.fabrics, self.fabrics[::-1]
        regions = self.regions
        return [
            bodies.network_mapping(there[0], name, (source, target), there[1], regions),
            bodies.network_mapping(back[0], f"{name}-back", (target, source), back[1], (regions[1], regions[0])),
        ]

    def _item(self, m: Machine) -> Document:
        nic = nic_details(
            _nic_id(self.source, m),
            m.address,
            subnets=(m.subnet, m.subnet),
            networks=(m.network, m.target_network or ""),
            recovery_address=m.target_address or m.address,
            configuration="ipconfig1",
        )
        protection = Protection(
            name=m.name,
            container_id=self.containers[0],
            recovery_container_id=self.containers[1],
            policy_id=self.policy,
            machine_id=self.source.id("Microsoft.Compute/virtualMachines", m.name),
            machine_name=m.name,
            recovery_group_id=self.recovery.group_id,
            regions=self.regions,
            initial_regions=self.regions,
            nics=[nic],
            disk_name=_disk_name(m),
            network_id=m.target_network,
            os_type=m.os_type,
            staging_account_id=self.source.id("Microsoft.Storage/storageAccounts", f"st{self.name}cache"),
        )
        return protected_item(protection, {"lastSuccessfulTestFailoverTime": _LAST_DRILL})

    def _recovery_plan(self) -> Document:
        groups = [[self.item_id(one.name) for one in tier] for tier in self.tiers if tier]
        return bodies.recovery_plan(self.vault_id, f"rp-{self.name}", self.fabrics, self.regions, groups)


def _nic_id(place: Place, m: Machine) -> str:
    return place.id("Microsoft.Network/networkInterfaces", f"{m.name}-nic")


def _disk_name(m: Machine) -> str:
    return f"{m.name}_OsDisk"
