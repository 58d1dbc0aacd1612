"""ARM bodies compared and merged: is what we want contained in what is there, and what is to be written if not.

Azure adds what nobody asked for, and writes some of what it was sent in its own way. So a wanted body is *contained* in
a found one when every value of it is there: children of a list go by their names and other lists as a whole, in any
order; ids and words without regard to case, places without spaces, and prefixes by the addresses they mean.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

AZURES_OWN = frozenset(
    {
        "provisioningState", "resourceGuid", "etag", "connectionStatus", "ingressBytesTransferred",
        "egressBytesTransferred", "tunnelConnectionStatus", "peeringState", "peeringSyncLevel", "remoteAddressSpace",
        "remoteVirtualNetworkAddressSpace", "authorizationUseStatus", "endpointMonitorStatus", "profileMonitorStatus",
        "packetCaptureDiagnosticState", "systemData",
    }
)  # fmt: skip
"""What Azure says of a resource by itself: it is never wanted."""

CASE_MATTERS = frozenset({"tags", "metadata", "settings", "TXTRecords", "txtRecords"})
"""Where the owner's own texts are, which Azure keeps as they were written."""

SHOWN = 120


def contains(found: Any, wanted: Any) -> bool:
    """True when everything wanted is there."""
    return next(_differing(wanted, found, "", exact=False), None) is None


def differences(wanted: Any, found: Any) -> list[str]:
    """What is wanted and not there, as sentences that name the place."""
    return list(_differing(wanted, found, "", exact=False))


def merged(found: Any, changes: Any) -> Any:
    """A copy of ``found`` in which ``changes`` holds: objects by their fields, named children by name, others whole.

    Null takes a value away.
    """
    if isinstance(changes, dict):
        result: Document = copy.deepcopy(found) if isinstance(found, dict) else {}
        for name, value in changes.items():
            key = _field(result, name)
            if value is None:
                result.pop(key, None)
            else:
                result[key] = merged(result.get(key), value)
        return result
    if _is_named(changes):
        return _merged_children(found if isinstance(found, list) else [], changes)
    return copy.deepcopy(changes)


def _merged_children(found: list[Any], changes: list[Document]) -> list[Any]:
    result = copy.deepcopy(found)
    places = {str(one["name"]).lower(): place for place, one in enumerate(result) if _has_name(one)}
    for child in changes:
        place = places.get(str(child["name"]).lower())
        if place is None:
            result.append(merged({}, child))
        else:
            result[place] = merged(result[place], child)
    return result


def _differing(wanted: Any, found: Any, path: str, *, exact: bool) -> Iterator[str]:
    if isinstance(wanted, dict) and (isinstance(found, dict) or found is None):
        for name, value in wanted.items():
            if name in AZURES_OWN:
                continue
            here = f"{path}.{name}" if path else name
            there = (found or {}).get(_field(found or {}, name))
            yield from _differing(value, there, here, exact=exact or name in CASE_MATTERS)
    elif isinstance(wanted, list) and (isinstance(found, list) or found is None):
        yield from _differing_lists(wanted, found or [], path, exact)
    elif not _same(wanted, found, path.rsplit(".", 1)[-1].lower(), exact):
        yield f"{path or 'it'} is {_shown(found)}, expected {_shown(wanted)}"


def _differing_lists(wanted: list[Any], found: list[Any], path: str, exact: bool) -> Iterator[str]:
    if wanted and _is_named(wanted):
        by_name = {str(one["name"]).lower(): one for one in found if _has_name(one)}
        for child in wanted:
            here = f"{path}[{child['name']}]"
            there = by_name.get(str(child["name"]).lower())
            if there is None:
                yield f"{here} is not there"
            else:
                yield from _differing({k: v for k, v in child.items() if k != "name"}, there, here, exact=exact)
    elif len(wanted) != len(found) or not _pairs_off(wanted, found, path, exact):
        yield f"{path} is {_shown(found)}, expected {_shown(wanted)}"


def _pairs_off(wanted: list[Any], found: list[Any], path: str, exact: bool) -> bool:
    """Every wanted item has a found one of its own, in any order."""

    def fits(one: Any, other: Any) -> bool:
        return next(_differing(one, other, path, exact=exact), None) is None

    choices = [[place for place, other in enumerate(found) if fits(one, other)] for one in wanted]
    taken: dict[int, int] = {}

    def place_for(number: int, tried: set[int]) -> bool:
        for place in choices[number]:
            if place in tried:
                continue
            tried.add(place)
            if place not in taken or place_for(taken[place], tried):
                taken[place] = number
                return True
        return False

    return all(place_for(number, set()) for number in range(len(wanted)))


def _same(wanted: Any, found: Any, name: str, exact: bool) -> bool:
    if found is None:
        return not wanted
    if wanted is None:
        return found in ("", [], {})
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, str | int | float) and isinstance(found, str | int | float):
        one, other = str(wanted), str(found)
        return one == other or (not exact and _plain(one, name) == _plain(other, name))
    return bool(wanted == found)


def _plain(text: str, name: str) -> str:
    if name == "location":
        return text.replace(" ", "").lower()
    if text[:1].isalnum() or text[:1] == ":":
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            pass
    return text.rstrip("/").lower() if text.startswith("/") else text.lower()


def _field(holder: Document, name: str) -> str:
    """The name that a field has there: Azure changes the case of some."""
    if name in holder:
        return name
    return next((one for one in holder if one.lower() == name.lower()), name)


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_has_name(one) for one in value)


def _has_name(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
