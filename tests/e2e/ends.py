"""The documented end state of every topology (docs/topologies.md), and questions to what Azure holds at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True)
class End:
    """What must be there when a topology's failover has ended.

    gone       connections and peerings (NETWORK/PEERING) that are not there any more
    halves     those of them that stand outside East Asia: gone in the dark, too
    come       new ones, each of them whole
    machines   name -> (network, address), all of them running
    homes      (site or network, prefix) -> the gateways, or peerings, that it is sent to
    """

    gone: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    machines: dict[str, tuple[str, str]] = field(default_factory=dict)
    homes: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def _three(network: str) -> dict[str, tuple[str, str]]:
    return {"sql1": (network, "10.1.3.4"), "app1": (network, "10.1.2.4"), "web1": (network, "10.1.1.4")}


ENDS: dict[str, End] = {
    "company-a": End(
        gone=("cn-source-azure", "cn-azure-source"),
        halves=("cn-azure-source",),
        come=("cn-source-azure-recovery", "cn-azure-source-recovery"),
        machines=_three("vnet-recovery"),
        homes={
            ("vnet-azure", "10.1.0.0/16"): {"vgw-recovery"},
            ("vnet-recovery", "10.2.0.0/16"): {"vgw-azure"},
        },
    ),
    "company-a-app": End(
        gone=("cn-one-two", "cn-two-one", "cn-two-azure", "cn-azure-two"),
        come=("cn-one-two-recovery", "cn-two-one-recovery", "cn-two-azure-recovery", "cn-azure-two-recovery"),
        machines={"sql2": ("vnet-recovery-two", "10.2.2.4"), "web2": ("vnet-recovery-two", "10.2.1.4")},
        homes={
            ("vnet-one", "10.2.0.0/16"): {"vgw-recovery-two"},
            ("vnet-one", "10.3.0.0/16"): {"vgw-azure"},
            ("vnet-azure", "10.1.0.0/16"): {"vgw-one"},
            ("vnet-azure", "10.2.0.0/16"): {"vgw-recovery-two"},
            ("vnet-two", "10.3.0.0/16"): set(),
        },
    ),
    "company-b": End(
        gone=("cn-eastasia-datacenter",),
        come=("cn-southeastasia-datacenter",),
        machines={
            "dc1": ("vnet-companyb-southeastasia", "10.1.3.4"),
            "web3": ("vnet-companyb-southeastasia", "10.1.1.6"),
        },
        homes={("datacenter", "10.1.0.0/16"): {"vgw-companyb-southeastasia"}},
    ),
    "company-b-expressroute": End(
        gone=("cn-er-eastasia",),
        come=("cn-er-southeastasia",),
        machines=_three("vnet-southeastasia"),
        homes={("datacenter", "10.1.0.0/16"): {"ergw-southeastasia"}},
    ),
    "company-b-two-circuits": End(
        come=("cn-er-southeastasia",),
        machines=_three("vnet-southeastasia"),
        homes={("datacenter", "10.1.0.0/16"): {"ergw-southeastasia"}},
    ),
    "company-b-both": End(
        gone=("cn-er-eastasia", "cn-vpn-eastasia"),
        come=("cn-er-southeastasia", "cn-vpn-southeastasia"),
        machines=_three("vnet-southeastasia"),
        homes={("datacenter", "10.1.0.0/16"): {"ergw-southeastasia"}},
    ),
    "company-b-sites": End(
        gone=("cn-eastasia-datacenter", "cn-eastasia-office", "cn-eastasia-branch"),
        come=("cn-eastasia-datacenter-recovery", "cn-eastasia-office-recovery", "cn-eastasia-branch-recovery"),
        machines=_three("vnet-southeastasia"),
        homes={(site, "10.1.0.0/16"): {"vgw-southeastasia"} for site in ("datacenter", "office", "branch")},
    ),
    "company-b-app": End(
        gone=("cn-orders-datacenter", "cn-orders-platform", "cn-platform-orders"),
        come=("cn-orders-datacenter-recovery", "cn-orders-platform-recovery", "cn-platform-orders-recovery"),
        machines={
            "ordersql": ("vnet-orders-southeastasia", "10.4.2.4"),
            "orderweb": ("vnet-orders-southeastasia", "10.4.1.4"),
        },
        homes={
            ("datacenter", "10.1.0.0/16"): {"vgw-eastasia"},
            ("datacenter", "10.4.0.0/16"): {"vgw-orders-southeastasia"},
            ("vnet-platform", "10.4.0.0/16"): {"vgw-orders-southeastasia"},
        },
    ),
    "hub-and-spoke": End(
        gone=("cn-hub-datacenter",),
        come=("cn-hub-datacenter-recovery",),
        machines={
            "sql1": ("vnet-data-southeastasia", "10.2.1.4"),
            "web1": ("vnet-web-southeastasia", "10.1.1.4"),
        },
        homes={("datacenter", f"10.{n}.0.0/16"): {"vgw-hub-southeastasia"} for n in range(3)},
    ),
    "peered-application": End(
        gone=(
            "vnet-orders-eastasia/to-hub",
            "vnet-orders-eastasia/to-shared",
            "vnet-hub/to-orders",
            "vnet-shared/to-orders",
        ),
        halves=("vnet-hub/to-orders", "vnet-shared/to-orders"),
        come=(
            "vnet-orders-southeastasia/to-hub-recovery",
            "vnet-orders-southeastasia/to-shared-recovery",
            "vnet-hub/to-orders-recovery",
            "vnet-shared/to-orders-recovery",
        ),
        machines={
            "ordersql": ("vnet-orders-southeastasia", "10.6.2.4"),
            "orderweb": ("vnet-orders-southeastasia", "10.6.1.4"),
        },
        homes={
            ("vnet-hub", "10.6.0.0/16"): {"to-orders-recovery"},
            ("vnet-shared", "10.6.0.0/16"): {"to-orders-recovery"},
            ("datacenter", "10.6.0.0/16"): {"vgw-hub"},
        },
    ),
    "recreated-network": End(
        gone=("cn-orders-datacenter",),
        come=("cn-orders-datacenter-recovery",),
        machines={
            "sql1": ("vnet-orders-southeastasia", "10.1.2.4"),
            "web1": ("vnet-orders-southeastasia", "10.1.1.4"),
        },
        homes={("datacenter", "10.1.0.0/16"): {"vgw-orders-southeastasia"}},
    ),
    "replica-network": End(
        gone=("cn-shop-datacenter",),
        come=("cn-shop-datacenter-recovery",),
        machines={
            "sql1": ("vnet-shop-koreacentral", "10.1.2.4"),
            "web1": ("vnet-shop-koreacentral", "10.1.1.4"),
        },
        homes={("datacenter", "10.1.0.0/16"): {"vgw-shop-koreacentral"}},
    ),
}


class Left:
    """What Azure holds when a rehearsal has ended, and what its log tells."""

    def __init__(self, documents: list[Document], events: list[Event]) -> None:
        self.documents, self.events = documents, events

    def named(self, kind: str, name: str) -> list[Document]:
        """Documents of a type (its end) by name; of a child, PARENT/NAME."""
        wanted = f"/{name}".lower() if "/" not in name else "/{}/virtualnetworkpeerings/{}".format(*name.split("/"))
        return [
            one
            for one in self.documents
            if one["type"].lower().endswith(kind.lower()) and one["id"].lower().endswith(wanted.lower())
        ]

    def one(self, kind: str, name: str) -> Document:
        found = self.named(kind, name)
        assert len(found) == 1, (kind, name, [one["id"] for one in found])
        return found[0]

    def link(self, name: str) -> list[Document]:
        """A connection, or a peering as NETWORK/PEERING."""
        return self.named("/virtualNetworkPeerings" if "/" in name else "/connections", name)

    def interfaces(self, machine: str) -> list[tuple[str, str]]:
        """(network, address) of the interfaces of every machine of that name, of which an item's source is one."""
        found = []
        for interface in self.documents:
            held = (interface.get("properties", {}).get("virtualMachine") or {}).get("id", "")
            if held.lower().endswith(f"/{machine}"):
                for configuration in interface["properties"]["ipConfigurations"]:
                    details = configuration["properties"]
                    found.append((details["subnet"]["id"].split("/")[-3], details["privateIPAddress"]))
        return found

    def homes(self, who: str, prefix: str) -> set[str]:
        """Where the newest word of the log sends a prefix: the preferred ways only."""
        told = [one["homes"] for one in self.events if (one.get("site"), one.get("prefix")) == (who, prefix)
                and one["kind"] == "routes.changed"]  # fmt: skip
        return {home["gateway"].split("/")[-1] for home in told[-1] if home["preferred"]} if told else set()

    def up(self) -> set[str]:
        """Names of the connections that the log last told to be connected; of active-active ones, all instances."""
        told = [one for one in self.events if one["kind"] == "tunnel.changed"]
        last = {one["connection"].split("/")[-1]: one["state"] for one in told}
        return {name for name, state in last.items() if state == "Connected"}

    def unchanged(self) -> set[str]:
        """Names of connections that were there from the beginning and of which the log has nothing to tell."""
        moved = {one["connection"].split("/")[-1] for one in self.events if one["kind"] == "tunnel.changed"}
        there = {one["name"] for one in self.documents if one["type"].lower().endswith("/connections")}
        made = {one["resource"].split("/")[-1] for one in self.events if one["kind"] == "resource.written"}
        return there - moved - made

    def lives(self, machine: str) -> set[tuple[str, str]]:
        """(network, address) where a machine of that name is up by the log's newest words."""
        up: dict[str, tuple[str, str]] = {}
        for event in self.events:
            if event["kind"] == "machine.up" and event["vm"] == machine:
                up[event["id"].lower()] = (event["network"].split("/")[-1], event["address"])
            elif event["kind"] == "machine.down" and event["vm"] == machine:
                up.pop(event["id"].lower(), None)
        return set(up.values())

    def accepted(self, action: str, name: str) -> list[float]:
        """Virtual seconds at which Azure accepted such an operation on a resource of that name."""
        return self._at("operation.accepted", action, name)

    def ended(self, action: str, name: str) -> list[float]:
        return self._at("operation.ended", action, name)

    def _at(self, kind: str, action: str, name: str) -> list[float]:
        return [
            one["seconds"]
            for one in self.events
            if one["kind"] == kind and one["action"] == action and one["resource"].lower().endswith(f"/{name}".lower())
        ]
