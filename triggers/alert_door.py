"""The door for Service Health alerts: 202 only once the incident's state has durably taken the message.

Azure repeats an alert after 503 and never after 500, and every subscription of an owner sends its own copy, so the
order matters: the incident's entity is told first (it deduplicates), then its orchestration is made sure of. A crash
between the two ends in a 503 or a dropped connection, and the repeated alert does the rest.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import azure.functions as func

import clock
from domain import names
from domain.alerts import Alert, NotAnAlert, is_update, read_alert, why_ignored
from triggers.bodies import ALERT_LIMIT, read_json
from triggers.door import Visit
from triggers.durable import LOOK_AGAIN_SECONDS
from triggers.problems import FieldError, Problem, json_response

ANSWER_WITHIN_SECONDS = 8.0
"""Azure gives up after about ten seconds; a 503 before that makes it try again."""


async def receive_alert(visit: Visit) -> func.HttpResponse:
    """Take one alert in. Answers 202 (accepted, an update, or ignored), 400, 413 or 503."""
    alert = _read(read_json(visit.req, ALERT_LIMIT))
    now = clock.from_environment().now()
    why = why_ignored(alert, now)
    if why and not is_update(alert, now):
        return json_response({"ignored": why, **_told(alert)}, 202)
    try:
        await asyncio.wait_for(_accept(visit, alert, not why, now), ANSWER_WITHIN_SECONDS)
    except TimeoutError:
        raise Problem("unavailable", "the durable backend did not take the alert in time; send it again") from None
    return json_response({"update": why, **_told(alert)} if why else {"accepted": True, **_told(alert)}, 202)


def _read(body: Any) -> Alert:
    try:
        return read_alert(body)
    except NotAnAlert as wrong:
        errors = [FieldError(*_split(reason)) for reason in wrong.reasons]
        raise Problem("not-an-alert", str(wrong), errors) from None


def _split(reason: str) -> tuple[str, str]:
    field, colon, detail = reason.partition(": ")
    return (field, detail) if colon else ("", reason)


def _told(alert: Alert) -> dict[str, Any]:
    """What the answer says of the alert, so that a person who tries it out sees how it was understood."""
    told: dict[str, Any] = {}
    if alert.tracking_id:
        told["incident"] = alert.tracking_id
        told["instance"] = names.incident_instance(alert.tracking_id)
    if alert.scope:
        told["scope"] = {region: list(services) for region, services in alert.scope.items()}
    if alert.unknown_regions:
        told["unknownRegions"] = list(alert.unknown_regions)
    return told


async def _accept(visit: Visit, alert: Alert, active: bool, now: datetime) -> None:
    key = alert.tracking_id.lower()
    message = _message(alert, active, now)
    await visit.durable.signal(names.INCIDENT_ENTITY, key, "receive", message)
    if not active:
        return
    state, _ = await visit.durable.entity_when(
        names.INCIDENT_ENTITY, key, lambda state: message["key"] in state.get("messages", ())
    )
    await _ensure_incident(visit, alert.tracking_id, ending=bool(state.get("closed")))


def _message(alert: Alert, active: bool, now: datetime) -> dict[str, Any]:
    return {
        "key": alert.delivery_key,
        "active": active,
        "scope": {region: list(services) for region, services in alert.scope.items()} if active else {},
        "impact_started_at": alert.impact_started_at,
        "title": alert.title,
        "at": alert.event_at or now.isoformat(),
        "received_at": now.isoformat(),
        "level": alert.level,
        "unknown_regions": list(alert.unknown_regions),
    }


async def _ensure_incident(visit: Visit, tracking_id: str, *, ending: bool) -> None:
    """Start the incident's orchestration unless it runs. Two alerts at once may both try; one of them wins.

    ``ending``: the one that runs had closed the incident before this message, and will not look again.
    """
    instance_id = names.incident_instance(tracking_id)
    instance = await visit.durable.instance(instance_id)
    while ending and instance is not None and not instance.has_ended:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        instance = await visit.durable.instance(instance_id)
    if instance is not None and not instance.has_ended:
        return
    try:
        await visit.durable.start(names.INCIDENT, instance_id, {"tracking_id": tracking_id})
    except Problem:
        instance = await visit.durable.instance(instance_id)
        if instance is None or instance.has_ended:
            raise
