"""The OpenAPI document: current, valid in itself, and kept by the running app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from triggers import openapi
from triggers.doors import DOORS
from triggers.problems import PROBLEM_JSON

DOCUMENT = openapi.document()


def test_the_document_in_docs_is_current(root: Path) -> None:
    """``python -m triggers.openapi`` writes it."""
    assert (root / openapi.PATH).read_text(encoding="utf-8") == openapi.text()


def test_every_reference_leads_to_a_valid_schema() -> None:
    """Each component is JSON Schema, and none is missing or left over."""
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(DOCUMENT)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used == set(schemas)


def test_every_door_is_described_and_nothing_else() -> None:
    """One operation a door, with its security and every problem that it may answer."""
    operations = {
        (method.upper(), path.removeprefix("/api/")): operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == {(door.method, door.route) for door in DOORS}
    for operation in operations.values():
        assert operation["security"]
        assert "401" in operation["responses"]


class Watched:
    """A stage whose every answer is held against the document."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.seen: set[tuple[str, int]] = set()

    def call(self, door_name: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        door = next(door for door in DOORS if door.name == door_name)
        extra = {"json": body} if body is not None else {}
        response = self.stage.call(door.method, path, **extra, **more)
        self.seen.add((door_name, response.status_code))
        operation = DOCUMENT["paths"][f"/api/{door.route}"][door.method.lower()]
        described = operation["responses"][str(response.status_code)]["content"]
        media_type = response.headers["content-type"].split(";")[0]
        assert media_type in described
        schema = {**described[media_type]["schema"], "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())
        if media_type == PROBLEM_JSON:
            assert response.json()["status"] == response.status_code
        found: dict[str, Any] = response.json()
        return found


def test_the_running_app_answers_as_described(stage: Any, root: Path) -> None:
    """A walk through every door, good and bad: status, media type and shape are the documented ones."""
    app = Watched(stage)
    alert = json.loads((root / "tests/fixtures/alerts/common-active.json").read_text(encoding="utf-8"))
    app.call("receive_service_health_alert", "alerts/service-health", alert)
    app.call("receive_service_health_alert", "alerts/service-health", {})
    app.call("receive_service_health_alert", "alerts/service-health", content=b"x" * 1_100_000)
    for word in ("suspend", "resume"):
        app.call(f"{word}_automation", f"automation/{word}", {"by": "ada"})
        app.call(f"{word}_automation", f"automation/{word}", {"who": "ada"})
    body = {"plan": "company-b", "mode": "failover", "idempotencyKey": "openapi-1", "reason": "lanes"}
    run = app.call("start_failover", "failovers", body)["run"]
    app.call("start_failover", "failovers", body)
    app.call("start_failover", "failovers", {**body, "mode": "drill"})
    app.call("start_failover", "failovers", {})
    app.call("start_failover", "failovers", content=b"{")
    stage.asking(run, 2)
    app.call("list_failovers", "failovers")
    app.call("list_failovers", "failovers?plan=NO")
    app.call("read_failover", f"failovers/{run}")
    app.call("read_failover", "failovers/nobody")
    app.call("pause_failover", f"failovers/{run}/pause", {})
    app.call("resume_failover", f"failovers/{run}/resume", {})
    app.call("resume_failover", f"failovers/{run}/resume", {})
    app.call("approve_failover", f"failovers/{run}/approve", {})
    app.call("reject_failover", f"failovers/{run}/reject", {"step": 5})
    app.call("retry_failover", f"failovers/{run}/retry", {"step": "aaaaaaaa"})
    app.call("skip_failover", f"failovers/{run}/skip", {"step": "bbbbbbbb", "reason": "tonight"})
    stage.ended(run)
    app.call("abort_failover", f"failovers/{run}/abort", {})
    app.call("adopt_failover", f"failovers/{run}/adopt", {})
    bad = app.call("start_failover", "failovers", {**body, "idempotencyKey": "openapi-2", "reason": "badly"})["run"]
    stage.ended(bad)
    app.call("adopt_failover", f"failovers/{bad}/adopt", {})
    app.call("read_failover", f"failovers/{bad}")
    app.call("list_plans", "plans")
    app.call("read_runbook", "plans/nobody/runbook")
    assert {name for name, _ in app.seen} == {door.name for door in DOORS}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "alerts/service-health"),
        ("PUT", "failovers"),
        ("DELETE", "failovers/company-b-0123456789"),
        ("GET", "failovers/company-b-0123456789/abort"),
        ("POST", "plans"),
        ("POST", "failovers/company-b-0123456789/explode"),
        ("GET", "automation/suspend"),
        ("GET", "openapi.json"),
        ("GET", ""),
    ],
)
def test_what_is_not_described_does_not_exist(stage: Any, method: str, path: str) -> None:
    """Wrong methods and unknown routes are 404, with a key and without."""
    assert stage.call(method, path).status_code == 404
    assert stage.call(method, path, key=None).status_code == 404
