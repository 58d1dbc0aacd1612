"""The longest path of Azure's own durations: what no orchestrator, however quick, could have done faster.

Every interval that Azure (or the device) took is a node: an operation from accepted to ended; a machine's boot from the
end of its failover to machine.up; BGP convergence from a connection's end to its first route; a mutating call that
hung (only the first per resource: repeating it is the caller's choice). Each node has a rank, which is the order that
the job itself imposes: make what a network needs (0: networks, then addresses, then gateways) and disconnect (1, either
half of a link) < failover of boot group g, then its boots (2, g) < connect (3, likewise) < convergence (4) < reading it
back (5). There is an edge A -> B when rank(A) < rank(B) and A had ended when B was accepted. So what ran in parallel is
not added up, and a caller who does one group's machines one after another does not make the path longer. No job needs a
new network before it disconnects, or a gateway before a machine fails over: those lead on to where they are needed.
Within a rank there is one edge: a repeated operation follows its own failed attempt on the same resource.

Commit, re-protect, drills and whatever else is no part of getting people back are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.log import Event
from simulator.core.world import World

RECOVERY_PLAN = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
READINGS = ("getLearnedRoutes", "getAdvertisedRoutes", "getBgpPeerStatus", "nextHop", "connectivityCheck")
MAKE, DISCONNECT, FAIL_OVER, CONNECT, CONVERGE, READ_BACK = range(6)
OF_A_NETWORK, ADDRESS, OF_A_GATEWAY = range(3)
LINKS = ("connections", "virtualNetworkPeerings", "authorizations")
MADE = {
    "resourceGroups": OF_A_NETWORK,
    "virtualNetworks": OF_A_NETWORK,
    "networkSecurityGroups": OF_A_NETWORK,
    "securityRules": OF_A_NETWORK,
    "routeTables": OF_A_NETWORK,
    "routes": OF_A_NETWORK,
    "subnets": OF_A_NETWORK,
    "publicIPAddresses": ADDRESS,
    "virtualNetworkGateways": OF_A_GATEWAY,
    "localNetworkGateways": OF_A_GATEWAY,
}
TOLERANCE = 0.001
Rank = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One interval, in virtual seconds since the start."""

    what: str
    resource: str
    rank: Rank
    start: float
    end: float
    failed: bool = False

    @property
    def seconds(self) -> float:
        return max(0.0, self.end - self.start)

    def told(self) -> dict[str, Any]:
        return {"what": self.what, "resource": self.resource, "start": self.start, "seconds": round(self.seconds, 3)}


def longest_path(world: World) -> list[Step]:
    """The steps of the longest path in order; empty when nothing was done yet."""
    steps = sorted(_steps(world), key=lambda step: (step.start, step.end))
    best: list[tuple[float, int | None]] = []
    for at, step in enumerate(steps):
        before = [(best[i][0], i) for i in range(at) if _leads_to(steps[i], step)]
        length, previous = max(before, default=(0.0, None), key=lambda found: found[0])
        best.append((length + step.seconds, previous))
    if not best:
        return []
    at_end: int | None = max(range(len(best)), key=lambda i: best[i][0])
    path: list[Step] = []
    while at_end is not None:
        path.append(steps[at_end])
        at_end = best[at_end][1]
    return path[::-1]


def _leads_to(one: Step, other: Step) -> bool:
    if one.end > other.start + TOLERANCE:
        return False
    again = one.failed and one.what == other.what and one.resource == other.resource
    return again or (one.rank < other.rank and _needs(other, one))


def _needs(later: Step, made: Step) -> bool:
    """What was made matters to what stands on it."""
    if made.rank[0] != MAKE or later.rank[0] == MAKE:
        return True
    return later.rank[0] > FAIL_OVER or (later.rank[0] == FAIL_OVER and made.rank[1] == OF_A_NETWORK)


def _steps(world: World) -> list[Step]:
    groups = _groups(world)
    ended = {event["operation"]: event for event in world.log.of("operation.ended")}
    steps: list[Step] = []
    for event in world.log.of("operation.accepted"):
        rank = _rank(event["action"], event["resource"], groups)
        end = ended.get(event["operation"])
        if rank is not None and end is not None:
            failed = end["status"] != "Succeeded"
            what = event["action"]
            steps.append(Step(what, ids.key(event["resource"]), rank, event["seconds"], end["seconds"], failed))
    steps += _boots(world, steps)
    steps += _convergences(world, steps)
    steps += _hung(world)
    return steps


def _rank(action: str, resource: str, groups: dict[str, int]) -> Rank | None:
    """Where in the job an operation belongs; None for what is no part of it."""
    word = action.rsplit("/", 1)[-1]
    if word == "unplannedFailover":
        return (FAIL_OVER, groups.get(ids.key(resource), 0), 0)
    if action.startswith(("replication", "virtualMachines")):
        return None
    if word in READINGS:
        return (READ_BACK,)
    kind = action.split("/", 1)[0]
    if word == "delete":
        return (DISCONNECT,) if kind in LINKS else None
    if word != "write":
        return None
    return (MAKE, MADE[kind]) if kind in MADE else (CONNECT,)


def _boots(world: World, steps: Iterable[Step]) -> list[Step]:
    """From a failover's end to the machine of its name being up."""
    up: dict[str, list[Event]] = {}
    for event in world.log.of("machine.up"):
        up.setdefault(str(event["vm"]).lower(), []).append(event)
    boots = []
    for step in steps:
        if step.rank[0] != FAIL_OVER or step.failed:
            continue
        later = [event["seconds"] for event in up.get(ids.last(step.resource), ()) if event["seconds"] >= step.end]
        if later:
            rank = (*step.rank[:2], 1)
            boots.append(Step("machine.up", step.resource, rank, step.end, later[0]))
    return boots


def _convergences(world: World, steps: Iterable[Step]) -> list[Step]:
    """From a connection's end to the first route that comes home over it."""
    found = []
    for step in steps:
        if step.rank[0] != CONNECT or not step.what.startswith(LINKS[:2]):
            continue
        for event in world.log.of("routes.changed"):
            over = {ids.key(home["connection"]) for home in event["homes"]}
            if event["seconds"] >= step.end and step.resource in over:
                found.append(Step("routes", step.resource, (CONVERGE,), step.end, event["seconds"]))
                break
    return found


def _hung(world: World) -> list[Step]:
    seen: set[tuple[str, str]] = set()
    steps = []
    for event in world.log.of("request"):
        name = (event["method"], ids.key(event["path"]))
        if event.get("held_seconds") and event["method"] != "GET" and name not in seen:
            seen.add(name)
            rank = _rank_of_call(event["method"], event["path"])
            end = event["seconds"] + event["held_seconds"]
            steps.append(Step(f"{event['method']} held", name[1], rank, event["seconds"], end))
    return steps


def _rank_of_call(method: str, path: str) -> Rank:
    kind = path.strip("/").split("/")[-2:][0]
    if method == "DELETE":
        return (DISCONNECT,)
    return (MAKE, MADE[kind]) if method == "PUT" and kind in MADE else (CONNECT,)


def _groups(world: World) -> dict[str, int]:
    """Boot group number by protected item, from the recovery plans of the estate."""
    found: dict[str, int] = {}
    for plan in world.documents.of_type(RECOVERY_PLAN):
        boots = [group for group in plan["properties"].get("groups", ()) if group.get("groupType") == "Boot"]
        for number, group in enumerate(boots, start=1):
            for item in _items(group):
                found.setdefault(ids.key(item), number)
    return found


def _items(group: Document) -> list[str]:
    return [item["id"] for item in group.get("replicationProtectedItems", ()) if item.get("id")]
