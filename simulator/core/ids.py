"""ARM resource ids: taken apart, compared whatever their case, and written the way Azure writes them.

ARM compares ids without regard to case and answers a resource's name as it was first written; the provider's own
segments come back in the provider's casing (ARM-recorded: ``trafficmanagerprofiles`` -> ``trafficManagerProfiles``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=65_536)
def key(resource_id: str) -> str:
    """The form under which an id is compared: lower case, one leading slash, none at the end."""
    return "/" + resource_id.strip("/").lower()


def same(left: str | None, right: str | None) -> bool:
    return left is not None and right is not None and key(left) == key(right)


@dataclass(frozen=True, slots=True)
class ResourceId:
    """An id taken apart. ``types`` and ``names`` run in step below the provider; both empty for a resource group."""

    subscription: str
    resource_group: str
    provider: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        return "/".join((self.provider, *self.types)) if self.provider else ""

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else self.resource_group

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"

    @property
    def depth(self) -> int:
        return len(self.types)

    def __str__(self) -> str:
        base = f"/subscriptions/{self.subscription}"
        if self.resource_group:
            base = self.group_id
        if not self.provider:
            return base
        tail = "".join(f"/{kind}/{name}" for kind, name in zip(self.types, self.names, strict=True))
        return f"{base}/providers/{self.provider}{tail}"

    def top(self) -> ResourceId:
        """The top-level resource that this one is or belongs to."""
        return ResourceId(self.subscription, self.resource_group, self.provider, self.types[:1], self.names[:1])

    def parent(self) -> ResourceId | None:
        """The resource above a child resource; None at the top."""
        if len(self.types) < 2:
            return None
        return ResourceId(self.subscription, self.resource_group, self.provider, self.types[:-1], self.names[:-1])


def parse(resource_id: str) -> ResourceId:
    """Take an id apart. Raises ValueError for what is no ARM resource id."""
    parts = resource_id.strip("/").split("/")
    if len(parts) < 2 or parts[0].lower() != "subscriptions":
        raise ValueError(f"not an ARM resource id: {resource_id!r}")
    subscription, rest = parts[1], parts[2:]
    group = ""
    if len(rest) >= 2 and rest[0].lower() == "resourcegroups":
        group, rest = rest[1], rest[2:]
    if not rest:
        return ResourceId(subscription, group, "", (), ())
    if rest[0].lower() != "providers" or len(rest) < 4 or len(rest) % 2:
        raise ValueError(f"not an ARM resource id: {resource_id!r}")
    return ResourceId(subscription, group, rest[1], tuple(rest[2::2]), tuple(rest[3::2]))


def parent_of(resource_id: str) -> str | None:
    """The id one level up by text: two segments fewer. None above a top-level resource."""
    parts = resource_id.strip("/").split("/")
    return "/" + "/".join(parts[:-2]) if len(parts) > 8 else None


def last(resource_id: str) -> str:
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


class Casing:
    """The provider's own spelling of resource types."""

    def __init__(self, types: Iterable[str] = ()) -> None:
        self._known: dict[str, str] = {}
        self.add(types)

    def add(self, types: Iterable[str]) -> None:
        for name in types:
            self._known[name.lower()] = name

    def type(self, name: str) -> str:
        return self._known.get(name.lower(), name)

    def id(self, resource_id: str) -> str:
        """``resource_id`` with provider and type segments in the provider's casing; names untouched."""
        parsed = parse(resource_id)
        if not parsed.provider:
            return str(parsed)
        provider, *kinds = self.type(parsed.type).split("/")
        return str(ResourceId(parsed.subscription, parsed.resource_group, provider, tuple(kinds), parsed.names))
