"""The alert door through HTTP: what it accepts, what it ignores with a reason, what it refuses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ALERTS = Path(__file__).parents[1] / "fixtures" / "alerts"
DOOR = "alerts/service-health"


def alert(name: str, tracking_id: str) -> dict[str, Any]:
    text = (ALERTS / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.replace("KT7B-9X0", tracking_id))
    return found


def message_count(stage: Any, tracking_id: str) -> int:
    return len(stage.entity("incident_state", tracking_id.lower())["messages"])


@pytest.mark.parametrize("name", ["common-active", "legacy-active", "common-active-array"])
def test_an_active_incident_is_accepted_and_its_orchestration_runs(stage: Any, name: str) -> None:
    """202 comes once the entity has the message and the incident's orchestration is there."""
    tracking_id = f"ACC-{name.upper()}"
    response = stage.post(DOOR, alert(name, tracking_id))
    assert response.status_code == 202
    told = response.json()
    assert told["accepted"] is True
    assert told["incident"] == tracking_id
    assert told["scope"]["eastasia"] == ["Virtual Machines", "Virtual Network", "VPN Gateway"]
    assert stage.instance(told["instance"])["runtimeStatus"] in ("Pending", "Running")
    assert stage.entity("incident_state", tracking_id.lower())["scope"]["eastasia"]


def test_ten_copies_at_once_are_one_message_and_one_orchestration(stage: Any) -> None:
    """Azure repeats itself, and every post gets its 202."""
    body = alert("common-active", "DUP-10")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: stage.post(DOOR, body), range(10)))
    assert [answer.status_code for answer in answers] == [202] * 10
    assert message_count(stage, "DUP-10") == 1
    assert stage.instance("incident-dup-10")["runtimeStatus"] in ("Pending", "Running")


def test_another_subscription_and_a_later_event_are_messages_of_the_same_incident(stage: Any) -> None:
    """The trackingId is the incident, whoever tells of it."""
    for name in ("common-active", "common-active-other-subscription", "common-update-wider"):
        assert stage.post(DOOR, alert(name, "MANY-1")).json()["incident"] == "MANY-1"
    assert message_count(stage, "MANY-1") == 3
    scope = stage.entity("incident_state", "many-1")["scope"]
    assert scope["southeastasia"] == ["Virtual Machines"]
    assert "Azure Firewall" in scope["eastasia"]


def test_a_finished_incident_is_taken_up_again(stage: Any) -> None:
    """A known id that has ended is started anew, one that runs is left alone."""
    stage.post(DOOR, alert("common-active", "AGAIN-1"))
    stage.raise_event("incident-again-1", "end")
    for _ in range(200):
        if stage.instance("incident-again-1")["runtimeStatus"] == "Completed":
            break
    stage.post(DOOR, alert("common-update-wider", "AGAIN-1"))
    assert stage.instance("incident-again-1")["runtimeStatus"] in ("Pending", "Running")


def test_the_end_of_an_incident_reaches_its_entity_and_starts_nothing(stage: Any) -> None:
    """A run that still holds reads there that the incident is over."""
    stage.post(DOOR, alert("common-active", "OVER-1"))
    response = stage.post(DOOR, alert("common-resolved", "OVER-1"))
    assert response.status_code == 202
    assert "stage is 'Resolved'" in response.json()["update"]
    assert stage.entity("incident_state", "over-1")["over"] == "2026-03-14T05:44:00+00:00"
    assert stage.post(DOOR, alert("common-resolved", "OVER-2")).status_code == 202
    assert stage.instance("incident-over-2") is None


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("common-maintenance", "Maintenance"),
        ("common-late-review", "Information"),
        ("common-test-action", "synthetic"),
        ("common-advisory-wide", "ActionRequired"),
        ("common-global-only", "no region but Global"),
        ("common-bad-scope", "not JSON"),
        ("other-resource-health", "Resource Health"),
    ],
)
def test_what_must_not_fire_is_ignored_with_its_reason(stage: Any, name: str, because: str) -> None:
    """202 all the same: Azure has nothing to repeat."""
    response = stage.post(DOOR, alert(name, "IGN-1"))
    assert response.status_code == 202
    assert because in response.json()["ignored"]
    assert stage.instance("incident-ign-1") is None


@pytest.mark.parametrize(
    ("content", "status", "kind", "says"),
    [
        (b"", 400, "not-json", "empty"),
        (b"<alert/>", 400, "not-json", "not JSON"),
        (b"\xff\xfe{}", 400, "not-json", "UTF-8"),
        (b'{"a": NaN}', 400, "not-json", "NaN"),
        (b'{"a": 1, "a": 2}', 400, "not-json", "given twice"),
        (b"[" * 200_000, 400, "not-json", "nested too deeply"),
        (b'{"a":' * 100_000, 400, "not-json", "nested too deeply"),
        (b"9" * 6000, 400, "not-json", "not JSON"),
        (b"null", 400, "not-an-alert", "found nothing"),
        (b"[]", 400, "not-an-alert", "found a list"),
        (b'{"schemaId": "\xed\xa0\xbd"}', 400, "not-json", "UTF-8"),
        (b'{"schemaId": "\\ud83d\\u0000"}', 400, "not-an-alert", "schemaId"),
        (b'{"schemaId": "x", "pad": "' + b"x" * 2_000_000 + b'"}', 413, "too-large", "at most 1048576"),
    ],
)
def test_what_is_no_alert_is_refused_with_a_reason(
    stage: Any, content: bytes, status: int, kind: str, says: str
) -> None:
    """RFC 9457 problem details, and nothing starts."""
    response = stage.call("POST", DOOR, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    problem = response.json()
    assert problem["type"] == f"urn:bridgehead:problem:{kind}"
    assert problem["status"] == status
    assert says in problem["detail"]


def test_an_unknown_region_is_told_by_field_with_the_nearest_name(stage: Any) -> None:
    """The error names the field, the region and what was probably meant; nothing starts."""
    response = stage.post(DOOR, alert("common-unknown-region", "UNK-1"))
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert error["field"] == "data.alertContext.properties.impactedServices"
    assert "'East Asai'" in error["detail"]
    assert "did you mean 'East Asia'" in error["detail"]
    assert stage.instance("incident-unk-1") is None


def test_an_unknown_region_beside_a_known_one_is_told_in_the_answer(stage: Any) -> None:
    """The known region counts."""
    told = stage.post(DOOR, alert("common-partly-unknown-region", "UNK-2")).json()
    assert told["unknownRegions"] == ["Atlantis North"]
    assert list(told["scope"]) == ["eastasia"]


def test_the_alert_door_takes_no_call_without_a_key(stage: Any, signed_in: Any) -> None:
    """Also where people sign in: the alert door is for machines, and a principal opens it for nobody."""
    for host in (stage, signed_in):
        assert host.post(DOOR, alert("common-active", "KEY-1"), key=None).status_code == 401
        assert host.post(DOOR, alert("common-active", "KEY-1"), key="wrong").status_code == 401
        assert host.instance("incident-key-1") is None
