"""What a fleet's report says: from when to when each device's traffic was outside the tunnel.

It began when the services or the region failed (the incident's time, else the run's start) and ended, for a device,
when a person had changed it and its tunnel was seen from Azure. Between its change and that look it is counted as
outside: nobody had seen it yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.calls import StepRecord

SUCCEEDED = "succeeded"

FLEET_WORDS = {
    "completed": "Every device's traffic to the services goes through its tunnel again.",
    "completed_with_skips": "The fleet was changed, but steps were skipped, or failed and were tolerated.",
    "partly_failed": "Some devices' traffic is still outside the tunnel.",
    "aborted": "The run was stopped, and what it had changed was taken back as far as the report says.",
    "refused": "The run did not begin, and nothing was changed.",
}


def edge_section(facts: dict[str, Any] | None, records: Iterable[StepRecord], began: datetime) -> dict[str, Any] | None:
    """None for a plan without a fleet. ``facts`` are the runbook's; times are ISO 8601, None while it goes on."""
    edge = (facts or {}).get("edge")
    if not edge:
        return None
    by_step = {record.step: record for record in records}
    devices = []
    for name, step in edge["devices"].items():
        record = by_step.get(step)
        seen = record is not None and record.status == SUCCEEDED
        until = record.ended_at if record is not None and seen else None
        seconds = round((datetime.fromisoformat(until) - began).total_seconds(), 3) if until else None
        devices.append({"device": name, "from": began.isoformat(), "to": until, "seconds": seconds,
                        "status": record.status if record else "not-run"})  # fmt: skip
    back = [one["to"] for one in devices if one["to"]]
    whole = len(back) == len(devices)
    return {
        **{name: value for name, value in edge.items() if name != "devices"},
        "outside_tunnel": {
            "from": began.isoformat(),
            "to": max(back) if back and whole else None,
            "seconds": max((one["seconds"] for one in devices), default=None) if whole else None,
            "devices_back": len(back),
            "devices": len(devices),
        },
        "devices": devices,
    }
