"""How Site Recovery puts things on the wire: times, the empty 202 with its headers, refusals.

Shapes from A2A_selfcreated (#26, #147, #148, #181 to #191, #231) and the PowerShell excerpt of a testFailoverCleanup's
202. The signed query of a poll URL is as long as a real one and signs nothing; a poll that has lost it is refused,
which is a guess meant to catch clients that rebuild these URLs.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from simulator.core import errors, ids
from simulator.core.operations import Operation
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery.bodies import site_recovery_id

RETRY_AFTER_SECONDS = 30
STYLE = "site-recovery"
CERTIFICATE_LENGTH = 2435
NEVER = "0001-01-01T00:00:00"
"""An unfinished task's time: year 1 without a Z (trap 4)."""


def precise(moment: datetime) -> str:
    """Seven digits of a second, as start times have."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "7Z"


def operation_end(moment: datetime) -> str:
    """An operation's end: cut to whole seconds, so that it may lie before the start (trap 3)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + ".0000000Z"


def job_end(moment: datetime) -> str:
    """A job's end: cut likewise, without the zeroes (VAULT #27)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def vault_of(resource_id: str) -> str:
    """The vault's own id, with a small s, for any id below it."""
    at = ids.parse(resource_id)
    return f"{at.group_id}/providers/{at.provider}/vaults/{at.names[0]}"


def accepted(world: World, request: Request, operation: Operation) -> Response:
    """202 with an empty body. Azure-AsyncOperation names the job; Location the result beside the resource.

    Azure sends x-ms-request-id in two equal lines, which every client reads as one with a comma."""
    vault = vault_of(operation.resource)
    query = signed_query(operation.id, operation.accepted, request.api_version or "2025-08-01")
    operation.data["signature"] = _signature(operation.id)
    job_id = site_recovery_id(vault, "replicationJobs", operation.id)
    status_path = site_recovery_id(vault, "replicationOperationStatus", operation.id)
    resulting = operation.data.get("result_at") or operation.resource
    result_path = f"{capital_s(resulting)}/operationresults/{operation.id}"
    return Response(
        202,
        headers={
            "Azure-AsyncOperation": f"{world.endpoint}{status_path}?{query}",
            "Location": f"{world.endpoint}{result_path}?{query}",
            "Retry-After": str(RETRY_AFTER_SECONDS),
            "x-ms-request-id": f"{job_id}, {job_id}",
        },
    )


def capital_s(resource_id: str) -> str:
    return "/Subscriptions" + resource_id[len("/subscriptions") :]


def signed_query(operation_id: str, moment: datetime, api_version: str) -> str:
    when = moment.astimezone(UTC).strftime("%Y-%m-%dT%H%%3a%M%%3a%S")
    signature = _signature(operation_id)
    seal = quote(base64.b64encode(hashlib.sha512(operation_id.encode()).digest() * 5).decode()[:342] + "==", safe="")
    return f"api-version={api_version}&t={when}&c={_certificate()}&s={seal}&h={signature}"


@cache
def _certificate() -> str:
    blocks = b"".join(hashlib.sha512(f"certificate {n}".encode()).digest() for n in range(40))
    return "MIIHHjCCBgagAwI" + base64.urlsafe_b64encode(blocks).decode()[: CERTIFICATE_LENGTH - 15]


def _signature(operation_id: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(operation_id.encode()).digest()).decode().rstrip("=")


def lost_its_signature(request: Request, operation: Operation) -> Response | None:
    """Refuses a poll whose URL was rebuilt without the signed query (a guess)."""
    if request.argument("h") == operation.data.get("signature"):
        return None
    return refusal(400, "InvalidOperationUrl", "The signature of the operation URL is missing or wrong.")


def status_body(world: World, operation: Operation) -> dict[str, Any]:
    """``replicationOperationStatus``: all eight keys, always (A2A #148, #159). NotStarted has no start (trap 2)."""
    status, queued_until = operation.status, operation.data.get("queued_until", operation.accepted)
    not_started = operation.running and world.now < queued_until
    error = operation.error or operation.data.get("warning")
    return {
        "error": {**error, "details": error.get("details")} if error and not operation.running else None,
        "id": None,
        "name": operation.id,
        "properties": None,
        "status": "NotStarted" if not_started else status,
        "startTime": None if not_started else precise(queued_until),
        "endTime": operation_end(operation.ended) if operation.ended else None,
        "percentComplete": None,
    }


def refusal(status: int, code: str, message: str, causes: str = "", action: str = "") -> Response:
    """Site Recovery's error: the outer code is HTTP's word, the inner one says more (A2A #231)."""
    outer = {400: "BadRequest", 404: "NotFound", 409: "Conflict"}.get(status, code)
    seed = hashlib.sha256(message.encode()).hexdigest()
    detail = {
        "code": code,
        "message": message,
        "possibleCauses": causes,
        "recommendedAction": action,
        "clientRequestId": f"{seed[:8]}-{seed[8:12]}-11ee-{seed[12:16]}-{seed[16:28]}",
        "activityId": f"{seed[28:36]}-{seed[36:40]}-4{seed[41:44]}-9{seed[45:48]}-{seed[48:60]}",
    }
    return errors.error(status, outer, message, [detail])


def not_found(name: str) -> Response:
    """404 of anything below a vault, for every method: a DELETE of what is missing is no 204 here (A2A #231)."""
    return refusal(
        404,
        "ArmResourceDoesNotExist",
        f"Specified resource with name '{name}' does not exist.",
        "Ensure correct resource name was specified.",
        "Verify ARM resource name details.",
    )
