"""The evidence table is honest about itself, and its page says what it says."""

from __future__ import annotations

from pathlib import Path

from simulator.evidence import BEGIN, END, GRADES, TABLE, markdown
from simulator.network import guesses as network
from simulator.site_recovery import guesses as site_recovery


def test_every_belief_has_a_grade_and_what_is_no_guess_has_a_source() -> None:
    """A grade better than guessed names where it was seen."""
    for row in TABLE:
        assert row.grade in GRADES
        assert row.grade == "guessed" or len(row.source) > 3, row.belief


def test_every_switch_named_in_the_table_exists() -> None:
    """A variant in the table can be set in a scenario."""
    known = {f"network.{name}" for name in network.CHOICES} | {
        f"site-recovery.{name}" for name in site_recovery.CHOICES
    }
    named = {row.variant for row in TABLE if "." in row.variant}
    assert named <= known


def test_the_page_holds_the_table_as_it_is(root: Path) -> None:
    """docs/simulator.md is generated in part: `python -m simulator.evidence` between the two marks."""
    page = (root / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert page.split(BEGIN)[1].split(END)[0].strip() == markdown().strip()
