"""The bodies in which Azure says no, by code, as they were recorded.

Sources: recordings of the Azure CLI's and SDKs' own tests against live Azure, unless a line says otherwise.
A room builds an answer with `error`; the named functions below are those that more than one room needs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.core import ids
from simulator.core.web import Response

GATEWAY = {"x-ms-failure-cause": "gateway"}


def body(code: str, message: str, details: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    inner: dict[str, Any] = {"code": code, "message": message}
    if details is not None:
        inner["details"] = details
    return {"error": inner}


def error(
    status: int,
    code: str,
    message: str,
    details: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An ARM error answer: ``{"error": {"code", "message"[, "details"]}}``."""
    return Response(status, body(code, message, details), dict(headers or {}))


def resource_not_found(resource_id: str) -> Response:
    """404 of a top-level resource, from ARM itself. The type and name are those of the *top-level* resource."""
    parsed = ids.parse(resource_id)
    named = f"{parsed.provider}/{parsed.types[0]}/{parsed.names[0]}" if parsed.types else resource_id
    message = (
        f"The Resource '{named}' under resource group '{parsed.resource_group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return error(404, "ResourceNotFound", message, headers=GATEWAY)


def child_not_found(resource_id: str) -> Response:
    """404 of a child under a parent that exists, from the provider."""
    return error(404, "NotFound", f"Resource {resource_id} not found.", [])


def parent_not_found(resource_id: str) -> Response:
    parsed = ids.parse(resource_id)
    message = (
        "Can not perform requested operation on nested resource. "
        f"Parent resource '{'/'.join(parsed.names[:-1])}' not found."
    )
    return error(404, "ParentResourceNotFound", message, headers=GATEWAY)


def resource_group_not_found(name: str) -> Response:
    """Documented (ARM common deployment errors)."""
    return error(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.", headers=GATEWAY)


def subscription_not_found(subscription: str) -> Response:
    """Documented."""
    message = f"The subscription '{subscription}' could not be found."
    return error(404, "SubscriptionNotFound", message, headers=GATEWAY)


def missing_api_version() -> Response:
    """Documented."""
    message = "The api-version query parameter (?api-version=) is required for all requests."
    return error(400, "MissingApiVersionParameter", message, headers=GATEWAY)


def invalid_resource_type(path: str, api_version: str) -> Response:
    """Documented: what the simulator has no room for looks to a client like a type that Azure does not have."""
    try:
        parsed = ids.parse(path)
        kind, provider = "/".join(parsed.types), parsed.provider
    except ValueError:
        kind, provider = path, ""
    message = (
        f"The resource type '{kind}' could not be found in the namespace '{provider}' for api version '{api_version}'."
    )
    return error(404, "InvalidResourceType", message, headers=GATEWAY)


def invalid_request_content(why: str) -> Response:
    """Documented."""
    message = f"The request content was invalid and could not be deserialized: '{why}'."
    return error(400, "InvalidRequestContent", message, headers=GATEWAY)


def method_not_allowed(method: str) -> Response:
    message = f"The requested resource does not support http method '{method}'."
    return error(405, "MethodNotAllowed", message)


def unauthorized(why: str, code: str = "InvalidAuthenticationToken") -> Response:
    headers = {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{why}"'}
    return error(401, code, why, headers=headers)


def server_timeout(now: datetime, tracking_id: str, subscription: str = "") -> Response:
    return error(503, "ServerTimeout", diagnostic("ServerTimeout", now, tracking_id, subscription), headers=GATEWAY)


def diagnostic(code: str, now: datetime, tracking_id: str, subscription: str = "") -> str:
    """The sentence with which ARM itself gives up (recorded for both codes)."""
    why = "Encountered internal server error" if code == "InternalServerError" else "The request timed out"
    named = f"subscription id '{subscription}', " if subscription else ""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    return (
        f"{why}. Diagnostic information: timestamp '{stamp}', {named}tracking id '{tracking_id}', "
        f"request correlation id '{tracking_id}'."
    )


def locked_by(operation: str, operation_id: str, resource_id: str, seconds: int) -> Response:
    """Microsoft.Network's answer to a write on what another operation is updating: 429, not 409."""
    message = (
        f"Operation {operation} ({operation_id}) is updating resource {resource_id}. "
        f"The call can be retried in {seconds} seconds."
    )
    details = [{"code": "RetryableErrorDueToAnotherOperation", "message": message}]
    return error(429, "RetryableError", "A retryable error occurred.", details)


def superseded(operation: str, operation_id: str, by: str, by_id: str) -> dict[str, Any]:
    """The error of an operation that a child's write has cancelled."""
    message = f"Operation {operation} ({operation_id}) was canceled and superseded by operation {by} ({by_id})."
    details = [{"code": "CanceledAndSupersededDueToAnotherOperation", "message": message}]
    return {"code": "Canceled", "message": "Operation was canceled.", "details": details}


def throttled(seconds: int, subscription: str, kind: str) -> Response:
    """Documented (request-limits-and-throttling); the message's shape was recorded from another provider."""
    message = (
        f"Number of {kind} requests for subscription '{subscription}' exceeded the limit. "
        f"Please try again after '{seconds}' seconds."
    )
    return error(429, "SubscriptionRequestsThrottled", message, headers={"Retry-After": str(seconds)})
