"""Reading bodies: anything at all is read, or refused as a problem that names what is wrong."""

from __future__ import annotations

import json
from typing import Any

import azure.functions as func
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers import openapi
from triggers.action_doors import ANSWERS, body_of
from triggers.bodies import COMMAND_LIMIT, read_fields, read_json
from triggers.problems import Problem, problem_response
from triggers.starting import START_BODY

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from([*START_BODY, "other"]) | st.text(max_size=6)


def request(body: bytes) -> func.HttpRequest:
    return func.HttpRequest("POST", "http://localhost/api/failovers", headers={}, body=body)


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_problem(body: bytes) -> None:
    """Never anything but Problem, and the problem itself is JSON."""
    try:
        read_json(request(body), COMMAND_LIMIT)
    except Problem as problem:
        json.loads(problem_response(problem).get_body())


@given(st.dictionaries(names, json_values, max_size=6))
def test_whatever_is_read_satisfies_the_published_schema(body: dict[str, Any]) -> None:
    """The checks and the OpenAPI document cannot part: what passes the one passes the other."""
    try:
        found = read_fields(request(json.dumps(body).encode()), START_BODY)
    except Problem:
        return
    wire = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
    operation = openapi.document()["paths"]["/api/failovers"]["post"]
    jsonschema.validate(wire, operation["requestBody"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("word", ["approve", "reject", "retry", "skip", "abort", "pause", "resume"])
def test_an_action_without_a_body_is_an_action_without_particulars(word: str) -> None:
    """Only a skip has something that must be said."""
    if word == "skip":
        with pytest.raises(Problem):
            read_fields(request(b""), body_of(word))
        return
    assert read_fields(request(b""), body_of(word)) == {}


def test_no_answer_belongs_to_two_doors() -> None:
    """Roles differ by door, so an answer must not be had through another one."""
    given_by = [answer for answers in ANSWERS.values() for answer in answers]
    assert len(given_by) == len(set(given_by))
