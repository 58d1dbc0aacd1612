"""Looking at runs and plans: what is known is shown, from whichever place still knows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from azure_clients.folder_documents import FolderDocuments
from azure_clients.plan_library import publish


def test_a_run_under_way_shows_its_live_table_and_questions(stage: Any) -> None:
    """Status, custom status, control and open questions in one answer."""
    run = stage.start("lanes", "live-1")
    stage.asking(run, 2)
    view = stage.get(f"failovers/{run}").json()
    assert view["runtimeStatus"] == "Running"
    assert view["status"]["phase"] == "playing"
    assert [wait["step"] for wait in view["control"]["waits"]] == ["aaaaaaaa", "bbbbbbbb"]
    assert view["report"] is None


def test_a_run_that_has_ended_shows_its_outcome_and_report(stage: Any) -> None:
    """The report is the document, whole."""
    run = stage.start("done", "report-1")
    stage.ended(run)
    stage.document(f"runs/{run}/report.json", {"outcome": "completed", "achieved_rto_seconds": 512.0})
    view = stage.get(f"failovers/{run}").json()
    assert view["outcome"] == "completed"
    assert view["report"] == {"outcome": "completed", "achieved_rto_seconds": 512.0}


def test_a_purged_run_is_still_known_by_its_documents(stage: Any) -> None:
    """Histories go, reports stay; a record without either says so."""
    run = "company-b-00000000aa"
    report = {"outcome": "aborted", "request": {"plan": "company-b", "mode": "failover", "started_by": "alert"}}
    stage.document(f"runs/{run}/report.json", report)
    view = stage.get(f"failovers/{run}").json()
    assert (view["outcome"], view["runtimeStatus"], view["startedBy"]) == ("aborted", None, "alert")
    lost = "company-b-00000000ab"
    stage.document(f"runs/{lost}/request.json", {"plan": "company-b", "mode": "failover"})
    assert "history was purged" in stage.get(f"failovers/{lost}").json()["note"]


def test_runs_are_listed_newest_first_and_by_plan_and_outcome(stage: Any) -> None:
    """Those that were recorded, reported or are under way."""
    older = stage.start("done", "list-1")
    newer = stage.start("watch", "list-2")
    stage.ended(older)
    names = [one["run"] for one in stage.get("failovers").json()["failovers"]]
    assert names.index(newer) < names.index(older)
    assert newer not in [one["run"] for one in stage.get("failovers?outcome=completed").json()["failovers"]]
    assert older in [one["run"] for one in stage.get("failovers?outcome=completed&plan=company-b").json()["failovers"]]
    assert stage.get("failovers?plan=company").json() == {"failovers": [], "continuation": None}


def test_pages_of_runs_follow_each_other_whatever_comes_in_between(stage: Any) -> None:
    """A run that is started while somebody turns pages neither moves a page nor is shown twice."""
    runs = [stage.start("done", f"page-{number}") for number in range(5)]
    first = stage.get("failovers?limit=2").json()
    stage.start("done", "page-late")
    second = stage.get(f"failovers?limit=2&continuation={first['continuation']}").json()
    rest = stage.get(f"failovers?continuation={second['continuation']}").json()
    shown = [one["run"] for page in (first, second, rest) for one in page["failovers"]]
    assert shown[:5] == runs[::-1]
    assert len(shown) == len(set(shown))
    assert rest["continuation"] is None


def test_a_page_of_ends_looks_at_so_many_runs_and_no_more(stage: Any) -> None:
    """Many hundred runs, a few that ended so: pages may be short, and none is missed. No report is read twice over."""
    plan = "many"
    for number in range(450):
        run = f"{plan}-{number:010x}"
        stage.document(f"run-index/{10**16 - 1000 + number:017d}.{run}", {})
        outcome = "aborted" if number in (3, 250, 449) else "completed"
        request = {"plan": plan, "mode": "failover", "started_by": "alert"}
        stage.document(f"runs/{run}/report.json", {"outcome": outcome, "request": request})
    found, pages, after = [], 0, ""
    while after is not None:
        page = stage.get(f"failovers?plan={plan}&outcome=aborted{after}").json()
        found += [one["run"] for one in page["failovers"]]
        after = f"&continuation={page['continuation']}" if page["continuation"] else None
        pages += 1
    assert found == [f"{plan}-{number:010x}" for number in (3, 250, 449)]
    assert pages == 3


def test_a_run_that_an_incident_started_is_listed_while_it_runs(stage: Any) -> None:
    """Nobody recorded it at a door; its own input says what it is."""
    run = "company-b-00000000ac"
    url = f"/runtime/webhooks/durabletask/orchestrators/failover/{run}"
    given = {"run": run, "plan": "company-b", "mode": "failover", "reason": "watch"}
    given |= {"started_by": "alert", "incident": "X-1"}
    assert stage.http.post(url, params={"code": stage.system_key}, json=given).status_code == 202
    found = [one for one in stage.get("failovers").json()["failovers"] if one["run"] == run]
    assert [(one["incident"], one["startedBy"]) for one in found] == [("X-1", "alert")]


def test_wrong_filters_are_named(stage: Any) -> None:
    """A filter that cannot match is a mistake, not an empty list."""
    response = stage.get("failovers?outcome=fine")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "query:outcome"
    for wrong in ("limit=0", "limit=101", "limit=x", "continuation=yesterday"):
        (error,) = stage.get(f"failovers?{wrong}").json()["errors"]
        assert error["field"] == f"query:{wrong.split('=')[0]}"
    assert stage.get("plans/company-b/runbook?mode=sideways").json()["errors"][0]["field"] == "query:mode"


def test_published_plans_are_listed_with_their_hashes(stage: Any) -> None:
    """What a run would be pinned to."""
    (plan,) = [one for one in stage.get("plans").json()["plans"] if one["name"] == "company-b"]
    assert plan["modes"] == ["failover"]
    assert plan["planHash"] == "11" * 32


def test_a_runbook_is_compiled_from_what_is_published(stage: Any, root: Path) -> None:
    """Company B's own plan; a mode that does not compile is refused with the reason, an unknown plan is 404."""
    text = (root / "plans" / "company-b.yaml").read_text(encoding="utf-8")
    text = text.replace("name: company-b", "name: company-c", 1)
    snapshot = (root / "estates" / "company-b.json").read_bytes()
    store = FolderDocuments(stage.folder / "documents")
    published = publish(store, text, snapshot, by="ines", now="2026-03-01T00:00:00+00:00")
    told = stage.get("plans/company-c/runbook").json()
    assert told["hash"] == published.runbooks["failover"]
    assert len(told["runbook"]["steps"]) > 10
    refused = stage.get("plans/company-c/runbook?mode=drill")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "mode"
    assert stage.get("plans/company-z/runbook").status_code == 404
    assert stage.get("plans/Company%20B/runbook").status_code == 404
