"""Starting runs: once per key, whatever happens in between; and taking over a run that ended badly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain import names


def body(key: str, **more: Any) -> dict[str, Any]:
    return {"plan": "company-b", "mode": "failover", "idempotencyKey": key, "by": "ada", **more}


def test_a_start_is_recorded_started_and_led_to(stage: Any) -> None:
    """202 with the run's name, which the key decides, and where to look."""
    response = stage.post("failovers", body("first-1", reason="watch", consents=["accept-split-risk"]))
    assert response.status_code == 202
    run = names.run_for_key("company-b", "first-1")
    assert response.json() == {"run": run, "plan": "company-b", "mode": "failover", "startedBy": "ada"}
    assert response.headers["location"] == f"/api/failovers/{run}"
    view = stage.get(f"failovers/{run}").json()
    assert (view["plan"], view["startedBy"], view["outcome"]) == ("company-b", "ada", None)
    assert stage.document(f"runs/{run}/request.json").exists()
    given = stage.instance(run)["input"]
    assert '"approved_by": "ada"' in given
    assert '"lineage": "' + run in given
    assert '"accept-split-risk"' in given


def test_a_key_in_the_header_is_the_same_key(stage: Any) -> None:
    """Either place will do; two that differ will not."""
    started = {"plan": "company-b", "mode": "failover"}
    response = stage.post("failovers", started, headers={"Idempotency-Key": "head-1"})
    assert response.json()["run"] == names.run_for_key("company-b", "head-1")
    both = stage.post("failovers", body("head-1"), headers={"Idempotency-Key": "head-2"})
    assert both.status_code == 400
    assert both.json()["errors"][0]["field"] == "idempotencyKey"


def test_a_key_that_is_known_returns_its_run_and_never_restarts_it(stage: Any) -> None:
    """Running, ended, and with nothing left but its report."""
    run = stage.start("watch", "known-1")
    again = stage.post("failovers", body("known-1", reason="other"))
    assert again.status_code == 200
    assert again.json()["run"] == run
    assert again.json()["reason"] == "watch"
    done = stage.start("done", "known-2")
    first = stage.ended(done)
    assert stage.post("failovers", body("known-2")).json()["outcome"] == "completed"
    assert stage.get(f"failovers/{done}").json()["createdAt"] == first["createdAt"]
    purged = names.run_for_key("company-b", "known-3")
    stage.document(f"runs/{purged}/report.json", {"outcome": "partly_failed", "plan": "company-b", "mode": "failover"})
    response = stage.post("failovers", body("known-3"))
    assert (response.status_code, response.json()["outcome"]) == (200, "partly_failed")
    assert stage.instance(purged) is None


def test_ten_starts_at_once_are_one_run(stage: Any) -> None:
    """The record decides; starting an orchestration with a known id is no lock."""
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: stage.post("failovers", body("race-1", reason="watch")), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["run"] for answer in answers}) == 1


def test_a_key_belongs_to_one_mode(stage: Any) -> None:
    """A client that mixes up its keys is told, instead of being shown another run as its own."""
    stage.start("watch", "mode-1")
    response = stage.post("failovers", body("mode-1", mode="drill"))
    assert response.status_code == 409
    assert "mode failover" in response.json()["detail"]


def test_a_withdrawn_start_leaves_its_key_free(stage: Any) -> None:
    """The record of a start that the backend never took does not block the next attempt."""
    run = names.run_for_key("company-b", "free-1")
    stage.document(f"runs/{run}/request.json", {"run": run, "plan": "company-b", "withdrawn": True})
    assert stage.get(f"failovers/{run}").status_code == 404
    assert stage.start("watch", "free-1") == run


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"plan": None}, "plan", "missing"),
        ({"plan": "Company B"}, "plan", "found 'Company B'"),
        ({"plan": "../secrets"}, "plan", "expected"),
        ({"plan": 5}, "plan", "found a number"),
        ({"plan": "nobody"}, "plan", "no plan called 'nobody' is published"),
        ({"mode": "sideways"}, "mode", "one of failover, planned, drill, failback, wait"),
        ({"mode": "drill"}, "mode", "published in failover, not in drill"),
        ({"idempotencyKey": None}, "idempotencyKey", "missing"),
        ({"idempotencyKey": "a/b"}, "idempotencyKey", "letters, digits"),
        ({"idempotencyKey": "x" * 200}, "idempotencyKey", "at most 128"),
        ({"reason": ["why"]}, "reason", "found a list"),
        ({"reason": "x" * 501}, "reason", "at most 500"),
        ({"consents": "accept-split-risk"}, "consents", "a list"),
        ({"consents": ["Ünicode"]}, "consents[0]", "expected"),
        ({"plann": "company-b"}, "plann", "is no field"),
    ],
)
def test_every_wrong_field_is_named(stage: Any, change: dict[str, Any], field: str, says: str) -> None:
    """400 with the field's path, what was found and what was expected."""
    response = stage.post("failovers", {**body("bad-1"), **change})
    assert response.status_code == 400
    errors = {error["field"]: error["detail"] for error in response.json()["errors"]}
    assert says in errors[field]


def test_all_wrong_fields_are_told_at_once(stage: Any) -> None:
    """One answer is enough to mend the request."""
    response = stage.post("failovers", {"plan": 1, "mode": 2, "idempotencyKey": 3, "extra": 4})
    assert {error["field"] for error in response.json()["errors"]} == {"plan", "mode", "idempotencyKey", "extra"}


def test_a_command_has_at_most_64_kilobytes(stage: Any) -> None:
    """More is refused unread."""
    assert stage.post("failovers", body("big-1", reason="x" * 70_000)).status_code == 413
    assert stage.post("failovers", [1, 2]).status_code == 400


def test_odd_characters_in_a_reason_survive_and_half_ones_do_no_harm(stage: Any) -> None:
    """A reason is text for people: kept as it is, but for what cannot be shown."""
    content = b'{"plan":"company-b","mode":"failover","idempotencyKey":"uni-1","reason":"watch \\u2603 \\ud83d"}'
    response = stage.call("POST", "failovers", content=content)
    assert response.status_code == 202
    assert stage.get(f"failovers/{response.json()['run']}").json()["reason"] == "watch ☃"


@pytest.mark.parametrize("part", ["badly", "raise"])
def test_a_run_that_ended_badly_is_adopted_under_its_lineage(stage: Any, part: str) -> None:
    """A new run on the same hashes, pinned to the runbook where it is known; adopted again it counts on."""
    run = stage.start(part, f"adopt-{part}")
    stage.ended(run)
    response = stage.post(f"failovers/{run}/adopt", {"by": "grace"})
    assert response.status_code == 202, response.text
    assert response.json()["run"] == f"{run}-a1"
    assert response.json()["adopts"] == run
    given = stage.instance(f"{run}-a1")["input"]
    assert f'"lineage": "{run}"' in given
    assert '"runbook_hash": "' + "ab" * 32 in given
    assert '"started_by": "grace"' in given
    stage.ended(f"{run}-a1")


def test_an_adoption_does_not_inherit_what_somebody_else_consented_to(stage: Any) -> None:
    """Going on with split routes is a person's own explicit word: whoever adopts is asked anew."""
    run = stage.start("badly", "consent-1", consents=["accept-split-risk"])
    stage.ended(run)
    adopted = stage.post(f"failovers/{run}/adopt", {"by": "grace"}).json()["run"]
    assert "accept-split-risk" in stage.instance(run)["input"]
    assert "accept-split-risk" not in stage.instance(adopted)["input"]


def test_an_adoption_that_ended_badly_is_adopted_in_its_turn(stage: Any) -> None:
    """Names count on from the first run, and the lineage stays."""
    run = stage.start("badly", "chain-1")
    stage.ended(run)
    stage.post(f"failovers/{run}/adopt", {"reason": "badly again"})
    stage.ended(f"{run}-a1")
    response = stage.post(f"failovers/{run}-a1/adopt", {"reason": "watch now"})
    assert response.json()["run"] == f"{run}-a2"
    assert f'"lineage": "{run}"' in stage.instance(f"{run}-a2")["input"]
    busy = stage.post(f"failovers/{run}/adopt")
    assert busy.status_code == 409
    assert f"{run}-a2" in busy.json()["detail"]


def test_only_a_run_that_ended_badly_can_be_adopted(stage: Any) -> None:
    """409 names the state that stands in the way, 404 what is not there."""
    running = stage.start("watch", "no-adopt-1")
    assert "has not ended" in stage.post(f"failovers/{running}/adopt").json()["detail"]
    done = stage.start("done", "no-adopt-2")
    stage.ended(done)
    response = stage.post(f"failovers/{done}/adopt")
    assert response.status_code == 409
    assert "nothing is left to do" in response.json()["detail"]
    assert stage.post("failovers/company-b-0123456789/adopt").status_code == 404
