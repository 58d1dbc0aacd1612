"""A Service Health alert as an action group's webhook sends it, in the common or the legacy schema.

Shapes follow Microsoft's published samples (alerts-payload-samples and activity-log-alerts-webhook in the Azure
Monitor documentation). In the common schema ``impactedServices`` is an array, in the legacy one JSON in a string.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from cli.rehearsal.script import Alert

DISPLAY_NAMES = {
    "eastasia": "East Asia", "southeastasia": "Southeast Asia", "eastus": "East US", "eastus2": "East US 2",
    "westus": "West US", "westus2": "West US 2", "westus3": "West US 3", "centralus": "Central US",
    "northeurope": "North Europe", "westeurope": "West Europe", "uksouth": "UK South", "ukwest": "UK West",
    "francecentral": "France Central", "germanywestcentral": "Germany West Central", "japaneast": "Japan East",
    "japanwest": "Japan West", "koreacentral": "Korea Central", "koreasouth": "Korea South",
    "australiaeast": "Australia East", "australiasoutheast": "Australia Southeast", "centralindia": "Central India",
    "southindia": "South India", "brazilsouth": "Brazil South", "canadacentral": "Canada Central",
    "canadaeast": "Canada East", "swedencentral": "Sweden Central", "switzerlandnorth": "Switzerland North",
}  # fmt: skip
"""Regions as Service Health writes them; a name that is not here is sent as it is given."""


def payload(alert: Alert, *, impact: datetime, fired: datetime, subscription: str) -> dict[str, Any]:
    """The webhook's body. ``impact`` is when the outage began, ``fired`` when the alert is sent (both UTC)."""
    make = _common if alert.schema_ == "common" else _legacy
    return make(alert, impact, fired, subscription)


def _names(alert: Alert) -> tuple[list[str], list[str]]:
    return list(alert.services) or ["Virtual Machines"], [DISPLAY_NAMES.get(name, name) for name in alert.regions]


def _properties(alert: Alert, impact: datetime) -> dict[str, Any]:
    services, regions = _names(alert)
    title = f"{services[0]} - {regions[0] if regions else 'Global'}"
    text = (
        f"Starting at {impact:%H:%M} UTC on {impact:%d %b %Y} you have been identified as a customer who may be "
        f"unable to reach resources in {', '.join(regions)}. Engineers are investigating; the next update follows "
        "as events warrant."
    )
    return {
        "title": title,
        "service": ", ".join(services),
        "region": ", ".join(regions),
        "communication": text,
        "incidentType": "Incident",
        "trackingId": alert.tracking_id,
        "impactStartTime": _stamp(impact),
        "impactedServices": [
            {"ImpactedRegions": [{"RegionName": region} for region in regions], "ServiceName": service}
            for service in services
        ],
        "defaultLanguageTitle": title,
        "defaultLanguageContent": text,
        "stage": "Active",
        "communicationId": str(int(_identity(alert, "communication").int % 10**18)),
        "isHIR": "false",
        "IsSynthetic": "False",
        "version": "0.1.1",
    }


def _common(alert: Alert, impact: datetime, fired: datetime, subscription: str) -> dict[str, Any]:
    event, correlation = str(_identity(alert, "event")), str(_identity(alert, "correlation"))
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": f"/subscriptions/{subscription}/providers/Microsoft.AlertsManagement/alerts/{event}",
                "alertRule": "service-health",
                "severity": "Sev4",
                "signalType": "Activity Log",
                "monitorCondition": "Fired",
                "monitoringService": "ServiceHealth",
                "alertTargetIDs": [f"/subscriptions/{subscription}"],
                "originAlertId": event,
                "firedDateTime": _stamp(fired),
                "description": "",
                "essentialsVersion": "1.0",
                "alertContextVersion": "1.0",
            },
            "alertContext": {
                "authorization": None,
                "channels": 1,
                "claims": None,
                "caller": None,
                "correlationId": correlation,
                "eventSource": 2,
                "eventTimestamp": _stamp(fired),
                "httpRequest": None,
                "eventDataId": event,
                "level": 2,
                "operationName": "Microsoft.ServiceHealth/incident/action",
                "operationId": correlation,
                "properties": _properties(alert, impact),
                "status": "Active",
                "subStatus": None,
                "submissionTimestamp": _stamp(fired),
                "ResourceType": None,
            },
        },
    }


def _legacy(alert: Alert, impact: datetime, fired: datetime, subscription: str) -> dict[str, Any]:
    properties = _properties(alert, impact)
    properties["impactedServices"] = json.dumps(properties["impactedServices"], separators=(",", ":"))
    correlation = str(_identity(alert, "correlation"))
    return {
        "schemaId": "Microsoft.Insights/activityLogs",
        "data": {
            "status": "Activated",
            "context": {
                "activityLog": {
                    "channels": "Admin",
                    "correlationId": correlation,
                    "description": f"Active: {properties['title']}",
                    "eventSource": "ServiceHealth",
                    "eventTimestamp": _stamp(fired),
                    "eventDataId": str(_identity(alert, "event")),
                    "level": "Warning",
                    "operationName": "Microsoft.ServiceHealth/incident/action",
                    "operationId": correlation,
                    "properties": properties,
                    "status": "Active",
                    "subscriptionId": subscription,
                    "submissionTimestamp": _stamp(fired),
                }
            },
            "properties": {},
        },
    }


def _identity(alert: Alert, what: str) -> uuid.UUID:
    return uuid.UUID(hashlib.sha256(f"{alert.tracking_id}/{what}".encode()).hexdigest()[:32])


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
