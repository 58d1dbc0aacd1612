"""Ranges of services: aggregation that leaks no address and loses none, lists read, files for the devices' screens."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from edge_case import EdgeCase

from domain.edge.packages import upload_file
from domain.edge.ranges import aggregate, tags_of
from simulator.estates.edge import prefixes_of, service_tags


def _prefix(version, bits):
    """Prefixes in a small corner of the address space, so that they often touch, nest and repeat."""
    width = 32 if version == 4 else 128
    base = int(ipaddress.ip_address("198.18.0.0" if version == 4 else "2001:db8::"))

    def made(pair):
        length, number = pair
        size = 1 << (width - length)
        start = base + (number * size) % (1 << bits)
        return f"{ipaddress.ip_address(start)}/{length}"

    return st.tuples(st.integers(width - bits, width), st.integers(0, (1 << bits) - 1)).map(made)


PREFIXES = st.lists(st.one_of(_prefix(4, 8), _prefix(6, 8)), max_size=24)


def _addresses(prefixes):
    return {address for prefix in prefixes for address in ipaddress.ip_network(prefix)}


@given(PREFIXES)
def test_aggregation_covers_exactly_the_same_addresses(prefixes):
    """Counted address by address: not one more, not one less, IPv4 and IPv6 alike."""
    assert _addresses(aggregate(prefixes)) == _addresses(prefixes)


@given(PREFIXES)
def test_aggregation_leaves_nothing_to_join(prefixes):
    """No two results overlap, none repeats, and no pair of halves is left that one prefix would say."""
    nets = [ipaddress.ip_network(one) for one in aggregate(prefixes)]
    for number, one in enumerate(nets):
        for other in nets[number + 1 :]:
            if one.version == other.version:
                assert not one.overlaps(other)
                siblings = one.prefixlen == other.prefixlen and one.prefixlen > 0
                assert not (siblings and one.supernet() == other.supernet())


@given(PREFIXES, st.randoms())
def test_the_order_of_ranges_makes_no_difference(prefixes, random):
    """The same list told otherwise gives the same routes, and so the same runbook."""
    shuffled = list(prefixes)
    random.shuffle(shuffled)
    assert aggregate(shuffled) == aggregate(prefixes)


def test_recorded_names_of_regions_are_read_as_arm_names():
    """``switzerlandn`` in a tag is Switzerland North."""
    details = {"region": "switzerlandn", "addressPrefixes": ["198.18.0.0/24"]}
    (tag,) = tags_of({"values": [{"name": "Storage.SwitzerlandNorth", "properties": details}]})
    assert (tag.service, tag.region, tag.offers("UDR")) == ("storage", "switzerlandnorth", True)


def test_a_service_that_has_no_tag_is_refused_with_the_nearest():
    """A misspelt service is told before anything else is asked of it."""
    assert EdgeCase(services=["Storag"]).refusals() == [
        (
            "edge.services[0]: expected a service tag of West US, found 'Storag', which no service tag is called; "
            "did you mean 'Storage'?"
        )
    ]


def test_a_service_without_ranges_in_the_target_region_is_refused():
    """A tag of the home region alone says nothing of where the service goes."""
    case = EdgeCase(services=["Storage"])
    values = case.document("Public")["values"]
    case.document("Public")["values"] = [one for one in values if one["name"] != "Storage.WestUS"]
    assert case.refusals() == [
        (
            "edge.services[0]: expected a service tag of West US, found 'Storage', which has no tag there; "
            "its addresses "
            "are not told by region: leave it out, or route it by other means"
        )
    ]


def test_a_snapshot_without_a_list_of_tags_is_refused_with_the_command_that_gives_one():
    """Counting beforehand needs the list beforehand."""
    case = EdgeCase()
    case.estate.remove(case.document("Public"))
    assert case.refusals() == [
        (
            "edge.ranges.api: expected one document of type Microsoft.Network/serviceTags, found 0 lists of "
            "the Service "
            "Tags API in the snapshot; add what `az network list-service-tags --location westus` prints"
        )
    ]


def test_the_weekly_file_does_as_well():
    """The same ranges from a file give the same routes; no API is asked again then."""
    case, other = EdgeCase(), EdgeCase(ranges={"file": "ServiceTags_Public_20260309.json"})
    file = {key: value for key, value in service_tags().items() if key in ("changeNumber", "cloud", "values")}
    other.estate.remove(other.document("Public"))
    other.estate.append({"id": "/serviceTags/ServiceTags_Public_20260309.json",
                         "type": "Microsoft.Network/serviceTags", **file})  # fmt: skip
    one, two = case.compile(), other.compile()
    assert [step.settings["children"] for step in one.steps if step.kind == "extend-resource"] == [
        step.settings["children"] for step in two.steps if step.kind == "extend-resource"
    ]
    assert "location" in one.steps[0].settings
    assert "location" not in two.steps[0].settings


def test_a_weekly_file_that_is_not_in_the_snapshot_is_refused():
    """Named, with where it should be."""
    assert EdgeCase(ranges={"file": "ServiceTags_Public_20260309.json"}).refusals() == [
        (
            "edge.ranges.file: expected one document of type Microsoft.Network/serviceTags, found "
            "'ServiceTags_Public_20260309.json', which the snapshot does not hold; add the weekly file to "
            "the snapshot, "
            "with an id that ends in this name (docs/edge.md)"
        )
    ]


def test_the_uploaded_file_has_the_new_ranges_in_the_home_region_and_all_else_as_it_was():
    """In the service's own tag and in the region's AzureCloud; what is not the home region's stays byte for byte."""
    document = service_tags()
    target = prefixes_of(1, 14)
    file = upload_file(document, {"storage": target}, "eastus")
    before = {one["name"]: one["properties"]["addressPrefixes"] for one in document["values"]}
    after = {one["name"]: one["properties"]["addressPrefixes"] for one in file["values"]}
    assert set(file) == {"changeNumber", "cloud", "values"}
    for name in ("Storage.EastUS", "AzureCloud.eastus"):
        assert after[name] == list(aggregate([*before[name], *target]))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"Storage.EastUS", "AzureCloud.eastus"}
