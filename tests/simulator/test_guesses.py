"""Where nobody recorded what Azure does, it can behave in each plausible way."""

from __future__ import annotations

from typing import Any

import pytest

GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
EAST = f"{GROUPS}/rg-companyb-eastasia/providers/Microsoft.Network"
CONNECTION = f"{EAST}/connections/cn-eastasia-datacenter?api-version=2024-05-01"
GATEWAY = f"{EAST}/virtualNetworkGateways/vgw-companyb-eastasia"


def with_variant(start_azure: Any, question: str, answer: str, **more: Any) -> Any:
    return start_azure({"variants": {f"network.{question}": answer}, **more})


@pytest.mark.parametrize(("answer", "status", "code"), [("429", 429, "RetryableError"), ("409", 409, None)])
def test_a_lock_may_be_429_or_409(start_azure: Any, answer: str, status: int, code: str | None) -> None:
    """Recorded is 429; owners report 409 AnotherOperationInProgress."""
    azure = with_variant(start_azure, "lock", answer)
    key = CONNECTION.replace("?", "/sharedkey?")
    azure.raw("PUT", key, {"value": "a-new-key-of-the-test"})
    refused = azure.raw("DELETE", CONNECTION)
    assert refused.status_code == status
    assert refused.json()["error"]["code"] == (code or "AnotherOperationInProgress")


@pytest.mark.parametrize(("answer", "status"), [("same-operation", 202), ("locked", 429)])
def test_a_second_delete_attaches_or_is_locked_out(start_azure: Any, answer: str, status: int) -> None:
    """Either way Azure accepts one."""
    azure = with_variant(start_azure, "delete_while_deleting", answer)
    azure.raw("DELETE", CONNECTION)
    assert azure.raw("DELETE", CONNECTION).status_code == status
    assert len(azure.events("operation.accepted")) == 1


@pytest.mark.parametrize(("answer", "routes"), [("at-end", 1), ("at-once", 0)])
def test_a_tunnel_falls_when_its_delete_ends_or_when_it_is_accepted(start_azure: Any, answer: str, routes: int) -> None:
    """A client may not count on either."""
    azure = with_variant(start_azure, "disconnect_takes_effect", answer)
    azure.raw("DELETE", CONNECTION)
    azure.advance(5)
    assert len(azure.looking_glass()["routes"]) == routes
    azure.advance(50)
    assert azure.looking_glass()["routes"] == []


@pytest.mark.parametrize(("answer", "told"), [("no", None), ("yes", "Connected")])
def test_a_list_may_or_may_not_tell_of_tunnels(start_azure: Any, answer: str, told: str | None) -> None:
    """GET always does."""
    azure = with_variant(start_azure, "list_tells_tunnels", answer)
    (listed,) = azure.raw("GET", f"{EAST}/connections?api-version=2024-05-01").json()["value"]
    assert listed["properties"].get("connectionStatus") == told


@pytest.mark.parametrize(("answer", "status"), [("empty", 200), ("failed", 400)])
def test_readings_of_a_dead_gateway_are_empty_or_fail(start_azure: Any, answer: str, status: int) -> None:
    """Its control plane still answers; the gateway does not."""
    faults = [{"region": "eastasia", "dark": "data-plane"}]
    azure = with_variant(start_azure, "dark_gateway_readings", answer, faults=faults)
    started = azure.raw("POST", f"{GATEWAY}/getLearnedRoutes?api-version=2024-05-01")
    azure.advance(12)
    result = azure.raw("GET", started.headers["Location"])
    assert result.status_code == status
    if status == 200:
        assert result.json() == {"value": []}


@pytest.mark.parametrize("variants", [{"network.nothing": "x"}, {"network.lock": "418"}])
def test_a_variant_nobody_knows_is_refused(start_azure: Any, variants: dict[str, str]) -> None:
    """The names there are, are told."""
    with pytest.raises(ValueError, match="network"):
        start_azure({"variants": variants})
