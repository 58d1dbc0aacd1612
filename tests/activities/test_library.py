"""What orchestrators ask of the library: a runbook that is kept, its lanes, the plans that an incident concerns."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from activities import ACTIVITIES
from azure_clients import plan_library
from azure_clients.documents import documents
from azure_clients.errors import CallFailed
from domain import names
from simulator.company_b import company_b

ROOT = Path(__file__).parents[2]
PLAN = (ROOT / "plans" / "company-b.yaml").read_text()
LIMIT = 32 * 1024


@pytest.fixture
def pointer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Company B, published."""
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", str(tmp_path))
    return plan_library.publish(documents(), PLAN, json.dumps(company_b()), by="erin", now="now").pointer


def compiled(pointer: Any, mode: str = "failover", **changed: str) -> dict[str, Any]:
    call = {"run": "r", "plan_hash": pointer.plan_hash, "snapshot_hash": pointer.snapshot_hash, "mode": mode, **changed}
    return ACTIVITIES[names.COMPILE_RUNBOOK](call)


def test_a_runbook_is_kept_and_its_lanes_are_read(pointer: Any) -> None:
    """Every step is in exactly one lane, and every answer is small."""
    summary = compiled(pointer)
    assert len(json.dumps(summary)) < LIMIT
    steps: list[str] = []
    for lane in summary["lanes"]:
        answer = ACTIVITIES[names.READ_LANE]({"runbook_hash": summary["runbook_hash"], "lane": lane["id"]})
        assert len(json.dumps(answer)) < LIMIT
        steps += [step["id"] for step in answer["steps"]]
    assert len(steps) == len(set(steps)) == summary["steps"]


def test_compiling_again_gives_the_same_hash(pointer: Any) -> None:
    """An activity that runs twice changes nothing."""
    assert compiled(pointer) == compiled(pointer)


def test_a_host_in_the_failing_region_refuses(pointer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The orchestrator must not die with the region; App Service may say its name as people do."""
    monkeypatch.setenv("REGION_NAME", "East Asia")
    assert "runs in eastasia" in compiled(pointer)["refusals"][0]
    monkeypatch.setenv("REGION_NAME", "Korea Central")
    assert not compiled(pointer).get("refusals")


def test_what_undoes_steps_comes_in_the_order_asked_for(pointer: Any) -> None:
    """The lane of compensations: one after another."""
    summary = compiled(pointer)
    wanted = list(reversed(summary["undoes"]))
    call = {"runbook_hash": summary["runbook_hash"], "lane": "compensate", "compensate": wanted}
    steps = ACTIVITIES[names.READ_LANE](call)["steps"]
    assert [one["kind"] for one in steps][:1] == ["disconnect-connection"]
    assert all(later["after"] == [earlier["id"]] for earlier, later in pairwise(steps))


def test_a_mode_that_does_not_compile_is_refused_in_words(pointer: Any) -> None:
    """The run ends refused; nothing is raised."""
    summary = compiled(pointer, mode="nonsense")
    assert summary["steps"] == 0
    assert "nonsense" in summary["refusals"][0]


def test_a_document_that_is_gone_is_refused_in_words(pointer: Any) -> None:
    """Its hash is named."""
    assert "0000" in compiled(pointer, plan_hash="0" * 64)["refusals"][0]


def test_a_store_that_does_not_answer_is_raised_for_the_orchestrator_to_insist(
    pointer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither a refusal nor a runbook."""
    from azure_clients.errors import Unanswered
    from azure_clients.folder_documents import FolderDocuments

    def silent(*_: Any) -> Any:
        raise Unanswered("the store")

    monkeypatch.setattr(FolderDocuments, "read", silent)
    with pytest.raises(CallFailed):
        compiled(pointer)


@pytest.mark.parametrize(
    ("scope", "matches"),
    [
        ({"eastasia": ["Virtual Machines"]}, 1),
        ({"eastasia": ["virtual machines ", "Other"]}, 1),
        ({"eastasia": []}, 1),
        ({"eastasia": ["Azure Maps"]}, 0),
        ({"southeastasia": ["Virtual Machines"]}, 0),
        ({}, 0),
    ],
)
def test_an_incident_concerns_the_plans_of_its_region_and_services(
    pointer: Any, scope: dict[str, list[str]], matches: int
) -> None:
    """By the plan's primary region, and any of the services that it watches."""
    found = ACTIVITIES[names.MATCH_PLANS]({"tracking_id": "T", "scope": scope})["matches"]
    assert len(found) == matches
    if found:
        assert found[0]["plan_hash"] == pointer.plan_hash
