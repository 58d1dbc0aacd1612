"""Log Analytics through the SDK: the shipped queries by their text, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.monitor.query import LogsQueryStatus

from domain.queries import QUERIES, query_text


def workspace(azure: Any) -> str:
    (found,) = azure.world.documents.of_type("Microsoft.OperationalInsights/workspaces")
    return str(found["properties"]["customerId"])


def ask(azure: Any, text: str) -> Any:
    return azure.logs().query_workspace(workspace(azure), text, timespan=timedelta(hours=1))


def test_a_fenced_tunnel_shows_up_in_the_log_minutes_later(azure: Any) -> None:
    """Evidence after the fact: not yet there at first, then with columns as documented."""
    azure.order_device("block-peer", "10.1.255.30", "k")
    text = query_text("tunnel-events", gateway="vgw-companyb-eastasia")
    assert ask(azure, text).tables[0].rows == []
    azure.advance(180)
    answer = ask(azure, text)
    assert answer.status == LogsQueryStatus.SUCCESS
    (row,) = answer.tables[0].rows
    assert row["OperationName"] == "TunnelDisconnected"
    assert (row["Resource"], row["ResourceGroup"]) == ("VGW-COMPANYB-EASTASIA", "RG-COMPANYB-EASTASIA")
    assert row["TimeGenerated"].year == 2026


def test_routes_of_the_new_gateway_are_told(azure: Any) -> None:
    """RouteDiagnosticLog follows what the device learned."""
    azure.order_device("block-peer", "10.1.255.30", "k")
    azure.connect()
    azure.advance(240)
    rows = ask(azure, query_text("route-events", gateway="vgw-companyb-southeastasia")).tables[0].rows
    assert [row["OperationName"] for row in rows] == ["BgpRouteUpdate"]
    assert "10.1.0.0/16" in rows[0]["Message"]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_shipped_query_is_understood(azure: Any, name: str) -> None:
    """By its text, for any gateway."""
    assert ask(azure, query_text(name, gateway="anything")).status == LogsQueryStatus.SUCCESS


def test_any_other_text_is_a_400(azure: Any) -> None:
    """The simulator does not pretend to know KQL."""
    with pytest.raises(HttpResponseError) as refused:
        ask(azure, "AzureDiagnostics | take 1")
    assert refused.value.status_code == 400
    with pytest.raises(HttpResponseError) as missing:
        azure.logs().query_workspace("nowhere", query_text("tunnel-events", gateway="x"), timespan=timedelta(hours=1))
    assert missing.value.status_code == 404
