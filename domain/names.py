"""Wire names: what durable backends and documents call things. They outlive code: never rename, only add."""

from __future__ import annotations

import hashlib
from typing import Literal

# Orchestrators
INCIDENT = "incident"
FAILOVER = "failover"
LANE = "lane"
STEP = "step"

# Entities, and the one key of those that are single
INCIDENT_ENTITY = "incident_state"
CONTROL_ENTITY = "control"
CLAIMS_ENTITY = "claims"
ALL_CLAIMS = "all"
AUTOMATION_SWITCH = "automation"

# Activities
COMPILE_RUNBOOK = "compile_runbook"
READ_LANE = "read_lane"
MATCH_PLANS = "match_plans"
READ_RUN_STATUS = "read_run_status"
START_RUN = "start_run"
BEGIN_STEP = "begin_step"
POLL_OPERATION = "poll_operation"
VERIFY_STEP = "verify_step"
RECORD_STEP = "record_step"
WRITE_REPORT = "write_report"
NOTIFY = "notify"

# Modes: what a plan can be compiled for
Mode = Literal["failover", "planned", "drill", "failback", "wait"]
MODES: tuple[Mode, ...] = ("failover", "planned", "drill", "failback", "wait")

# Tags on what a run creates
RUN_TAG = "bridgehead-run"
STEP_TAG = "bridgehead-step"


def step_instance(run: str, step_id: str) -> str:
    """The orchestration id of a step of a run (rule 10)."""
    return f"{run}-{step_id}"


def lane_instance(run: str, lane_id: str) -> str:
    return f"{run}-lane-{lane_id}"


def incident_instance(tracking_id: str) -> str:
    return f"incident-{tracking_id.lower()}"


def run_for_incident(plan: str, tracking_id: str) -> str:
    """The run that an incident starts for a plan: always the same one, so that a repeated alert finds it."""
    return f"{plan}-{_hex(tracking_id.lower() + '|' + plan)}"


def run_for_key(plan: str, idempotency_key: str) -> str:
    """The run that a client's idempotency key stands for."""
    return f"{plan}-{_hex('key|' + idempotency_key + '|' + plan)}"


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
