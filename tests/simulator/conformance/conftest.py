"""Small cassettes, written by hand as Azure's recorders write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

HOST = "https://management.azure.com"
SUBSCRIPTION = "/subscriptions/11112222-3333-4444-5555-666677778888"
NETWORKS = f"{SUBSCRIPTION}/resourceGroups/rg-any/providers/Microsoft.Network"
OPERATION = (
    f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westus/operations/0a0b0c0d-1111-4222-8333-444455556666"
)


class Recorder:
    """Appends interactions; ``write`` makes a cassette of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.interactions: list[dict[str, Any]] = []

    def add(
        self,
        method: str,
        path: str,
        status: int,
        answer: Any = None,
        *,
        sent: Any = None,
        headers: dict[str, str] | None = None,
        version: str = "2021-02-01",
        date: str | None = None,
    ) -> Recorder:
        told = {**(headers or {}), **({"Date": date} if date else {})}
        host = "" if path.startswith("http") else HOST
        joint = "&" if "?" in path else "?"
        self.interactions.append(
            {
                "request": {
                    "method": method,
                    "uri": f"{host}{path}{joint}api-version={version}",
                    "headers": {"Accept": ["application/json"]},
                    "body": None if sent is None else json.dumps(sent),
                },
                "response": {
                    "status": {"code": status, "message": "-"},
                    "headers": {name: [value] for name, value in told.items()},
                    "body": {"string": "" if answer is None else json.dumps(answer)},
                },
            }
        )
        return self

    def poll(self, status: str, **more: Any) -> Recorder:
        return self.add("GET", OPERATION, 200, {"status": status}, **more)

    def write(self, name: str = "one.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"interactions": self.interactions, "version": 1}), encoding="utf-8")
        return path


@pytest.fixture
def record(tmp_path: Path) -> Callable[[], Recorder]:
    return lambda: Recorder(tmp_path / "recordings")
