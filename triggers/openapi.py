"""The OpenAPI 3.1 document, generated from the table of doors. No door serves it: it lies in docs/.

``python -m triggers.openapi`` writes docs/openapi.json; a test says when that file is not current.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triggers.bodies import TextField
from triggers.door import Door
from triggers.doors import DOORS
from triggers.openapi_schemas import SCHEMAS
from triggers.problems import PROBLEM_JSON, TITLES
from triggers.rules import PLAN_PATTERN, RUN_PATTERN

PATH = Path("docs/openapi.json")

_KEY, _PRINCIPAL = "functionKey", "appService"
_PATH_PARAMETERS = {
    "id": ("the run's name", RUN_PATTERN),
    "name": ("the plan's name", PLAN_PATTERN),
}
_ALWAYS = ("no-principal", "internal")


def document() -> dict[str, Any]:
    """The whole document as plain JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for door in sorted(DOORS, key=lambda door: (door.route, door.method)):
        paths.setdefault(f"/api/{door.route}", {})[door.method.lower()] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bridgehead",
            "version": "1",
            "description": "Doors of the failover orchestrator. Errors are RFC 9457 problem details.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                _KEY: {"type": "apiKey", "in": "header", "name": "x-functions-key"},
                _PRINCIPAL: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "App Service authentication, where it is on; the roles are app roles of Entra",
                },
            },
        },
    }


def text() -> str:
    """The document as it lies in docs/."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def problems_of(door: Door) -> tuple[str, ...]:
    """Every kind of problem that a door may answer."""
    people: tuple[str, ...] = ("role-missing", "wrong-media-type") if door.access.for_people else ()
    if door.method == "GET":
        people = people[:1]
    always = tuple(kind for kind in _ALWAYS if kind != "internal" or door.on_bug == "internal")
    return tuple(dict.fromkeys((*door.problems, *always, *people)))


def _operation(door: Door) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": door.name,
        "summary": door.summary,
        "description": _description(door),
        "security": [{_KEY: []}, {_PRINCIPAL: list(door.access.roles)}] if door.access.for_people else [{_KEY: []}],
        "parameters": _parameters(door),
        "responses": _responses(door),
    }
    if door.request:
        operation["requestBody"] = _body({"$ref": f"#/components/schemas/{door.request}"}, required=True)
    elif door.body is not None:
        needed = any(rule.required for rule in door.body.values())
        operation["requestBody"] = _body(_object(door.body), required=needed)
    return operation


def _description(door: Door) -> str:
    said = (door.handler.__doc__ or door.summary).strip().split("\n\n")[0]
    if not door.access.for_people:
        return f"{said} Needs a function key."
    roles = ", ".join(door.access.roles)
    return f"{said} Needs a function key or, where App Service authentication is on, one of the roles {roles}."


def _parameters(door: Door) -> list[dict[str, Any]]:
    found = []
    for name, (description, pattern) in _PATH_PARAMETERS.items():
        if f"{{{name}}}" in door.route:
            schema = {"type": "string", "pattern": f"^(?:{pattern})$"}
            found.append({"name": name, "in": "path", "required": True, "description": description, "schema": schema})
    for place, rules in (("query", door.query), ("header", door.headers)):
        found += [_parameter(name, place, rule) for name, rule in rules.items()]
    return found


def _parameter(name: str, place: str, rule: TextField) -> dict[str, Any]:
    schema = {key: value for key, value in rule.schema().items() if key != "description"}
    return {"name": name, "in": place, "required": False, "description": rule.description, "schema": schema}


def _object(fields: Mapping[str, TextField]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: rule.schema() for name, rule in fields.items()},
        "additionalProperties": False,
    }
    required = [name for name, rule in fields.items() if rule.required]
    return {**schema, "required": required} if required else schema


def _body(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _responses(door: Door) -> dict[str, Any]:
    responses = {
        str(status): {
            "description": answer.description,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer.schema}"}}},
        }
        for status, answer in door.answers.items()
    }
    by_status: dict[int, list[str]] = {}
    for kind in problems_of(door):
        by_status.setdefault(TITLES[kind][0], []).append(kind)
    for status, kinds in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "; ".join(f"{kind}: {TITLES[kind][1]}" for kind in kinds),
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    sys.stderr.write(f"{PATH}: {len(DOORS)} doors\n")
