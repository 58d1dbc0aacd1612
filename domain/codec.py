"""One codec for everything that crosses a durable boundary: dataclasses to JSON objects and back.

Unknown keys are ignored and missing ones take their defaults, so that fields can be added without breaking histories
that were recorded before.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")


def to_wire(value: Any) -> Any:
    """A JSON-ready copy of a dataclass; fields that are None or empty containers are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: to_wire(field) for name, field in fields if field is not None and field not in ((), {})}
    if isinstance(value, dict):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    return value


def from_wire(cls: type[T], data: Any) -> T:
    """Build the dataclass ``cls`` from a JSON object made by ``to_wire``. Raises TypeError when it is no object, or
    lacks what ``to_wire`` does not leave out."""
    if not isinstance(data, dict):
        raise TypeError(f"{cls.__name__} is read from a JSON object, not from {type(data).__name__}")
    hints = _hints(cls)
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    known = {f.name: _read(hints[f.name], data[f.name]) for f in fields if f.name in data}
    needed = (f.name for f in fields if f.name not in data and _has_no_default(f))
    return cls(**known, **{name: left for name in needed for left in _left_out(hints[name])})


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _left_out(hint: Any) -> list[Any]:
    """The value of a field that ``to_wire`` left out, by its type; none for a type that is never left out."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType) and type(None) in typing.get_args(hint):
        return [None]
    return [origin()] if origin in (tuple, dict) else []


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces. Equal values have equal texts."""
    return json.dumps(to_wire(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(value: Any) -> str:
    """SHA-256 (64 hex digits) of the canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def wire_size(value: Any) -> int:
    """Bytes of a value as the durable SDK sends it: JSON with blanks, everything but ASCII escaped."""
    return len(json.dumps(to_wire(value)))


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _read(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return None if value is None else _read(options[0], value) if len(options) == 1 else value
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_wire(hint, value)
    if origin is tuple:
        item = typing.get_args(hint)[0]
        return tuple(_read(item, entry) for entry in value)
    return value
