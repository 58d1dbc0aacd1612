"""What is asked of machines after a failover: where their packets go, and what they reach."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.addresses import contains
from domain.findings import Findings
from domain.links.halves import peerings
from domain.links.resolving import ResolvedLink
from domain.machines import MACHINE_TYPE, Machines
from domain.plans.reading import Plan
from domain.snapshot import Document, Snapshot, properties
from domain.topology import prefixes_of, reference

Check = dict[str, Any]
APPLIANCE, PEERING = "VirtualAppliance", "VirtualNetworkPeering"
"""Network Watcher's words for a next hop that is no gateway (sources: Routing)."""


def machine_checks(plan: Plan, links: list[ResolvedLink], machines: Machines, findings: Findings) -> list[Check]:
    """What the plan asks of recovered machines, and of pages of the owner's own."""
    checks: list[Check] = []
    for index, hop in enumerate(plan.routing.next_hop):
        machine = machines.find(f"routing.nextHop[{index}].machine", hop.machine, findings)
        if machine:
            subnet = machines.subnets.get(arm_ids.key(machine)) or subnet_of(findings.snapshot, machine)
            checks.append(next_hop(plan, findings.snapshot, links, machine, subnet, hop.address))
    for index, path in enumerate(plan.routing.connectivity):
        machine = machines.find(f"routing.connectivity[{index}].machine", path.machine, findings)
        if machine:
            checks.append(connectivity(machine, path.address, path.port))
    checks += [
        {"check": "http-probe", "name": probe.name, "url": probe.url, "expect": probe.expect}
        for probe in plan.routing.probes
    ]
    return checks


def connectivity(machine: str, address: str, port: int) -> Check:
    return {"check": "connectivity", "machine": machine, "address": address, "port": port}


def next_hop(
    plan: Plan, snapshot: Snapshot, links: list[ResolvedLink], machine: str, subnet: str | None, address: str
) -> Check:
    """The gateway, unless the subnet's route table sends the address to an appliance, or a peering has it.

    Of routes that hold the address the longest decides, and of equals that of the route table (sources: Routing).
    """
    check: Check = {"check": "next-hop", "machine": machine, "address": address}
    network = arm_ids.parent_of(subnet) if subnet else None
    ways = [_length(prefix) for prefix in _behind_gateway(plan, snapshot, links) if contains([prefix], address)]
    peered = [_length(prefix) for prefix in _peered(snapshot, links, network) if contains([prefix], address)]
    written, appliance = _written(snapshot, subnet, address)
    if appliance and written >= max([*ways, *peered], default=0):
        return {**check, "gateway": None, "next_hop": APPLIANCE, "next_hop_address": appliance}
    if peered:
        return {**check, "gateway": None, "next_hop": PEERING}
    return {**check, "gateway": _gateway(plan, snapshot, links, address)}


def subnet_of(snapshot: Snapshot, machine: str) -> str | None:
    """The id of the subnet in which a machine of the snapshot has its first interface."""
    profile = properties(snapshot.get(machine)).get("networkProfile") or {}
    for interface in profile.get("networkInterfaces") or []:
        for one in properties(snapshot.get(interface.get("id"))).get("ipConfigurations") or []:
            found = (properties(one).get("subnet") or {}).get("id")
            if found:
                return str(found)
    return None


def far_prefixes(plan: Plan, snapshot: Snapshot, found: ResolvedLink) -> tuple[str, ...]:
    """What lies at a link's far end: the site's prefixes, or the network's."""
    return plan.sites[found.site].prefixes if found.site else prefixes_of(snapshot.get(found.far))


def _behind_gateway(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink]) -> list[str]:
    ways = [found for found in links if (found.comes or found.prefer) and found.kind != "peering"]
    return [prefix for found in ways for prefix in far_prefixes(plan, snapshot, found)]


def _peered(snapshot: Snapshot, links: list[ResolvedLink], network: str | None) -> list[str]:
    """The prefixes of networks that a machine's network is peered with, or will be."""
    if network is None:
        return []
    going = {arm_ids.key(half.id) for found in links for half in found.goes}
    halves = [half for half in peerings(snapshot) if arm_ids.key(half.id) not in going]
    halves += [half for found in links if found.kind == "peering" for half in found.comes]
    here = [half for half in halves if arm_ids.same(half.network, network)]
    remotes = [reference(half.document, "remoteVirtualNetwork") for half in here]
    return [prefix for remote in remotes for prefix in prefixes_of(snapshot.get(remote))]


def _written(snapshot: Snapshot, subnet: str | None, address: str) -> tuple[int, str | None]:
    """Length of the longest route of a subnet's table that holds an address, and the appliance that it leads to."""
    if subnet is None:
        return 0, None
    found: list[tuple[int, str | None]] = [(0, None)]
    for one in properties(snapshot.get(arm_ids.parent_of(subnet))).get("subnets") or []:
        if str(one.get("name")).lower() != arm_ids.name_of(subnet).lower():
            continue
        table = (properties(one).get("routeTable") or {}).get("id")
        for route in properties(snapshot.get(table)).get("routes") or []:
            found += _leads(properties(route), address)
    return max(found, key=lambda one: one[0])


def _leads(route: Document, address: str) -> list[tuple[int, str | None]]:
    prefix = str(route.get("addressPrefix") or "")
    if "/" not in prefix or not contains([prefix], address):
        return []
    appliance = route.get("nextHopIpAddress") if route.get("nextHopType") == APPLIANCE else None
    return [(_length(prefix), appliance)]


def _gateway(plan: Plan, snapshot: Snapshot, links: list[ResolvedLink], address: str) -> str | None:
    known = [found for found in links if found.new_gateway]
    for found in known:
        if contains(far_prefixes(plan, snapshot, found), address):
            return str((found.new_gateway or {})["id"])
    return str((known[0].new_gateway or {})["id"]) if known else None


def _length(prefix: str) -> int:
    return int(prefix.rsplit("/", 1)[1])


def machine_named(named: str, path: str, findings: Findings) -> Document | None:
    """A machine of the snapshot."""
    return findings.resolve(path, MACHINE_TYPE, named)
