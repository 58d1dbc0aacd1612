"""Arbitrary networks, sites, links, groups: refused, or in every order that the graph allows one way home at a time.

The checker here knows nothing of the prover: it walks a runbook step by step in a random order, with random ends, and
looks at which ways are open.
"""

from __future__ import annotations

import ipaddress
import json
import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.compile import compile_runbook
from domain.findings import Refused
from domain.plans.reading import PlanErrors, parse_plan
from domain.runbook import LANE_LIMIT, Runbook, Step
from domain.snapshot import snapshot_of
from domain.workload import ITEM_TYPE

SUB = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
SPACES = ("10.1.0.0/16", "10.2.0.0/16", "10.1.128.0/17")
VAULT = f"{SUB}/resourceGroups/dr/providers/Microsoft.RecoveryServices/vaults/v"
CONTAINER = f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c"


def _document(group: str, kind: str, name: str, region: str, **properties: Any) -> dict[str, Any]:
    resource_id = f"{SUB}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}"
    return {
        "id": resource_id,
        "name": name,
        "type": f"Microsoft.Network/{kind}",
        "location": region,
        "properties": properties,
    }


class World:
    """An estate and a plan drawn from a seed: old networks in eastasia, new ones in southeastasia, sites, links."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.estate: list[dict[str, Any]] = [
            {"id": f"{SUB}/resourceGroups/{name}", "name": name, "location": where}
            | {"type": "Microsoft.Resources/resourceGroups"}
            for name, where in (("old", "eastasia"), ("new", "southeastasia"), ("dr", "southeastasia"))
        ]  # fmt: skip
        self.estate.append(
            {"id": VAULT, "name": "v", "type": "Microsoft.RecoveryServices/vaults", "location": "southeastasia"}
        )
        self.ways: dict[str, tuple[str, str, str]] = {}
        """Key of a connection -> (site, gateway, network's prefix)."""
        self.space: dict[str, str] = {}
        self.machines = 0
        self.sites = {
            f"site{n}": {"prefixes": [f"10.{50 + n}.0.0/16"], "asn": 65050 + n, "person": "network on call"}
            for n in range(self.chance.randint(1, 3))
        }
        self.old = [self._network("old", "eastasia", n) for n in range(self.chance.randint(1, 3))]
        self.new = [self._network("new", "southeastasia", n) for n in range(self.chance.randint(1, 2))]
        self.connections = self._connections()
        self.plan = self._plan()

    def _network(self, group: str, region: str, number: int) -> str:
        space = self.chance.choice(SPACES)
        network = _document(
            group, "virtualNetworks", f"vnet-{group}{number}", region, addressSpace={"addressPrefixes": [space]}
        )
        gateway = _document(
            group, "virtualNetworkGateways", f"vgw-{group}{number}", region,
            ipConfigurations=[{"properties": {"subnet": {"id": f"{network['id']}/subnets/GatewaySubnet"}}}],
            bgpSettings={"asn": 65515, "bgpPeeringAddress": f"10.99.{number}.{10 if group == 'old' else 20}"},
        )  # fmt: skip
        self.estate += [network, gateway]
        self.space[gateway["id"]] = space
        for site, about in self.sites.items():
            self.estate.append(
                _document(
                    group, "localNetworkGateways", f"lng-{site}-{group}", region,
                    gatewayIpAddress=f"203.0.113.{site[-1]}",
                    bgpSettings={"asn": about["asn"], "bgpPeeringAddress": "10.50.255.1"},
                )
            )  # fmt: skip
        self.estate = list({one["id"]: one for one in self.estate}.values())
        return str(gateway["id"])

    def _connections(self) -> list[tuple[str, str]]:
        """(name, site) of every old connection."""
        made = []
        for number, gateway in enumerate(self.old):
            for site in self.sites:
                if self.chance.random() < 0.6:
                    name = f"cn-{number}-{site}"
                    local = f"{SUB}/resourceGroups/old/providers/Microsoft.Network/localNetworkGateways/lng-{site}-old"
                    connection = _document(
                        "old", "connections", name, "eastasia", connectionType="IPsec", enableBgp=True,
                        virtualNetworkGateway1={"id": gateway}, localNetworkGateway2={"id": local},
                    )  # fmt: skip
                    self.estate.append(connection)
                    self.ways[connection["id"].lower()] = (site, gateway, self.space[gateway])
                    made.append((name, site))
        return made

    def _plan(self) -> dict[str, Any]:
        links: list[dict[str, Any]] = []
        for name, site in self.connections:
            if self.chance.random() < 0.85:
                links.append(
                    {
                        "name": f"l{len(links)}",
                        "site": site,
                        "disconnect": name,
                        "before": self.chance.choice(["failover", "connect"]),
                    }
                )
        for site in self.sites:
            for gateway in self.new:
                if self.chance.random() < 0.7:
                    number = len(links)
                    connect = {"name": f"cn-new-{number}", "gateway": gateway, "localNetworkGateway": f"lng-{site}-new"}
                    free = [link for link in links if link["site"] == site and "connect" not in link]
                    (free[0] if free else links.append({"name": f"l{number}", "site": site}) or links[-1])[
                        "connect"
                    ] = connect
        self.chance.shuffle(links)
        return {
            "apiVersion": "bridgehead/v1", "name": "p", "primary": {"region": "eastasia"},
            "recovery": {"region": "southeastasia"}, "sites": self.sites, "links": links,
            "workload": {"vault": "v", "groups": self._groups()},
        }  # fmt: skip

    def _groups(self) -> list[dict[str, Any]]:
        groups = []
        for number in range(self.chance.randint(1, 4)):
            names = [f"vm{number}-{n}" for n in range(self.chance.choice([1, 2, 3, 45, 90]))]
            for name in names:
                self.estate.append(self._item(name))
            group: dict[str, Any] = {"name": f"g{number}", "items": names}
            if self.chance.random() < 0.4:
                group["quorum"] = self.chance.randint(1, len(names))
            groups.append(group)
        return groups

    def _item(self, name: str) -> dict[str, Any]:
        gateway = self.chance.choice(self.new)
        network = gateway.replace("virtualNetworkGateways/vgw-", "virtualNetworks/vnet-")
        self.machines += 1
        second = 2 if self.space[gateway].startswith("10.2.") else 1
        address = f"10.{second}.{128 + self.machines // 200}.{4 + self.machines % 200}"
        nic = {
            "recoveryVMNetworkId": network,
            "ipConfigs": [{"staticIPAddress": address, "recoveryStaticIPAddress": address}],
        }
        details = {
            "instanceType": "A2A", "vmNics": [nic], "fabricObjectId": f"{SUB}/resourceGroups/old/vm/{name}",
            "recoveryAzureResourceGroupId": f"{SUB}/resourceGroups/new",
        }  # fmt: skip
        return {
            "id": f"{CONTAINER}/replicationProtectedItems/{name}", "name": name, "type": ITEM_TYPE,
            "properties": {"friendlyName": name, "providerSpecificDetails": details},
        }  # fmt: skip

    def compiled(self) -> Runbook | None:
        try:
            return compile_runbook(parse_plan(json.dumps(self.plan)), snapshot_of(self.estate), "failover")
        except (Refused, PlanErrors):
            return None


def _walk(world: World, runbook: Runbook, chance: random.Random) -> None:
    """One order of the graph, many steps under way at once, disconnects confirmed or not."""
    ends: dict[str, str] = {}
    under_way: dict[str, Step] = {}
    open_ways = dict(world.ways)
    writers: Counter[str] = Counter()
    steps = {step.id: step for step in runbook.steps}

    def ready(step: Step) -> bool:
        fine = ("succeeded", "not-needed")
        covered = lambda need: step.when and step.when.step == need and ends[need] in step.when.statuses  # noqa: E731
        after = all(one in ends for one in step.after)
        return after and all(need in ends and (ends[need] in fine or covered(need)) for need in step.needs)

    while len(ends) < len(steps):
        waiting = [one for one in steps.values() if one.id not in ends and one.id not in under_way and ready(one)]
        if waiting and (not under_way or chance.random() < 0.6):
            step = chance.choice(waiting)
            under_way[step.id] = step
            if step.kind in ("disconnect-connection", "connect-connection"):
                writers[step.settings["gateway"].lower()] += 1
                assert writers[step.settings["gateway"].lower()] == 1, "two writers of one gateway"
            if step.kind == "connect-connection":
                local = step.settings["body"]["properties"]["localNetworkGateway2"]["id"].rsplit("/", 1)[-1]
                gateway = step.settings["gateway"]
                open_ways[step.target.lower()] = (local.split("-")[1], gateway, world.space[gateway])
                _check(open_ways)
        else:
            assert under_way, f"stuck: {[one.name for one in steps.values() if one.id not in ends]}"
            step = under_way.pop(chance.choice(sorted(under_way)))
            ends[step.id] = _end(step, ends, open_ways, chance)
            if step.kind in ("disconnect-connection", "connect-connection"):
                writers[step.settings["gateway"].lower()] -= 1


def _end(step: Step, ends: dict[str, str], open_ways: dict[str, Any], chance: random.Random) -> str:
    if step.kind == "disconnect-connection":
        if chance.random() < 0.5:
            return "unconfirmed"
        open_ways.pop(step.target.lower())
    if step.when is not None:
        if ends[step.when.step] not in step.when.statuses:
            return "not-needed"
        peer = (step.settings["site"], step.settings["peers"][0]["bgpPeeringAddress"])
        for key, (site, gateway, _) in list(open_ways.items()):
            number = gateway[-1]
            if (site, f"10.99.{number}.10") == peer and "/vgw-old" in gateway:
                open_ways.pop(key)
    return "succeeded"


def _check(open_ways: dict[str, tuple[str, str, str]]) -> None:
    """What was split before the run is not its doing: one of the two ways is new."""
    ways = sorted(open_ways.values())
    for number, (site, gateway, space) in enumerate(ways):
        for other_site, other_gateway, other_space in ways[number + 1 :]:
            ours = "/vgw-new" in gateway or "/vgw-new" in other_gateway
            if ours and site == other_site and gateway != other_gateway:
                one, other = ipaddress.ip_network(space), ipaddress.ip_network(other_space)
                assert not one.overlaps(other), f"two ways home to {site}: {gateway} and {other_gateway}"


def _check_shape(runbook: Runbook) -> None:
    """Unique ids, every reference a step, lanes small, edges between lanes along the lanes' own."""
    steps = {step.id: step for step in runbook.steps}
    assert len(steps) == len(runbook.steps)
    lane_of = {one: lane.id for lane in runbook.lanes for one in lane.steps}
    assert set(lane_of) == set(steps)
    assert len({lane.id for lane in runbook.lanes}) == len(runbook.lanes)
    before: dict[str, set[str]] = {}
    for lane in runbook.lanes:
        assert len(lane.steps) <= LANE_LIMIT
        before[lane.id] = set(lane.needs).union(*(before[need] for need in lane.needs))
    for step in runbook.steps:
        assert step.lane == lane_of[step.id]
        for other in (*step.needs, *step.after, *([step.when.step] if step.when else [])):
            assert lane_of[other] == step.lane or lane_of[other] in before[step.lane], (step.name, steps[other].name)
    closed = _closure(runbook)
    ways = {one.id for one in runbook.steps if one.kind.startswith("fence") or one.kind == "disconnect-connection"}
    for step in runbook.steps:
        if step.kind == "failover-item":
            nothing_else = {
                "check-readiness",
                "group-up",
                "failover-item",
                "failover-plan",
                "check-machine",
                "wait-person",
            }
            assert all(steps[one].kind in nothing_else or one in ways for one in closed[step.id])


def _closure(runbook: Runbook) -> dict[str, set[str]]:
    closed: dict[str, set[str]] = {}
    for step in runbook.steps:
        closed[step.id] = set(step.needs).union(*(closed[need] for need in step.needs))
    return closed


@settings(max_examples=70)
@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_no_order_of_the_graph_ever_opens_two_ways_home(seed: int, order: int) -> None:
    """Or it is refused; and wherever it compiles, the graph has the shape that the orchestrators rely on."""
    world = World(seed)
    runbook = world.compiled()
    if runbook is not None:
        _check_shape(runbook)
        for number in range(3):
            _walk(world, runbook, random.Random(order + number))


def test_both_answers_are_drawn() -> None:
    """The draw is neither all refusals nor none."""
    answers = Counter(World(seed).compiled() is not None for seed in range(60))
    assert min(answers[True], answers[False]) >= 6, answers
