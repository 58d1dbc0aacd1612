"""What a run leaves behind: a record of each step, the report as JSON and as a page, and notices to people."""

from __future__ import annotations

import functools
import json
import logging
from pathlib import Path
from typing import Any

from azure_clients.documents import Documents, documents
from azure_clients.errors import CallFailed
from azure_clients.scrubbing import SCRUBBER
from domain.calls import Notice, ReportCall, ReportSummary, StepRecord
from domain.codec import canonical, content_hash, from_wire, to_wire

Wire = dict[str, Any]

logger = logging.getLogger("bridgehead.activities")

TEMPLATES = Path(__file__).with_name("templates")


def record_step(call: Wire) -> Wire:
    """StepRecord -> {}. Kept as ``runs/{run}/steps/{step}.json``; the same however often it is kept."""
    record = from_wire(StepRecord, call)
    document = SCRUBBER.scrub_value(to_wire(record))
    documents().write(f"runs/{record.run}/steps/{record.step}.json", canonical(document).encode())
    return {}


def write_report(call: Wire) -> Wire:
    """ReportCall -> ReportSummary. Writes ``report.json`` and ``report.html`` from the records of all steps."""
    from azure_clients import run_index
    from domain.report import build_report

    asked, store = from_wire(ReportCall, call), documents()
    report = SCRUBBER.scrub_value(build_report(_runbook(store, asked.runbook_hash), _records(store, asked.run), asked))
    name = f"runs/{asked.run}/report"
    store.write(f"{name}.html", render(report).encode(), content_type="text/html; charset=utf-8")
    store.write(f"{name}.json", json.dumps(report, indent=2, ensure_ascii=False).encode())
    run_index.enter(store, asked.run, _recorded_at(store, asked.run) or asked.started_at)
    logger.info("run %s ended %s", asked.run, asked.outcome)
    summary = ReportSummary(store.location(f"{name}.json"), asked.outcome, report.get("achieved_rto_seconds"))
    wire: Wire = to_wire(summary)
    return wire


def notify(call: Wire) -> Wire:
    """Notice -> {}. Kept as a document under ``notices/{run}/``, once, and said in the log."""
    notice = from_wire(Notice, call)
    text = SCRUBBER.scrub(notice.text)
    name = f"notices/{notice.run}/{notice.kind}-{content_hash(to_wire(notice))[:12]}.json"
    documents().create(name, canonical({**to_wire(notice), "text": text}).encode())
    logger.warning("%s for run %s: %s", notice.kind, notice.run, text)
    return {}


def render(report: dict[str, Any]) -> str:
    """The report as one HTML page: no script, nothing loaded from elsewhere, everything escaped."""
    from activities.report_page import page_of

    page: str = _template().render(page=page_of(report), report=report)
    return page


@functools.cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    strict: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, **strict)
    return environment.get_template("report.html.j2")


def _recorded_at(store: Documents, run: str) -> str | None:
    """When a door recorded the run; None for one that an incident started."""
    found = store.read(f"runs/{run}/request.json")
    recorded: str | None = json.loads(found[0]).get("recorded_at") if found else None
    return recorded


def _runbook(store: Documents, runbook_hash: str) -> Any:
    """The run's runbook; None for a run that was refused before it had one."""
    from azure_clients import plan_library

    if not runbook_hash:
        return None
    try:
        return plan_library.read_runbook(store, runbook_hash)
    except CallFailed as failure:
        if failure.retries:
            raise
        return None


def _records(store: Documents, run: str) -> list[StepRecord]:
    found = [store.read(name) for name in store.list(f"runs/{run}/steps/")]
    return [from_wire(StepRecord, json.loads(one[0])) for one in found if one]
