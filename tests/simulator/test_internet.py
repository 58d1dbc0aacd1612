"""What leads the internet to a service, and what names its addresses: Traffic Manager's endpoints, and service tags."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.trafficmanager import TrafficManagerManagementClient

from simulator.company_b import company_b
from simulator.traffic_manager.models import now_directed_to

GROUP = "rg-companyb-dr"
SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
PROFILE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/trafficManagerProfiles/shop"
)
ADDRESSES = {"eastasia": "198.51.100.21", "southeastasia": "198.51.100.34"}


def endpoint(region: str, status: str, priority: int) -> dict[str, Any]:
    name = f"{PROFILE}/externalEndpoints/{region}"
    told = {"target": ADDRESSES[region], "endpointStatus": status, "priority": priority, "weight": 1}
    kind = "Microsoft.Network/trafficManagerProfiles/externalEndpoints"
    return {"id": name, "name": region, "type": kind, "properties": told}


def shop() -> list[dict[str, Any]]:
    """Company B with a profile: East Asia serves, Southeast Asia is disabled until somebody has verified it."""
    properties = {
        "profileStatus": "Enabled",
        "trafficRoutingMethod": "Priority",
        "dnsConfig": {"relativeName": "shop", "fqdn": "shop.trafficmanager.net", "ttl": 60},
        "monitorConfig": {"protocol": "HTTPS", "port": 443, "path": "/"},
        "endpoints": [endpoint("eastasia", "Enabled", 1), endpoint("southeastasia", "Disabled", 2)],
    }
    kind = "Microsoft.Network/trafficManagerProfiles"
    profile = {"id": PROFILE, "name": "shop", "type": kind, "location": "global", "properties": properties}
    return [*company_b(1), profile]


def manager(azure: Any) -> Any:
    return TrafficManagerManagementClient(
        azure.credential(),
        SUBSCRIPTION,
        base_url=azure.endpoint,
        credential_scopes=[f"{azure.endpoint}/.default"],
        **azure._pipeline(),
    )


def statuses(azure: Any) -> dict[str, str]:
    profile = manager(azure).profiles.get(GROUP, "shop")
    return {one.name: one.properties.endpoint_monitor_status for one in profile.properties.endpoints}


def leads_to(azure: Any) -> list[str]:
    return [one.rsplit("/", 1)[1] for one in now_directed_to(azure.world, PROFILE)]


def test_switching_an_endpoint_off_and_the_other_on_moves_the_traffic(start_azure: Any) -> None:
    """The new one is checked first, then Online; the old one Disabled."""
    azure = start_azure(estate=shop())
    assert statuses(azure) == {"eastasia": "Online", "southeastasia": "Disabled"}
    switch = manager(azure).endpoints.update
    kind = "ExternalEndpoints"
    switch(GROUP, "shop", kind, "eastasia", {"properties": {"endpointStatus": "Disabled"}})
    switch(GROUP, "shop", kind, "southeastasia", {"properties": {"endpointStatus": "Enabled"}})
    assert statuses(azure) == {"eastasia": "Disabled", "southeastasia": "CheckingEndpoint"}
    azure.advance(90)
    assert statuses(azure)["southeastasia"] == "Online"
    assert leads_to(azure) == ["southeastasia"]


def test_an_endpoint_degrades_with_its_region_after_the_tolerated_failures(start_azure: Any) -> None:
    """Four probes 30 seconds apart; with nothing else to give out it still leads there, and comes back in time."""
    azure = start_azure(estate=shop())
    azure.fault(region="eastasia", dark="data-plane", **{"for": 600})
    azure.advance(100)
    assert statuses(azure)["eastasia"] == "Online"
    azure.advance(30)
    assert statuses(azure)["eastasia"] == "Degraded"
    assert manager(azure).profiles.get(GROUP, "shop").properties.monitor_config.profile_monitor_status == "Degraded"
    assert leads_to(azure) == ["eastasia"]
    azure.advance(600)
    assert statuses(azure)["eastasia"] == "Online"


def test_with_both_enabled_priority_decides_until_the_first_is_down(start_azure: Any) -> None:
    """Traffic Manager switches by itself only when the second endpoint is enabled."""
    azure = start_azure(estate=shop())
    manager(azure).endpoints.update(
        GROUP, "shop", "ExternalEndpoints", "southeastasia", {"properties": {"endpointStatus": "Enabled"}}
    )
    azure.advance(100)
    assert leads_to(azure) == ["eastasia"]
    azure.fault(region="eastasia", dark="data-plane")
    azure.advance(130)
    assert leads_to(azure) == ["southeastasia"]


def test_a_disabled_profile_is_inactive_all_over(start_azure: Any) -> None:
    """Its endpoints say so, too."""
    azure = start_azure(estate=shop())
    manager(azure).profiles.update(GROUP, "shop", {"properties": {"profileStatus": "Disabled"}})
    assert statuses(azure) == {"eastasia": "Inactive", "southeastasia": "Disabled"}


@pytest.mark.parametrize("kind", ["Microsoft.Network/serviceTags", "Microsoft.Network/locations/serviceTags"])
def test_an_estates_catalogue_of_service_tags_is_given_back(start_azure: Any, kind: str) -> None:
    """As the client lists it, whatever location is asked."""
    prefixes = ["20.150.0.0/17", "2603:1040:6::/48"]
    told = {
        "changeNumber": "86",
        "region": "eastasia",
        "state": "GA",
        "systemService": "AzureStorage",
        "networkFeatures": ["API", "NSG", "UDR", "FW"],
        "addressPrefixes": prefixes,
    }
    value = {"name": "Storage.EastAsia", "id": "Storage.EastAsia", "serviceTagChangeNumber": "86", "properties": told}
    catalogue = {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/serviceTags/Public",
        "name": "Public",
        "type": kind,
        "changeNumber": "86",
        "cloud": "Public",
        "values": [value],
    }
    azure = start_azure(estate=[*company_b(1), catalogue])
    listed = azure.network().service_tags.list("southeastasia")
    assert listed.change_number == "86"
    assert [one.properties.address_prefixes for one in listed.values_property] == [prefixes]
