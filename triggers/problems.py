"""Errors as RFC 9457 problem details: what is wrong, with which field, and what to do.

A door raises ``Problem``; the frame around every door (``triggers.door``) turns it into the answer. Nothing here may
show a stack trace, a header or a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import azure.functions as func

PROBLEM_TYPE = "urn:bridgehead:problem:"
PROBLEM_JSON = "application/problem+json"
ALWAYS_SENT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

TITLES: dict[str, tuple[int, str]] = {
    "not-json": (400, "The body is not JSON"),
    "not-an-alert": (400, "The body is not an alert"),
    "invalid": (400, "The request cannot be understood"),
    "no-principal": (401, "Sign in first"),
    "role-missing": (403, "Your roles do not allow this"),
    "unknown": (404, "There is no such thing"),
    "conflict": (409, "This makes no sense in the present state"),
    "too-large": (413, "The body is too large"),
    "wrong-media-type": (415, "Send JSON"),
    "internal": (500, "Bridgehead failed at this"),
    "unavailable": (503, "Not now: try again"),
}
"""Every problem that a door can answer: slug -> (status, title)."""


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong. ``field`` is its path in the body, or ``header:Name``, ``query:name``, ``path:name``."""

    field: str
    detail: str


class Problem(Exception):
    """An answer that is an error. ``kind`` is a key of TITLES."""

    def __init__(self, kind: str, detail: str, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = extra

    @property
    def status(self) -> int:
        return TITLES[self.kind][0]

    def document(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"{PROBLEM_TYPE}{self.kind}",
            "title": TITLES[self.kind][1],
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"field": error.field, "detail": error.detail} for error in self.errors]
        return {**body, **self.extra}


def invalid(field: str, detail: str) -> Problem:
    """One field is wrong."""
    return Problem("invalid", f"{field}: {detail}", [FieldError(field, detail)])


def problem_response(problem: Problem) -> func.HttpResponse:
    headers = {"Retry-After": "5"} if problem.status == 503 else {}
    return json_response(problem.document(), problem.status, headers, media_type=PROBLEM_JSON)


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, media_type: str = "application/json"
) -> func.HttpResponse:
    """JSON in ASCII, so that text of any origin survives; never cached."""
    text = json.dumps(body, ensure_ascii=True, allow_nan=False)
    return func.HttpResponse(text, status_code=status, mimetype=media_type, headers={**ALWAYS_SENT, **(headers or {})})
