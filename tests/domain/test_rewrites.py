"""What names an old address is rewritten, only that, and can be put back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bodies import contains, merged
from domain.rewrites import Rewrite, Rewrites, moved_addresses, read_rewrites
from domain.snapshot import Snapshot, snapshot_of

GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"
PROVIDER = f"{GROUP}/providers/Microsoft.Network"
MOVES = {"10.1.3.4": "10.9.3.4", "10.1.3.5": "10.9.3.5"}


def document(kind: str, path: str, region: str | None, **told: Any) -> dict[str, Any]:
    home = {"location": region} if region else {}
    name = path.rsplit("/", 1)[-1]
    return {"id": f"{PROVIDER}/{path}", "name": name, "type": f"Microsoft.Network/{kind}", **home, "properties": told}


def rule(name: str, **told: Any) -> dict[str, Any]:
    return {"name": name, "properties": {"access": "Allow", **told}}


GUARD = document(
    "networkSecurityGroups",
    "networkSecurityGroups/nsg",
    "West Europe",
    securityRules=[
        rule("sql", sourceAddressPrefix="10.1.2.0/24", destinationAddressPrefix="10.1.3.4"),
        rule("both", sourceAddressPrefixes=["10.1.3.4/32", "10.1.3.5", "10.1.9.9"], destinationAddressPrefix="*"),
        rule("other", sourceAddressPrefix="VirtualNetwork", destinationAddressPrefix="10.1.3.40"),
    ],
)
TABLE = document(
    "routeTables",
    "routeTables/rt",
    "westeurope",
    disableBgpRoutePropagation=True,
    routes=[
        rule("out", addressPrefix="0.0.0.0/0", nextHopType="VirtualAppliance", nextHopIpAddress="10.1.3.5"),
        rule("one", addressPrefix="10.1.3.4/32", nextHopType="VirtualAppliance", nextHopIpAddress="10.1.0.9"),
    ],
)
PUBLIC = document("dnszones/A", "dnszones/z.example/A/sql", None, TTL=60, ARecords=[{"ipv4Address": "10.1.3.4"}])
PRIVATE = document(
    "privateDnsZones/A",
    "privateDnsZones/z.internal/A/sql",
    None,
    ttl=60,
    aRecords=[{"ipv4Address": "10.1.3.4"}, {"ipv4Address": "10.1.3.5"}, {"ipv4Address": "10.1.3.6"}],
)


def of(*documents: dict[str, Any]) -> Snapshot:
    return snapshot_of([json.loads(json.dumps(one)) for one in documents])


def only(found: Rewrites) -> Rewrite:
    (one,) = found.rewrites
    return one


def test_a_groups_rules_are_rewritten_by_their_names() -> None:
    """Only the fields that name an old address; a prefix of one address keeps its form."""
    one = only(read_rewrites(of(GUARD), MOVES, "westeurope"))
    assert one.target == one.lock[0] == GUARD["id"]
    assert one.changes == {
        "properties": {
            "securityRules": [
                {"name": "sql", "properties": {"destinationAddressPrefix": "10.9.3.4"}},
                {"name": "both", "properties": {"sourceAddressPrefixes": ["10.9.3.4/32", "10.9.3.5", "10.1.9.9"]}},
            ]
        }
    }
    assert one.says == "nsg: 10.1.3.4 -> 10.9.3.4, 10.1.3.5 -> 10.9.3.5"


def test_a_routes_next_hop_and_a_route_to_one_machine_are_rewritten() -> None:
    """The appliance's old address, and the machine's."""
    one = only(read_rewrites(of(TABLE), MOVES, "westeurope"))
    assert one.changes["properties"]["routes"] == [
        {"name": "out", "properties": {"nextHopIpAddress": "10.9.3.5"}},
        {"name": "one", "properties": {"addressPrefix": "10.9.3.4/32"}},
    ]


def test_rules_and_routes_that_are_documents_of_their_own_belong_to_their_parent() -> None:
    """One write for each group, not one for each rule."""
    alone = document("routeTables/routes", "routeTables/rt/routes/late", None, nextHopIpAddress="10.1.3.4")
    one = only(read_rewrites(of(TABLE, alone), MOVES, "westeurope"))
    assert one.target == TABLE["id"]
    assert one.changes["properties"]["routes"][-1] == {"name": "late", "properties": {"nextHopIpAddress": "10.9.3.4"}}


def test_records_of_public_and_private_zones_are_rewritten_as_a_whole() -> None:
    """In the spelling of each service, under the lock of the zone."""
    first, second = read_rewrites(of(PUBLIC, PRIVATE), MOVES, "westeurope").rewrites
    assert first.changes == {"properties": {"ARecords": [{"ipv4Address": "10.9.3.4"}]}}
    assert first.old == {"properties": {"ARecords": [{"ipv4Address": "10.1.3.4"}]}}
    assert first.lock == (f"{PROVIDER}/dnszones/z.example",)
    assert second.changes["properties"]["aRecords"] == [
        {"ipv4Address": "10.9.3.4"},
        {"ipv4Address": "10.9.3.5"},
        {"ipv4Address": "10.1.3.6"},
    ]


def test_what_is_not_the_recovery_sides_stays() -> None:
    """A group of another region, a record that a machine registered itself, a zone that only other networks see."""
    elsewhere = {**GUARD, "location": "northeurope"}
    own = {**PRIVATE, "properties": {**PRIVATE["properties"], "isAutoRegistered": True}}
    assert read_rewrites(of(elsewhere, own), MOVES, "westeurope").rewrites == []
    network = document("virtualNetworks", "virtualNetworks/old", "northeurope")
    link = document(
        "privateDnsZones/virtualNetworkLinks",
        "privateDnsZones/z.internal/virtualNetworkLinks/old",
        "global",
        virtualNetwork={"id": network["id"]},
    )
    assert read_rewrites(of(PRIVATE, network, link), MOVES, "westeurope").rewrites == []
    here = {**network, "location": "westeurope"}
    assert len(read_rewrites(of(PRIVATE, here, link), MOVES, "westeurope").rewrites) == 1


def test_a_firewalls_rules_are_found_in_their_collections() -> None:
    """By the names of collection and rule, under the policy's lock."""
    policy = document("firewallPolicies", "firewallPolicies/fwp", "westeurope")
    rules = [{"name": "web", "sourceAddresses": ["10.1.3.4"], "destinationAddresses": ["*"]}]
    group = document(
        "firewallPolicies/ruleCollectionGroups",
        "firewallPolicies/fwp/ruleCollectionGroups/g",
        None,
        ruleCollections=[{"name": "c", "rules": rules}, {"name": "d", "rules": []}],
    )
    one = only(read_rewrites(of(policy, group), MOVES, "westeurope"))
    assert one.lock == (policy["id"],)
    assert one.changes["properties"]["ruleCollections"] == [
        {"name": "c", "rules": [{"name": "web", "sourceAddresses": ["10.9.3.4"]}]}
    ]


def test_a_prefix_that_leaves_the_new_address_out_is_told_and_not_touched() -> None:
    """A person decides whether a whole subnet moves."""
    wide = document(
        "networkSecurityGroups",
        "networkSecurityGroups/wide",
        "westeurope",
        securityRules=[rule("tier", sourceAddressPrefix="10.1.3.0/24"), rule("all", sourceAddressPrefix="10.0.0.0/8")],
    )
    found = read_rewrites(of(wide), MOVES, "westeurope")
    assert found.rewrites == []
    assert found.notices == [
        "wide tier covers an address that moves with 10.1.3.0/24: look whether it should cover the new one too"
    ]


def test_nothing_moves_where_every_machine_keeps_its_address() -> None:
    """And an address with two new ones is told."""
    moves, unclear = moved_addresses([(("10.1.3.4",), ("10.1.3.4",)), (("10.1.3.5",), ("10.9.3.5",))])
    assert (moves, unclear) == ({"10.1.3.5": "10.9.3.5"}, [])
    moves, unclear = moved_addresses([(("10.1.3.4",), ("10.9.3.4",)), (("10.1.3.4",), ("10.8.3.4",))])
    assert moves == {}
    assert unclear == ["10.1.3.4 becomes 10.8.3.4 and 10.9.3.4: what names it is not rewritten"]
    assert read_rewrites(of(GUARD, TABLE, PUBLIC), {}, "westeurope") == Rewrites()


ADDRESSES = [f"10.1.3.{last}" for last in range(4, 10)] + [f"10.9.3.{last}" for last in range(4, 10)]


@given(
    moves=st.dictionaries(st.sampled_from(ADDRESSES[:6]), st.sampled_from(ADDRESSES[6:])),
    named=st.lists(st.sampled_from(ADDRESSES[:6]), min_size=1, max_size=4, unique=True),
)
@pytest.mark.parametrize("kind", ["rule", "record"])
def test_after_it_no_old_address_is_named_and_the_way_back_restores_all(
    kind: str, moves: dict[str, str], named: list[str]
) -> None:
    """Merged as the step merges it; nothing else of the document changes."""
    if kind == "rule":
        rules = [rule("one", sourceAddressPrefixes=named), rule("two", destinationAddressPrefix=named[0])]
        before = document("networkSecurityGroups", "networkSecurityGroups/n", "westeurope", securityRules=rules)
    else:
        records = [{"ipv4Address": one} for one in named]
        before = document("dnszones/A", "dnszones/z/A/r", None, TTL=60, ARecords=records)
    found = read_rewrites(of(before), moves, "westeurope").rewrites
    assert bool(found) == bool(set(named) & set(moves))
    for one in found:
        after = merged(before, one.changes)
        assert contains(after, one.changes)
        assert not any(f'"{old}"' in json.dumps(after) for old in moves)
        assert merged(after, one.old) == before
        assert set(one.moves) == {(old, moves[old]) for old in named if old in moves}
