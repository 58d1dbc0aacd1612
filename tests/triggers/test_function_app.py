"""The app as the host loads it: every function is there, every HTTP one is guarded, and nothing heavy is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain import names
from triggers.doors import DOORS

HEAVY = (
    "azure.mgmt",
    "azure.identity",
    "azure.storage",
    "azure.keyvault",
    "azure.monitor",
    "jinja2",
    "pydantic",
    "yaml",
)

DESCRIBE = """
import json, sys
import function_app
heavy = [name for name in sys.argv[1:] if name in sys.modules]
functions = {}
for function in function_app.app.get_functions():
    functions[function.get_function_name()] = [json.loads(one) for one in function.get_raw_bindings()]
print(json.dumps({"heavy": heavy, "functions": functions}))
"""


def describe(root: Path, **environment: str) -> dict[str, Any]:
    """Import and index the app in a fresh process, as a cold start does."""
    found = subprocess.run(
        [sys.executable, "-c", DESCRIBE, *HEAVY],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    described: dict[str, Any] = json.loads(found.stdout)
    return described


@pytest.fixture(scope="module")
def app(root_of_module: Path) -> dict[str, Any]:
    return describe(root_of_module)


@pytest.fixture(scope="module")
def root_of_module() -> Path:
    return Path(__file__).parents[2]


def doors_of(app: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name -> HTTP trigger binding."""
    triggers = {
        name: next((one for one in bindings if one["type"] == "httpTrigger"), None)
        for name, bindings in app["functions"].items()
    }
    return {name: trigger for name, trigger in triggers.items() if trigger}


def test_a_cold_start_imports_no_sdk_and_no_model(app: dict[str, Any]) -> None:
    """The first alert of an outage meets a cold app; what is heavy is imported by whoever needs it."""
    assert app["heavy"] == []


def test_every_wire_name_is_a_function(app: dict[str, Any]) -> None:
    """What orchestrators call by name is there under that name."""
    activities = [
        names.COMPILE_RUNBOOK,
        names.READ_LANE,
        names.MATCH_PLANS,
        names.READ_RUN_STATUS,
        names.START_RUN,
        names.BEGIN_STEP,
        names.POLL_OPERATION,
        names.VERIFY_STEP,
        names.RECORD_STEP,
        names.WRITE_REPORT,
        names.NOTIFY,
    ]
    wanted = {
        "orchestrationTrigger": [names.INCIDENT, names.FAILOVER, names.LANE, names.STEP],
        "entityTrigger": [names.INCIDENT_ENTITY, names.CONTROL_ENTITY, names.CLAIMS_ENTITY],
        "activityTrigger": activities,
    }
    for trigger, functions in wanted.items():
        for name in functions:
            assert trigger in {binding["type"] for binding in app["functions"][name]}, name


def test_every_http_function_is_a_door_of_the_table(app: dict[str, Any]) -> None:
    """There is no way in beside the table, which the tests of authentication and OpenAPI walk."""
    found = {(trigger["route"], tuple(trigger["methods"])) for trigger in doors_of(app).values()}
    assert found == {(door.route, (door.method,)) for door in DOORS}


def test_without_the_platforms_authentication_every_http_function_needs_a_key(app: dict[str, Any]) -> None:
    """No door is open by accident."""
    assert {trigger["authLevel"] for trigger in doors_of(app).values()} == {"FUNCTION"}


def test_with_it_only_the_doors_of_people_go_without_a_key(root: Path) -> None:
    """Those pass through the guard, which believes the platform's principal alone."""
    found = doors_of(describe(root, WEBSITE_AUTH_ENABLED="True"))
    keyless = {name for name, trigger in found.items() if trigger["authLevel"] != "FUNCTION"}
    assert keyless == {door.name for door in DOORS if door.access.for_people}
    assert "receive_service_health_alert" not in keyless


def test_the_embedded_host_loads_the_app_by_the_workers_own_rules(root: Path) -> None:
    """One annotation that the worker does not accept would unload every function."""
    script = "from pathlib import Path; from devhost.app_loader import load_app; print(len(load_app(Path()).all()))"
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > len(DOORS)


def test_the_host_is_told_what_the_design_asks_for(root: Path) -> None:
    """A fixed hub, the prefix of the doors, no inputs in traces, and no replacing of what runs."""
    host = json.loads((root / "host.json").read_text(encoding="utf-8"))
    durable = host["extensions"]["durableTask"]
    assert host["extensions"]["http"]["routePrefix"] == "api"
    assert durable["hubName"] == "Bridgehead"
    assert durable["tracing"]["traceInputsAndOutputs"] is False
    assert durable["overridableExistingInstanceStates"] == "NonRunningStates"
    assert durable["maxConcurrentActivityFunctions"] > 50
    assert host["functionTimeout"] == "00:05:00"
