"""Reading a request's body: bounded, JSON, an object, and only the fields that the door knows.

Every wrong field is told at once. The same shapes that are checked here are the request schemas of the OpenAPI
document, so that the two cannot part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from domain.alert_fields import clean, kind_of, shown
from triggers.problems import FieldError, Problem

COMMAND_LIMIT = 64 * 1024
ALERT_LIMIT = 1024 * 1024
"""Azure sends alerts of at most 256 KB (sources: Alerts); four times that is still an alert, more is not."""


@dataclass(frozen=True)
class TextField:
    """A text of a request body. ``pattern`` must match wholly; ``choices`` when only some texts are allowed."""

    description: str
    limit: int = 500
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    many: bool = False

    def schema(self) -> dict[str, Any]:
        """The field as JSON Schema."""
        text: dict[str, Any] = {"type": "string", "maxLength": self.limit}
        if self.required:
            text["minLength"] = 1
        if self.pattern:
            text["pattern"] = f"^(?:{self.pattern})$"
        if self.choices:
            text = {"type": "string", "enum": list(self.choices)}
        if self.many:
            return {"type": "array", "items": text, "maxItems": 50, "description": self.description}
        return {**text, "description": self.description}


Fields = Mapping[str, TextField]


def read_json(req: func.HttpRequest, limit: int) -> Any:
    """The decoded body. Raises Problem: too-large, not-json (a key that is given twice with two values included)."""
    body = req.get_body() or b""
    if len(body) > limit:
        raise Problem("too-large", f"the body has {len(body)} bytes; at most {limit} are read")
    if not body:
        raise Problem("not-json", "the body is empty; send JSON with a Content-Length (chunked bodies do not arrive)")
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise Problem("not-json", "the body is nested too deeply") from None
    except _Twice as twice:
        raise Problem("not-json", f"the key {shown(twice.key)} is given twice, with different values") from None
    except UnicodeDecodeError:
        raise Problem("not-json", "the body is not UTF-8") from None
    except ValueError as error:
        raise Problem("not-json", f"the body is not JSON: {error}") from None


def read_fields(req: func.HttpRequest, fields: Fields, *, limit: int = COMMAND_LIMIT) -> dict[str, Any]:
    """The body's fields, cleaned; those not given are absent. Raises Problem naming every field that is wrong."""
    if not req.get_body() and not any(one.required for one in fields.values()):
        return {}
    body = read_json(req, limit)
    if not isinstance(body, dict):
        raise Problem("invalid", f"expected a JSON object, found {kind_of(body)}", [FieldError("", "not an object")])
    errors: list[FieldError] = []
    for name in body:
        if name not in fields:
            known = ", ".join(fields)
            errors.append(FieldError(clean(name, 80), f"is no field of this request; known are {known}"))
    found = {name: _read(name, body.get(name), rule, errors) for name, rule in fields.items()}
    if errors:
        raise Problem("invalid", "; ".join(f"{error.field}: {error.detail}" for error in errors), errors)
    return {name: value for name, value in found.items() if value not in (None, "", ())}


def check_text(value: str, rule: TextField) -> str | None:
    """Why ``value`` breaks the rule, or None."""
    if len(value) > rule.limit:
        return f"expected at most {rule.limit} characters, found {len(value)}"
    if rule.choices and value not in rule.choices:
        return f"expected one of {', '.join(rule.choices)}, found {shown(value)}"
    if rule.pattern and not re.fullmatch(rule.pattern, value):
        return f"expected {rule.description}, found {shown(value)}"
    return None


def _read(name: str, value: Any, rule: TextField, errors: list[FieldError]) -> Any:
    if value is None or value == "":
        if rule.required:
            errors.append(FieldError(name, f"is missing: expected {rule.description}"))
        return None
    if rule.many:
        return _read_many(name, value, rule, errors)
    return _read_text(name, value, rule, errors)


def _read_many(name: str, value: Any, rule: TextField, errors: list[FieldError]) -> tuple[str, ...] | None:
    if not isinstance(value, list) or len(value) > 50:
        errors.append(FieldError(name, f"expected a list of at most 50 texts, found {kind_of(value)}"))
        return None
    read = (_read_text(f"{name}[{index}]", item, rule, errors) for index, item in enumerate(value))
    return tuple(item for item in read if item is not None)


def _read_text(name: str, value: Any, rule: TextField, errors: list[FieldError]) -> str | None:
    if not isinstance(value, str):
        errors.append(FieldError(name, f"expected text, found {kind_of(value)}"))
        return None
    wrong = check_text(value, rule)
    if wrong:
        errors.append(FieldError(name, wrong))
        return None
    return clean(value, rule.limit)


class _Twice(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result and result[key] != value:
            raise _Twice(key)
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
