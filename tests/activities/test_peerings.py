"""Halves of peerings: the order that Azure demands, the states it knows, and what a second run does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CONTOSO = "/subscriptions/0000c0c0-0000-4000-8000-00000000c0c0/resourceGroups/rg-contoso-{}/providers/Microsoft.Network"
HUB = f"{CONTOSO.format('southeastasia')}/virtualNetworks/vnet-hub-southeastasia"
WEB = f"{CONTOSO.format('southeastasia')}/virtualNetworks/vnet-web-southeastasia"
NEAR, FAR = f"{HUB}/virtualNetworkPeerings/to-web", f"{WEB}/virtualNetworkPeerings/to-hub"


def body(remote: str, **flags: bool) -> dict[str, Any]:
    return {"properties": {"remoteVirtualNetwork": {"id": remote}, "allowVirtualNetworkAccess": True, **flags}}


@pytest.fixture
def contoso(start_azure: Any) -> Any:
    return start_azure(name="hub-and-spoke")


@pytest.fixture
def near(step: Any) -> Any:
    wanted = body(WEB, allowGatewayTransit=True, allowForwardedTraffic=True)
    return step("connect-peering", NEAR, body=wanted, network=HUB, expect="Initiated")


@pytest.fixture
def far(step: Any) -> Any:
    wanted = body(HUB, useRemoteGateways=True, allowForwardedTraffic=True)
    return step("connect-peering", FAR, body=wanted, network=WEB, expect="Connected")


def state(azure: Any, half: str) -> str:
    return str(azure.document(half)["properties"]["peeringState"])


def parted(azure: Any, step: Any) -> None:
    """Both halves are gone: first the spoke's, which uses the hub's gateway."""
    for half in (FAR, NEAR):
        assert azure.walk(step("disconnect-peering", half)).status == "succeeded"


def test_two_halves_make_a_peering_in_azures_order(contoso: Any, step: Any, near: Any, far: Any) -> None:
    """Initiated, then both Connected without another write."""
    parted(contoso, step)
    first = contoso.walk(near)
    assert (first.status, first.evidence["peering_state"]) == ("succeeded", "Initiated")
    assert contoso.walk(far).evidence["peering_state"] == "Connected"
    assert state(contoso, NEAR) == "Connected"
    assert contoso.begin(near).reason == "to-web is there already"
    assert contoso.writes(NEAR) == ["delete", "write"]


def test_a_half_that_must_be_connected_says_that_the_other_is_missing(contoso: Any, step: Any, near: Any) -> None:
    parted(contoso, step)
    alone = step("connect-peering", NEAR, **{**near.settings, "expect": "Connected"})
    outcome = contoso.walk(alone, turns=6)
    assert (outcome.status, outcome.code) == ("retryable", "NotConnected")
    assert "expected Connected: its other half is missing" in outcome.reason


def test_a_disconnected_half_goes_before_a_new_one_comes(contoso: Any, step: Any, near: Any, far: Any) -> None:
    """Azure refuses to write it: deleted first, then made, then connected by the other."""
    assert contoso.walk(step("remove-half", FAR, network=WEB)).reason == "to-hub is gone"
    assert state(contoso, NEAR) == "Disconnected"
    assert contoso.walk(near).evidence["peering_state"] == "Initiated"
    assert contoso.writes(NEAR) == ["delete", "write"]
    assert contoso.walk(far).evidence["peering_state"] == "Connected"


def test_a_half_that_leads_elsewhere_is_a_conflict(contoso: Any, step: Any) -> None:
    data = HUB.replace("vnet-hub", "vnet-data")
    outcome = contoso.begin(step("connect-peering", NEAR, body=body(data), network=HUB, expect="Initiated"))
    assert (outcome.status, outcome.code) == ("failed", "Conflict")
    assert "vnet-web-southeastasia, expected " in outcome.reason
    assert contoso.writes(NEAR) == []


def test_flags_of_somebody_elses_are_not_changed(contoso: Any, step: Any) -> None:
    wanted = body(WEB, allowGatewayTransit=False, allowForwardedTraffic=True)
    outcome = contoso.begin(step("connect-peering", NEAR, body=wanted, network=HUB, expect="Connected"))
    assert (outcome.status, outcome.code) == ("failed", "Conflict")
    assert "allowGatewayTransit is True, expected False" in outcome.reason


def test_a_half_out_of_sync_is_synced(contoso: Any, step: Any, far: Any) -> None:
    """The hub grew an address space: Connected, and yet the spoke does not know it."""
    space = {"properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.200.0.0/16"]}}}
    assert contoso.walk(step("update-resource", HUB, changes=space)).status == "succeeded"
    check = {"check": "peering-state", "peering": FAR}
    verify = step("verify-routing", "site:datacenter", checks=[check], site="datacenter")
    before = contoso.verify(verify).evidence["checks"][0]
    assert (before["passed"], before["saw"].partition(", ")[0]) == (False, "Connected")
    assert contoso.walk(far).status == "succeeded"
    assert contoso.writes(FAR) == ["write"]
    assert contoso.verify(verify).evidence["checks"][0]["passed"] is True


def test_undoing_leaves_a_half_that_no_run_has_made(contoso: Any, step: Any, near: Any, far: Any) -> None:
    undo = step("remove-half", FAR, stage="compensate")
    assert "was not made by a run" in contoso.walk(undo).reason
    parted(contoso, step)
    contoso.walk(near)
    contoso.walk(far)
    assert contoso.walk(undo).reason == "to-hub is gone"
    assert state(contoso, NEAR) == "Disconnected"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.sampled_from(["begin", "poll", "verify", "advance"]), max_size=8))
def test_a_crash_between_any_two_calls_makes_one_half(contoso: Any, step: Any, near: Any, turns: list[str]) -> None:
    """Whatever is run again: gone once, made once."""
    if contoso.document(FAR) is not None:
        assert contoso.walk(step("disconnect-peering", FAR)).status == "succeeded"
    assert contoso.walk(step("disconnect-peering", NEAR)).status == "succeeded"
    before, operation = len(contoso.writes(NEAR)), None
    for turn in turns:
        if turn == "advance":
            contoso.advance(4)
            continue
        act = getattr(contoso, turn)
        outcome = act(near) if turn == "begin" else act(near, operation=operation)
        operation = outcome.operation or operation
    assert contoso.walk(near).status == "succeeded"
    assert contoso.writes(NEAR)[before:] == ["write"]
