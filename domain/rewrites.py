"""What names an old address, where machines come up with new ones: records, security rules, routes, firewall rules.

Pure: it reads the snapshot and says what is to be written, for steps that update one document each. A rewrite says only
what changes (named children of a list by their names), and what was there before, which undoes it. What only *covers*
an old address (a whole subnet in a rule) is not touched: it is told, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from domain import arm_ids
from domain.snapshot import Document, Snapshot, properties, region_name, type_of

Moves = Mapping[str, str]
"""Old address -> new address."""

LINK_TYPE = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
SECURITY, ROUTES = "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/routeTables"
FIREWALL = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
ZONES = ("Microsoft.Network/dnszones", "Microsoft.Network/privateDnsZones")
RECORDS = ("A", "AAAA")
ADDRESS_FIELDS = frozenset(
    {
        "sourceaddressprefix",
        "sourceaddressprefixes",
        "destinationaddressprefix",
        "destinationaddressprefixes",
        "nexthopipaddress",
        "addressprefix",
        "sourceaddresses",
        "destinationaddresses",
        "translatedaddress",
        "ipv4address",
        "ipv6address",
    }
)
"""Fields of these documents whose values are addresses or prefixes, in lower case."""
_CHILDREN = {SECURITY: ("securityRules",), ROUTES: ("routes",)}


@dataclass(frozen=True)
class Rewrite:
    """One document: ``changes`` hold afterwards, ``old`` is the same part as it is now.

    ``moves`` are the (old, new) addresses that it names; ``lock`` the ids that nobody else may write meanwhile.
    """

    target: str
    changes: dict[str, Any]
    old: dict[str, Any]
    moves: tuple[tuple[str, str], ...]
    lock: tuple[str, ...]

    @property
    def says(self) -> str:
        shown = ", ".join(f"{old} -> {new}" for old, new in self.moves)
        return f"{arm_ids.name_of(self.target)}: {shown}"


@dataclass
class Rewrites:
    """Everything that is to be rewritten, in the snapshot's order, and what a person must look at."""

    rewrites: list[Rewrite] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def moved_addresses(pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> tuple[dict[str, str], list[str]]:
    """From (source addresses, target addresses) of each item: what moves, and what cannot be told.

    An address that is two machines' (in two networks) and goes to two places is told, and not among the moves.
    """
    found: dict[str, set[str]] = {}
    for sources, targets in pairs:
        for source, target in zip(sources, targets, strict=False):
            found.setdefault(source, set()).add(target)
    unclear = [
        f"{old} becomes {' and '.join(sorted(new))}: what names it is not rewritten"
        for old, new in sorted(found.items())
        if len(new) > 1
    ]
    return {old: new.copy().pop() for old, new in found.items() if len(new) == 1 and new != {old}}, unclear


def read_rewrites(snapshot: Snapshot, moves: Moves, region: str) -> Rewrites:
    """What of the recovery side names an address that moves. ``region``: where the machines go."""
    found = Rewrites()
    moves = {_plain(old): new for old, new in moves.items()}
    for document in snapshot.documents if moves else ():
        kind = type_of(document).lower()
        if kind in (SECURITY.lower(), ROUTES.lower()):
            if region_name(document.get("location")) == region:
                _rewrite(_whole(snapshot, document), moves, found, lock=document["id"])
        elif kind == FIREWALL.lower():
            policy = arm_ids.parent_of(document["id"])
            if region_name((snapshot.get(policy) or document).get("location")) == region:
                _rewrite(document, moves, found, lock=policy)
        elif kind in {f"{zone}/{record}".lower() for zone in ZONES for record in RECORDS}:
            zone = arm_ids.parent_of(document["id"])
            registered = properties(document).get("isAutoRegistered")
            if not registered and _is_seen(snapshot, zone, region):
                _rewrite(document, moves, found, lock=zone)
    return found


def _rewrite(document: Document, moves: Moves, found: Rewrites, *, lock: str) -> None:
    used: dict[str, str] = {}
    changed = _changed(properties(document), moves, used)
    if changed is not None:
        new, old = changed
        told = tuple(sorted(used.items()))
        found.rewrites.append(Rewrite(document["id"], {"properties": new}, {"properties": old}, told, (lock,)))
    for place, prefix in _covering(properties(document), moves):
        shown = f"{arm_ids.name_of(document['id'])} {place}".strip()
        notice = f"{shown} covers an address that moves with {prefix}: look whether it should cover the new one too"
        if notice not in found.notices:
            found.notices.append(notice)


def _whole(snapshot: Snapshot, document: Document) -> Document:
    """A document with its children inside, also those that the snapshot holds as documents of their own."""
    told = dict(properties(document))
    for name in _CHILDREN[next(kind for kind in _CHILDREN if kind.lower() == type_of(document).lower())]:
        inside = [child for child in told.get(name) or () if isinstance(child, dict)]
        known = {str(child.get("name")).lower() for child in inside}
        alone = snapshot.of_type(f"{type_of(document)}/{name}")
        prefix = f"{arm_ids.key(document['id'])}/"
        told[name] = [
            *inside,
            *(
                {"name": arm_ids.name_of(one["id"]), "properties": properties(one)}
                for one in alone
                if arm_ids.key(one["id"]).startswith(prefix) and arm_ids.name_of(one["id"]).lower() not in known
            ),
        ]
    return {**document, "properties": {name: told[name] for name in told if name in ("securityRules", "routes")}}


def _is_seen(snapshot: Snapshot, zone: str, region: str) -> bool:
    """A public zone always; a private one unless its links lead to other regions' networks alone."""
    prefix = f"{arm_ids.key(zone)}/"
    links = [one for one in snapshot.of_type(LINK_TYPE) if arm_ids.key(one["id"]).startswith(prefix)]
    homes = []
    for link in links:
        network = snapshot.get((properties(link).get("virtualNetwork") or {}).get("id"))
        homes.append(region_name(network.get("location")) if network else None)
    return not homes or region in homes or None in homes


def _changed(value: Any, moves: Moves, used: dict[str, str], name: str = "") -> tuple[Any, Any] | None:
    """(what is to hold, what holds now) of the parts that name an old address; None when none does."""
    if isinstance(value, dict):
        parts = {key: _changed(one, moves, used, key) for key, one in value.items()}
        told = {key: part for key, part in parts.items() if part is not None}
        if not told:
            return None
        return {key: part[0] for key, part in told.items()}, {key: part[1] for key, part in told.items()}
    if isinstance(value, list):
        return _changed_list(value, moves, used, name)
    if isinstance(value, str) and name.lower() in ADDRESS_FIELDS:
        new = _moved(value, moves, used)
        return (new, value) if new != value else None
    return None


def _changed_list(value: list[Any], moves: Moves, used: dict[str, str], name: str) -> tuple[Any, Any] | None:
    """Named children by name, only those that change; any other list as a whole."""
    if value and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in value):
        pairs = [(one["name"], _changed(one, moves, used)) for one in value]
        told = [(child, part) for child, part in pairs if part is not None]
        if not told:
            return None
        new_children = [{"name": child, **part[0]} for child, part in told]
        return new_children, [{"name": child, **part[1]} for child, part in told]
    new = [_replaced(one, moves, used, name) for one in value]
    if new == value:
        return None
    distinct = [one for at, one in enumerate(new) if one not in new[:at]]
    return distinct, value


def _replaced(value: Any, moves: Moves, used: dict[str, str], name: str) -> Any:
    """One entry of a list that is written as a whole."""
    if isinstance(value, dict):
        return {key: _replaced(one, moves, used, key) for key, one in value.items()}
    if isinstance(value, str) and name.lower() in ADDRESS_FIELDS:
        return _moved(value, moves, used)
    return value


def _moved(text: str, moves: Moves, used: dict[str, str]) -> str:
    """An address, or a prefix of one address alone, written as it was written before."""
    bare, slash, length = text.partition("/")
    if slash and not _is_host(text):
        return text
    new = moves.get(_plain(bare))
    if new is None:
        return text
    used[_plain(bare)] = new
    return f"{new}{slash}{length}"


def _plain(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return text


def _is_host(prefix: str) -> bool:
    try:
        return ip_network(prefix).num_addresses == 1
    except ValueError:
        return False


def _covering(value: Any, moves: Moves, name: str = "", place: str = "") -> Iterable[tuple[str, str]]:
    """(the named child, the prefix) of every wider prefix that covers an old address and not its new one."""
    if isinstance(value, dict):
        here = value["name"] if isinstance(value.get("name"), str) else place
        for key, one in value.items():
            yield from _covering(one, moves, key, here)
    elif isinstance(value, list):
        for one in value:
            yield from _covering(one, moves, name, place)
    elif isinstance(value, str) and name.lower() in ADDRESS_FIELDS and _leaves_behind(value, moves):
        yield place, value


def _leaves_behind(prefix: str, moves: Moves) -> bool:
    """It is wider than one address, and holds an old one without its new one."""
    if "/" not in prefix or _is_host(prefix):
        return False
    return any(_in(old, prefix) and not _in(new, prefix) for old, new in moves.items())


def _in(address: str, prefix: str) -> bool:
    try:
        return ip_address(address) in ip_network(prefix, strict=False)
    except ValueError:
        return False
