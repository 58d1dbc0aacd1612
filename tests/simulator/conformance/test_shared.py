"""The recordings beside this repository: the goal, the page, and that nothing is made for them by name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator.conformance import Report, read_folder, replay, summarise
from simulator.conformance.cassettes import Cassette, Interaction
from simulator.conformance.page import BEGIN, END, markdown, reason_of
from simulator.core.web import NOTHING

GOAL = 95.0


@pytest.fixture(scope="module")
def cassettes(root: Path) -> list[Cassette]:
    folder = root.parent / "shared" / "recordings"
    if not folder.is_dir():
        pytest.skip("the recordings of real Azure are not beside this repository")
    return read_folder(folder)


@pytest.fixture(scope="module")
def report(cassettes: list[Cassette]) -> Report:
    return _reported(cassettes)


def _reported(cassettes: list[Cassette]) -> Report:
    return summarise(verdict for cassette in cassettes for verdict in replay(cassette))


def test_the_goal_is_met_and_polls_agree(report: Report) -> None:
    """At least 95 % of what is in scope and no poll, and of every provider."""
    assert report.total.share is not None
    assert report.total.share >= GOAL
    assert report.total.polls_disagreed == 0
    assert all(tally.share >= GOAL for tally in report.providers.values() if tally.share is not None)


def test_every_disagreement_has_a_reason(report: Report) -> None:
    """None is left unexplained."""
    assert [one for one in report.disagreements if reason_of(one) == "unexplained"] == []


def test_the_page_holds_the_figure_and_the_list_as_they_are(root: Path, report: Report) -> None:
    """docs/simulator.md is generated in part: `python -m simulator.conformance FOLDER` between the two marks."""
    page = (root / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert page.split(BEGIN)[1].split(END)[0].strip() == markdown(report).strip()


def test_the_simulator_never_breaks(report: Report) -> None:
    """No answer is a bug."""
    assert not [one for one in report.disagreements if "SimulatorBroke" in (one.difference or "")]


def _renamed(value: Any) -> Any:
    """Other names of resources, wherever they stand; a word of Azure's own stays."""
    if value == "Vnet2Vnet":
        return value
    if isinstance(value, str):
        return re.sub(r"(?i)(vnet|gateway|gw|rgname|circuit|peering|conn|table)(?=[a-z]*\d)", r"\1x", value)
    if isinstance(value, dict):
        return {key: _renamed(inner) for key, inner in value.items()}
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _changed(cassettes: list[Cassette], change: Any) -> list[Cassette]:
    return [
        replace(one, name=f"x{at}", interactions=[change(i) for i in one.interactions])
        for at, one in enumerate(cassettes)
    ]


def _without_dates(call: Interaction) -> Interaction:
    return replace(call, moment=None)


def test_no_dates_no_great_harm(cassettes: list[Cassette], report: Report) -> None:
    """Recorders may strip them; files may be called anything."""
    found = _reported(_changed(cassettes, _without_dates)).total
    assert found.in_scope == report.total.in_scope
    assert found.share is not None
    assert found.share >= GOAL


def test_other_names_make_no_difference(cassettes: list[Cassette], report: Report) -> None:
    """Nothing is told by the name of a resource or a subscription."""

    def rename(call: Interaction) -> Interaction:
        return replace(
            call,
            path=_renamed(call.path),
            headers=_renamed(call.headers),
            sent=call.sent if call.sent is NOTHING else _renamed(call.sent),
            body=call.body if call.body is NOTHING else _renamed(call.body),
        )

    found = _reported(_changed([one for one in cassettes if "/network" in f"/{one.name}"], rename)).total
    same = _reported([one for one in cassettes if "/network" in f"/{one.name}"]).total
    assert (found.agreed, found.disagreed) == (same.agreed, same.disagreed)
