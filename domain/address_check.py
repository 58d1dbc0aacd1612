"""Will each machine come up with the address it should have? Asked in calm times, of a snapshot (sources: Addresses).

Site Recovery gives a machine the next free address, without a word, when the one in the item is taken, lies outside its
subnet, or is one of Azure's own: so all of that is looked at beforehand. No I/O: what Azure says of an address at this
moment comes in as ``unavailable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from domain import arm_ids
from domain.address_holders import Held, Range, holders, is_reserved, lies_in, subnets_of
from domain.snapshot import Document, Snapshot, properties

KEPT_OF_NIC = (
    "selectionType",
    "recoveryNetworkSecurityGroupId",
    "enableAcceleratedNetworkingOnRecovery",
    "recoveryNicName",
    "recoveryNicResourceGroupName",
    "reuseExistingNic",
)
Taken = Mapping[tuple[str, str], str]
"""(key of a network's id, address) -> who has it, in words."""


@dataclass(frozen=True)
class Row:
    """One address of one interface. ``expected`` what it should come up with, ``found`` what the item says.

    ``problems`` say in words what is wrong, none when all is well; ``assignable``: writing ``expected`` mends it.
    """

    item: str
    machine: str
    nic: str
    nic_id: str
    configuration: str
    network: str
    subnet: str
    source: str
    expected: str
    found: str
    problems: tuple[str, ...] = ()
    assignable: bool = False

    @property
    def ok(self) -> bool:
        return not self.problems


def check_addresses(
    items: Iterable[Document],
    snapshot: Snapshot,
    *,
    keep: bool = True,
    pairs: Mapping[str, str] | None = None,
    unavailable: Taken | None = None,
) -> tuple[Row, ...]:
    """A row for each address of each protected item, in the items' order.

    ``keep``: the target address is the source's; otherwise the item's own static one counts, and one that has none is
    wanted at the same place in its target subnet. ``pairs``: key of a source network's id -> id of its target, where
    the plan says so.
    """
    known = list(items)
    rows = [row for item in known for row in _rows(item, snapshot, keep, pairs or {})]
    held = holders(snapshot)
    homes = {item["id"]: _recovered_machine(item) for item in known}
    wanted: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.expected:
            wanted.setdefault((arm_ids.key(row.network), row.expected), set()).add(f"{row.machine} {row.nic}")
    return tuple(_judged(row, snapshot, held, homes[row.item], wanted, unavailable or {}) for row in rows)


def changes_of(item: Document, rows: Iterable[Row]) -> dict[str, Any]:
    """``properties`` of the PATCH that assigns the expected addresses of one item; its other settings as they are."""
    wanted = {(row.nic_id, row.configuration): row for row in rows if row.assignable}
    nics = []
    for nic in _details(item).get("vmNics") or ():
        configurations = []
        for one in nic.get("ipConfigs") or ():
            row = wanted.get((str(nic.get("nicId")), str(one.get("name"))))
            configurations.append(
                {
                    "ipConfigName": one.get("name"),
                    "isPrimary": one.get("isPrimary"),
                    "isSeletedForFailover": one.get("isSeletedForFailover"),
                    "recoverySubnetName": row.subnet if row else one.get("recoverySubnetName"),
                    "recoveryStaticIPAddress": row.expected if row else one.get("recoveryStaticIPAddress"),
                }
            )
        told = [{key: value for key, value in one.items() if value is not None} for one in configurations]
        kept = {name: nic[name] for name in KEPT_OF_NIC if nic.get(name) is not None}
        nics.append({"nicId": nic.get("nicId"), **kept, "ipConfigs": told})
    network = _details(item).get("selectedRecoveryAzureNetworkId")
    chosen = {"selectedRecoveryAzureNetworkId": network} if network else {}
    return {**chosen, "vmNics": nics, "providerSpecificDetails": {"instanceType": "A2A"}}


def _rows(item: Document, snapshot: Snapshot, keep: bool, pairs: Mapping[str, str]) -> list[Row]:
    details = _details(item)
    machine = details.get("recoveryAzureVMName") or properties(item).get("friendlyName") or arm_ids.name_of(item["id"])
    bare = Row(item["id"], machine, "", "", "", "", "", "", "", "")
    nics = details.get("vmNics") or ()
    if not nics:
        return [replace(bare, problems=("the item has no interface: it would come up without a network",))]
    found = []
    for nic in nics:
        source = str(nic.get("sourceNicArmId") or "")
        told = pairs.get(arm_ids.key(str(nic.get("vMNetworkName") or "-"))) if nic.get("vMNetworkName") else None
        network = nic.get("recoveryVMNetworkId") or details.get("selectedRecoveryAzureNetworkId") or told or ""
        row = replace(
            bare, nic=arm_ids.name_of(source) if source else "", nic_id=str(nic.get("nicId") or ""), network=network
        )
        if told and network and not arm_ids.same(told, network):
            row = replace(row, problems=(f"goes to {arm_ids.name_of(network)}, the plan says {arm_ids.name_of(told)}",))
        found += [_row(row, one, nic, snapshot, keep) for one in nic.get("ipConfigs") or ()]
    return found


def _row(row: Row, one: Document, nic: Document, snapshot: Snapshot, keep: bool) -> Row:
    source = _source_address(one, nic, snapshot)
    target = str(one.get("recoveryStaticIPAddress") or "")
    subnet = str(one.get("recoverySubnetName") or one.get("subnetName") or "")
    expected = source
    if not keep:
        ranges = subnets_of(snapshot, row.network).get(subnet.lower(), ())
        expected = target or _same_place(source, _source_ranges(one, nic, snapshot), ranges)
    return replace(
        row, configuration=str(one.get("name") or ""), subnet=subnet, source=source, expected=expected, found=target
    )


def _source_address(one: Document, nic: Document, snapshot: Snapshot) -> str:
    """As the interface has it, else as the item remembers it."""
    configurations = properties(snapshot.get(nic.get("sourceNicArmId"))).get("ipConfigurations") or ()
    for configuration in configurations:
        if str(configuration.get("name")).lower() == str(one.get("name")).lower():
            return str(properties(configuration).get("privateIPAddress") or "")
    return str(one.get("staticIPAddress") or "")


def _source_ranges(one: Document, nic: Document, snapshot: Snapshot) -> tuple[Range, ...]:
    network = str(nic.get("vMNetworkName") or "")
    found = subnets_of(snapshot, network) if arm_ids.is_arm_id(network) else {}
    return found.get(str(one.get("subnetName") or "").lower(), ())


def _same_place(source: str, ours: tuple[Range, ...], theirs: tuple[Range, ...]) -> str:
    """The address that lies as far into the target subnet as the source's lies into its own."""
    if not source or not theirs or lies_in(source, theirs):
        return source
    host = ip_address(source)
    home = next((one for one in ours if host in one), None)
    if home is None:
        return ""
    moved = int(theirs[0].network_address) + int(host) - int(home.network_address)
    found = str(type(host)(moved)) if host.version == theirs[0].version else ""
    return found if found and lies_in(found, theirs) else ""


def _judged(
    row: Row,
    snapshot: Snapshot,
    held: tuple[Held, ...],
    home: str,
    wanted: Mapping[tuple[str, str], set[str]],
    unavailable: Taken,
) -> Row:
    if not row.configuration:
        return row
    network = snapshot.get(row.network)
    problems = list(row.problems)
    if not row.network:
        return replace(row, problems=(*problems, "the item names no target network"))
    if network is None:
        return replace(row, problems=(*problems, f"target network {arm_ids.name_of(row.network)} is not there"))
    ranges = subnets_of(snapshot, row.network).get(row.subnet.lower())
    if not ranges:
        where = f"{row.subnet or '(none)'} is no subnet of {arm_ids.name_of(row.network)}"
        return replace(row, problems=(*problems, where))
    unfit = _unfit(row, row.expected, ranges, held, home, wanted, unavailable) if row.expected else []
    mends = not row.found or row.found != row.expected
    if not row.expected:
        problems.append("what address it should have is not known: the source's interface is not in the snapshot")
    if not row.found:
        problems.append("no static target address: Azure gives any free one")
    elif row.found != row.expected:
        problems.append(f"target {row.found} is not {row.expected}")
    problems += unfit
    return replace(row, problems=tuple(problems), assignable=bool(mends and row.expected and not unfit))


def _unfit(
    row: Row,
    address: str,
    ranges: tuple[Range, ...],
    held: tuple[Held, ...],
    home: str,
    wanted: Mapping[tuple[str, str], set[str]],
    unavailable: Taken,
) -> list[str]:
    """Why Azure would give another address than this one."""
    shown = ", ".join(map(str, ranges))
    if not lies_in(address, ranges):
        return [f"{address} lies outside {row.subnet} ({shown})"]
    if is_reserved(address, ranges):
        return [f"{address} is one of the five that Azure keeps of {row.subnet} ({shown})"]
    found = []
    subnet = f"{arm_ids.key(row.network)}/subnets/{row.subnet.lower()}"
    for one in held:
        ours = one.machine is not None and arm_ids.key(one.machine) == home
        if one.subnet == subnet and one.address == address and not ours:
            found.append(f"{address} is taken by {arm_ids.name_of(one.owner)}")
    found = list(dict.fromkeys(found))
    others = wanted.get((arm_ids.key(row.network), address), set()) - {f"{row.machine} {row.nic}"}
    found += [f"{address} is wanted by {other} too" for other in sorted(others)]
    said = unavailable.get((arm_ids.key(row.network), address))
    return [*found, said] if said and not found else found


def _recovered_machine(item: Document) -> str:
    """Key of the machine that the item becomes: once failed over, its interface has the address by right."""
    details = _details(item)
    group, name = details.get("recoveryAzureResourceGroupId"), details.get("recoveryAzureVMName")
    return arm_ids.key(f"{group}/providers/Microsoft.Compute/virtualMachines/{name}")


def _details(item: Document) -> Document:
    found = properties(item).get("providerSpecificDetails")
    return found if isinstance(found, dict) else {}
