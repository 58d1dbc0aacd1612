"""What a spectator sees: the newest look, redrawn on a terminal, told line by line anywhere else."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

from rich.console import Console

from cli.board import Board, Frame, Sight, Stage, display
from cli.progress import Progress, differences
from cli.reading import read_progress
from cli.rehearsal.azure_log import AzureLog
from cli.rehearsal.sights import sights_of, told_by_azure

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
STAGES = [
    Stage("disconnect the old links", {"a1": "disconnect cn-old"}),
    Stage("fail over group data", {"b1": "fail over dc1", "b2": "fail over sql1"}),
    Stage("connect the recovery side", {"c1": "connect cn-new"}),
]
VIEW = {
    "run": "company-b-0123456789",
    "plan": "company-b",
    "mode": "failover",
    "runtimeStatus": "Running",
    "outcome": None,
    "status": {
        "phase": "group-data",
        "lanes": ["fail over group data"],
        "percent": 40,
        "expected_end": START.isoformat(),
    },
    "control": {
        "running": {"b2": {"name": "fail over sql1", "doing": "poll", "since": "2026-03-14T02:05:00+00:00"}},
        "recent": [
            {"step": "a1", "name": "disconnect cn-old", "status": "unconfirmed"},
            {"step": "b1", "name": "fail over dc1", "status": "succeeded"},
        ],
        "waits": [
            {"instance": "run", "kind": "watch", "options": ["wake"]},
            {"instance": "b2", "kind": "ask", "question": "fail over sql1 failed: quota", "options": ["retry", "skip"]},
        ],
    },
}


def _drawn(progress: Progress, *sights: Sight) -> str:
    console = Console(file=io.StringIO(), width=100)
    board = Board(console, "company-b", START, STAGES)
    console.print(board.drawn(Frame(progress, START + timedelta(seconds=330), (), sights)))
    return console.file.getvalue()


def test_the_board_unfolds_only_the_stage_under_way():
    """A runbook of a hundred steps still fits on a screen."""
    text = _drawn(read_progress(VIEW), Sight("datacenter: 10.1.1.4", "not reachable", good=False))
    assert "disconnect the old links" in text
    assert "disconnect cn-old" not in text
    assert "unconfirmed" in text
    assert "fail over sql1" in text
    assert "Azure works on it 30 s" in text
    assert "connect cn-new" not in text
    assert "not reachable" in text
    assert "? fail over sql1 failed: quota" in text
    assert "T+05:30" in text


def test_a_wait_that_asks_nobody_is_no_question():
    """The run's own watch is kept in the same table as people's questions."""
    assert [question.instance for question in read_progress(VIEW).questions] == ["b2"]


def test_each_change_is_told_once():
    """Two looks at the same state have no difference."""
    before, after = Progress("company-b-0123456789"), read_progress(VIEW)
    told = [one.text for one in differences(before, after, START)]
    assert told[0] == "phase: fail over group data"
    assert "fail over dc1: succeeded" in told
    assert "fail over sql1 begins" in told
    assert "fail over sql1 failed: quota" in told
    assert differences(after, read_progress(VIEW, after), START) == []


def test_ended_steps_are_remembered_when_the_host_tells_only_the_newest():
    """The host keeps the last twenty; a spectator has seen them all."""
    first = read_progress(VIEW)
    later = VIEW | {"control": {"recent": [{"step": "c1", "name": "connect cn-new", "status": "succeeded"}]}}
    assert set(read_progress(later, first).ended) == {"a1", "b1", "c1"}


def test_a_run_that_ended_without_an_outcome_is_not_taken_for_a_success():
    """The platform may terminate an orchestration."""
    ended = read_progress(VIEW | {"runtimeStatus": "Terminated"})
    assert ended.has_ended
    assert ended.outcome == "failed without a word"


def test_without_a_terminal_each_happening_is_a_plain_line():
    """A log of a pipeline is read later."""
    console = Console(file=io.StringIO(), width=100)
    after = read_progress(VIEW)
    with display(console, "company-b", START, STAGES, plain=False) as shown:
        shown.show(Frame(after, START, differences(Progress("r"), after, START)))
    assert "T+00:00  fail over dc1: succeeded\n" in console.file.getvalue()
    assert "\x1b" not in console.file.getvalue()


def test_sights_follow_azures_log_also_while_a_line_is_being_written(tmp_path):
    """The log is read while the simulator writes it."""
    path = tmp_path / "events.jsonl"
    azure = AzureLog(path)
    assert azure.look() == []
    at = '"seq": 1, "at": "2026-03-14T02:14:30.000Z", "seconds": 870.0'
    homes = '[{"gateway": "/subscriptions/s/vgw-new", "connection": "c", "preferred": true}]'
    routes = f'{{{at}, "kind": "routes.changed", "site": "dc", "prefix": "10.1.0.0/16", "homes": {homes}}}\n'
    seen = '"site": "dc", "address": "10.1.1.4", "reachable": true, "region": "r"'
    reach = f'{{{at}, "kind": "reachable.changed", {seen}}}\n'
    path.write_text(routes + reach[:40])
    assert [one.text for one in told_by_azure(azure.look())] == ["dc routes 10.1.0.0/16 to vgw-new"]
    path.write_text(routes + reach)
    news = azure.look()
    assert [one.text for one in told_by_azure(news, ["10.1.1.4"])] == ["10.1.1.4 is reachable from dc in r"]
    assert told_by_azure(news, ["10.1.1.5"]) == []
    assert [(one.how, one.good) for one in sights_of(azure, ["10.1.1.4"])] == [
        ("vgw-new", True),
        ("reachable in r", True),
    ]
