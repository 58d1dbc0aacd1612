"""What a run leaves behind: records, the report in JSON, and the page that a person reads."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities import ACTIVITIES
from activities.records import render
from domain import names
from domain.calls import ReportCall, RunRequest, StepRecord
from domain.codec import to_wire
from domain.compile import compile_runbook
from domain.plans.reading import parse_plan
from domain.report import build_report
from domain.runbook import Runbook
from domain.snapshot import snapshot_of
from simulator.company_b import company_b

RUN = "company-b-1234567890"


@pytest.fixture(scope="module")
def runbook() -> Runbook:
    """Company B's runbook."""
    text = (Path(__file__).parents[2] / "plans" / "company-b.yaml").read_text()
    return compile_runbook(parse_plan(text), snapshot_of(company_b()), "failover")


def at(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"2026-03-14T02:{int(minutes):02d}:{rest:06.3f}+00:00"


def request(**changed: Any) -> RunRequest:
    base = RunRequest(
        RUN, "company-b", "failover", "p" * 64, "s" * 64, "alert", RUN, impact_started_at="2026-03-14T02:00:00Z"
    )
    return replace(base, **changed)


def report_call(runbook_hash: str = "", **changed: Any) -> ReportCall:
    call = ReportCall(RUN, request(), "completed", "every step", at(60), at(90), at(600), "erin", runbook_hash)
    return replace(call, **changed)


def records(runbook: Runbook, **changed: Any) -> list[StepRecord]:
    """Every step of the runbook succeeded, a stage after another."""
    spans = {
        "disconnect": (90, 150),
        "connect": (420, 470),
        "verify": (470, 510),
        "ready": (90, 92),
        "observe": (90, 92),
    }
    found = []
    for step in runbook.steps:
        begin, end = spans.get(step.stage, (150, 420))
        status = "not-needed" if step.kind == "fence-site" else "succeeded"
        evidence: dict[str, Any] = {}
        if step.kind == "failover-item":
            evidence = {"recovery_point": {"time": "2026-03-14T01:56:00+00:00", "kind": "CrashConsistent"}}
        if step.kind == "check-readiness":
            evidence = {"routes_before": [{"prefix": "10.1.0.0/16", "neighbor": "10.1.255.30", "best": True}]}
        if step.kind == "verify-routing":
            after = [{"prefix": "10.1.0.0/16", "neighbor": "10.1.254.30", "best": True}]
            check = {"check": "site-reach", "address": "10.1.1.4", "expected": "yes", "saw": "yes", "passed": True}
            evidence = {"routes_after": after, "checks": [check]}
        record = StepRecord(
            RUN, step.id, step.name, step.kind, step.target, step.stage, status, started_at=at(begin), ended_at=at(end),
            operations=(f"op-{step.id}",), evidence=evidence, irreversible=step.irreversible,
        )  # fmt: skip
        found.append(replace(record, **changed.get(step.kind.replace("-", "_"), {})))
    return found


def test_the_achieved_rto_runs_from_the_impact_to_the_end_of_the_last_verification(runbook: Runbook) -> None:
    """Impact at 02:00:00, verified at 02:08:30: 510 seconds, of which the phases account for every one."""
    report = build_report(runbook, records(runbook), report_call())
    assert report["achieved_rto_seconds"] == 510
    split = {one["phase"]: one["seconds"] for one in report["phases"]}
    assert split == {"decide": 90, "disconnect": 60, "fail_over": 270, "connect": 50, "verify": 40}
    assert report["objectives_met"] == {"rto": True, "rpo": True}


def test_without_a_verified_route_there_is_no_rto(runbook: Runbook) -> None:
    """An unverified run reports none, and says so."""
    made = records(runbook, verify_routing={"status": "failed"})
    report = build_report(runbook, made, report_call(outcome="partly_failed"))
    assert report["achieved_rto_seconds"] is None
    assert report["routing"]["verified"] is False
    assert report["objectives_met"]["rto"] is None


def test_the_rpo_of_each_item_is_its_recovery_point_before_the_impact(runbook: Runbook) -> None:
    """Four minutes before the impact is an RPO of 240 s; an item without a point has none."""
    report = build_report(runbook, records(runbook), report_call())
    assert {one["seconds"] for one in report["rpo"]} == {240}
    report = build_report(runbook, records(runbook, failover_item={"evidence": {}}), report_call())
    assert {one["seconds"] for one in report["rpo"]} == {None}
    assert report["objectives_met"]["rpo"] is None


def test_an_impact_after_the_start_does_not_shorten_the_rto(runbook: Runbook) -> None:
    """An incident whose times are wrong is measured from the run's start."""
    call = report_call(request=request(impact_started_at="2027-01-01T00:00:00Z"))
    assert build_report(runbook, records(runbook), call)["achieved_rto_seconds"] == 450


def test_steps_without_a_record_are_reported_as_not_run(runbook: Runbook) -> None:
    """A run that stopped early names what it never did."""
    made = [one for one in records(runbook) if one.stage in ("ready", "disconnect")]
    report = build_report(runbook, made, report_call(outcome="aborted"))
    left = {one["kind"] for one in report["steps"] if one["status"] == "not-run"}
    assert {"failover-item", "connect-connection", "verify-routing"} <= left


def test_a_refused_run_has_a_report_too() -> None:
    """Refused before it had a runbook: no steps, no RTO, the reason and the winner."""
    call = report_call(outcome="refused", reason="held", decided_at=None, winner="other-run", approved_by=None)
    report = build_report(None, [], call)
    assert (report["outcome"], report["winner"], report["steps"]) == ("refused", "other-run", [])
    assert "held" in render(report)


@given(
    seconds=st.lists(st.floats(0, 900, allow_nan=False), min_size=10, max_size=10),
    statuses=st.lists(st.sampled_from(["succeeded", "failed", "skipped", "aborted"]), min_size=10, max_size=10),
)
def test_phases_never_overlap_and_add_up(seconds: list[float], statuses: list[str], runbook: Runbook) -> None:
    """Whatever order steps ended in, no phase is negative and the sum is the whole."""
    made = [
        replace(one, ended_at=at(90 + seconds[n % 10]), status=statuses[n % 10])
        for n, one in enumerate(records(runbook))
    ]
    report = build_report(runbook, made, report_call())
    lengths = [one["seconds"] for one in report["phases"]]
    assert min(lengths) >= 0
    if report["achieved_rto_seconds"] is not None:
        assert sum(lengths) == pytest.approx(report["achieved_rto_seconds"], abs=0.01)


class Page(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@settings(max_examples=25)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_nothing_that_others_wrote_becomes_markup(text: str, runbook: Runbook) -> None:
    """Names, reasons and routes are escaped; the page runs and loads nothing."""
    evil = f"<script>alert('{text}')</script>\"><img src=x onerror=y>"
    made = records(runbook, failover_item={"name": evil, "reason": evil, "operations": (evil,)})
    decision = {"by": evil, "decision": "approve", "reason": evil, "at": at(90)}
    odd = Page()
    odd.feed(render(build_report(runbook, made, report_call(decisions=(decision,)))))
    assert {"script", "img", "iframe", "link"}.isdisjoint(odd.tags)
    assert not [name for name, _ in odd.attributes if name.startswith("on") or name in ("src", "href")]


def test_the_page_says_the_outcome_first(runbook: Runbook) -> None:
    """The first heading is the outcome, and the page is self-contained."""
    page = render(build_report(runbook, records(runbook), report_call()))
    assert re.search(r"<h1[^>]*>Completed</h1>", page)
    assert "8 min 30 s" in page
    assert "http" not in page.replace("http-equiv", "")


def test_records_and_report_are_kept_as_documents(
    runbook: Runbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """record_step and write_report through their doors, on a folder."""
    from azure_clients import plan_library
    from azure_clients.documents import documents

    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", str(tmp_path))
    plan_library.keep_runbook(documents(), runbook)
    for record in records(runbook):
        ACTIVITIES[names.RECORD_STEP](to_wire(record))
    answer = ACTIVITIES[names.WRITE_REPORT](to_wire(report_call(runbook.hash)))
    assert answer == {
        "path": str(tmp_path / f"runs/{RUN}/report.json"), "outcome": "completed", "achieved_rto_seconds": 510.0
    }  # fmt: skip
    report = json.loads((tmp_path / f"runs/{RUN}/report.json").read_text())
    assert {"outcome", "plan", "mode", "achieved_rto_seconds", "steps", "routing"} <= set(report)
    assert len(report["operations"]) == len(runbook.steps)
    assert (tmp_path / f"runs/{RUN}/report.html").read_text().startswith("<!doctype html>")


def test_a_notice_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An activity that runs twice tells people once."""
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", str(tmp_path))
    for _ in range(2):
        assert ACTIVITIES[names.NOTIFY]({"run": RUN, "kind": "question", "text": "approve?"}) == {}
    assert len(list((tmp_path / "notices" / RUN).iterdir())) == 1


def test_a_check_shows_what_it_saw_before_and_after(runbook: Runbook) -> None:
    """Observed before the first change, judged after the last."""
    check = {"check": "site-reach", "address": "10.1.1.4", "port": 443, "expected": "10.1.1.4:443 reachable"}
    report = build_report(runbook, records(runbook), report_call())
    report["routing"]["checks"] = [{**check, "saw": "reachable through 10.1.254.30", "passed": True}]
    report["routing"]["checks_before"] = [{**check, "saw": "reachable through 10.1.255.30", "passed": True}]
    page = render(report)
    assert "reachable through 10.1.255.30" in page
    assert page.index("reachable through 10.1.255.30") < page.index("reachable through 10.1.254.30")
