"""One outage from beginning to end, driven by hand through the SDK clients."""

from __future__ import annotations

from typing import Any

RECOVERY = "rg-companyb-southeastasia"
TIERS = (("dc1", "sql1", "sql2"), ("app1", "app2", "app3"), ("web1", "web2", "web3"))


def test_a_region_dies_and_the_datacenter_reaches_its_machines_in_the_other_one(start_azure: Any) -> None:
    """Dark region, fence, three groups in order, connect, converge: reachable, no split second, no violation."""
    azure = start_azure({"faults": [{"at": 0, "region": "eastasia", "dark": "both", "answer": "refuse"}]})
    assert azure.order_device("block-peer", "10.1.255.30", "k1").status_code == 200
    azure.advance(60)
    assert azure.looking_glass()["routes"] == []
    for group in TIERS:
        for name in group:
            assert azure.fail_over(name).status_code == 202
        azure.advance(400)
    assert azure.connect().provisioning_state == "Succeeded"
    azure.advance(60)
    status = azure.network().virtual_network_gateway_connections.get(RECOVERY, "cn-southeastasia-datacenter")
    assert status.connection_status == "Connected"
    seen = azure.looking_glass("10.1.1.4")
    assert seen["reach"]["reachable"] is True
    assert seen["reach"]["neighbor"] == "10.1.254.30"
    assert [route["neighbor"] for route in seen["routes"]] == ["10.1.254.30"]
    verdict = azure.verdict()
    assert verdict["violations"] == []
    assert verdict["split_seconds"] == 0
    assert set(verdict["non_idempotent_accepted"].values()) == {1}
    assert len(verdict["non_idempotent_accepted"]) == 9
    kinds = [step["what"].rsplit("/", 1)[-1] for step in verdict["longest_path"]]
    assert kinds.count("unplannedFailover") == 3
    assert kinds[-2:] == ["write", "routes"]
    assert 460 < verdict["longest_path_seconds"] < 800


def test_connecting_before_the_old_link_is_gone_splits_the_routes(azure: Any) -> None:
    """Two connected networks of one address space: the predecessor rule and the split are both seen, with seconds."""
    azure.connect()
    azure.advance(60)
    assert {route["neighbor"] for route in azure.looking_glass()["routes"]} == {"10.1.255.30", "10.1.254.30"}
    azure.advance(30)
    azure.order_device("block-peer", "10.1.255.30", "k2")
    verdict = azure.verdict()
    assert [found["rule"] for found in verdict["violations"]] == ["predecessor-still-joined", "never-two-ways-home"]
    assert 30 < verdict["split_seconds"] < 100
    assert [event["kind"] for event in azure.control("log")["events"] if "split" in event["kind"]] == [
        "split.started",
        "split.ended",
    ]


def test_machines_stay_reachable_over_the_old_tunnel_while_only_the_control_plane_is_dead(start_azure: Any) -> None:
    """The normal case of rule 4: Azure answers nothing, and the old gateway goes on advertising until it is fenced."""
    azure = start_azure({"faults": [{"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "refuse"}]})
    azure.advance(600)
    assert azure.looking_glass("10.1.1.4")["reach"]["reachable"] is True
    azure.order_device("block-peer", "10.1.255.30", "k3")
    seen = azure.looking_glass("10.1.1.4")
    assert seen["reach"]["reachable"] is False
    assert seen["routes"] == []
    assert seen["peers"][0] == {"neighbor": "10.1.255.30", "asn": 65515, "state": "Down", "blocked": True}


def test_a_fenced_peer_that_comes_back_is_not_listened_to(start_azure: Any) -> None:
    """The region returns with its connection still there: while the device refuses the peer no route comes back."""
    azure = start_azure({"faults": [{"at": 0, "region": "eastasia", "dark": "both", "answer": "refuse", "for": 3000}]})
    azure.order_device("block-peer", "10.1.255.30", "k4")
    azure.advance(4000)
    assert azure.looking_glass()["routes"] == []
    azure.order_device("unblock-peer", "10.1.255.30", "k5")
    azure.advance(60)
    assert [route["neighbor"] for route in azure.looking_glass()["routes"]] == ["10.1.255.30"]


def test_longest_path_does_not_grow_when_a_caller_dawdles(start_azure: Any) -> None:
    """Machines of one group done one after another, with pauses, give no longer path than done together."""
    lengths = []
    for pause in (0, 250):
        azure = start_azure({"durations": {"replicationProtectedItems/unplannedFailover": 140}})
        for name in TIERS[0]:
            azure.fail_over(name)
            azure.advance(pause)
        azure.advance(500)
        lengths.append(azure.verdict()["longest_path_seconds"])
    assert lengths[1] < lengths[0] * 1.3
