"""An edge plan and its estate, to be changed and compiled."""

from __future__ import annotations

import json
from typing import Any

from domain.edge.compile import compile_edge
from domain.findings import Findings, Refused
from domain.plans.reading import PlanErrors, parse_plan
from domain.runbook import Runbook, Step
from domain.snapshot import Snapshot, snapshot_of
from simulator.estates.edge import edge_region

BACKUP = {"at": "2026-03-01", "location": "westus"}
PLAN: dict[str, Any] = {
    "apiVersion": "bridgehead/v1",
    "name": "edge",
    "primary": {"region": "eastus"},
    "recovery": {"region": "westus"},
    "edge": {
        "services": ["Storage", "AzureKeyVault"],
        "devices": [
            {"name": "mill", "model": "pro-r", "site": "the mill", "serial": "PR-1", "person": "mill keeper",
             "connection": "cn-edge-mill", "sharedKey": {"vault": "kv-edge-shared", "secret": "psk-mill"},
             "backup": BACKUP},
        ],
        "fleet": {"prefix": "edge", "count": 3, "person": "depot", "backup": BACKUP},
        "routeTable": "rt-edge-services",
        "incomingRouteTable": "rt-edge-incoming",
        "addressFamilies": ["ipv4"],
        "firewall": {"ruleCollectionGroup": "afwp-edge/rcg-edge"},
        "ranges": {"api": "westus"},
        "gateway": {"like": "vgw-edge-eastus", "name": "vgw-edge-westus", "resourceGroup": "rg-edge-westus",
                    "network": "vnet-edge-westus"},
    },
}  # fmt: skip


class EdgeCase:
    """Northwind's fleet, small: one Pro R and three Mini R."""

    def __init__(self, **edge: Any) -> None:
        self.plan = json.loads(json.dumps(PLAN))
        self.edge: dict[str, Any] = self.plan["edge"]
        self.edge |= edge
        self.estate = edge_region(3)

    def document(self, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.estate if one["id"].endswith(f"/{name}")]
        return found

    def another_tunnel(self, number: int) -> str:
        """A Pro R's connection and local network gateway like the mill's; the connection's name."""
        connection = json.loads(json.dumps(self.document("cn-edge-mill")))
        local = json.loads(json.dumps(self.document("lng-mill")))
        for one in (connection, local):
            one["id"], one["name"] = f"{one['id']}-{number}", f"{one['id'].rsplit('/', 1)[1]}-{number}"
        local["properties"]["gatewayIpAddress"] = f"203.0.113.{number}"
        connection["properties"]["localNetworkGateway2"] = {"id": local["id"]}
        self.estate += [connection, local]
        return str(connection["name"])

    def routes(self, count: int) -> None:
        """Let the table of the home region have so many routes, none of them to the new ranges."""
        table = self.document("rt-edge-services")["properties"]
        model = table["routes"][0]
        table["routes"] = [
            {**model, "name": f"r{number}", "id": f"{model['id']}-{number}",
             "properties": {**model["properties"], "addressPrefix": f"10.{100 + number // 256}.{number % 256}.0/24"}}
            for number in range(count)
        ]  # fmt: skip

    def ranges(self, service: str, region: str, prefixes: list[str]) -> None:
        (tag,) = [one for one in self.document("Public")["values"] if one["name"] == f"{service}.{region}"]
        tag["properties"]["addressPrefixes"] = prefixes

    @property
    def snapshot(self) -> Snapshot:
        return snapshot_of(self.estate)

    def compile(self) -> Runbook:
        plan, snapshot = parse_plan(json.dumps(self.plan)), self.snapshot
        return compile_edge(plan, snapshot, Findings(snapshot))

    def refusals(self) -> list[str]:
        """Why it is refused; an AssertionError when it is not."""
        try:
            self.compile()
        except Refused as refused:
            return refused.reasons
        except PlanErrors as errors:
            return [str(one) for one in errors]
        raise AssertionError("it compiles")


def listed(runbook: Runbook, step: Step) -> list[dict[str, Any]]:
    """What a step adds to its list."""
    rows: list[dict[str, Any]] = runbook.documents[step.settings["children"]]
    return rows


def of_kind(runbook: Runbook, kind: str) -> list[Step]:
    return [step for step in runbook.steps if step.kind == kind]
