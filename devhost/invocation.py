"""Calling functions of the app as the Python worker does: values through the library's own converters, by keyword."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

from devhost.app_loader import LoadedFunction


def binding_registry() -> Any:
    """The library's own converters, by binding type."""
    return func.get_binding_registry()  # type: ignore[no-untyped-call]


class InvocationContext(func.Context):
    """What a ``context`` parameter receives."""

    def __init__(self, function: LoadedFunction) -> None:
        self._function = function
        self._invocation_id = str(uuid.uuid4())
        self._local = threading.local()

    @property
    def invocation_id(self) -> str:
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        return self._local

    @property
    def function_name(self) -> str:
        return self._function.name

    @property
    def function_directory(self) -> str:
        return str(self._function.directory)

    @property
    def trace_context(self) -> Any:
        return None

    @property
    def retry_context(self) -> Any:
        return None


class Invoker:
    """``binding_text`` gives the durable client string (it holds the host's address, known only once it listens)."""

    def __init__(self, binding_text: Callable[[], str]) -> None:
        self._binding_text = binding_text
        self._registry = binding_registry()

    def arguments(self, function: LoadedFunction, trigger: Datum) -> dict[str, Any]:
        converter = self._registry.get(function.kind)
        arguments = {function.parameter: converter.decode(trigger, trigger_metadata={})}
        for client in function.clients:
            arguments[client["name"]] = self._binding_text()
        if function.wants_context:
            arguments["context"] = InvocationContext(function)
        return arguments

    def call(self, function: LoadedFunction, trigger: Datum) -> Any:
        return function.call(**self.arguments(function, trigger))

    async def call_async(self, function: LoadedFunction, trigger: Datum) -> Any:
        return await function.call(**self.arguments(function, trigger))

    def orchestrator(self, function: LoadedFunction) -> Callable[[str], str]:
        return lambda text: str(self.call(function, Datum(text, "json")))

    def entity(self, function: LoadedFunction) -> Callable[[str], str]:
        return lambda text: str(self.call(function, Datum(text, "json")))

    def activity(self, function: LoadedFunction, text: str | None) -> str:
        return self._encode(self.call(function, Datum(text, "string")))

    async def activity_async(self, function: LoadedFunction, text: str | None) -> str:
        return self._encode(await self.call_async(function, Datum(text, "string")))

    def _encode(self, result: Any) -> str:
        return str(self._registry.get("activityTrigger").encode(result, expected_type=None).value)
