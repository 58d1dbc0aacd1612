"""What is believed of Azure DNS, graded."""

from __future__ import annotations

from simulator.belief import Evidence

ZONES, PRIVATE, RECORDS, LINKS = "dnsZones", "privateDnsZones", "record sets", "virtualNetworkLinks"
CLI = "azure-cli dns_if_none_match (api 2018-05-01); privatedns PatchRecordSet, PutRecordSet (2018-09-01)"

DNS: tuple[Evidence, ...] = (
    Evidence(RECORDS, "written at once, 201 or 200, the etag a bare guid in header and body", "recorded", CLI),
    Evidence(RECORDS, "a stale If-Match or a broken If-None-Match: 412 without the outer error", "recorded", CLI),
    Evidence(RECORDS, "DELETE: an empty 200, 204 for what is missing; GET of it 404 NotFound", "recorded", CLI),
    Evidence(RECORDS, "a CNAME stands alone and not at the apex", "documented", "DNS zones and records"),
    Evidence(RECORDS, "with what words a record set that is none is refused", "guessed", "-"),
    Evidence(ZONES, "PUT at once, DELETE an operation at dnsOperationStatuses", "recorded", CLI),
    Evidence(
        PRIVATE,
        "every write an empty 202; its status 202 while it runs; a stale etag fails the operation",
        "recorded",
        "azure-cli privatedns PatchZone_ZoneExistsIfMatchFailure (api 2018-09-01)",
    ),
    Evidence(PRIVATE, "a zone with links is not deleted", "documented", "What is a private DNS zone"),
    Evidence(LINKS, "Completed at its end; the etag in quotation marks", "recorded", "azure-cli privatedns GetLink"),
    Evidence(LINKS, "a network registers in one zone only", "documented", "What is a virtual network link"),
)
