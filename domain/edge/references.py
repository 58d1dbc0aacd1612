"""What the fields of a plan's ``edge`` section ask of each other, read from the raw file like ``plan_references``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from domain.edge.model import FLEET_LIMIT
from domain.plans.errors import PlanError

Errors = Iterator[PlanError]

BESIDE = ("links", "workload", "networks", "internet", "drills")
"""Sections that a plan with ``edge`` does not have."""
MOVES = (("situation", "region-failover"), ("onLimit", "move-region"))


def edge_errors(data: dict[str, Any]) -> Errors:
    """Everything wrong between the fields of ``edge``, and between it and the rest of the plan."""
    edge = data.get("edge")
    if edge is None:
        for name in ("links", "workload"):
            if name not in data:
                yield PlanError(name, "nothing", "a value", "every plan has one, but for a plan with edge alone")
        return
    for name in BESIDE:
        if data.get(name):
            yield PlanError(name, "beside edge", "nothing: a plan with edge stands alone", "make it a plan of its own")
    if not isinstance(edge, dict):
        return
    yield from _either(edge, "firewall", "ruleCollectionGroup", "networkSecurityGroup")
    yield from _either(edge, "ranges", "api", "file")
    yield from _devices(edge)
    yield from _hops(edge)
    yield from _move(edge)


def _move(edge: dict[str, Any]) -> Errors:
    """A plan that may move the fleet says what is made, and where."""
    gateway = _map(edge.get("gateway"))
    moves = [f"{field}: {value}" for field, value in MOVES if edge.get(field) == value]
    for field in ("name", "resourceGroup"):
        if moves and gateway.get(field) is None:
            yield PlanError(f"edge.gateway.{field}", "nothing", f"that of the gateway that {moves[0]} makes")


def _either(edge: dict[str, Any], field: str, one: str, other: str) -> Errors:
    found = edge.get(field)
    if isinstance(found, dict) and (found.get(one) is None) == (found.get(other) is None):
        given = "neither" if found.get(one) is None else "both"
        yield PlanError(f"edge.{field}", given, f"either {one} or {other}")


def _devices(edge: dict[str, Any]) -> Errors:
    rows = [(index, row) for index, row in enumerate(_list(edge.get("devices"))) if isinstance(row, dict)]
    fleet = _map(edge.get("fleet"))
    asked = fleet.get("count")
    count = asked if isinstance(asked, int) and asked <= FLEET_LIMIT else 0
    if not rows and not fleet:
        yield PlanError("edge.devices", "none", "at least one device, or a fleet")
    if len(rows) + count > FLEET_LIMIT:
        yield PlanError(
            "edge.devices",
            f"{len(rows) + count} devices",
            f"at most {FLEET_LIMIT} in one plan",
            "make a second plan for the others",
        )
    numbered = {f"{str(fleet.get('prefix')).rstrip('-')}-{number:03d}" for number in range(1, count + 1)}
    names = Counter(str(row.get("name")) for _, row in rows)
    tunnels = Counter(str(row["connection"]).lower() for _, row in rows if row.get("connection") is not None)
    for index, row in rows:
        name, path = str(row.get("name")), f"edge.devices[{index}]"
        if names[name] > 1 or name in numbered:
            yield PlanError(f"{path}.name", repr(name), "a name that no other device has")
        if row.get("model") == "pro-r" and row.get("connection") is None:
            yield PlanError(f"{path}.connection", "nothing", "the connection by which this Pro R reaches Azure")
        if tunnels[str(row.get("connection")).lower()] > 1:
            yield PlanError(f"{path}.connection", repr(row["connection"]), "a connection that no other device has")
        for field in ("connection", "sharedKey") if row.get("model") == "mini-r" else ():
            if row.get(field) is not None:
                yield PlanError(f"{path}.{field}", "a value", "nothing: a Mini R is a client of the gateway's")


def _hops(edge: dict[str, Any]) -> Errors:
    for field in ("nextHop", "nextHopIpv6"):
        hop = edge.get(field)
        if isinstance(hop, dict) and (hop.get("type") == "VirtualAppliance") != (hop.get("address") is not None):
            expected = "the appliance's address" if hop.get("address") is None else "nothing: only an appliance has one"
            yield PlanError(f"edge.{field}.address", repr(hop.get("address")), expected)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
