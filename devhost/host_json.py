"""The settings of host.json and local.settings.json that this host obeys. The rest is the real host's business."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devhost.errors import AppLoadError


@dataclass(frozen=True)
class HostSettings:
    """``activity_slots`` is maxConcurrentActivityFunctions; ``pool_threads`` the worker's thread pool."""

    route_prefix: str
    hub_name: str
    activity_slots: int
    pool_threads: int
    override_running: bool


def read_host_settings(app_dir: Path) -> HostSettings:
    """Defaults are Azure's: prefix ``api``, ten activities per processor, min(32, processors + 4) threads."""
    apply_local_settings(app_dir)
    document = _read_json(app_dir / "host.json")
    extensions = document.get("extensions", {})
    durable = extensions.get("durableTask", {})
    processors = os.cpu_count() or 1
    return HostSettings(
        route_prefix=str(extensions.get("http", {}).get("routePrefix", "api")).strip("/"),
        hub_name=str(durable.get("hubName") or "TestHubName"),
        activity_slots=_positive(
            durable.get("maxConcurrentActivityFunctions", 10 * processors), "maxConcurrentActivityFunctions"
        ),
        pool_threads=_positive(
            os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT", min(32, processors + 4)), "PYTHON_THREADPOOL_THREAD_COUNT"
        ),
        override_running=str(durable.get("overridableExistingInstanceStates", "")).lower() == "anystate",
    )


def apply_local_settings(app_dir: Path) -> None:
    """``Values`` of local.settings.json become environment variables; one that is set already wins."""
    for name, value in _read_json(app_dir / "local.settings.json").get("Values", {}).items():
        os.environ.setdefault(name, str(value))


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise AppLoadError(f"{path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AppLoadError(f"{path} must hold a JSON object")
    return document


def _positive(value: Any, name: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1:
        raise AppLoadError(f"{name} must be a whole number of at least 1, not {value!r}")
    return number
