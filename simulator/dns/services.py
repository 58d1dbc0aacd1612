"""What differs between public and private zones, as data: spellings, limits, what a new zone holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RECORDS = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CAA": "caaRecords",
    "CNAME": "cnameRecord",
    "MX": "mxRecords",
    "NS": "nsRecords",
    "PTR": "ptrRecords",
    "SOA": "soaRecord",
    "SRV": "srvRecords",
    "TXT": "txtRecords",
}
"""Record type -> the property that holds its records, as private zones spell it."""


@dataclass(frozen=True)
class Service:
    """One of the two services.

    ``type``        resource type of its zones, as it comes back (public zones in lower case, recorded)
    ``properties``  record type -> property; ``ttl`` its name for the time to live
    ``polls``       collection of its operations below the resource group; ``ends`` that of their results
    ``beyond``      what each record set's properties end with
    ``soa``         the authority record of a new zone
    """

    type: str
    properties: Mapping[str, str]
    ttl: str
    polls: str
    ends: str
    beyond: Mapping[str, Any]
    soa: Mapping[str, Any]
    host: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        return "private" in self.type.lower()

    def record_type(self, name: str) -> str:
        return f"{self.type}/{name}"


PUBLIC = Service(
    type="Microsoft.Network/dnszones",
    properties={name: word if name == "CAA" else name + word[len(name) :] for name, word in RECORDS.items()},
    ttl="TTL",
    polls="dnsOperationStatuses",
    ends="dnsOperationResults",
    beyond={"targetResource": {}, "provisioningState": "Succeeded"},
    soa={
        "email": "azuredns-hostmaster.microsoft.com",
        "expireTime": 2419200,
        "minimumTTL": 300,
        "refreshTime": 3600,
        "retryTime": 300,
        "serialNumber": 1,
    },
    limits={"maxNumberOfRecordSets": 10000, "maxNumberOfRecordsPerRecordSet": None},
)
PRIVATE = Service(
    type="Microsoft.Network/privateDnsZones",
    properties={name: word for name, word in RECORDS.items() if name not in ("CAA", "NS")},
    ttl="ttl",
    polls="privateDnsOperationStatuses",
    ends="privateDnsOperationResults",
    beyond={"isAutoRegistered": False},
    soa={
        "email": "azureprivatedns-host.microsoft.com",
        "expireTime": 2419200,
        "minimumTtl": 10,
        "refreshTime": 3600,
        "retryTime": 300,
        "serialNumber": 1,
    },
    host="azureprivatedns.net",
    limits={
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
    },
)
SERVICES = (PUBLIC, PRIVATE)
LINK = f"{PRIVATE.type}/virtualNetworkLinks"
TYPES = [
    *(service.type for service in SERVICES),
    *(service.record_type(name) for service in SERVICES for name in service.properties),
    LINK,
]


def service_of(resource_id: str) -> Service:
    return PRIVATE if f"/{PRIVATE.type}/".lower() in f"{resource_id}/".lower() else PUBLIC
