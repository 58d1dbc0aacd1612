"""Reading a plan file, and saying everything that is wrong with it at once.

Each error names the field's path, what was found and what was expected, and where one is near, the name that was
probably meant.
"""

from __future__ import annotations

import difflib
import types
import typing
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from domain import regions
from domain.plans.errors import PlanError, PlanErrors, nearest, shown
from domain.plans.model import Plan, plan_schema
from domain.plans.references import cross_errors
from domain.schedules import nearest_zone

__all__ = ["Plan", "PlanError", "PlanErrors", "nearest", "parse_plan", "plan_schema"]

SIZE_LIMIT = 1_000_000


class _Loader(yaml.SafeLoader):
    """YAML without the two things that surprise: duplicate keys, and anchors that explode."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed in a plan", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            name = self.construct_object(key_node, deep=True)
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name!r} is not text", key_node.start_mark
                )
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name!r} stands twice", key_node.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def parse_plan(text: str | bytes, *, source: str = "plan") -> Plan:
    """Read a plan. Raises PlanErrors with every error found."""
    data = load(text, source)
    if not isinstance(data, dict):
        raise PlanErrors([PlanError(source, shown(data), "a YAML mapping that begins with apiVersion: bridgehead/v1")])
    errors, plan = cross_errors(data), None
    try:
        plan = Plan.model_validate(_tuples(data))
    except ValidationError as error:
        wrong = [one for one in error.errors(include_url=False) if not _is_echo(one)]
        errors = [*(_translate(one, data) for one in wrong), *errors]
    if errors or plan is None:
        raise PlanErrors(errors)
    return plan


def _tuples(value: Any) -> Any:
    """YAML's lists as the model has them; everything else is taken at its word (``"1"`` is no number)."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def load(text: str | bytes, source: str = "plan") -> Any:
    """What the YAML says, unchecked. Raises PlanErrors when it is no YAML."""
    size = len(text.encode("utf-8", "replace") if isinstance(text, str) else text)
    if size > SIZE_LIMIT:
        raise PlanErrors([PlanError(source, f"{size} bytes", f"at most {SIZE_LIMIT} bytes")])
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that refuses even more
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}, line {mark.line + 1}" if mark else source
        raise PlanErrors([PlanError(where, _yaml_problem(error), "YAML")]) from None


def _yaml_problem(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nesting too deep to be a plan"
    problem = str(getattr(error, "problem", None) or error).split("\n", 1)[0]
    return problem.removeprefix("found ").removeprefix("but found ")


def _is_echo(error: Any) -> bool:
    """Pydantic counts a list whose items were wrong as too short; the items' own errors say enough."""
    return error["type"] == "too_short" and bool(error["input"])


IN_WORDS = {
    "string_pattern_mismatch": "text like {pattern}",
    "tuple_type": "a list",
    "dict_type": "names with something to each",
    "model_type": "fields with a value to each",
    "model_attributes_type": "fields with a value to each",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "too_short": "at least {min_length} in the list",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
"""Kinds of pydantic's errors in a plan's own words."""


def _translate(error: Any, data: Any) -> PlanError:
    loc, kind, given = tuple(error["loc"]), error["type"], error["input"]
    path, found = _path(loc) or "plan", shown(given)
    if kind == "extra_forbidden":
        return PlanError(path, "an unknown field", _known_fields(loc), nearest(loc[-1], _fields_at(loc[:-1])))
    if kind == "missing":
        similar = [name for name in _given(data, loc[:-1]) if name not in _fields_at(loc[:-1])]
        close = difflib.get_close_matches(str(loc[-1]), similar, n=1, cutoff=0.6)
        return PlanError(path, "nothing", "a value", f"is {close[0]!r} meant to be it?" if close else None)
    expected, hint = _expected(error, loc)
    return PlanError(path, found, expected, hint)


def _expected(error: Any, loc: tuple[Any, ...]) -> tuple[str, str | None]:
    """What a field expected, and a hint."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "literal_error":
        allowed = [part.strip("' ") for part in context["expected"].replace(" or ", ", ").split(",")]
        return "one of " + ", ".join(allowed), nearest(given, allowed)
    if kind == "string_pattern_mismatch" and loc[-1] == "region":
        known = regions.arm_name(given) or regions.arm_name(regions.nearest(given) or "")
        return "ARM's name of a region, such as eastasia", f"did you mean {known!r}?" if known else None
    if kind == "string_type" and isinstance(given, bool | int | float):
        return "text", "YAML reads this as something else: put it in quotes"
    if kind == "value_error":
        meant = nearest_zone(given) if loc[-1] == "timeZone" else None
        return str(context["error"]).removeprefix("expected "), f"did you mean {meant!r}?" if meant else None
    return _in_words(error, loc[-1]), None


def _in_words(error: Any, field: Any) -> str:
    kind = error["type"]
    if kind in ("model_type", "model_attributes_type") and field == "connect":
        return "mirror, or its fields"
    if kind in IN_WORDS:
        return IN_WORDS[kind].format(**error.get("ctx", {}))
    return str(error["msg"]).replace("Input should be ", "").replace("Value error, ", "")


def _path(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in loc:
        if part == "[key]":
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _known_fields(loc: tuple[Any, ...]) -> str:
    return "one of " + ", ".join(sorted(_fields_at(loc[:-1])))


def _fields_at(loc: tuple[Any, ...]) -> list[str]:
    """The field names (as written in YAML) of the model at a location of the plan."""
    kind: Any = Plan
    for part in loc:
        kind = _inside(_plain(kind), part)
    model = _plain(kind)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _plain(annotation: Any) -> Any:
    """``X`` of ``X | None`` and ``Annotated[X, ...]``."""
    while typing.get_origin(annotation) in (typing.Annotated, typing.Union, types.UnionType):
        annotation = next(arg for arg in typing.get_args(annotation) if arg is not type(None))
    return annotation


def _inside(annotation: Any, part: Any) -> Any:
    """What stands at one key or index of a model, a tuple or a dict."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return args[0]
    if origin is dict:
        return args[1]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return next((f.annotation for n, f in annotation.model_fields.items() if part in (f.alias, n)), None)
    return None


def _given(data: Any, loc: tuple[Any, ...]) -> list[str]:
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return []
    return list(data) if isinstance(data, dict) else []
