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
    """Build the dataclass ``cls`` from a JSON object made by ``to_wire``. Raises TypeError when it is no object."""
    if not isinstance(data, dict):
        raise TypeError(f"{cls.__name__} is read from a JSON object, not from {type(data).__name__}")
    hints = _hints(cls)
    known = {f.name: f for f in dataclasses.fields(cls) if f.name in data}  # type: ignore[arg-type]
    return cls(**{name: _read(hints[name], data[name]) for name in known})


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
