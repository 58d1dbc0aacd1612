"""Many mistakes in what a plan says of networks: all of them are told at once, each with field, found and expected."""

from __future__ import annotations

import pytest
import yaml
from variants import Topology

from domain.plans.reading import PlanErrors, parse_plan

KINDS = "site-to-site, vnet-to-vnet, expressroute, peering"
ACCEPTED = "partial-connectivity"
WRONG = {
    "scope": ("everything", "scope: expected one of region, application, found 'everything'"),
    "accept": (
        ["partial-conectivity"],
        f"accept[0]: expected one of {ACCEPTED}, found 'partial-conectivity'; did you mean '{ACCEPTED}'?",
    ),
    "networks": (
        [{"source": "vnet-source", "target": "vnet-recovery", "create": {"resourceGroup": "rg"}}],
        "networks[0]: expected either target, a network that is there, or create, found both",
    ),
    "sites": (
        {"dc": {"prefixes": ["10.50.0.0/16"], "circuits": "er-one", "device": {"prepared": "maybe", "change": "fax"}}},
        "sites.dc.circuits: expected a list, found 'er-one'",
        "sites.dc.device.change: expected one of none, webhook, person, found 'fax'",
        "sites.dc.device.prepared: expected true or false, found 'maybe'",
    ),
    "links": (
        [
            {"name": "a", "network": "vnet-azure", "disconnect": "cn-source-azure", "connect": "mirrored"},
            {"name": "b", "network": "vnet-azure", "connect": {"kind": "expresroute", "routingWeight": 99999}},
            {
                "name": "c",
                "network": "vnet-azure",
                "connect": "mirror",
                "comes": "before-failover",
                "comesAfter": "web",
            },
            {"name": "d", "network": "vnet-azure", "disconnect": "cn-source-azure", "fence": "webhook"},
        ],
        "links[0].connect: expected mirror, or its fields, found 'mirrored'",
        f"links[1].connect.kind: expected one of {KINDS}, found 'expresroute'; did you mean 'expressroute'?",
        "links[1].connect.routingWeight: expected at most 32000, found 99999",
        "links[2].comes: expected nothing beside comesAfter: it names the moment, found 'before-failover'",
        "links[3].fence: expected nothing: the half at the network that stays is taken away instead, found 'webhook'",
    ),
    "routing": (
        {
            "nextHop": [{"machine": "web1", "address": "10.50.0"}],
            "connectivity": [{"machine": "web1", "address": "10.2.4.4", "port": 70000}],
            "installAgent": "yess",
            "canary": 5,
        },
        "routing.nextHop[0].address: expected an address such as 10.1.1.4, found '10.50.0'",
        "routing.connectivity[0].port: expected at most 65535, found 70000",
        "routing.installAgent: expected true or false, found 'yess'",
        "routing.canary: expected text, found 5; YAML reads this as something else: put it in quotes",
    ),
    "internet": (
        [
            {"name": "i", "trafficManager": "tm"},
            {"name": "j", "dns": {"zone": "z", "record": "r", "values": ["nonsense"], "ttl": 0}},
            {"name": "k", "dns": {"zone": "z", "record": "r", "type": "CNAME", "values": ["a.example", "b.example"]}},
        ],
        "internet[0].enable: expected the endpoint of the recovery side, found nothing",
        "internet[1].dns.ttl: expected at least 1, found 0",
        "internet[1].dns.values[0]: expected an IPv4 address, found 'nonsense'",
        "internet[2].dns.values: expected one name: a CNAME leads to one only, found a list of 2",
    ),
}


def test_every_mistake_in_the_file_is_told_at_once() -> None:
    """Nineteen, in every new part of a plan: each in its own words, and nothing else."""
    topology = Topology("company-a")
    topology.plan |= {field: wrong[0] for field, wrong in WRONG.items()}
    with pytest.raises(PlanErrors) as raised:
        parse_plan(yaml.safe_dump(topology.plan))
    told = [str(error) for error in raised.value.errors]
    assert sorted(told) == sorted(str(one) for wrong in WRONG.values() for one in wrong[1:])


def test_every_name_that_the_snapshot_does_not_hold_is_told_at_once() -> None:
    """Networks, links, groups, machines, workspace, profile and zone: with the nearest name where there is one."""
    topology = Topology("company-a")
    key = dict(topology.link()["sharedKey"])
    topology.plan["networks"].append({"source": "vnet-azur", "target": "vnet-recovery"})
    topology.link()["connect"] = {"kind": "expressroute"}
    like = {"name": "b", "network": "vnet-azur", "like": "vnet-source/to-x", "connect": "mirror", "sharedKey": key}
    topology.plan["links"] += [like | {"comesAfter": "dta"}]
    topology.plan["routing"] = {
        "canary": "sqlreplic",
        "nextHop": [{"machine": "web9", "address": "10.2.4.4"}],
        "workspace": "law",
    }
    topology.plan["internet"] = [
        {"name": "i", "trafficManager": "tm", "enable": "x"},
        {"name": "j", "dns": {"zone": "z", "record": "r", "values": ["203.0.113.1"]}},
    ]
    gone = "which the snapshot does not hold"

    def there(kind: str, named: str, near: str) -> str:
        return f"expected a {kind} of the snapshot, found {named!r}, {gone}; did you mean {near!r}?"

    def nothing_like(field: str, kind: str, named: str) -> str:
        hint = f"the snapshot has no {kind} like it; capture it again"
        return f"{field}: expected a {kind} of the snapshot, found {named!r}, {gone}; {hint}"

    network = there("Microsoft.Network/virtualNetworks", "vnet-azur", "vnet-azure")
    kinds = "peering, site-to-site, vnet-to-vnet: the link leads to a network"
    machine = "an item of the workload, or a machine of the snapshot"
    assert sorted(topology.refusals()) == sorted(
        [
            f"networks[1].source: {network}",
            f"links[0].connect.kind: expected one of {kinds}, found 'expressroute'",
            f"links[1].network: {network}",
            f"links[1].like: expected a peering, as NETWORK/PEERING, found 'vnet-source/to-x', {gone}",
            "links[1].comesAfter: expected the name of a group, found 'dta'; did you mean 'data'?",
            f"routing.canary: {there('Microsoft.Compute/virtualMachines', 'sqlreplic', 'sqlreplica')}",
            f"routing.nextHop[0].machine: expected {machine}, found 'web9'; did you mean 'web1'?",
            nothing_like("routing.workspace", "Microsoft.OperationalInsights/workspaces", "law"),
            nothing_like("internet[0].trafficManager", "Microsoft.Network/trafficManagerProfiles", "tm"),
            nothing_like("internet[1].dns.zone", "Microsoft.Network/dnsZones", "z"),
        ]
    )
