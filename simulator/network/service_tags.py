"""Service tags: which addresses a name stands for, per region.

The list's shape is recorded (1,031 tags in 2021); the tags here are those that a failover's rules name, with addresses
that belong to nobody.
"""

from __future__ import annotations

from typing import Any

from simulator.core.web import Request, Response
from simulator.core.world import World

SERVICES = ("AzureActiveDirectory", "AzureCloud", "AzureKeyVault", "AzureMonitor", "AzureSiteRecovery", "Storage")
GLOBAL_ONLY = ("AzureTrafficManager", "GuestAndHybridManagement", "Internet")
REGIONS = ("eastasia", "eastus", "eastus2", "northeurope", "southeastasia", "westeurope", "westus", "westus2")
CHANGE = "72"


def list_tags(world: World, request: Request) -> Response:
    """200 at once; numbers are strings, and the next link is an empty one (recorded)."""
    subscription = request.params["subscription"]
    values = [_tag(world, service, "") for service in (*SERVICES, *GLOBAL_ONLY)]
    values += [_tag(world, service, region) for service in SERVICES for region in REGIONS]
    body = {
        "name": "Public",
        "id": f"/subscriptions/{subscription}/providers/Microsoft.Network/serviceTags/Public",
        "type": "Microsoft.Network/serviceTags",
        "changeNumber": CHANGE,
        "cloud": "Public",
        "values": sorted(values, key=lambda value: str(value["name"])),
        "nextLink": "",
    }
    return Response(200, body)


def _tag(world: World, service: str, region: str) -> dict[str, Any]:
    name = f"{service}.{region}" if region else service
    third = world.random("service-tag", name).randint(0, 255)
    return {
        "name": name,
        "id": name,
        "serviceTagChangeNumber": CHANGE,
        "properties": {
            "changeNumber": "1",
            "region": region,
            "state": "GA",
            "networkFeatures": ["API", "NSG", "UDR", "FW"],
            "systemService": service,
            "addressPrefixes": [f"198.18.{third}.0/24"],
        },
    }
