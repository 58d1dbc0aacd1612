"""What the real worker refuses when it indexes an app, refused here in the same places.

A lenient host would load apps that Azure unloads as a whole (one bad annotation and *no* function of the app is
there), so every check of the worker's ``Registry`` that can concern the triggers served here is repeated. Source:
azure-functions-python-worker 4.34 and azure-functions-runtime 1.3 ``functions.py``; ``tests/referee`` holds this
file against the latter.
"""

from __future__ import annotations

import collections.abc
import inspect
import typing
from typing import Any, ClassVar, Generic, Union

import azure.functions as func

from devhost.errors import AppLoadError

SERVED_TRIGGERS = frozenset(
    {"httpTrigger", "timerTrigger", "orchestrationTrigger", "activityTrigger", "entityTrigger"}
)
SERVED_BINDINGS = SERVED_TRIGGERS | {"http", "durableClient"}

_OUT = 1
_REGISTRY: Any = func.get_binding_registry()  # type: ignore[no-untyped-call]
_GENERIC_ALIASES = (typing._GenericAlias, typing._SpecialGenericAlias)  # type: ignore[attr-defined]


def check_function(function: Any) -> bool:
    """Check one indexed function. True when it wants the ``context`` object. Raises AppLoadError."""
    name = function.get_function_name()
    user_function = function.get_user_function()
    bindings = list(function.get_bindings())
    for binding in bindings:
        if binding.type not in SERVED_BINDINGS:
            raise _refuse(name, f"binding type '{binding.type}' is not served by this host")
        if binding.name == "$return" and binding.direction != _OUT:
            raise _refuse(name, '"$return" binding must have direction set to "out"')
    parameters = dict(inspect.signature(user_function).parameters)
    try:
        annotations = typing.get_type_hints(user_function)
    except Exception as error:
        raise _refuse(name, f"its annotations cannot be resolved: {error}") from error
    bound = {b.name: b for b in bindings if b.name != "$return"}
    wants_context = _check_context(name, parameters, bound, annotations)
    _check_names(name, parameters, bound)
    for parameter in parameters:
        if parameter in annotations:
            _check_parameter(name, bound[parameter], annotations[parameter])
    if any(b.name == "$return" for b in bindings) and "return" in annotations:
        _check_return(name, annotations["return"], next(b.type for b in bindings if b.name == "$return"))
    return wants_context


def is_generic_type(tp: object) -> bool:
    """As the worker's ``typing_inspect``: ``List[str]`` yes; ``list[str]``, Union, Tuple and Callable no."""
    if isinstance(tp, type) and issubclass(tp, Generic):
        return True
    excluded = (Union, tuple, ClassVar, collections.abc.Callable)
    return isinstance(tp, _GENERIC_ALIASES) and tp.__origin__ not in excluded


def _check_context(
    name: str, parameters: dict[str, Any], bound: dict[str, Any], annotations: dict[str, Any]
) -> bool:
    if "context" not in parameters or "context" in bound:
        return False
    parameters.pop("context")
    annotation = annotations.get("context")
    if "context" in annotations and (not isinstance(annotation, type) or annotation.__name__ != "Context"):
        raise _refuse(
            name, f'the "context" parameter is expected to be of type azure.functions.Context, got {annotation!r}'
        )
    return True


def _check_names(name: str, parameters: dict[str, Any], bound: dict[str, Any]) -> None:
    unbound = sorted(set(parameters) - set(bound))
    if unbound:
        raise _refuse(
            name, f"the following parameters are declared in Python but not in the function decorators: {unbound}"
        )
    missing = sorted(set(bound) - set(parameters))
    if missing:
        raise _refuse(name, f"the following parameters are declared as bindings but are not in Python: {missing}")


def _check_parameter(name: str, binding: Any, annotation: Any) -> None:
    origin = typing.get_origin(annotation) if is_generic_type(annotation) else annotation
    if isinstance(origin, type) and origin.__name__ == "Out":
        raise _refuse(
            name, f"binding {binding.name} is declared to have the \"in\" direction, but its annotation is Out"
        )
    if not isinstance(annotation, type) and not is_generic_type(annotation):
        raise _refuse(name, f"binding {binding.name} has invalid non-type annotation {annotation!r}")
    converter = _REGISTRY.get(binding.type)
    if annotation in (str, bytes) and not _has_implicit_output(converter):
        return
    try:
        fits = converter.check_input_type_annotation(annotation)
    except TypeError as error:
        raise _refuse(name, f"binding {binding.name} cannot be checked against {annotation!r}: {error}") from error
    if not fits:
        shown = getattr(annotation, "__name__", repr(annotation))
        raise _refuse(
            name, f'type of {binding.name} binding "{binding.type}" does not match its Python annotation "{shown}"'
        )


def _check_return(name: str, annotation: Any, binding_type: str) -> None:
    if not isinstance(annotation, type):
        raise _refuse(name, f"has invalid non-type return annotation {annotation!r}")
    if not _REGISTRY.get(binding_type).check_output_type_annotation(annotation):
        raise _refuse(
            name, f'Python return annotation "{annotation.__name__}" does not match binding type "{binding_type}"'
        )


def _has_implicit_output(converter: Any) -> bool:
    return bool(getattr(converter, "has_implicit_output", lambda: False)())


def _refuse(name: str, reason: str) -> AppLoadError:
    return AppLoadError(f"cannot load the {name} function: {reason}")
