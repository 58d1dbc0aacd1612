"""ARM resource ids: reading them, and comparing them as Azure does, without regard to case (sources: Traps 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ArmId:
    """The parts of ``/subscriptions/S/resourceGroups/G/providers/NS/type/name[/type/name...]``."""

    subscription: str
    resource_group: str
    type: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1]


def parse(resource_id: str) -> ArmId:
    """Read an ARM id. Raises ValueError when the text is none."""
    parts = resource_id.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    if len(parts) < 8 or len(parts) % 2 or lowered[0] != "subscriptions" or lowered[2] != "resourcegroups":
        raise ValueError(f"{resource_id!r} is not the id of an ARM resource")
    if lowered[4] != "providers" or not all(parts):
        raise ValueError(f"{resource_id!r} is not the id of an ARM resource")
    return ArmId(parts[1], parts[3], "/".join([parts[5], *parts[6::2]]), tuple(parts[7::2]))


def is_arm_id(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def key(resource_id: str) -> str:
    """The form in which ids are compared."""
    return resource_id.rstrip("/").lower()


def same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and key(one) == key(other)


def name_of(resource_id: str) -> str:
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def parent_of(resource_id: str, levels: int = 1) -> str:
    """The id of the parent resource: a subnet's virtual network, an item's container."""
    return resource_id.rstrip("/").rsplit("/", 2 * levels)[0]


def resource_group_id(resource_id: str) -> str:
    """The id of the resource group that holds a resource."""
    return "/".join(resource_id.split("/")[:5])


def packed_items(item_ids: Iterable[str]) -> dict[str, list[str]]:
    """Item ids by their container: a hundred of them fit into one step."""
    packed: dict[str, list[str]] = {}
    for one in item_ids:
        holder, name = one.rstrip("/").rsplit("/", 1)
        packed.setdefault(holder, []).append(name)
    return packed


def unpacked_items(items: dict[str, list[str]] | list[str]) -> list[str]:
    """Back from ``packed_items``; a plain list is taken as it is."""
    return (
        items if isinstance(items, list) else [f"{holder}/{name}" for holder, names in items.items() for name in names]
    )
