"""The report as a person reads it: words, bars and tables. Here numbers are made readable; the page lays them out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.report import moment

Report = dict[str, Any]

PHASE_WORDS = {
    "decide": "Decide",
    "disconnect": "Disconnect the old way",
    "fail_over": "Fail over the machines",
    "connect": "Connect the new way",
    "verify": "Verify routing",
}
STATUS_WORDS = {
    "succeeded": "done",
    "unconfirmed": "not confirmed by Azure",
    "failed": "failed",
    "tolerated": "failed, tolerated",
    "skipped": "skipped by a person",
    "not-needed": "not needed",
    "aborted": "aborted",
    "not-run": "not run",
}
HEADLINES = {
    "completed": "Completed",
    "completed_with_skips": "Completed, with skips",
    "partly_failed": "Partly failed",
    "aborted": "Aborted",
    "refused": "Refused",
}
GOOD = ("completed",)
DOUBTFUL = ("completed_with_skips", "aborted", "refused")
OPERATIONS_SHOWN = 4
NOTHING = "\N{EN DASH}"


def page_of(report: Report) -> Report:
    """What the template needs beside the report itself: every text ready to be shown."""
    outcome = report["outcome"]
    span = _span(report)
    return {
        "headline": HEADLINES.get(outcome, outcome.replace("_", " ").capitalize()),
        "tone": "good" if outcome in GOOD else "doubtful" if outcome in DOUBTFUL else "bad",
        "facts": _facts(report),
        "phases": _phases(report),
        "bars": [_bar(step, span) for step in report["steps"] if "seconds" in step],
        "ticks": _ticks(span),
        "rows": [_row(step) for step in report["steps"]],
        "rpo": [_rpo(one) for one in report["rpo"]],
        "decisions": [_decision(one) for one in report["decisions"]],
        "checks": _checks(report["routing"]),
        "hashes": {name: text[:16] for name, text in report["hashes"].items() if text},
    }


def seconds_in_words(seconds: float | None) -> str:
    """``4 min 12 s``, ``1 h 03 min``, ``0.4 s``."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def time_in_words(text: str | None, *, date: bool = True) -> str:
    """``14 Mar 2026 02:01:30 UTC``; a dash for no time."""
    found = moment(text)
    if found is None:
        return NOTHING
    return f"{found:%d %b %Y %H:%M:%S} UTC" if date else f"{found:%H:%M:%S}"


def _facts(report: Report) -> list[tuple[str, str, str]]:
    """(label, value, remark) of the numbers that matter most."""
    wanted, met = report["objectives"], report["objectives_met"]
    worst = max((one["seconds"] for one in report["rpo"] if one["seconds"] is not None), default=None)
    return [
        (
            "Out of reach for",
            seconds_in_words(report["achieved_rto_seconds"]),
            _against(wanted["rto_seconds"], met["rto"]),
        ),
        ("Data lost, at most", seconds_in_words(worst), _against(wanted["rpo_seconds"], met["rpo"])),
        (
            "Two ways home for",
            seconds_in_words(report["split_seconds"]),
            "seconds of split routes, as the site saw them",
        ),
        (
            "Routing",
            "verified" if report["routing"]["verified"] else "not verified",
            f"{len(report['routing']['checks'])} checks",
        ),
        *_fleet(report.get("edge")),
    ]


def _fleet(edge: Report | None) -> list[tuple[str, str, str]]:
    if edge is None:
        return []
    outside = edge["outside_tunnel"]
    since = f"from {time_in_words(outside['from'])} to {time_in_words(outside['to'])}"
    back = f"{outside['devices_back']} of {outside['devices']} devices are back"
    return [("Outside the tunnel", seconds_in_words(outside["seconds"]), f"{since}; {back}")]


def _against(wanted: float | None, met: bool | None) -> str:
    if not wanted:
        return "no objective was set"
    said = {True: "met", False: "missed", None: "cannot be said"}[met]
    return f"objective {seconds_in_words(wanted)}: {said}"


def _phases(report: Report) -> list[Report]:
    whole = sum(one["seconds"] for one in report["phases"]) or 1.0
    return [
        {
            "name": PHASE_WORDS[one["phase"]],
            "key": one["phase"],
            "seconds": seconds_in_words(one["seconds"]),
            "share": round(100 * one["seconds"] / whole, 2),
        }
        for one in report["phases"]
    ]


def _span(report: Report) -> tuple[float, float]:
    """(first begin, length) in seconds over all steps; the length is never zero."""
    timed = [one for one in report["steps"] if "seconds" in one]
    first = min((one["begins_after_seconds"] for one in timed), default=0.0)
    last = max((one["begins_after_seconds"] + one["seconds"] for one in timed), default=1.0)
    return first, max(last - first, 1.0)


def _bar(step: Report, span: tuple[float, float]) -> Report:
    first, length = span
    left = 100 * (step["begins_after_seconds"] - first) / length
    return {
        "name": step["name"],
        "left": round(left, 3),
        "width": round(max(100 * step["seconds"] / length, 0.25), 3),
        "status": step["status"],
        "said": f"{STATUS_WORDS.get(step['status'], step['status'])}, {seconds_in_words(step['seconds'])}",
        "irreversible": bool(step.get("irreversible")),
    }


def _ticks(span: tuple[float, float]) -> list[Report]:
    """Five round moments along the axis."""
    first, length = span
    raw = length / 5
    step = next((one for one in (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200) if one >= raw), 14400)
    moments = [n * step for n in range(int(length // step) + 1) if n * step <= 0.93 * length]
    return [
        {"left": round(100 * one / length, 3), "text": f"{timedelta(seconds=round(first + one))}"} for one in moments
    ]


def _row(step: Report) -> Report:
    operations = step.get("operations") or []
    more = f" and {len(operations) - OPERATIONS_SHOWN} more" if len(operations) > OPERATIONS_SHOWN else ""
    return {
        "name": step["name"],
        "status": step["status"],
        "said": STATUS_WORDS.get(step["status"], step["status"]),
        "reason": step.get("reason") or "",
        "began": time_in_words(step.get("started_at"), date=False),
        "took": seconds_in_words(step.get("seconds")),
        "tries": step.get("retries", 0) + 1 if "seconds" in step else 0,
        "polls": step.get("polls", 0),
        "operations": ", ".join(operations[:OPERATIONS_SHOWN]) + more,
    }


def _rpo(one: Report) -> Report:
    return {
        "item": one["item"],
        "point": time_in_words(one["recovery_point_time"]),
        "kind": one["kind"] or "",
        "seconds": seconds_in_words(one["seconds"]),
        "note": one["note"] or "",
    }


def _decision(one: Report) -> Report:
    what = str(one.get("decision") or one.get("answer") or one.get("kind") or "").replace("-", " ")
    return {
        "at": time_in_words(one.get("at")),
        "about": str(one.get("about") or ""),
        "what": what or "decided",
        "by": str(one.get("by") or "nobody"),
        "reason": str(one.get("reason") or ""),
    }


def _checks(routing: Report) -> list[Report]:
    """Each check with what it saw before anything was changed, where that was kept."""
    before = {
        (one["check"], one["about"], one["expected"]): one for one in map(_check, routing.get("checks_before", ()))
    }
    found = [_check(one) for one in routing["checks"]]
    for one in found:
        earlier = before.get((one["check"], one["about"], one["expected"]))
        one["before"] = earlier["saw"] if earlier else NOTHING
    return found


def _check(one: Report) -> Report:
    about = (
        one.get("connection")
        or one.get("peering")
        or one.get("interface")
        or one.get("machine")
        or one.get("gateway")
        or one.get("name")
        or ", ".join(one.get("neighbors") or ())
        or one.get("address")
        or one.get("site")
        or ""
    )
    passed = {True: "passed", False: "failed", None: "does not tell"}[one.get("passed")]
    return {
        "check": str(one["check"]).replace("-", " "),
        "about": str(about),
        "expected": one["expected"],
        "saw": one["saw"],
        "passed": passed,
    }
