"""The table of a protected item's life, row by row, under every plausible Azure."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.site_recovery.guesses import CHOICES, Guesses
from simulator.site_recovery.transitions import (
    ACTIONS,
    GONE,
    NEVER_OFFERED,
    TRANSITIONS,
    UNKNOWN,
    Refusal,
    Transition,
    state_of,
    states,
    take,
)

GUESSES = [
    Guesses(failed_over=failed, committed=committed, after_failed_failover=after)
    for failed, committed, after in itertools.product(
        CHOICES["failed_over"], CHOICES["committed"], CHOICES["after_failed_failover"]
    )
]
SHOWN = states(Guesses())
guesses = st.fixed_dictionaries({question: st.sampled_from(answers) for question, answers in CHOICES.items()})


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: row.action)
def test_a_row_is_taken_from_each_of_its_states_and_from_no_other(row: Transition) -> None:
    """What may start where is the table's word alone."""
    for state, properties in SHOWN.items():
        taken = take(row.action, "dc1", properties)
        assert (taken is row) == (state in row.frm), (state, taken)


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: row.action)
def test_no_row_is_taken_while_a_scenario_runs(row: Transition) -> None:
    """A second request is refused whether the first one shows already or not."""
    for properties in SHOWN.values():
        shown = {**properties, "currentScenario": {"scenarioName": "UnplannedFailover", "jobId": "x"}}
        assert isinstance(take(row.action, "dc1", shown), Refusal)
        refused = take(row.action, "dc1", properties, busy="UnplannedFailover")
        assert isinstance(refused, Refusal)
        assert refused.code == "AnotherOperationInProgress"


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: row.action)
def test_every_row_leads_to_a_state_of_the_table_and_says_how_sure_it_is(row: Transition) -> None:
    """No transition ends nowhere, and none goes without grade and source."""
    assert row.to == GONE or row.to in SHOWN
    assert row.grade in ("recorded", "documented", "reported", "guessed")
    assert row.source


@pytest.mark.parametrize("action", NEVER_OFFERED)
def test_what_an_azure_to_azure_item_never_offers_is_refused_everywhere(action: str) -> None:
    """Planned failover and cancel are in no recorded allowedOperations."""
    assert action.lower() not in ACTIONS
    assert all(isinstance(take(action, "dc1", properties), Refusal) for properties in SHOWN.values())


@given(guesses)
def test_a_state_is_told_from_its_document_under_every_guess(said: dict[str, Any]) -> None:
    """A captured estate starts in the state that it shows. A failed failover that shows Protected is protected."""
    for state, properties in states(Guesses.read(said)).items():
        told = state_of(properties)
        assert told == state or properties["protectionState"] == "Protected"


def test_a_state_that_nobody_knows_allows_only_to_remove_the_item() -> None:
    """An unlisted protectionState is not guessed at."""
    strange = {"protectionState": "ResynchronizationInProgress", "allowedOperations": ["UnplannedFailover"]}
    assert state_of(strange) == UNKNOWN
    assert [row.action for row in TRANSITIONS if take(row.action, "dc1", strange) is row] == ["remove", "delete"]


def test_an_unknown_guess_is_an_error_that_names_the_questions() -> None:
    """A misspelt variant in a scenario must not pass as the default."""
    with pytest.raises(ValueError, match="unknown guess 'comitted'"):
        Guesses.read({"comitted": "FailoverCommitted"})
    with pytest.raises(ValueError, match="is none of UnplannedFailoverCommitted, FailoverCommitted"):
        Guesses.read({"committed": "Done"})


@pytest.mark.parametrize("said", GUESSES, ids=str)
def test_the_default_answer_is_the_first_choice(said: Guesses) -> None:
    """One place says what the simulator does unasked."""
    assert all(getattr(Guesses(), question) == answers[0] for question, answers in CHOICES.items())
    assert said.failed_over in CHOICES["failed_over"]
