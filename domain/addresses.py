"""Address arithmetic over prefixes written as text, IPv4 and IPv6."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network(prefix: str) -> Network:
    """Read a prefix. Raises ValueError with a plain reason (host bits set included)."""
    return ipaddress.ip_network(prefix, strict=True)


def overlapping(ones: Iterable[str], others: Iterable[str]) -> list[tuple[str, str]]:
    """Every pair, one prefix of each side, that share an address."""
    others = list(others)
    return [(one, other) for one in ones for other in others if overlap(one, other)]


def overlap(one: str, other: str) -> bool:
    a, b = network(one), network(other)
    return a.version == b.version and a.overlaps(b)


def covers(prefixes: Iterable[str], prefix: str) -> bool:
    """True when ``prefix`` lies wholly in one of ``prefixes``."""
    inner = network(prefix)
    return any(outer.version == inner.version and inner.subnet_of(outer) for outer in map(network, prefixes))  # type: ignore[arg-type]


def contains(prefixes: Iterable[str], address: str) -> bool:
    """True when one of ``prefixes`` holds ``address``."""
    host = ipaddress.ip_address(address)
    return any(host in net for net in map(network, prefixes))
