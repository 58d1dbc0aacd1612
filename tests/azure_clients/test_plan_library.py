"""Plans are published only when they compile, kept under their hashes, and pointed to by one document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azure_clients import plan_library
from azure_clients.errors import Changed, Refused
from azure_clients.folder_documents import FolderDocuments
from domain.compile import Refused as DoesNotCompile
from domain.plans.reading import PlanErrors
from simulator.company_b import company_b

ROOT = Path(__file__).parents[2]
NOW = "2026-03-14T02:00:00+00:00"
PLAN = (ROOT / "plans" / "company-b.yaml").read_text()
ESTATE = json.dumps(company_b())


@pytest.fixture
def store(tmp_path: Path) -> FolderDocuments:
    return FolderDocuments(tmp_path)


def test_what_was_published_is_what_a_run_reads(store: FolderDocuments) -> None:
    """Plan, snapshot and runbook come back with the hashes that the pointer names."""
    published = plan_library.publish(store, PLAN, ESTATE, by="erin", now=NOW)
    pointer = plan_library.read_pointer(store, "company-b")
    assert pointer == published.pointer
    assert plan_library.read_plan(store, pointer.plan_hash).hash == pointer.plan_hash
    assert plan_library.read_snapshot(store, pointer.snapshot_hash).hash == pointer.snapshot_hash
    runbook_hash = published.runbooks["failover"]
    assert plan_library.read_runbook(store, runbook_hash).hash == runbook_hash


def test_publishing_the_same_again_changes_nothing(store: FolderDocuments) -> None:
    """The pointer keeps its first date and author."""
    plan_library.publish(store, PLAN, ESTATE, by="erin", now=NOW)
    again = plan_library.publish(store, PLAN, ESTATE, by="frank", now="2026-04-01T00:00:00+00:00")
    pointer = plan_library.read_pointer(store, "company-b")
    assert (again.changed, pointer.published_by if pointer else None) == (False, "erin")


def test_a_plan_that_does_not_compile_is_not_stored(store: FolderDocuments) -> None:
    """Neither is one that is no plan."""
    with pytest.raises(DoesNotCompile):
        plan_library.publish(store, PLAN.replace("cn-eastasia-datacenter", "cn-nowhere"), ESTATE, by="erin", now=NOW)
    with pytest.raises(PlanErrors):
        plan_library.publish(store, "name: x", ESTATE, by="erin", now=NOW)
    assert store.list("") == []


def test_of_two_publishers_one_is_told(store: FolderDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the pointer; the second to write finds it moved."""
    plan_library.publish(store, PLAN, ESTATE, by="erin", now=NOW)
    read = store.read
    changed = PLAN.replace("description: ", "description: other ")

    def read_and_be_overtaken(name: str) -> Any:
        found = read(name)
        if name.endswith("pointer.json"):
            monkeypatch.setattr(store, "read", read)
            plan_library.publish(store, changed, ESTATE, by="frank", now=NOW)
        return found

    monkeypatch.setattr(store, "read", read_and_be_overtaken)
    with pytest.raises(Changed):
        plan_library.publish(store, PLAN.replace("owner: ", "owner: x"), ESTATE, by="erin", now=NOW)


def test_a_missing_document_is_named(store: FolderDocuments) -> None:
    """A hash that nobody stored."""
    with pytest.raises(Refused, match="content/"):
        plan_library.read_plan(store, "0" * 64)
