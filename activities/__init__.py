"""Activities by their wire names. Each does one effect or one reading, and returns a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activities.door import begin_step, poll_operation, verify_step
from activities.library import compile_runbook, match_plans, read_lane
from activities.records import notify, record_step, write_report
from domain import names

Activity = Callable[[dict[str, Any]], dict[str, Any]]

ACTIVITIES: dict[str, Activity] = {
    names.COMPILE_RUNBOOK: compile_runbook,
    names.READ_LANE: read_lane,
    names.MATCH_PLANS: match_plans,
    names.BEGIN_STEP: begin_step,
    names.POLL_OPERATION: poll_operation,
    names.VERIFY_STEP: verify_step,
    names.RECORD_STEP: record_step,
    names.WRITE_REPORT: write_report,
    names.NOTIFY: notify,
}
"""Wire name -> bare function of one parameter ``call``, a JSON object, returning another."""
