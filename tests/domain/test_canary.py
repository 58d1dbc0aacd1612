"""A machine kept in the recovery network proves a new link before anything fails over."""

from __future__ import annotations

from typing import Any

from variants import Topology

from domain.runbook import Runbook, Step


def _proof(runbook: Runbook) -> Step:
    found = [step for step in runbook.steps if step.kind == "verify-routing" and "proves the way" in step.name]
    assert len(found) == 1
    return found[0]


def _named(runbook: Runbook, name: str) -> Step:
    return next(step for step in runbook.steps if step.name == name)


def _checks(step: Step, kind: str) -> list[dict[str, Any]]:
    return [check for check in step.settings["checks"] if check["check"] == kind]


def test_a_link_before_the_failover_is_proven_by_the_canary_and_the_first_group_waits() -> None:
    """Next hop from the canary right after the connection; no machine that fails over is asked for."""
    topology = Topology("hub-and-spoke")
    topology.plan["routing"]["connectivity"] = [{"machine": "nva2", "address": "10.70.1.10", "port": 22}]
    runbook = topology.compile()
    proof = _proof(runbook)
    assert proof.needs == (_named(runbook, "connect cn-hub-datacenter-recovery").id,)
    assert proof.id in _named(runbook, "fail over sql1").needs
    (hop,) = _checks(proof, "next-hop")
    assert (hop["machine"].rsplit("/", 1)[1], hop["address"]) == ("nva2", "10.70.1.10")
    assert hop["gateway"].endswith("vgw-hub-southeastasia")
    assert [check["port"] for check in _checks(proof, "connectivity")] == [22]
    assert not _checks(proof, "site-reach")


def test_between_two_groups_the_second_waits_for_the_proof() -> None:
    """comesAfter and comesBefore: the first group waits for nothing of it."""
    topology = Topology("hub-and-spoke")
    topology.link().pop("comes")
    topology.link().update(comesAfter="data", comesBefore="web")
    runbook = topology.compile()
    proof = _proof(runbook)
    assert proof.id in _named(runbook, "fail over web1").needs
    assert proof.id not in _named(runbook, "fail over sql1").needs
    assert _named(runbook, "group data is up").id in _named(runbook, "connect cn-hub-datacenter-recovery").needs


def test_of_a_link_after_the_failover_the_canary_tells_with_the_last_verification() -> None:
    """Nothing waits for it; where the plan names no address the first of the site's is asked for."""
    topology = Topology("hub-and-spoke")
    topology.link().pop("comes")
    topology.plan["routing"].pop("nextHop")
    (verify,) = topology.steps("verify-routing")
    assert [hop["address"] for hop in _checks(verify, "next-hop")] == ["10.70.0.1"]


def test_what_comes_early_is_yet_verified_of_every_group() -> None:
    """The last verification asks machines for answers: it waits for the last group."""
    for moment in ({"comes": "before-failover"}, {"comesBefore": "web"}, {"comesAfter": "data"}):
        topology = Topology("hub-and-spoke")
        topology.link().pop("comes")
        topology.link().update(moment)
        runbook = topology.compile()
        verify = _named(runbook, "routing from datacenter points at southeastasia")
        assert _named(runbook, "group web is up").id in verify.needs, moment


def test_a_canary_that_could_prove_nothing_is_refused() -> None:
    """One that fails over, one in a network that no new link joins, and one that is not there."""
    joined = "a machine that is kept in a network that a link's connect joins"
    for name, expected, found in (
        ("web1", "a machine that is kept in the recovery network", "web1, which fails over"),
        ("nva1", joined, "nva1 in vnet-hub-eastasia, which no new link joins"),
        (
            "nva3",
            "a Microsoft.Compute/virtualMachines of the snapshot",
            "'nva3', which the snapshot does not hold; did you mean 'nva2'?",
        ),
    ):
        topology = Topology("hub-and-spoke")
        topology.plan["routing"]["canary"] = name
        assert topology.refusals() == [f"routing.canary: expected {expected}, found {found}"]


def test_a_next_hop_is_the_appliance_where_the_subnets_route_table_says_so() -> None:
    """Of web1 in its spoke: the table there sends the datacenter's addresses to the recovery hub's appliance."""
    topology = Topology("hub-and-spoke")
    topology.plan["routing"]["nextHop"] = [{"machine": "web1", "address": "10.70.1.10"}]
    verify = topology.steps("verify-routing")[-1]
    hop = next(check for check in _checks(verify, "next-hop") if check["machine"].endswith("/web1"))
    assert (hop["next_hop"], hop["next_hop_address"]) == ("VirtualAppliance", "10.0.2.4")


def test_a_next_hop_is_the_peering_where_the_address_is_in_a_peered_network() -> None:
    """The orders application is peered with shared services; the datacenter lies behind the hub's gateway."""
    topology = Topology("peered-application")
    shared = topology.document("vnet-shared", "/virtualNetworks")["properties"]["addressSpace"]["addressPrefixes"][0]
    inside = shared.replace(".0.0/16", ".1.4")
    topology.plan["routing"]["nextHop"] = [{"machine": "orderweb", "address": inside},
                                           {"machine": "orderweb", "address": "10.70.1.10"}]  # fmt: skip
    checks = [check for step in topology.steps("verify-routing") for check in _checks(step, "next-hop")]
    assert [check.get("next_hop", "gateway") for check in checks] == ["VirtualNetworkPeering", "gateway"]


def test_a_canary_that_is_to_try_addresses_needs_its_agent() -> None:
    """Told in calm times: nothing installs it there on the day."""
    topology = Topology("hub-and-spoke")
    topology.plan["routing"]["connectivity"] = [{"machine": "nva2", "address": "10.70.1.10"}]
    warning = "the snapshot holds no Network Watcher extension of nva2: without it routing.canary reaches nothing"
    assert warning in topology.compile().warnings
    machine = topology.document("nva2", "/virtualMachines")
    name = "NetworkWatcherAgentLinux"
    extension = {"id": f"{machine['id']}/extensions/{name}", "name": name, "type": f"{machine['type']}/extensions"}
    topology.estate.append(extension | {"location": machine["location"], "properties": {"type": name}})
    assert warning not in topology.compile().warnings
