"""What stands around the networks: key vaults, workspaces, watchers, names on the internet, and the sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.estates.place import Document, Place


def key_vault(place: Place, name: str, secrets: Sequence[str]) -> Document:
    """``secrets`` are names only."""
    return {
        "id": place.id("Microsoft.KeyVault/vaults", name),
        "name": name,
        "type": "Microsoft.KeyVault/vaults",
        "location": place.region,
        "tags": {},
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": place.owner.guid("tenant"),
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "vaultUri": f"https://{name}.vault.azure.net/",
            "provisioningState": "Succeeded",
            "secretNames": list(secrets),
        },
    }


def workspace(place: Place, name: str) -> Document:
    return {
        "id": place.id("Microsoft.OperationalInsights/workspaces", name),
        "name": name,
        "type": "Microsoft.OperationalInsights/workspaces",
        "location": place.region,
        "properties": {
            "customerId": place.owner.guid("workspace"),
            "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
        },
    }


def network_watcher(place: Place) -> Document:
    """The watcher of the place's region."""
    document = place.network_resource("networkWatchers", f"NetworkWatcher_{place.region}")
    del document["properties"]["resourceGuid"]
    document["properties"]["runningOperationIds"] = []
    return document


def site(name: str, domain: str, vault: str, **properties: Any) -> Document:
    """An on-premises site with its looking glass and automation under ``domain``, and its secrets in ``vault``.

    ``properties`` are its ASN, addresses, prefixes and the like, in the order in which they are shown.
    """
    return {
        "id": f"/onPremises/{name}",
        "type": "Bridgehead.OnPremises/sites",
        "name": name,
        "properties": {
            **properties,
            "lookingGlassUrl": f"https://looking-glass.{domain}/{name}",
            "automationUrl": f"https://automation.{domain}/{name}",
            "automationSecret": {"vault": vault, "secret": f"fence-{name}"},
            "sharedKey": {"vault": vault, "secret": f"psk-{name}"},
            "staticRoutes": [],
        },
    }


def traffic_manager(place: Place, name: str, endpoints: Sequence[tuple[str, str, bool]]) -> Document:
    """A profile that sends everybody to its first enabled endpoint; each is (name, host name, enabled)."""
    profile_type = "Microsoft.Network/trafficManagerProfiles"
    profile_id = place.id(profile_type, name)
    return {
        "id": profile_id,
        "name": name,
        "type": profile_type,
        "location": "global",
        "tags": {},
        "properties": {
            "profileStatus": "Enabled",
            "trafficRoutingMethod": "Priority",
            "dnsConfig": {"relativeName": name, "fqdn": f"{name}.trafficmanager.net", "ttl": 60},
            "monitorConfig": {
                "profileMonitorStatus": "Online",
                "protocol": "HTTPS",
                "port": 443,
                "path": "/health",
                "intervalInSeconds": 30,
                "toleratedNumberOfFailures": 3,
                "timeoutInSeconds": 10,
            },
            "endpoints": [
                _endpoint(profile_id, number, *endpoint) for number, endpoint in enumerate(endpoints, start=1)
            ],
            "trafficViewEnrollmentStatus": "Disabled",
        },
    }


def _endpoint(profile_id: str, priority: int, name: str, target: str, enabled: bool) -> Document:
    return {
        "id": f"{profile_id}/externalEndpoints/{name}",
        "name": name,
        "type": "Microsoft.Network/trafficManagerProfiles/externalEndpoints",
        "properties": {
            "endpointStatus": "Enabled" if enabled else "Disabled",
            "endpointMonitorStatus": "Online" if enabled else "Disabled",
            "target": target,
            "weight": 1,
            "priority": priority,
            "endpointLocation": None,
        },
    }


def dns_zone(place: Place, name: str, addresses: dict[str, str], ttl: int = 60) -> list[Document]:
    """A public zone and its A records, each one host name and its address."""
    zone_type = "Microsoft.Network/dnszones"
    zone_id = place.id(zone_type, name)
    zone: Document = {
        "id": zone_id,
        "name": name,
        "type": zone_type,
        "location": "global",
        "etag": place.owner.guid("etag", zone_id),
        "tags": {},
        "properties": {
            "maxNumberOfRecordSets": 10000,
            "numberOfRecordSets": 2 + len(addresses),
            "nameServers": [f"ns{number}-01.azure-dns.{top}." for number, top in enumerate(_TOPS, start=1)],
            "zoneType": "Public",
        },
    }
    return [zone, *(_record(place, zone, host, address, ttl) for host, address in addresses.items())]


_TOPS = ("com", "net", "org", "info")


def _record(place: Place, zone: Document, host: str, address: str, ttl: int) -> Document:
    record_id = f"{zone['id']}/A/{host}"
    return {
        "id": record_id,
        "name": host,
        "type": f"{zone['type']}/A",
        "etag": place.owner.guid("etag", record_id),
        "properties": {
            "fqdn": f"{host}.{zone['name']}.",
            "TTL": ttl,
            "ARecords": [{"ipv4Address": address}],
            "targetResource": {},
            "provisioningState": "Succeeded",
        },
    }
