"""When a plan's next drills are due, in its own zone and in UTC."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from domain.plans.reading import Plan
from domain.schedules import read_schedule

COUNT = 3


def drills_document(plan: Plan, now: datetime) -> dict[str, object] | None:
    """``{"schedule", "timeZone", "next": [{"local", "utc"}]}``, or None where the plan has no schedule."""
    if plan.drills is None:
        return None
    zone = ZoneInfo(plan.drills.time_zone)
    moments = read_schedule(plan.drills.schedule, plan.drills.time_zone).upcoming(now, COUNT)
    return {
        "schedule": plan.drills.schedule,
        "timeZone": plan.drills.time_zone,
        "next": [{"local": one.astimezone(zone).isoformat(), "utc": one.isoformat()} for one in moments],
    }


def drills_text(plan: Plan, now: datetime) -> list[str]:
    """Lines for a person; none where the plan has no schedule."""
    if plan.drills is None:
        return []
    zone = ZoneInfo(plan.drills.time_zone)
    moments = read_schedule(plan.drills.schedule, plan.drills.time_zone).upcoming(now, COUNT)
    return [
        f"next drills ({plan.drills.schedule}, {plan.drills.time_zone}):",
        *(f"  {_said(one.astimezone(zone))}   {_said(one.astimezone(timezone.utc))} UTC" for one in moments),
    ]


def _said(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M:%S}"
