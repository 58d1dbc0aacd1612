"""Service tags: which addresses a name stands for, per region.

The list's shape is recorded (1,031 tags in 2021). An estate may hold such an answer as a document, and then it is given
back; otherwise the tags are those that a failover's rules name, with addresses that belong to nobody.
"""

from __future__ import annotations

import copy
from typing import Any

from simulator.core.documents import Document, normalise_location
from simulator.core.web import Request, Response
from simulator.core.world import World

SERVICES = ("AzureActiveDirectory", "AzureCloud", "AzureKeyVault", "AzureMonitor", "AzureSiteRecovery", "Storage")
GLOBAL_ONLY = ("AzureTrafficManager", "GuestAndHybridManagement", "Internet")
REGIONS = ("eastasia", "eastus", "eastus2", "northeurope", "southeastasia", "westeurope", "westus", "westus2")
CHANGE = "72"
TYPE = "Microsoft.Network/serviceTags"
CAPTURED = ("Microsoft.Network/serviceTags", "Microsoft.Network/locations/serviceTags")


def list_tags(world: World, request: Request) -> Response:
    """200 at once; numbers are strings, and the next link is an empty one (recorded)."""
    subscription = request.params["subscription"]
    own = world.documents.of_type(TYPE, f"/subscriptions/{subscription}")
    if own:
        return Response(200, copy.deepcopy(own[0]))
    captured = _captured(world, request.params["location"])
    if captured is not None:
        return Response(200, captured | {"nextLink": captured.get("nextLink") or ""})
    values = [_tag(world, service, "") for service in (*SERVICES, *GLOBAL_ONLY)]
    values += [_tag(world, service, region) for service in SERVICES for region in REGIONS]
    body = {
        "name": "Public",
        "id": f"/subscriptions/{subscription}/providers/Microsoft.Network/serviceTags/Public",
        "type": TYPE,
        "changeNumber": CHANGE,
        "cloud": "Public",
        "values": sorted(values, key=lambda value: str(value["name"])),
        "nextLink": "",
    }
    return Response(200, body)


def _captured(world: World, location: str) -> Document | None:
    """What the estate says of tags; where it holds several answers, that of this location."""
    found = [document for kind in CAPTURED for document in world.documents.of_type(kind)]
    here = f"/locations/{normalise_location(location)}/"
    found.sort(key=lambda document: here not in f"{document['id'].lower()}/")
    return copy.deepcopy(found[0]) if found else None


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
