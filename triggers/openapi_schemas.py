"""The shapes that doors answer with, as JSON Schema: components of the OpenAPI document.

The tests hold every answer of the running app against them, so a field that is not here does not leave a door.
"""

from __future__ import annotations

from typing import Any

from domain.alerts import COMMON_SCHEMA, LEGACY_SCHEMA
from triggers.problems import PROBLEM_TYPE, TITLES
from triggers.rules import OUTCOMES, RUN_PATTERN

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
HASH: Schema = {"type": ["string", "null"], "description": "SHA-256, 64 hex digits"}
RUN: Schema = {"type": "string", "pattern": f"^(?:{RUN_PATTERN})$"}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None, **more: Any) -> Schema:
    properties = {**required, **(optional or {})}
    return {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False, **more
    }  # fmt: skip


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_RUN_FIELDS: dict[str, Schema] = {
    "run": RUN,
    "plan": TEXT_OR_NULL,
    "mode": TEXT_OR_NULL,
    "reason": TEXT,
    "startedBy": TEXT_OR_NULL,
    "incident": TEXT_OR_NULL,
    "adopts": TEXT_OR_NULL,
    "runtimeStatus": {**TEXT_OR_NULL, "description": "of the orchestration; null when the backend does not know it"},
    "outcome": {"enum": [*OUTCOMES, None], "description": "null until the run has ended"},
    "createdAt": TEXT_OR_NULL,
    "updatedAt": TEXT_OR_NULL,
    "status": {"description": "the orchestration's custom status: phase, running steps, percent, expected end"},
    "output": {"description": "what the orchestration returned"},
}

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        {
            "type": {"enum": [f"{PROBLEM_TYPE}{kind}" for kind in TITLES]},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
        },
        {"errors": _list(_object({"field": TEXT, "detail": TEXT}))},
        description="RFC 9457 problem details; errors names each field that is wrong",
    ),
    "Alert": {
        "type": "object",
        "description": "a Service Health alert as an Azure action group posts it",
        "required": ["schemaId", "data"],
        "properties": {"schemaId": {"enum": [COMMON_SCHEMA, LEGACY_SCHEMA]}, "data": {"type": "object"}},
    },
    "AlertTaken": _object(
        {},
        {
            "accepted": {"const": True},
            "update": {**TEXT, "description": "the incident is over, for this reason: whoever holds for it hears it"},
            "ignored": {**TEXT, "description": "why the alert starts nothing"},
            "incident": {**TEXT, "description": "the trackingId"},
            "instance": {**TEXT, "description": "the incident's orchestration"},
            "scope": {
                "type": "object",
                "additionalProperties": _list(TEXT),
                "description": "ARM region name -> services, as understood",
            },
            "unknownRegions": _list(TEXT),
        },
        oneOf=[{"required": ["accepted"]}, {"required": ["update"]}, {"required": ["ignored"]}],
    ),
    "Started": _object({"run": RUN, "plan": TEXT, "mode": TEXT, "startedBy": TEXT}, {"adopts": RUN}),
    "Run": _object(_RUN_FIELDS, {"note": TEXT}),
    "RunInFull": _object(
        {
            **_RUN_FIELDS,
            "control": _ref("Control"),
            "report": {"type": ["object", "null"], "description": "report.json, once there is one"},
        },
        {"note": TEXT},
    ),
    "Runs": _object(
        {
            "failovers": _list(_ref("Run")),
            "continuation": {**TEXT_OR_NULL, "description": "asks for the next page; null on the last one"},
        }
    ),
    "Control": _object(
        {"waits": _list(_ref("Wait"))},
        {
            "paused": FLAG,
            "aborting": {"type": ["object", "null"], "description": "who aborts, why and when"},
            "point_of_no_return": {"type": ["object", "null"]},
            "running": {"type": "object", "description": "step id -> what it is doing"},
            "done": {"type": "integer"},
            "failed": {"type": "integer"},
            "recent": _list({"type": "object"}),
            "decisions": _list({"type": "object"}),
        },
        description="the run's control entity: what commanders and steps share",
    ),
    "Wait": {
        "type": "object",
        "description": "an open question",
        "required": ["instance", "event", "kind", "question"],
        "properties": {
            "instance": TEXT,
            "event": TEXT,
            "kind": {**TEXT, "description": "approval, hold, ask, fence, wait-person or pause"},
            "question": TEXT,
            "step": TEXT,
            "options": _list(TEXT),
            "recommend": TEXT,
            "until": TEXT,
            "on_silence": TEXT,
        },
    },
    "Applied": _object(
        {"run": RUN, "action": TEXT, "by": TEXT, "applied": FLAG, "control": _ref("Control")},
        {"answered": {**_list(TEXT), "description": "the steps, or kinds of question, that were answered"}},
    ),
    "Switch": _object({"suspended": FLAG, "applied": FLAG, "by": TEXT, "at": TEXT}),
    "Plans": _object(
        {
            "plans": _list(
                _object(
                    {
                        "name": TEXT,
                        "modes": _list(TEXT),
                        "planHash": HASH,
                        "snapshotHash": HASH,
                        "publishedAt": TEXT_OR_NULL,
                        "publishedBy": TEXT_OR_NULL,
                    }
                )
            )
        }
    ),
    "Runbook": _object({"hash": HASH, "runbook": {"type": "object", "description": "steps, lanes, claims, warnings"}}),
}
