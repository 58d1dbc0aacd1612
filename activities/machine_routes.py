"""What Azure says of a machine's own way to on-premises: next hop, effective routes, and a try from inside.

Words that no specification lists pass nothing (sources: Traps 9).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from activities.checked import Check, Checked
from activities.work import Work
from azure_clients import compute, network, resources
from azure_clients.errors import Missing
from azure_clients.long_running import Polled
from domain import arm_ids
from domain.addresses import covers
from domain.outcomes import Operation

Document = dict[str, Any]

GATEWAY = "VirtualNetworkGateway"
REACHED = ("reachable", "connected")


def begin_next_hop(work: Work, check: Check) -> Polled | Operation:
    """Ask the region's Network Watcher where a packet of the machine's would go."""
    machine = _machine(work, check)
    source = check.get("source") or _address_of(work, machine, check["machine"])
    watcher = _watcher(work, check, machine)
    return network.begin_next_hop(work.clients, watcher, check["machine"], source, check["address"], work.call.now)


def begin_connectivity(work: Work, check: Check) -> Polled | Operation:
    """Have the machine's own agent try the address."""
    watcher = _watcher(work, check, _machine(work, check))
    return network.begin_connectivity(
        work.clients, watcher, check["machine"], check["address"], int(check["port"]), work.call.now
    )


def begin_effective_routes(work: Work, check: Check) -> Polled | Operation:
    return network.begin_effective_routes(work.clients, check["interface"], work.call.now)


def judge_next_hop(check: Check, result: Any) -> Checked:
    """The next hop is the network's gateway, or what the check names in ``next_hop``."""
    wanted = str(check.get("next_hop") or GATEWAY)
    through = arm_ids.name_of(check["gateway"]) if check.get("gateway") else wanted
    expected = f"{check['address']} by way of {through}"
    found = result if isinstance(result, dict) else {}
    kind, address = str(found.get("nextHopType") or "nothing"), str(found.get("nextHopIpAddress") or "")
    at_address = check.get("next_hop_address") in (None, address)
    return Checked(kind.lower() == wanted.lower() and at_address, expected, f"{kind} {address}".strip())


def judge_connectivity(check: Check, result: Any) -> Checked:
    expected = f"{check['address']}:{check['port']} reachable from {arm_ids.name_of(check['machine'])}"
    found = result if isinstance(result, dict) else {}
    status = str(found.get("connectionStatus") or "no status")
    latency = f", {found['avgLatencyInMs']} ms" if found.get("avgLatencyInMs") is not None else ""
    if status.lower() in REACHED:
        return Checked(True, expected, f"{status}{latency}")
    return Checked(False, expected, f"{status}{_first_issue(found)}")


def judge_effective_routes(check: Check, result: Any) -> Checked:
    """Of the active routes that cover a prefix the longest decides, as in the machine itself."""
    wanted = str(check.get("next_hop") or GATEWAY)
    prefixes = list(check["prefixes"])
    expected = f"{', '.join(prefixes)} by way of {wanted}"
    rows = [one for one in (result or {}).get("value") or () if isinstance(one, dict)] if result else []
    ways = {prefix: _way_of(prefix, rows) for prefix in prefixes}
    wrong = [f"{prefix} by way of {way}" for prefix, way in ways.items() if way.lower() != wanted.lower()]
    return Checked(not wrong, expected, "; ".join(wrong) or f"all by way of {wanted}")


def _way_of(prefix: str, rows: list[Document]) -> str:
    found: list[tuple[int, str]] = []
    for row in rows:
        if str(row.get("state") or "").lower() != "active":
            continue
        way = str(row.get("nextHopType") or "nothing")
        lengths = [_length(one) for one in row.get("addressPrefix") or () if _covers(one, prefix)]
        found += [(length, way) for length in lengths]
    return max(found, default=(0, "nothing"))[1]


def _covers(outer: Any, inner: str) -> bool:
    try:
        return isinstance(outer, str) and covers([outer], inner)
    except ValueError:
        return False


def _length(prefix: str) -> int:
    return ipaddress.ip_network(prefix).prefixlen


def _first_issue(found: Document) -> str:
    for hop in found.get("hops") or ():
        for issue in (hop.get("issues") or ()) if isinstance(hop, dict) else ():
            if isinstance(issue, dict) and issue.get("type"):
                return f" ({issue['type']})"
    return ""


def _machine(work: Work, check: Check) -> Document:
    """The machine's document; none is needed when the check says all that it would tell."""
    if check.get("watcher") and (check["check"] != "next-hop" or check.get("source")):
        return {}
    found = compute.read_machine(work.clients, check["machine"])
    if found is None:
        raise Missing(f"there is no machine {arm_ids.name_of(check['machine'])}", code="MachineMissing", status=404)
    return found


def _address_of(work: Work, machine: Document, machine_id: str) -> str:
    for interface_id in compute.interfaces(machine):
        for address, _ in compute.addresses(resources.read(work.clients, interface_id) or {}):
            return address
    raise Missing(f"{arm_ids.name_of(machine_id)} has no address", code="AddressMissing", status=404)


def _watcher(work: Work, check: Check, machine: Document) -> str:
    if check.get("watcher"):
        return str(check["watcher"])
    subscription = arm_ids.parse(check["machine"]).subscription
    return network.watcher_of(work.clients, subscription, str(machine.get("location") or ""))
