"""What all tests share: arbitrary input is drawn alike in every run, and nothing of the caller's machine leaks in."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("BRIDGEHEAD_HYPOTHESIS", "house"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(autouse=True, scope="module")
def _no_garbage_of_others() -> Iterator[None]:
    """Half-run orchestrators are generators: collected while Python parses source, they make it raise SystemError."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own BRIDGEHEAD_* settings, colours and proxies do not reach a test."""
    for name in [*os.environ]:
        if name.startswith(("BRIDGEHEAD_", "IDENTITY_")) and name != "BRIDGEHEAD_HYPOTHESIS":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
