"""What nobody recorded: the simulator behaves in each plausible way, and a failover reads the same in all."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.core.polling.arm_polling import ARMPolling

from simulator.site_recovery.guesses import CHOICES

QUESTIONS = [(question, answer) for question, answers in CHOICES.items() for answer in answers[1:]]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS)
def test_a_failover_and_its_commit_work_under_every_answer(make_azure: Any, question: str, answer: str) -> None:
    """Whoever watches the operation and then reads activeLocation is right under each guess."""
    azure = make_azure({"variants": {f"site-recovery.{question}": answer}})
    accepted = azure.fail_over("dc1")
    with pytest.raises(HttpResponseError):
        azure.fail_over("dc1")
    azure.wait(200)
    assert azure.status(accepted)["status"] == "Succeeded"
    item = azure.item("dc1").properties
    assert item.active_location == "Recovery"
    assert "Commit" in item.allowed_operations
    azure.begin("failover_commit", "dc1")
    azure.wait(60)
    assert "SwitchProtection" in azure.item("dc1").properties.allowed_operations
    assert not azure.violations


@pytest.mark.parametrize(("answer", "status"), [("resource", 200), ("empty", 204), ("missing", 404)])
def test_the_result_of_an_operation_is_any_of_three_things(make_azure: Any, answer: str, status: int) -> None:
    """Location after success: the item, nothing, or 404; before the end it is 202 in every case."""
    azure = make_azure({"variants": {"site-recovery.operation_result": answer}})
    accepted = azure.fail_over("dc1")
    running = azure.send("GET", accepted.headers["Location"])
    assert (running.status_code, running.headers["Retry-After"]) == (202, "30")
    azure.wait(200)
    result = azure.send("GET", accepted.headers["Location"])
    assert result.status_code == status
    if status == 200:
        assert result.json()["properties"]["activeLocation"] == "Recovery"


def test_the_sdks_own_poller_ends_with_the_item(azure: Any) -> None:
    """With polling on, the SDK asks Azure-AsyncOperation every 30 s and then Location, and makes an item of it."""

    class Patient(ARMPolling):
        def _sleep(self, delay: float) -> None:
            azure.wait(delay)

    polling = Patient(30, lro_options={"final-state-via": "location"})
    place = ("rg-companyb-dr", "rsv-companyb", "asr-eastasia", "asr-container-eastasia", "dc1")
    body = {"properties": {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "Required"}}
    poller = azure.site.replication_protected_items.begin_unplanned_failover(*place, body, polling=polling)
    assert poller.result(timeout=20).properties.active_location == "Recovery"


def test_a_shutdown_that_needs_the_control_plane_leaves_two_copies(make_azure: Any) -> None:
    """With a dark control plane over living machines, whether the source can be stopped is a guess that matters."""
    dark = {"faults": [{"at": 0, "region": "eastasia", "dark": "control-plane"}]}
    azure = make_azure(dark | {"variants": {"site-recovery.shutdown_needs": "control-plane"}})
    azure.fail_over("dc1")
    azure.wait(200)
    assert azure.violations == ["never-two-live-copies"]
    other = make_azure(dark)
    other.fail_over("dc1")
    other.wait(200)
    assert not other.violations


def test_a_misspelt_guess_stops_the_simulator_at_its_start(make_azure: Any) -> None:
    """A variant that does nothing would pass as tested."""
    with pytest.raises(ValueError, match="unknown guess 'comitted'"):
        make_azure({"variants": {"site-recovery.comitted": "FailoverCommitted"}})
