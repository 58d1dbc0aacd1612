"""What crosses a durable boundary comes back as it was, also where nothing was said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from domain.calls import ReportCall, RunRequest
from domain.codec import from_wire, to_wire


@dataclass(frozen=True)
class _Bare:
    name: str
    when: str | None
    needs: tuple[str, ...]
    facts: dict[str, Any]


@pytest.mark.parametrize("value", [_Bare("a", None, (), {}), _Bare("b", "now", ("a",), {"c": 1})])
def test_fields_without_a_default_survive_being_left_out(value):
    """The wire leaves out None and what is empty, whether or not the field has a default."""
    assert from_wire(_Bare, json.loads(json.dumps(to_wire(value)))) == value


def test_what_is_never_left_out_is_missed():
    """A text that is not there is a mistake, not an empty text."""
    with pytest.raises(TypeError, match="name"):
        from_wire(_Bare, {"when": None})


def test_the_report_of_a_run_that_was_never_decided_on_can_be_asked_for():
    """A run that lost the claim is refused before anybody decides; it leaves a report all the same."""
    request = RunRequest("r", "p", "failover", "h", "s", "somebody", "r")
    call = ReportCall("r", request, "refused", "another holds it", "then", None, "now", winner="w")
    assert from_wire(ReportCall, json.loads(json.dumps(to_wire(call)))) == call
