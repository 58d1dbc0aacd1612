"""What Azure's Service Health alerts say, and which of them may start anything.

Two envelopes carry the same event: the common alert schema and the legacy activity-log schema (sources: Alerts).
Neither is strictly kept to: numbers stand for words, lists come as JSON text, flags change their case. Reading is
therefore lenient in form and closed in doubt: what cannot be read never fires. ``monitorCondition``, ``region``,
``service`` and ``level`` do not follow the incident or its scope and decide nothing (samples 05, 01, 08, 02).

This room does not know which plans exist; it says only what an alert is, what it concerns, and why it is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from domain import alert_scope
from domain.alert_fields import Fields, clean, kind_of, shown

COMMON_SCHEMA = "azureMonitorCommonAlertSchema"
LEGACY_SCHEMA = "Microsoft.Insights/activityLogs"
SERVICE_HEALTH = "ServiceHealth"

OLDEST_IMPACT = timedelta(hours=24)
"""An incident that began longer ago never fires. First notices come up to two hours late and updates that widen an
incident's scope were seen 21 hours after its start, so the bound lies above those; post-incident reviews, which arrive
under the same trackingId looking active, come 72 hours after mitigation at the earliest (sources: Alerts)."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far in the future an impact may begin before its time is not believed."""

WIDEST_SCOPE = 600
"""Pairs of region and service. More is an outage of Azure, not of a region: no place to fail over to is known to be
well, and the record would not fit through a durable history."""

LEVELS = {"1": "Critical", "2": "Error", "3": "Warning", "4": "Informational"}

_TRACKING_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
_CLOSING_TITLE = re.compile(r"^\W*(resolved|rca|pir|mitigated|false positive|post[ -]incident review)\b", re.IGNORECASE)


class NotAnAlert(ValueError):
    """The body is no alert as Azure sends them. ``reasons`` name each field, what was found and what was expected."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Alert:
    """One event of one incident, as one subscription was told of it.

    source           ``ServiceHealth``, or what else sent it (then the rest is empty)
    tracking_id      the incident; upper case as Azure writes it
    event_id         this event (``eventDataId``); ``communication_id`` one communication of the incident
    times            ISO 8601 UTC; ``event_at`` orders the events of one incident
    scope            ARM region name -> display names of the services that suffer there
    worldwide        services that Azure says have no region
    unknown_regions  names that the table of regions does not have
    problems         fields that were there and could not be read: an alert with any never fires
    """

    source: str
    schema: str
    tracking_id: str = ""
    event_id: str = ""
    communication_id: str = ""
    subscription_id: str = ""
    incident_type: str = ""
    operation: str = ""
    stage: str = ""
    status: str = ""
    title: str = ""
    level: str = ""
    event_at: str | None = None
    impact_started_at: str | None = None
    impact_mitigated_at: str | None = None
    synthetic: bool = False
    scope: dict[str, tuple[str, ...]] = field(default_factory=dict)
    worldwide: tuple[str, ...] = ()
    unknown_regions: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def delivery_key(self) -> str:
        """The same for every delivery of one event to one subscription, however often Azure repeats it."""
        event = self.event_id or f"{self.tracking_id}/{self.communication_id or self.event_at}"
        return f"{self.subscription_id}|{event}".lower()


def read_alert(body: Any) -> Alert:
    """Read a decoded JSON body in either schema. Raises NotAnAlert, and nothing else, for what is none."""
    if not isinstance(body, dict):
        raise NotAnAlert([f"expected an alert (a JSON object with schemaId and data), found {kind_of(body)}"])
    schema = _schema_of(body)
    data = body.get("data")
    if not isinstance(data, dict):
        raise NotAnAlert([f"data: expected an object, found {kind_of(data)}"])
    event, path, subscription = _open_common(data) if schema == COMMON_SCHEMA else _open_legacy(data)
    fields = Fields(event, path)
    operation = fields.text("operationName")
    source = _source_of(data, fields, operation, schema)
    if source != SERVICE_HEALTH:
        return Alert(source=source, schema=schema, operation=operation, event_id=fields.text("eventDataId"))
    return _read_event(fields, schema, operation, subscription)


def why_ignored(alert: Alert, now: datetime, *, oldest: timedelta = OLDEST_IMPACT) -> str | None:
    """Every reason why this alert must not start anything, or None when it may (sources: Alerts).

    ``now`` is aware; ``oldest`` bounds the age of the impact.
    """
    if alert.source != SERVICE_HEALTH:
        return f"it comes from {alert.source}, and only Service Health incidents count"
    return "; ".join(_reasons(alert, now, oldest)) or None


def is_update(alert: Alert, now: datetime) -> bool:
    """True when it says that an incident is over or being reviewed: a run that still holds for it must hear that."""
    return _is_incident(alert) and not alert.synthetic and bool(list(_signs_of_end(alert, now)))


def _reasons(alert: Alert, now: datetime, oldest: timedelta) -> Iterator[str]:
    if alert.synthetic:
        yield "it is synthetic: a test of the action group"
    if alert.incident_type != "Incident":
        yield f"its incidentType is {shown(alert.incident_type)}, and only 'Incident' counts"
    if not alert.operation.lower().endswith("incident/action"):
        yield f"its operationName is {shown(alert.operation)}, which does not end in incident/action"
    yield from _signs_of_end(alert, now)
    if alert.stage.lower() not in ("active", "resolved", "rca"):
        yield f"its stage is {shown(alert.stage)}, and only 'Active' counts"
    if alert.status.lower() not in ("active", "resolved"):
        yield f"its status is {shown(alert.status)}, and only 'Active' counts"
    yield from _reasons_of_age(alert, now, oldest)
    yield from (f"it cannot be read safely: {problem}" for problem in alert.problems)
    pairs = sum(len(services) for services in alert.scope.values())
    if pairs > WIDEST_SCOPE:
        yield f"it names {pairs} pairs of region and service: no regional outage is that wide, a person must decide"
    if not pairs and not alert.problems:
        yield "it names no region" + (" but Global" if alert.worldwide else "")


def _signs_of_end(alert: Alert, now: datetime) -> Iterator[str]:
    if alert.stage.lower() in ("resolved", "rca"):
        yield f"its stage is '{alert.stage}'"
    if alert.status.lower() == "resolved":
        yield "its status is 'Resolved'"
    mitigated = read_time(alert.impact_mitigated_at)
    if mitigated is not None and mitigated <= now:
        yield f"its impact was mitigated at {alert.impact_mitigated_at}"
    if _CLOSING_TITLE.match(alert.title):
        yield f"its title is that of an incident that is over: {shown(alert.title)}"


def _reasons_of_age(alert: Alert, now: datetime, oldest: timedelta) -> Iterator[str]:
    started = read_time(alert.impact_started_at)
    if started is None:
        yield "its impactStartTime is missing, so its age is unknown"
    elif now - started > oldest:
        hours = oldest.total_seconds() / 3600
        yield f"its impact began at {alert.impact_started_at}, more than {hours:g} hours ago"
    elif started - now > CLOCK_TOLERANCE:
        yield f"its impact begins in the future, at {alert.impact_started_at}"


def _is_incident(alert: Alert) -> bool:
    named = alert.incident_type == "Incident" and alert.operation.lower().endswith("incident/action")
    return alert.source == SERVICE_HEALTH and named


def _schema_of(body: dict[str, Any]) -> str:
    declared = body.get("schemaId")
    for known in (COMMON_SCHEMA, LEGACY_SCHEMA):
        if isinstance(declared, str) and declared.lower() == known.lower():
            return known
    expected = f"expected '{COMMON_SCHEMA}' or '{LEGACY_SCHEMA}'"
    if "specversion" in body:
        expected += "; this is a CloudEvent, which Service Health does not send"
    elif "alertContext" in body or "essentials" in body:
        expected += "; the envelope {schemaId, data} around it is missing"
    raise NotAnAlert([f"schemaId: {expected}, found {shown(declared)}"])


def _open_common(data: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    context, essentials = data.get("alertContext"), data.get("essentials")
    wrong = [
        f"data.{name}: expected an object, found {kind_of(part)}"
        for name, part in (("essentials", essentials), ("alertContext", context))
        if not isinstance(part, dict)
    ]
    if wrong or not isinstance(context, dict) or not isinstance(essentials, dict):
        raise NotAnAlert(wrong)
    targets = essentials.get("alertTargetIDs")
    ids = [*(targets if isinstance(targets, list) else []), essentials.get("alertId")]
    found = (_subscription_in(one) for one in ids)
    return context, "data.alertContext", next((one for one in found if one), "")


def _open_legacy(data: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    context = data.get("context")
    log = context.get("activityLog") if isinstance(context, dict) else None
    if not isinstance(log, dict):
        raise NotAnAlert([f"data.context.activityLog: expected an object, found {kind_of(log)}"])
    return log, "data.context.activityLog", Fields(log, "").text("subscriptionId", limit=64)


def _subscription_in(resource_id: Any) -> str:
    if not isinstance(resource_id, str):
        return ""
    found = re.match(r"/subscriptions/([^/]{1,64})", resource_id, re.IGNORECASE)
    return clean(found.group(1), 64) if found else ""


def _source_of(data: dict[str, Any], fields: Fields, operation: str, schema: str) -> str:
    if schema == COMMON_SCHEMA:
        name, path = Fields(data["essentials"], "").text("monitoringService"), "data.essentials.monitoringService"
    else:
        name, path = fields.text("eventSource"), f"{fields.path}.eventSource"
    says_so = operation.lower().startswith("microsoft.servicehealth/")
    if says_so or name.replace(" ", "").lower() == SERVICE_HEALTH.lower():
        return SERVICE_HEALTH
    if not name:
        raise NotAnAlert([f"{path}: expected '{SERVICE_HEALTH}', found nothing"])
    return name


def _read_event(fields: Fields, schema: str, operation: str, subscription: str) -> Alert:
    properties = fields.value("properties")
    if not isinstance(properties, dict):
        raise NotAnAlert([f"{fields.path}.properties: expected an object, found {kind_of(properties)}"])
    inner = Fields(properties, f"{fields.path}.properties")
    tracking_id = inner.text("trackingId")
    if not _TRACKING_ID.match(tracking_id):
        expected = "expected 1 to 64 letters, digits, '-' or '_'"
        raise NotAnAlert([f"{inner.path}.trackingId: {expected}, found {shown(inner.value('trackingId'))}"])
    scope = alert_scope.read_scope(inner.value("impactedServices"), f"{inner.path}.impactedServices")
    if scope.unknown and not scope.regions and not scope.worldwide:
        raise NotAnAlert(scope.unknown_reasons())
    level = fields.text("level", limit=20)
    return Alert(
        source=SERVICE_HEALTH,
        schema=schema,
        tracking_id=tracking_id.upper(),
        event_id=fields.text("eventDataId", limit=80),
        communication_id=inner.text("communicationId", limit=80),
        subscription_id=subscription.lower(),
        incident_type=inner.text("incidentType", limit=40),
        operation=operation,
        stage=inner.text("stage", limit=40),
        status=fields.text("status", limit=40),
        title=inner.text("title"),
        level=LEVELS.get(level, level),
        event_at=_iso(fields.time("eventTimestamp")),
        impact_started_at=_iso(inner.time("impactStartTime")),
        impact_mitigated_at=_iso(inner.time("impactMitigationTime")),
        synthetic=inner.flag("isSynthetic") or fields.flag("isSynthetic"),
        scope=scope.regions,
        worldwide=scope.worldwide,
        unknown_regions=scope.unknown,
        problems=(*fields.problems, *inner.problems, *scope.problems),
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def read_time(text: str | None) -> datetime | None:
    """A time that an Alert holds; None when it holds none."""
    return None if text is None else datetime.fromisoformat(text).astimezone(timezone.utc)
