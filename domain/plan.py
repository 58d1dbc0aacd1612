"""Reading a plan file, and saying everything that is wrong with it at once.

Each error names the field's path, what was found and what was expected, and where one is near, the name that was
probably meant.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from domain.plan_model import Plan, plan_schema

__all__ = ["Plan", "PlanError", "PlanErrors", "nearest", "parse_plan", "plan_schema"]

SIZE_LIMIT = 1_000_000


@dataclass(frozen=True)
class PlanError:
    """One thing wrong. ``hint`` is the nearest valid name or the next thing to do."""

    path: str
    found: str
    expected: str
    hint: str | None = None

    def __str__(self) -> str:
        text = f"{self.path}: expected {self.expected}, found {self.found}" if self.expected else f"{self.path}: {self.found}"
        return f"{text}; {self.hint}" if self.hint else text


class PlanErrors(ValueError):
    """All that is wrong with a plan."""

    def __init__(self, errors: list[PlanError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors

    def __iter__(self) -> Iterator[PlanError]:
        return iter(self.errors)


class _Loader(yaml.SafeLoader):
    """YAML without the two things that surprise: duplicate keys, and anchors that explode."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed in a plan", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            name = self.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} is not text", key_node.start_mark)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands twice", key_node.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def parse_plan(text: str | bytes, *, source: str = "plan") -> Plan:
    """Read a plan. Raises PlanErrors with every error found."""
    data = _load(text, source)
    if not isinstance(data, dict):
        raise PlanErrors([PlanError(source, _show(data), "a YAML mapping that begins with apiVersion: bridgehead/v1")])
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        wrong = [one for one in error.errors(include_url=False) if not _is_echo(one)]
        raise PlanErrors([*(_translate(one, data) for one in wrong), *_unknown_sites(data)]) from None
    errors = [*_unknown_sites(data), *_references(plan)]
    if errors:
        raise PlanErrors(errors)
    return plan


def _load(text: str | bytes, source: str) -> Any:
    if len(text) > SIZE_LIMIT:
        raise PlanErrors([PlanError(source, f"{len(text)} bytes", f"at most {SIZE_LIMIT} bytes")])
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that refuses even more
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}, line {mark.line + 1}" if mark else source
        problem = getattr(error, "problem", None) or str(error)
        raise PlanErrors([PlanError(where, problem, "YAML")]) from None


def _references(plan: Plan) -> Iterator[PlanError]:
    """What a link asks of its site, and names of groups that must exist."""
    for index, link in enumerate(plan.links):
        path = f"links[{index}]"
        site = plan.sites.get(link.site)
        if site is None:
            continue
        if link.fence == "webhook" and site.automation is None:
            yield PlanError(f"{path}.fence", "'webhook'", f"sites.{link.site}.automation to be set for a webhook fence")
        elif link.fence == "person" and site.person is None:
            yield PlanError(f"{path}.fence", "'person'", f"sites.{link.site}.person to name who changes the device")
        elif link.disconnect and link.fence is None and not (site.automation or site.person):
            yield PlanError(
                f"{path}.fence", "nothing", "a way to fence the old path when Azure does not confirm the disconnect",
                f"give sites.{link.site} an automation or a person, or say fence: accept-split-risk",
            )
    known = set(plan.workload.names) | {group.name for group in plan.workload.groups}
    for name in plan.workload.quorum:
        if known and name not in known:
            yield PlanError(f"workload.quorum.{name}", repr(name), "the name of a group", nearest(name, known))


def _unknown_sites(data: dict[str, Any]) -> Iterator[PlanError]:
    """Links that name no site; read from the raw file, so that it is told together with every other error."""
    sites, links = data.get("sites"), data.get("links")
    for index, link in enumerate(links if isinstance(links, list) else []):
        site = link.get("site") if isinstance(link, dict) else None
        if isinstance(site, str) and isinstance(sites, dict) and site not in sites:
            yield PlanError(f"links[{index}].site", repr(site), "the name of one of sites", nearest(site, sites))


def _is_echo(error: Any) -> bool:
    """Pydantic counts a list whose items were wrong as too short; the items' own errors say enough."""
    return error["type"] == "too_short" and bool(error["input"])


def nearest(found: Any, names: Any) -> str | None:
    """A sentence with the valid name that is most like what was found."""
    close = difflib.get_close_matches(str(found), list(names), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else None


def _translate(error: Any, data: Any) -> PlanError:
    loc, kind, context = tuple(error["loc"]), error["type"], error.get("ctx", {})
    path = _path(loc) or "plan"
    if kind == "extra_forbidden":
        return PlanError(path, "an unknown field", _known_fields(loc), nearest(loc[-1], _fields_at(loc[:-1])))
    if kind == "missing":
        similar = [name for name in _given(data, loc[:-1]) if name not in _fields_at(loc[:-1])]
        close = difflib.get_close_matches(str(loc[-1]), similar, n=1, cutoff=0.6)
        return PlanError(path, "nothing", "a value", f"is {close[0]!r} meant to be it?" if close else None)
    if kind == "literal_error":
        allowed = [part.strip("' ") for part in context["expected"].replace(" or ", ", ").split(",")]
        return PlanError(path, _show(error["input"]), "one of " + ", ".join(allowed), nearest(error["input"], allowed))
    if kind == "value_error":
        return PlanError(path, _show(error["input"]), _after_expected(str(context["error"])))
    if kind == "string_pattern_mismatch":
        return PlanError(path, _show(error["input"]), f"text like {context['pattern']}")
    return PlanError(path, _show(error["input"]), error["msg"].replace("Input should be ", "").replace("Value error, ", ""))


def _after_expected(message: str) -> str:
    return message.removeprefix("expected ")


def _path(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in loc:
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


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
