"""Which service issues there are at this moment."""

from __future__ import annotations

from typing import Any

from simulator.core.documents import Document
from simulator.core.log import iso
from simulator.core.world import World
from simulator.site_recovery.bodies import friendly_region

EVENT = "Microsoft.ResourceHealth/events"
SHOWN_AFTER_SECONDS = 300.0
"""How long after an outage began its event can be read (a guess; Resource Graph promises five minutes)."""
SERVICES = ("Virtual Machines", "VPN Gateway", "Virtual Network")
_STATE = "resource-health"


def begin(world: World) -> None:
    """Listen for regions that go dark and come back."""
    world.state[_STATE] = {}
    world.log.on("fault.started", lambda event: _dark(world, event))
    world.log.on("fault.ended", lambda event: _lit(world, event))


def _dark(world: World, event: dict[str, Any]) -> None:
    if "region" in event:
        known = world.state[_STATE].setdefault(event["region"], {"since": world.now, "until": None, "faults": set()})
        known["faults"].add(event["fault"])
        known["until"] = None


def _lit(world: World, event: dict[str, Any]) -> None:
    known = world.state[_STATE].get(event.get("region"))
    if known is not None:
        known["faults"].discard(event["fault"])
        if not known["faults"]:
            known["until"] = world.now


def events(world: World, subscription: str) -> list[Document]:
    """The estate's own, then one for each region that is or was dark."""
    found = [dict(document) for document in world.documents.of_type(EVENT)]
    for region, known in world.state[_STATE].items():
        if (world.now - known["since"]).total_seconds() >= SHOWN_AFTER_SECONDS:
            found.append(_event(world, subscription, region, known))
    return found


def _event(world: World, subscription: str, region: str, known: dict[str, Any]) -> Document:
    tracking = world.guid("incident", region).replace("-", "").upper()
    name = f"{tracking[:4]}-{tracking[4:7]}"
    status = "Active" if known["until"] is None else "Resolved"
    updated = iso(known["until"] or known["since"])
    regions = [
        {
            "impactedRegion": friendly_region(region),
            "status": status,
            "impactedSubscriptions": [subscription],
            "impactedTenants": [],
            "lastUpdateTime": updated,
            "updates": [],
        }
    ]
    properties: Document = {
        "eventType": "ServiceIssue",
        "eventSource": "ServiceHealth",
        "status": status,
        "title": f"Connectivity issues in {friendly_region(region)}",
        "summary": f"Customers with resources in {friendly_region(region)} may not reach them.",
        "header": "Your service might have been impacted by an Azure service issue",
        "level": "Critical",
        "eventLevel": "Critical",
        "eventTags": [],
        "isEventSensitive": False,
        "priority": 0,
        "impactStartTime": iso(known["since"]),
        "lastUpdateTime": updated,
        "impact": [{"impactedService": service, "impactedRegions": regions} for service in SERVICES],
    }
    if known["until"] is not None:
        properties["impactMitigationTime"] = updated
    return {
        "id": f"/subscriptions/{subscription}/providers/{EVENT}/{name}",
        "name": name,
        "type": "/providers/Microsoft.ResourceHealth/events",
        "properties": properties,
    }
