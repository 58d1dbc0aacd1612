"""What a fleet meets in the simulated Azure: the estate's own service tags, full route tables, clients of a gateway."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from simulator.estates.edge import HOME, OWNER, edge_region, service_tags

GROUP, TABLE, GATEWAY = HOME.group, "rt-edge-services", "vgw-edge-eastus"


@pytest.fixture
def fleet(start_azure: Any) -> Any:
    """Northwind's estate with three Mini R."""
    return start_azure(estate=edge_region(3))


def _clients(fleet: Any, gateway: str = GATEWAY) -> list[str]:
    gateways = fleet.network(OWNER.subscription_id).virtual_network_gateways
    begun = gateways.begin_get_vpnclient_connection_health(GROUP, gateway, polling=fleet.polling())
    return [row.vpn_user_name for row in begun.result(60).value or ()]


def test_an_estate_brings_its_own_service_tags(fleet: Any) -> None:
    """The API answers the estate's list as it is; without one it answers its own."""
    answer = fleet.network(OWNER.subscription_id).service_tags.list("westus")
    assert answer.change_number == "145"
    assert len(answer["values"]) == len(service_tags()["values"])


def test_a_company_without_a_list_of_its_own_gets_the_simulators(start_azure: Any) -> None:
    """Company B's estate brings none."""
    assert start_azure().network().service_tags.list("eastasia").change_number == "72"


def _put(fleet: Any, prefixes: list[str]) -> Any:
    tables = fleet.network(OWNER.subscription_id).route_tables
    table = tables.get(GROUP, TABLE).as_dict()
    table["properties"]["routes"] = [
        {"name": f"r{number}", "properties": {"addressPrefix": prefix, "nextHopType": "Internet"}}
        for number, prefix in enumerate(prefixes)
    ]
    return tables.begin_create_or_update(GROUP, TABLE, table, polling=fleet.polling())


def _prefixes(count: int) -> list[str]:
    return [f"10.{100 + number // 256}.{number % 256}.0/24" for number in range(count)]


def test_a_table_takes_four_hundred_routes_and_no_more(fleet: Any) -> None:
    """Refused by a code of our own guess; the table stays as it was."""
    assert len(_put(fleet, _prefixes(400)).result(60).routes) == 400
    with pytest.raises(HttpResponseError) as refused:
        _put(fleet, _prefixes(401))
    assert refused.value.error.code == "RoutesPerRouteTableLimitReached"
    routes = fleet.network(OWNER.subscription_id).routes
    one = {"properties": {"addressPrefix": "10.200.0.0/24", "nextHopType": "Internet"}}
    with pytest.raises(HttpResponseError):
        routes.begin_create_or_update(GROUP, TABLE, "one-more", one, polling=fleet.polling())


def test_a_table_takes_twenty_five_service_tags(fleet: Any) -> None:
    """They count among the four hundred, too."""
    tags = [f"Storage.Region{number}" for number in range(26)]
    assert len(_put(fleet, tags[:25]).result(60).routes) == 25
    with pytest.raises(HttpResponseError) as refused:
        _put(fleet, tags)
    assert refused.value.error.code == "ServiceTagRoutesPerRouteTableLimitReached"


def test_a_gateway_tells_of_its_clients(fleet: Any) -> None:
    """Every Mini R that trusts the same root is there."""
    assert _clients(fleet) == ["edge-001", "edge-002", "edge-003"]


def test_a_dark_gateway_has_no_clients(fleet: Any) -> None:
    """Its tunnels drop with the region's data plane."""
    fleet.fault(at=0, region="eastus", dark="data-plane")
    assert _clients(fleet) == []
