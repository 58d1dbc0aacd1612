"""Site Recovery through its SDK: items, recovery points, recovery plans, and the jobs by which everything is watched.

Recorded (sources: Long operations): every write answers 202 with an empty body; the job's name is the last segment of
Azure-AsyncOperation. Jobs show up late, lists are thin, unfinished times are of the year 1 and naive, and an operation
that succeeded may carry an error that is only a warning. What a POST has begun is watched by its job, never by the
SDK's poller, which would ask for an answer that nobody has recorded.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from azure_clients.answers import Answer, call, request
from azure_clients.errors import CallFailed, Missing
from azure_clients.factory import Clients
from azure_clients.long_running import Polled, poll
from domain import arm_ids
from domain.outcomes import Operation

Document = dict[str, Any]

CLOCK_SKEW = timedelta(seconds=60)
"""Azure's clock and ours may differ by so much when a job is looked for by its start."""
JOB_PAGES = 20
ITEM_PAGES = 50

_ENDED = {
    "succeeded": "succeeded",
    "completedwithinformation": "succeeded",
    "partiallysucceeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


def read_item(clients: Clients, item_id: str) -> Document | None:
    """A protected item; None when there is none. Raises CallFailed."""
    return _get(clients, "replication_protected_items", item_id)


def read_plan(clients: Clients, plan_id: str) -> Document | None:
    """A recovery plan, with its groups (a list of plans would have none)."""
    return _get(clients, "replication_recovery_plans", plan_id)


def read_job(clients: Clients, job_id: str) -> Document | None:
    """A job with its tasks and errors; None when it does not show (yet)."""
    return _get(clients, "replication_jobs", job_id)


def _get(clients: Clients, group: str, resource_id: str) -> Document | None:
    at = arm_ids.parse(resource_id)
    operations = getattr(clients.site_recovery(at.subscription), group)
    try:
        return call(f"reading {at.name}", operations.get, at.resource_group, *at.names).document
    except Missing:
        return None


def items_of(clients: Clients, container_id: str) -> list[Document]:
    """The protected items of a container, page by page. Raises CallFailed."""
    url = f"{clients.settings.arm_endpoint}{container_id}/replicationProtectedItems"
    url += f"?api-version={api_version(clients, container_id)}"
    return _pages(clients, container_id, url, f"listing the items of {arm_ids.name_of(container_id)}", ITEM_PAGES)


def recovery_points(clients: Clients, item_id: str) -> list[Document]:
    """The recovery points of an item, newest first. Raises CallFailed."""
    url = f"{clients.settings.arm_endpoint}{item_id}/recoveryPoints?api-version={api_version(clients, item_id)}"
    found = _pages(clients, item_id, url, f"reading the recovery points of {arm_ids.name_of(item_id)}", 5)
    return sorted(
        found, key=lambda one: str((one.get("properties") or {}).get("recoveryPointTime") or ""), reverse=True
    )


def begin_unplanned_failover(clients: Clients, item_id: str, recovery_point_id: str | None) -> Answer:
    """POST unplannedFailover of one item. NOT idempotent: send it only under an intent. Raises CallFailed.

    The source is asked to shut down; the failover goes on when it does not answer (Azure docs: site-recovery-failover).
    """
    at = arm_ids.parse(item_id)
    details: Document = {"instanceType": "A2A"}
    if recovery_point_id:
        details["recoveryPointId"] = recovery_point_id
    body = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required",
            "providerSpecificDetails": details,
        }
    }
    items = clients.site_recovery(at.subscription).replication_protected_items
    return call(f"failing over {at.name}", items.begin_unplanned_failover, at.resource_group, *at.names, body)


def begin_update_item(clients: Clients, item_id: str, properties: Document) -> Answer:
    """PATCH an item's settings: what is given replaces what is there. Running it again is harmless."""
    at = arm_ids.parse(item_id)
    items = clients.site_recovery(at.subscription).replication_protected_items
    content = json.dumps({"properties": properties}).encode()
    return call(f"updating {at.name}", items.begin_update, at.resource_group, *at.names, content)


def begin_plan_failover(clients: Clients, plan_id: str, recovery_point: str) -> Answer:
    """POST unplannedFailover of a whole recovery plan. NOT idempotent: send it only under an intent."""
    at = arm_ids.parse(plan_id)
    body = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required",
            "providerSpecificDetails": [{"instanceType": "A2A", "recoveryPointType": recovery_point}],
        }
    }
    plans = clients.site_recovery(at.subscription).replication_recovery_plans
    return call(f"failing over plan {at.name}", plans.begin_unplanned_failover, at.resource_group, *at.names, body)


def accepted(answer: Answer, resource_id: str, now: str, attempt: int) -> Operation:
    """What a 202 has begun: the job is the last segment of Azure-AsyncOperation."""
    status_url = answer.headers.get("azure-asyncoperation") or answer.headers.get("location") or ""
    job = urlsplit(status_url).path.rstrip("/").rsplit("/", 1)[-1]
    return Operation(
        "site-recovery-job",
        resource_id,
        poll_url=answer.headers.get("azure-asyncoperation"),
        job=job_id(resource_id, job) if job else None,
        started_at=now,
        attempt=attempt,
    )


def job_id(resource_id: str, name: str) -> str:
    """The full id of a job of the vault that holds ``resource_id``."""
    return f"{vault_of(resource_id)}/replicationJobs/{name}"


def vault_of(resource_id: str) -> str:
    """The id of the vault that a Site Recovery resource lives in."""
    return "/".join(resource_id.split("/")[:9])


def jobs_since(clients: Clients, resource_id: str, since: datetime) -> list[Document]:
    """Jobs of the vault that began after ``since`` less the clock skew, newest first, thin as lists are."""
    version = api_version(clients, resource_id)
    url = f"{clients.settings.arm_endpoint}{vault_of(resource_id)}/replicationJobs?api-version={version}"
    found = _pages(clients, resource_id, url, "listing the vault's jobs", JOB_PAGES)
    earliest = since - CLOCK_SKEW
    recent = [
        (began, job) for job in found if (began := moment(_properties(job).get("startTime"))) and began >= earliest
    ]
    return [job for _, job in sorted(recent, key=lambda pair: pair[0], reverse=True)]


def _pages(clients: Clients, resource_id: str, url: str, doing: str, limit: int) -> list[Document]:
    client = clients.site_recovery(arm_ids.parse(resource_id).subscription)
    found: list[Document] = []
    for _ in range(limit):
        body = request(doing, client, "GET", url).document
        found += [one for one in body.get("value") or () if isinstance(one, dict)]
        url = str(body.get("nextLink") or "")
        if not url.startswith(f"{clients.settings.arm_endpoint}/"):
            break
    return found


def api_version(clients: Clients, resource_id: str) -> str:
    """The version that the SDK's own operations send."""
    client: Any = clients.site_recovery(arm_ids.parse(resource_id).subscription)
    return str(client._config.api_version or "2025-08-01")


@dataclass(frozen=True)
class JobState:
    """A job at this moment. ``state``: running, succeeded, failed or cancelled."""

    state: str
    said: str
    code: str = ""
    message: str = ""
    began: str = ""
    ended: str = ""


def job_state(job: Document) -> JobState:
    """Read a job. States that nobody has listed are not the end (sources: Site Recovery)."""
    details = _properties(job)
    said = str(details.get("state") or "")
    state = _ENDED.get(said.lower(), "running")
    code, message = _first_error(details) if state == "failed" else ("", "")
    description = str(details.get("stateDescription") or said)
    return JobState(
        state, description, code, message, str(details.get("startTime") or ""), str(details.get("endTime") or "")
    )


def _first_error(details: Document) -> tuple[str, str]:
    for error in details.get("errors") or ():
        for name in ("serviceErrorDetails", "providerErrorDetails"):
            found = error.get(name) if isinstance(error, dict) else None
            if isinstance(found, dict) and (found.get("code") or found.get("errorCode")):
                return str(found.get("code") or found.get("errorCode")), str(
                    found.get("message") or found.get("errorMessage") or ""
                )
    return "", ""


def poll_job(clients: Clients, operation: Operation) -> Polled:
    """Look once at the job that an operation names; while it does not show, at its operation status."""
    doing = f"the failover of {arm_ids.name_of(operation.resource_id)}"
    if operation.job:
        try:
            job = read_job(clients, operation.job)
        except CallFailed as failure:
            return Polled("running", f"the poll failed, which says nothing of the job: {failure.reason}",
                          code=failure.code, poll_after=failure.retry_after)  # fmt: skip
        if job is not None:
            return _polled(job_state(job), doing)
    if not operation.poll_url:
        return Polled("running", f"{doing}: its job does not show yet", code="JobNotVisible")
    client = clients.site_recovery(arm_ids.parse(operation.resource_id).subscription)
    polled = poll(client, clients.settings.arm_endpoint, operation, doing)
    if polled.state == "gone":
        return Polled("running", f"{doing}: neither its job nor its operation shows yet", code="JobNotVisible")
    return polled


def _polled(state: JobState, doing: str) -> Polled:
    if state.state == "running":
        return Polled("running", f"{doing}: {state.said}", result={"job_state": state.said})
    if state.state == "succeeded":
        return Polled("succeeded", result={"began": state.began, "ended": state.ended})
    if state.state == "cancelled":
        return Polled("failed", f"{doing}: the job was cancelled", code="JobCancelled")
    return Polled(
        "failed",
        f"{doing}: {state.message or state.said} ({state.code or 'JobFailed'})",
        code=state.code or "JobFailed",
    )


def moment(text: Any) -> datetime | None:
    """A time of Site Recovery's: seven digits of a second, with or without Z; None for the year 1 and for 1753."""
    if not isinstance(text, str) or not text:
        return None
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())
    try:
        found = datetime.fromisoformat(cut.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone.utc)
    return found if found.year > 1900 else None


def _properties(document: Document) -> Document:
    found = document.get("properties")
    return found if isinstance(found, dict) else {}
