"""Activities by their wire names. Each does one effect or one reading, and returns a value.

Their modules load when the first of them is called: a cold start indexes the app, and most instances that the platform
starts for an HTTP call never run an activity.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from domain import names

Activity = Callable[[dict[str, Any]], dict[str, Any]]


def _in(module: str, function: str) -> Activity:
    """``activities.{module}.{function}``, imported when it is called."""

    def activity(call: dict[str, Any]) -> dict[str, Any]:
        work: Activity = getattr(import_module(f"activities.{module}"), function)
        return work(call)

    return activity


ACTIVITIES: dict[str, Activity] = {
    names.COMPILE_RUNBOOK: _in("library", "compile_runbook"),
    names.READ_LANE: _in("library", "read_lane"),
    names.MATCH_PLANS: _in("library", "match_plans"),
    names.BEGIN_STEP: _in("door", "begin_step"),
    names.POLL_OPERATION: _in("door", "poll_operation"),
    names.VERIFY_STEP: _in("door", "verify_step"),
    names.RECORD_STEP: _in("records", "record_step"),
    names.WRITE_REPORT: _in("records", "write_report"),
    names.NOTIFY: _in("records", "notify"),
}
"""Wire name -> function of one parameter ``call``, a JSON object, returning another."""
