"""A plan file with mistakes: all of them told at once, each by its field, and never a stack trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.plans.reading import PlanErrors, parse_plan, plan_schema

TEXT = (Path(__file__).parents[2] / "plans" / "company-b.yaml").read_text()

TEN_MISTAKES: list[tuple[str, str, str, str, str | None]] = [
    # in the file, instead, path, what the error says was found, a part of its hint
    ("region: eastasia", "region: East Asia", "primary.region", "'East Asia'", "'eastasia'"),
    ("rto: 30m", "rto: half an hour", "objectives.rto", "'half an hour'", None),
    ("automatic: false", "automatic: maybe", "trigger.automatic", "'maybe'", None),
    ("prefixes: [10.50.0.0/16]", "prefixes: [10.50.0.1/16]", "sites.datacenter.prefixes[0]", "'10.50.0.1/16'", None),
    ("asn: 65050", "asn: 0", "sites.datacenter.asn", "0", None),
    ("lookingGlass: h", "lookingGlas: h", "sites.datacenter.lookingGlas", "an unknown field", "lookingGlass"),
    ("    site: datacenter", "    site: datacentre", "links[0].site", "'datacentre'", "'datacenter'"),
    ("fence: webhook", "fence: webhok", "links[0].fence", "'webhok'", "'webhook'"),
    ("LatestProcessed", "LastProcessed", "workload.recoveryPoint", "'LastProcessed'", "'LatestProcessed'"),
    ("port: 443", "port: 70000", "routing.reach[0].port", "70000", None),
]  # fmt: skip


def errors_of(text: str | bytes) -> dict[str, Any]:
    with pytest.raises(PlanErrors) as caught:
        parse_plan(text)
    return {error.path: error for error in caught.value}


def test_ten_mistakes_are_told_together() -> None:
    """Each with its path, what was found and what was expected, and the nearest name where one is near."""
    text = TEXT
    for right, wrong, *_ in TEN_MISTAKES:
        assert right in text
        text = text.replace(right, wrong, 1)
    errors = errors_of(text)
    assert len(errors) == 10
    for _, _, path, found, hint in TEN_MISTAKES:
        assert errors[path].found == found
        assert errors[path].expected
        assert hint is None or hint in str(errors[path].hint), path


CROSS_MISTAKES: list[tuple[str, dict[str, Any]]] = [
    ("recovery.region", {"recovery": {"region": "eastasia"}}),
    ("links", {"links": [{"name": "a", "site": "datacenter", "disconnect": "cn"}]}),
    ("links[0]", {"links": [{"name": "a", "site": "datacenter"}]}),
    ("links[1].name", {"links": [{"name": "a", "site": "datacenter", "connect": {"gateway": "g"}}] * 2}),
    ("links[0].fence", {"links": [{"name": "a", "site": "bare", "disconnect": "cn", "connect": {"gateway": "g"}}]}),
    ("links[0].fence", {"links": [{"name": "a", "site": "bare", "disconnect": "cn", "fence": "webhook"}]}),
    ("links[0].fence", {"links": [{"name": "a", "site": "bare", "disconnect": "cn", "fence": "person"}]}),
    ("workload", {"workload": {"vault": "v"}}),
    ("workload", {"workload": {"vault": "v", "recoveryPlan": "p", "groups": [{"name": "a", "items": ["x"]}]}}),
    ("workload.drive", {"workload": {"vault": "v", "drive": "plan", "groups": [{"name": "a", "items": ["x"]}]}}),
    ("workload.groups[0].quorum", {"workload": {"vault": "v", "groups": [{"name": "a", "items": ["x"], "quorum": 2}]}}),
    ("workload.groups[1].name", {"workload": {"vault": "v", "groups": [{"name": "a", "items": ["x"]}] * 2}}),
    ("workload.names[1]", {"workload": {"vault": "v", "recoveryPlan": "p", "names": ["a", "a"]}}),
    ("workload.quorum.dta", {"workload": {"vault": "v", "recoveryPlan": "p", "names": ["data"], "quorum": {"dta": 1}}}),
]


@pytest.mark.parametrize(("path", "change"), CROSS_MISTAKES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_fields_ask_of_each_other_is_told_beside_every_other_mistake(path: str, change: dict[str, Any]) -> None:
    """A wrong field elsewhere does not hide it: a person mends the file once."""
    data = yaml.safe_load(TEXT) | change | {"ownr": "x"}
    data["sites"]["bare"] = {"prefixes": ["10.60.0.0/16"]}
    errors = errors_of(json.dumps(data))
    assert {path, "ownr"} <= set(errors)


TRAPS: list[tuple[str, str | bytes, str]] = [
    ("empty", "", "nothing"),
    ("a comment only", "# nothing", "nothing"),
    ("a list", "- 1", "a list of 1"),
    ("a tab", "a:\n\tb: 1", "tab"),
    ("NUL", "a: \0", "#x0000"),
    ("an alias", "a: &x [1]\nb: *x", "aliases are not allowed"),
    ("a bomb of aliases", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "aliases are not allowed"),
    ("a key twice", "name: a\nname: b", "stands twice"),
    ("a key twice, deep", TEXT.replace("rto: 30m", "rto: 30m\n  rto: 31m"), "stands twice"),
    ("a yes as key", "yes: 1", "True is not text"),
    ("a number as key", "1: 2", "1 is not text"),
    ("a list as key", "? [a]\n: 1", "is not text"),
    ("a merge", "<<: {name: x}", "merge"),
    ("two documents", "a: 1\n---\nb: 2", "another document"),
    ("an object of Python's", "a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ("half a mapping", "a: {", "expected"),
    ("deep nesting", "[" * 2_000, "nesting too deep"),
    ("deep mappings", "a: " + "{b: " * 2_000, "nesting too deep"),
    ("half UTF-16", b"\xff\xfe\x00", "#x0000"),
    ("no UTF-8", b"name: \xff\xff", "invalid start byte"),
    ("a date that is none", "name: 2001-99-99", "month"),
    ("one megabyte", "#" * 1_000_001, "1000001 bytes"),
    ("one megabyte of accents", "é" * 500_001, "1000002 bytes"),
]


@pytest.mark.parametrize(("text", "part"), [trap[1:] for trap in TRAPS], ids=[trap[0] for trap in TRAPS])
def test_yaml_traps_are_clear_errors(text: str | bytes, part: str) -> None:
    """What YAML lets happen silently, and what is no YAML, is said in words, with the line where there is one."""
    with pytest.raises(PlanErrors) as caught:
        parse_plan(text, source="my-plan.yaml")
    assert part.lower() in str(caught.value).lower() or part == "tab"
    assert "my-plan.yaml" in str(caught.value) or caught.value.errors[0].path
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "path"),
    [
        ("name: company-b", "name: 2026", "name"),
        ("name: company-b", "name: no", "name"),
        ("region: eastasia", "region: no", "primary.region"),
        ("port: 443", "port: yes", "routing.reach[0].port"),
        ("port: 443", "port: '443'", "routing.reach[0].port"),
        ("automatic: false", "automatic: 0", "trigger.automatic"),
        ("automatic: false", "automatic: 'yes'", "trigger.automatic"),
        ("within: 3m", "within: 1:30", "links[0].within"),
        ("within: 3m", "within: 0s", "links[0].within"),
        ("within: 3m", "within: 99999d", "links[0].within"),
        ("asn: 65050", f"asn: 0x{'f' * 5000}", "sites.datacenter.asn"),
        ("https://automation", "http://automation", "sites.datacenter.automation.url"),
    ],
)  # fmt: skip
def test_what_yaml_guesses_is_refused_where_it_stands(right: str, wrong: str, path: str) -> None:
    """A yes is no number, a number is no name, sexagesimals are no durations: nothing is bent into shape."""
    assert right in TEXT
    assert path in errors_of(TEXT.replace(right, wrong, 1))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(deeper for key, child in children for deeper in paths_of(child, (*path, key)))]


@given(st.data(), JSON_VALUES)
def test_any_value_in_any_place_is_a_plan_or_a_list_of_errors(data: st.DataObject, value: Any) -> None:
    """Nothing that a file can hold ends in anything but PlanErrors; what is accepted fits the published schema."""
    plan = yaml.safe_load(TEXT)
    *way, last = data.draw(st.sampled_from(paths_of(plan)[1:]))
    holder = plan
    for part in way:
        holder = holder[part]
    holder[last] = value
    text = yaml.safe_dump(plan, allow_unicode=True)
    try:
        parse_plan(text)
    except PlanErrors as found:
        errors = found.errors
    else:
        errors = []
        jsonschema.validate(yaml.safe_load(text), plan_schema())
    assert all(error.path and error.found and error.expected for error in errors)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_plan_or_a_list_of_errors(text: str | bytes) -> None:
    """Whatever is handed in."""
    with pytest.raises(PlanErrors):
        parse_plan(text)


def test_the_schema_accepts_the_shipped_plan_and_refuses_what_the_model_refuses_in_kind() -> None:
    """Editors complain about the same fields that we do."""
    schema = plan_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(validator.iter_errors(yaml.safe_load(TEXT))) == []
    for right, wrong, path, *_ in TEN_MISTAKES:
        if path not in ("links[0].site", "sites.datacenter.prefixes[0]"):
            assert list(validator.iter_errors(yaml.safe_load(TEXT.replace(right, wrong, 1)))), path
    for change in ({"links": [{"name": "a", "site": "b"}]}, {"workload": {"vault": "v"}}, {"extra": 1}, {"links": []}):
        assert list(validator.iter_errors(yaml.safe_load(TEXT) | change)), change


def test_the_hash_is_of_what_the_plan_says_not_of_its_layout() -> None:
    """Comments, order and quotes do not matter; a value does."""
    same = yaml.safe_dump(yaml.safe_load(TEXT), sort_keys=True)
    assert parse_plan(same).hash == parse_plan(TEXT).hash
    assert parse_plan(TEXT.replace("within: 3m", "within: 180s")).hash == parse_plan(TEXT).hash
    assert parse_plan(TEXT.replace("within: 3m", "within: 4m")).hash != parse_plan(TEXT).hash
