"""What a cold start must not pay for: the app is indexed on every one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "azure.core", "azure.identity", "azure.mgmt", "azure.monitor", "azure.keyvault", "azure.storage", "msal",
    "requests", "urllib3", "cryptography", "pydantic", "yaml", "jinja2", "jmespath", "httpx", "rich", "typer",
    "simulator", "devhost", "cli",
)  # fmt: skip
OURS_WHEN_NEEDED = (
    "activities.door", "activities.kinds", "activities.library", "activities.records", "azure_clients", "domain.alerts",
    "domain.calls", "domain.compile", "domain.plans.model", "domain.regions", "domain.report", "domain.runbook",
    "orchestrators.failover", "orchestrators.step", "triggers.alert_door", "triggers.openapi",
)  # fmt: skip
LISTED = """
import sys, azure.functions, azure.durable_functions
before = set(sys.modules)
import function_app
print(*(set(sys.modules) - before), sep="\\n")
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Modules that importing the app adds to what Durable Functions itself loads."""
    done = subprocess.run([sys.executable, "-c", LISTED], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", [*HEAVY, *OURS_WHEN_NEEDED])
def test_a_cold_start_does_not_load(module: str, loaded: set[str]) -> None:
    """Heavy libraries, and rooms of ours that one kind of call needs, load with the first such call."""
    assert not [one for one in loaded if one == module or one.startswith(f"{module}.")]


def test_a_cold_start_adds_few_modules(loaded: set[str]) -> None:
    """What the app adds stays a handful of small files, all of them ours but for a few of the standard library."""
    assert "function_app" in loaded
    assert len(loaded) < 60
