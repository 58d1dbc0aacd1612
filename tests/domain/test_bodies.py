"""ARM bodies: what is contained in what, and what a change leaves."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bodies import contains, differences, merged

NAMES = st.sampled_from(["routes", "flag", "addressPrefixes", "id", "nested", "count"])
LEAVES = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["10.0.0.0/16", "fe80::/64", "Static", "x"])


def named(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    child = st.builds(lambda name, value: {"name": name, "properties": value}, st.sampled_from("abc"), values)
    return st.lists(child, max_size=3, unique_by=lambda one: one["name"])


BODIES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | named(inner) | st.lists(LEAVES, max_size=3),
    max_leaves=12,
)


def azures_way(value: Any, chance: random.Random) -> Any:
    """The same body as Azure may write it: more fields, more case, another order, the same meaning."""
    if isinstance(value, dict):
        written = {name: azures_way(one, chance) for name, one in value.items() if one is not None}
        return {**written, "provisioningState": "Succeeded", "etag": "W/1"}
    if isinstance(value, list):
        written = [azures_way(one, chance) for one in value]
        chance.shuffle(written)
        return written
    if isinstance(value, str):
        return value.upper() if chance.random() < 0.5 else value
    return value


@given(body=BODIES, seed=st.integers(0, 99))
def test_what_azure_writes_in_its_own_way_is_contained(body: Any, seed: int) -> None:
    """Order, case and Azure's own fields change nothing."""
    assert contains(azures_way(body, random.Random(seed)), body)


@given(found=st.dictionaries(NAMES, BODIES, max_size=4), changes=st.dictionaries(NAMES, BODIES, max_size=4))
def test_a_change_holds_once_it_is_merged_and_merging_again_changes_nothing(found: Any, changes: Any) -> None:
    before = copy.deepcopy(found)
    after = merged(found, changes)
    assert contains(after, changes)
    assert merged(after, changes) == after
    assert found == before


@given(found=st.dictionaries(NAMES, BODIES, max_size=4), changes=st.dictionaries(NAMES, BODIES, max_size=4))
def test_a_change_leaves_every_field_that_it_does_not_name(found: Any, changes: Any) -> None:
    after = merged(found, changes)
    assert all(after[name] == value for name, value in found.items() if name not in changes)


@given(found=BODIES, wanted=BODIES)
def test_contained_means_that_nothing_differs(found: Any, wanted: Any) -> None:
    assert contains(found, wanted) is (differences(wanted, found) == [])


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ({"location": "Southeast Asia"}, {"location": "southeastasia"}, True),
        ({"subnet": {"id": "/subscriptions/A/b"}}, {"subnet": {"id": "/SUBSCRIPTIONS/a/B/", "extra": 1}}, True),
        ({"publicIPAllocationMethod": "Static"}, {"publicIpAllocationMethod": "static"}, True),
        ({"prefix": "10.0.0.0/16"}, {"prefix": "10.0.0.0/17"}, False),
        ({"prefix": "10.0.0.4"}, {"prefix": "10.0.0.4/32"}, True),
        ({"prefix": "FE80:0:0:0::/64"}, {"prefix": "fe80::/64"}, True),
        ({"port": 443}, {"port": "443"}, True),
        ({"port": "443"}, {"port": "44"}, False),
        ({"flag": False}, {}, True),
        ({"flag": True}, {}, False),
        ({"flag": True}, {"flag": 1}, False),
        ({"tags": {"Owner": "Net"}}, {"tags": {"Owner": "net"}}, False),
        ({"networkSecurityGroup": None}, {"networkSecurityGroup": {"id": "/x"}}, False),
        ({"networkSecurityGroup": None}, {}, True),
        ({"addressPrefixes": ["a", "b"]}, {"addressPrefixes": ["B", "A"]}, True),
        ({"addressPrefixes": ["a"]}, {"addressPrefixes": ["a", "b"]}, False),
        ({"rules": [{"name": "R", "properties": {"priority": 1}}]},
         {"rules": [{"name": "other"}, {"name": "r", "properties": {"priority": 1, "more": 2}}]}, True),
        ({"rules": [{"name": "r"}]}, {"rules": []}, False),
        ({"records": [{"a": 1}, {"a": 1, "b": 2}]}, {"records": [{"a": 1, "b": 2}, {"a": 1}]}, True),
        ({"provisioningState": "Succeeded"}, {"provisioningState": "Updating"}, True),
    ],
)  # fmt: skip
def test_what_is_the_same_to_azure(wanted: Any, found: Any, same: bool) -> None:
    assert contains(found, wanted) is same


def test_a_difference_names_its_place() -> None:
    wanted = {"properties": {"routes": [{"name": "home", "properties": {"nextHopType": "Internet"}}, {"name": "new"}]}}
    found = {"properties": {"routes": [{"name": "home", "properties": {"nextHopType": "None"}}]}}
    assert differences(wanted, found) == [
        "properties.routes[home].properties.nextHopType is 'None', expected 'Internet'",
        "properties.routes[new] is not there",
    ]


def test_null_takes_a_value_away_and_children_go_by_name() -> None:
    found = {"a": {"b": 1, "c": 2}, "rules": [{"name": "x", "p": 1}, {"name": "y", "p": 2}]}
    changes = {"a": {"b": None}, "rules": [{"name": "Y", "p": 3}, {"name": "z"}]}
    assert merged(found, changes) == {
        "a": {"c": 2},
        "rules": [{"name": "x", "p": 1}, {"name": "Y", "p": 3}, {"name": "z"}],
    }
