"""What the site's own router says of the way home, and of reaching an address."""

from __future__ import annotations

from typing import Any

from activities import looking_glass
from activities.checked import Checked
from activities.looking_glass import Glass
from activities.machine import actual_addresses
from activities.work import Work
from azure_clients.errors import CallFailed
from domain import arm_ids
from domain.addresses import overlapping


def check_routes(work: Work, check: dict[str, Any]) -> Checked:
    """Every prefix leads through the new gateway, and none through an old one."""
    glass = looking_glass.look(work, check["url"])
    neighbors, old = check["neighbors"], check.get("not_neighbors") or []
    named = " or ".join(neighbors)
    expected = f"{', '.join(check['prefixes'])} through {named} alone"
    left = [(one, route) for one in old for route in glass.through(one, check["prefixes"])]
    if left:
        return Checked(False, expected, f"{left[0][1].prefix} still through {left[0][0]}")
    lacking = [prefix for prefix in check["prefixes"] if not _leads(glass, prefix, neighbors)]
    if lacking:
        others = sorted({one.neighbor for one in glass.routes if overlapping([one.prefix], lacking)})
        return Checked(False, expected, f"{', '.join(lacking)} through {', '.join(others) or 'nobody'}")
    return Checked(True, expected, f"through {named} alone")


def check_reach(work: Work, check: dict[str, Any]) -> Checked:
    """The address answers from on-premises; that of a machine which came up at another one is asked there."""
    wanted, port = check["address"], int(check["port"])
    actual = actual_addresses(work, check["machine"]) if check.get("machine") else []
    address = wanted if wanted in actual or not actual else actual[0]
    glass = looking_glass.look(work, check["url"], address=address, port=port)
    expected = f"{address}:{port} reachable from the site"
    if address != wanted:
        expected += f" ({arm_ids.name_of(check['machine'])} has it, and not {wanted})"
    if glass.reach.get("reachable") is True:
        return Checked(True, expected, f"reachable through {glass.reach.get('neighbor')}")
    return Checked(False, expected, str(glass.reach.get("detail") or "not reachable")[:200])


def routing_evidence(work: Work, checks: list[dict[str, Any]]) -> dict[str, Any]:
    """``routes_after`` and ``split``: two neighbors carry overlapping prefixes of ours at this moment."""
    for check in checks:
        if check["check"] != "site-routes":
            continue
        try:
            glass = looking_glass.look(work, check["url"])
        except CallFailed as failure:
            return {"split": False, "routes_after_unread": failure.reason}
        old = check.get("not_neighbors") or []
        split = _through_any(glass, check["neighbors"], check["prefixes"]) and _through_any(
            glass, old, check["prefixes"]
        )
        return {"split": split, "routes_after": glass.shown()}
    return {"split": False}


def _through_any(glass: Glass, neighbors: list[str], prefixes: list[str]) -> bool:
    return any(glass.through(one, prefixes) for one in neighbors)


def _leads(glass: Glass, prefix: str, neighbors: list[str]) -> bool:
    routes = [route for one in neighbors for route in glass.through(one, [prefix])]
    return any(one.prefix == prefix and one.best for one in routes)
