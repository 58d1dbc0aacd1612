"""Indexing an app folder by the worker's own rules: import function_app, find the one app object, take its functions.

Loading changes the process as the real worker does: the app folder becomes the working directory and the head of
``sys.path``, and local.settings.json values are put into the environment (an existing variable wins).
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import azure.functions as func

from devhost.errors import AppLoadError, UnknownFunction
from devhost.load_checks import SERVED_TRIGGERS, check_function

_DURABLE_NAME_FIELDS = {
    "orchestrationTrigger": "orchestration", "activityTrigger": "activity", "entityTrigger": "entityName"
}


@dataclass(frozen=True)
class LoadedFunction:
    """One function of the app. ``trigger`` is the binding's own dict (type, name, route, schedule ...)."""

    name: str
    call: Callable[..., Any]
    trigger: dict[str, Any]
    clients: tuple[dict[str, Any], ...]
    wants_context: bool
    directory: Path

    @property
    def kind(self) -> str:
        return str(self.trigger["type"])

    @property
    def parameter(self) -> str:
        return str(self.trigger["name"])

    @property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.call)

    @property
    def durable_name(self) -> str:
        return str(self.trigger.get(_DURABLE_NAME_FIELDS[self.kind]) or self.name)


@dataclass
class LoadedApp:
    """All functions by kind; durable ones by lower-case durable name."""

    http: list[LoadedFunction] = field(default_factory=list)
    timers: list[LoadedFunction] = field(default_factory=list)
    orchestrators: dict[str, LoadedFunction] = field(default_factory=dict)
    activities: dict[str, LoadedFunction] = field(default_factory=dict)
    entities: dict[str, LoadedFunction] = field(default_factory=dict)

    def require_orchestrator(self, name: str) -> LoadedFunction:
        return _find(self.orchestrators, name, "orchestrator")

    def require_activity(self, name: str) -> LoadedFunction:
        return _find(self.activities, name, "activity")

    def require_entity(self, name: str) -> LoadedFunction:
        return _find(self.entities, name, "entity")

    def all(self) -> list[LoadedFunction]:
        durable = [*self.orchestrators.values(), *self.activities.values(), *self.entities.values()]
        return [*self.http, *self.timers, *durable]


def load_app(app_dir: Path) -> LoadedApp:
    """Raises AppLoadError when anything at all is wrong: as in Azure, one bad function unloads the app."""
    app_dir = app_dir.resolve()
    app = LoadedApp()
    for function in _index(app_dir):
        loaded = _load(function, app_dir)
        if not _disabled(loaded.name):
            _register(app, loaded)
    if not app.all():
        raise AppLoadError(f"{app_dir}/function_app.py registers no function")
    return app


def _index(app_dir: Path) -> list[Any]:
    script = os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
    if not (app_dir / script).is_file():
        raise AppLoadError(f"{app_dir} holds no {script}")
    os.chdir(app_dir)
    sys.path.insert(0, str(app_dir))
    module_name = Path(script).stem
    sys.modules.pop(module_name, None)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise AppLoadError(f"importing {script} failed: {type(error).__name__}: {error}") from error
    values = (getattr(module, name, None) for name in dir(module))
    apps = [value for value in values if isinstance(value, func.FunctionRegister)]
    if not apps:
        raise AppLoadError(f"Could not find top level function app instances in {script}.")
    if len(apps) > 1:
        kind = type(apps[0]).__name__
        raise AppLoadError(f"More than one {kind} or other top level function app instances are defined.")
    try:
        return list(apps[0].get_functions())
    except Exception as error:
        raise AppLoadError(f"{script}: {error}") from error


def _load(function: Any, app_dir: Path) -> LoadedFunction:
    name = function.get_function_name()
    if function.get_settings_dict("retry_policy"):
        raise AppLoadError(f"cannot load the {name} function: retry policies are not served by this host")
    trigger = function.get_trigger()
    if trigger.type not in SERVED_TRIGGERS:
        raise AppLoadError(f"cannot load the {name} function: trigger type '{trigger.type}' is not served by this host")
    wants_context = check_function(function)
    described = [dict(binding.get_dict_repr()) for binding in function.get_bindings()]
    return LoadedFunction(
        name=name,
        call=function.get_user_function(),
        trigger=next(b for b in described if b["type"] == trigger.type),
        clients=tuple(b for b in described if b["type"] == "durableClient"),
        wants_context=wants_context,
        directory=app_dir,
    )


def _register(app: LoadedApp, loaded: LoadedFunction) -> None:
    if loaded.kind == "httpTrigger":
        app.http.append(loaded)
    elif loaded.kind == "timerTrigger":
        app.timers.append(loaded)
    else:
        table = {
            "orchestrationTrigger": app.orchestrators, "activityTrigger": app.activities, "entityTrigger": app.entities
        }[loaded.kind]
        key = loaded.durable_name.lower()
        if key in table:
            raise AppLoadError(f"cannot load the {loaded.name} function: its durable name '{key}' is taken")
        table[key] = loaded


def _disabled(name: str) -> bool:
    value = os.environ.get(f"AzureWebJobs.{name}.Disabled", os.environ.get(f"AzureWebJobs_{name}_Disabled", ""))
    return value.lower() in ("true", "1")


def _find(table: dict[str, LoadedFunction], name: str, kind: str) -> LoadedFunction:
    try:
        return table[name.lower()]
    except KeyError:
        raise UnknownFunction(name, kind, [f.durable_name for f in table.values()]) from None


