"""Azure DNS, spoken to by the real clients: record sets, etags and preconditions, private zones and their links."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.mgmt.dns import DnsManagementClient
from azure.mgmt.dns.models import AaaaRecord, ARecord, CnameRecord, RecordSet, TxtRecord
from azure.mgmt.privatedns import PrivateDnsManagementClient

from simulator.company_b import company_b

SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
GROUP = "rg-companyb-dr"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
NETWORKS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-companyb-southeastasia/providers/Microsoft.Network"
NETWORK = f"{NETWORKS}/virtualNetworks/vnet-companyb-southeastasia"
ZONE, PRIVATE = "companyb.example", "companyb.internal"


def client(azure: Any, made: type) -> Any:
    return made(
        azure.credential(),
        SUBSCRIPTION,
        base_url=azure.endpoint,
        credential_scopes=[f"{azure.endpoint}/.default"],
        **azure._pipeline(),
    )


@pytest.fixture
def public(azure: Any) -> Any:
    """A client and a zone that was just made."""
    dns = client(azure, DnsManagementClient)
    dns.zones.create_or_update(GROUP, ZONE, {"location": "global"})
    return dns


@pytest.fixture
def private(azure: Any) -> tuple[Any, Any]:
    """The simulator, and a client whose zone was just made."""
    dns = client(azure, PrivateDnsManagementClient)
    body = {"location": "global"}
    dns.private_zones.begin_create_or_update(GROUP, PRIVATE, body, polling=azure.polling()).result(60)
    return azure, dns


def test_a_new_zone_has_name_servers_and_two_record_sets(public: Any) -> None:
    """SOA and NS at the apex; the zone's id comes back in lower case (recorded)."""
    zone = public.zones.get(GROUP, ZONE)
    assert zone.id.endswith(f"/dnszones/{ZONE}")
    assert (zone.number_of_record_sets, len(zone.name_servers)) == (2, 4)
    found = list(public.record_sets.list_by_dns_zone(GROUP, ZONE))
    assert sorted(record.type.rsplit("/", 1)[1] for record in found) == ["NS", "SOA"]
    assert public.record_sets.get(GROUP, ZONE, "@", "SOA").soa_record.serial_number == 1


def test_records_are_written_at_once_and_read_back(public: Any) -> None:
    """An A, an AAAA, a CNAME and a TXT set, each by its own type."""
    write, read = public.record_sets.create_or_update, public.record_sets.get
    write(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[ARecord(ipv4_address="10.1.1.4")]))
    write(GROUP, ZONE, "web", "AAAA", RecordSet(ttl=60, aaaa_records=[AaaaRecord(ipv6_address="2001:db8::4")]))
    write(GROUP, ZONE, "www", "CNAME", RecordSet(ttl=60, cname_record=CnameRecord(cname=f"web.{ZONE}")))
    write(GROUP, ZONE, "web", "TXT", RecordSet(ttl=60, txt_records=[TxtRecord(value=["v=1"])]))
    web = read(GROUP, ZONE, "web", "A")
    assert (web.fqdn, web.ttl, web.a_records[0].ipv4_address) == (f"web.{ZONE}.", 60, "10.1.1.4")
    assert web.provisioning_state == "Succeeded"
    assert read(GROUP, ZONE, "web", "AAAA").aaaa_records[0].ipv6_address == "2001:db8::4"
    assert read(GROUP, ZONE, "www", "CNAME").cname_record.cname == f"web.{ZONE}"
    assert [one.name for one in public.record_sets.list_by_type(GROUP, ZONE, "A")] == ["web"]
    assert public.zones.get(GROUP, ZONE).number_of_record_sets == 6


def test_a_record_that_somebody_else_changed_is_not_overwritten(public: Any) -> None:
    """If-Match with an old etag: 412, and the record stays; with the new one it goes through (recorded)."""
    write, read = public.record_sets.create_or_update, public.record_sets.get
    first = write(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[ARecord(ipv4_address="10.1.1.4")]))
    second = write(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[ARecord(ipv4_address="10.1.1.5")]))
    assert first.etag != second.etag
    other = RecordSet(ttl=60, a_records=[ARecord(ipv4_address="10.1.1.6")])
    with pytest.raises(HttpResponseError) as refused:
        write(GROUP, ZONE, "web", "A", other, if_match=first.etag)
    assert refused.value.status_code == 412
    assert "has been modified (etag mismatch)" in refused.value.message
    assert read(GROUP, ZONE, "web", "A").a_records[0].ipv4_address == "10.1.1.5"
    write(GROUP, ZONE, "web", "A", other, if_match=second.etag)
    with pytest.raises(HttpResponseError) as there:
        write(GROUP, ZONE, "web", "A", other, if_none_match="*")
    assert there.value.status_code == 412


def test_deleting_is_200_once_and_204_after(public: Any) -> None:
    """Recorded; a missing record is NotFound, the apex keeps its authority."""
    public.record_sets.create_or_update(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[]))
    public.record_sets.delete(GROUP, ZONE, "web", "A")
    public.record_sets.delete(GROUP, ZONE, "web", "A")
    with pytest.raises(ResourceNotFoundError, match="The resource record 'web' does not exist"):
        public.record_sets.get(GROUP, ZONE, "web", "A")
    with pytest.raises(HttpResponseError, match="cannot be deleted"):
        public.record_sets.delete(GROUP, ZONE, "@", "SOA")


def test_what_is_no_record_is_refused(public: Any) -> None:
    """A name as an IPv4 address; a CNAME beside another record; a record of a zone that is not there."""
    write = public.record_sets.create_or_update
    with pytest.raises(HttpResponseError, match="is no ipv4Address"):
        write(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[ARecord(ipv4_address="web")]))
    write(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[ARecord(ipv4_address="10.1.1.4")]))
    with pytest.raises(HttpResponseError, match="stands alone"):
        write(GROUP, ZONE, "web", "CNAME", RecordSet(ttl=60, cname_record=CnameRecord(cname="x.example")))
    with pytest.raises(ResourceNotFoundError) as missing:
        write(GROUP, "other.example", "web", "A", RecordSet(ttl=60, a_records=[]))
    assert missing.value.error is not None
    assert missing.value.error.code == "ParentResourceNotFound"


def test_a_public_zone_goes_with_all_its_records(public: Any, azure: Any) -> None:
    """DELETE is an operation."""
    public.record_sets.create_or_update(GROUP, ZONE, "web", "A", RecordSet(ttl=60, a_records=[]))
    public.zones.begin_delete(GROUP, ZONE, polling=azure.polling()).result(60)
    assert list(public.zones.list()) == []


def test_private_records_have_their_own_spelling(private: tuple[Any, Any]) -> None:
    """ttl and aRecords, and whether a machine registered itself."""
    azure, dns = private
    body = {"properties": {"ttl": 30, "aRecords": [{"ipv4Address": "10.1.3.5"}]}}
    dns.record_sets.create_or_update(GROUP, PRIVATE, "A", "sql", body)
    path = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/{PRIVATE}/a/sql?api-version=2018-09-01"
    shown = azure.raw("GET", path)
    assert shown.headers["ETag"] == shown.json()["etag"]
    assert shown.json()["properties"] == {
        "fqdn": f"sql.{PRIVATE}.",
        "ttl": 30,
        "aRecords": [{"ipv4Address": "10.1.3.5"}],
        "isAutoRegistered": False,
    }
    assert {one.name for one in dns.record_sets.list(GROUP, PRIVATE)} == {"@", "sql"}
    changed = dns.record_sets.update(GROUP, PRIVATE, "A", "sql", {"properties": {"ttl": 10}})
    assert (changed.properties.ttl, changed.properties.a_records[0].ipv4_address) == (10, "10.1.3.5")
    with pytest.raises(ResourceModifiedError):
        dns.record_sets.update(
            GROUP, PRIVATE, "A", "sql", body, etag="stale", match_condition=MatchConditions.IfNotModified
        )


def test_a_private_zone_is_linked_to_a_network_and_stays_while_it_is(private: tuple[Any, Any]) -> None:
    """The link is Completed at its end; a zone with links is not deleted; a network registers in one zone only."""
    azure, dns = private
    links, poll = dns.virtual_network_links, {"polling": azure.polling()}
    body = {"location": "global", "properties": {"virtualNetwork": {"id": NETWORK}, "registrationEnabled": True}}
    made = links.begin_create_or_update(GROUP, PRIVATE, "recovery", body, **poll).result(60)
    assert (made.properties.virtual_network_link_state, made.properties.provisioning_state) == (
        "Completed",
        "Succeeded",
    )
    assert dns.private_zones.get(GROUP, PRIVATE).properties.number_of_virtual_network_links == 1
    with pytest.raises(ResourceExistsError, match="registers its machines already"):
        links.begin_create_or_update(GROUP, PRIVATE, "again", body, **poll).result(60)
    with pytest.raises(ResourceExistsError, match="nested resources"):
        dns.private_zones.begin_delete(GROUP, PRIVATE, **poll).result(60)
    links.begin_delete(GROUP, PRIVATE, "recovery", **poll).result(60)
    dns.private_zones.begin_delete(GROUP, PRIVATE, **poll).result(60)
    with pytest.raises(ResourceNotFoundError):
        dns.private_zones.get(GROUP, PRIVATE)


def test_a_stale_etag_of_a_private_zone_shows_in_its_operation(private: tuple[Any, Any]) -> None:
    """202 first, then Failed over HTTP 200 (recorded)."""
    azure, _ = private
    path = f"{GROUP_ID}/providers/Microsoft.Network/privateDnsZones/{PRIVATE}?api-version=2018-09-01"
    begun = azure.raw("PATCH", path, {"tags": {"a": "b"}}, headers={"If-Match": "stale"})
    assert (begun.status_code, begun.json()) == (202, {})
    first = azure.raw("GET", begun.headers["Azure-AsyncOperation"])
    assert (first.status_code, first.json()) == (202, {"status": "InProgress"})
    azure.advance(60)
    ended = azure.raw("GET", begun.headers["Azure-AsyncOperation"])
    message = f"The Zone {PRIVATE} has been modified (etag mismatch)."
    assert (ended.status_code, ended.json()) == (
        200,
        {"error": {"code": "PreconditionFailed", "message": message}, "status": "Failed"},
    )
    assert "tags" not in azure.raw("GET", path).json()


def test_an_estates_zones_are_taken_as_they_were_captured(start_azure: Any) -> None:
    """As ``az network dns`` prints them; what every zone has is added."""
    zone = f"{GROUP_ID}/providers/Microsoft.Network/dnszones/{ZONE}"
    estate = [
        *company_b(1),
        {"id": zone, "name": ZONE, "type": "Microsoft.Network/dnszones", "location": "global", "properties": {}},
        {
            "id": f"{zone}/A/web",
            "name": "web",
            "type": "Microsoft.Network/dnszones/A",
            "etag": "9c4d",
            "properties": {"TTL": 60, "ARecords": [{"ipv4Address": "198.51.100.21"}]},
        },
    ]
    dns = client(start_azure(estate=estate), DnsManagementClient)
    assert dns.record_sets.get(GROUP, ZONE, "web", "A").a_records[0].ipv4_address == "198.51.100.21"
    assert dns.zones.get(GROUP, ZONE).number_of_record_sets == 3
