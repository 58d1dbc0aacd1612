"""What an incident concerns: ``impactedServices``, the only field of an alert that says so.

Azure sends it as a JSON string, its portal's test as a list, and published samples hold strings that are not JSON
(alerts 02, 05, 16). A scope of which any part cannot be read is not used at all: acting on half of it would be a guess.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from domain import regions
from domain.alert_fields import Fields, kind_of, shown

_MOST_ENTRIES = 5000


@dataclass(frozen=True)
class Scope:
    """``regions``: ARM name -> service names. ``unknown``: region names that the table does not have."""

    regions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    worldwide: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    path: str = "impactedServices"

    def unknown_reasons(self) -> list[str]:
        """One sentence for each unknown region, naming the nearest one that exists."""
        return [f"{self.path}: {unknown_region(name)}" for name in self.unknown]


def unknown_region(name: str) -> str:
    near = regions.nearest(name)
    hint = f"; did you mean '{near}'?" if near else ""
    return f"{shown(name)} is no region of Azure's public cloud that Bridgehead knows{hint}"


def read_scope(value: Any, path: str) -> Scope:
    """Read ``impactedServices`` in any of its forms. Never raises: what cannot be read is a problem."""
    if value is None or value == "":
        return Scope(path=path)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Scope(problems=(f"{path}: its text is not JSON",), path=path)
    try:
        pairs = list(_pairs(value, path))
    except _Unreadable as unreadable:
        return Scope(problems=(str(unreadable),), path=path)
    return _collect(pairs, path)


class _Unreadable(ValueError):
    pass


def _pairs(value: Any, path: str) -> list[tuple[str, str]]:
    """(service, region) in the order given."""
    found: list[tuple[str, str]] = []
    for index, entry in enumerate(_list(value, path)):
        here = f"{path}[{index}]"
        fields = Fields(_object(entry, here), here)
        service = _name(fields, "ServiceName")
        for place, region in enumerate(_list(fields.value("ImpactedRegions"), f"{here}.ImpactedRegions")):
            there = f"{here}.ImpactedRegions[{place}]"
            found.append((service, _name(Fields(_object(region, there), there), "RegionName")))
            if len(found) > _MOST_ENTRIES:
                raise _Unreadable(f"{path}: names more than {_MOST_ENTRIES} pairs of service and region")
    return found


def _collect(pairs: list[tuple[str, str]], path: str) -> Scope:
    known: dict[str, dict[str, None]] = {}
    worldwide: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for service, region in pairs:
        arm = regions.arm_name(region)
        if arm:
            known.setdefault(arm, {})[service] = None
        elif regions.is_worldwide(region):
            worldwide[service] = None
        else:
            unknown[region] = None
    scope = {arm: tuple(services) for arm, services in known.items()}
    return Scope(scope, tuple(worldwide)[:50], tuple(unknown)[:20], path=path)


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Unreadable(f"{path}: expected a list, found {kind_of(value)}")
    return value


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unreadable(f"{path}: expected an object, found {kind_of(value)}")
    return value


def _name(fields: Fields, name: str) -> str:
    text = fields.text(name, limit=100)
    if not text:
        raise _Unreadable(f"{fields.path}.{name}: expected text, found {shown(fields.value(name))}")
    return text
