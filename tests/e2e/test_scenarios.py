"""The scenarios that ship pass, and go on passing where Azure behaves otherwise than we guess."""

from __future__ import annotations

import pytest
import yaml
from staging import ROOT, accepted

SHIPPED = sorted((ROOT / "scenarios").glob("company-b*.yaml"))
OTHERWISE = {
    "network.lock": "409",
    "network.list_tells_tunnels": "yes",
    "network.delete_while_deleting": "locked",
    "network.dark_gateway_readings": "failed",
    "network.disconnect_takes_effect": "at-once",
    "site-recovery.while_failing_over": "UnplannedFailoverInProgress",
    "site-recovery.failed_over": "FailoverCompleted",
    "site-recovery.after_failed_failover": "UnplannedFailoverFailed",
    "site-recovery.operation_result": "empty",
    "site-recovery.shutdown_needs": "control-plane",
    "site-recovery.refusal": "409",
}
"""Every open question that a failover meets, answered otherwise than the simulator does by itself."""


SHUTDOWN = "site-recovery.shutdown_needs"
TUNNEL = ROOT / "scenarios" / "company-b-tunnel-stays-up.yaml"


def _shipped(path, **changes):
    return {**yaml.safe_load(path.read_text(encoding="utf-8")), **changes}


def _ended_well(rehearsed):
    assert rehearsed.code == 0, (rehearsed.said, rehearsed.report.get("rehearsal"))
    assert rehearsed.report["outcome"] == "completed"
    assert rehearsed.report["routing"]["verified"] is True
    assert rehearsed.rehearsal["violations"] == []
    assert rehearsed.rehearsal["split_seconds"] == 0
    assert rehearsed.of("reachable.changed", address="10.1.1.4")[-1]["region"] == "southeastasia"
    assert len(accepted(rehearsed.events, "unplannedFailover")) == 9


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_ends_as_it_promises(rehearse, path):
    """What a new user tries first."""
    _ended_well(rehearse(path))


@pytest.mark.parametrize(
    "path",
    [SHIPPED[0], *(pytest.param(path, marks=pytest.mark.long) for path in SHIPPED[1:])],
    ids=lambda path: path.stem,
)
def test_no_run_depends_on_what_we_guessed_of_azure(rehearse, path):
    """All open questions answered otherwise at once, but for the one that no caller can mend."""
    variants = {question: answer for question, answer in OTHERWISE.items() if path != TUNNEL or question != SHUTDOWN}
    _ended_well(rehearse(_shipped(path, variants=variants)))


ALONE = [*OTHERWISE.items(), ("site-recovery.operation_result", "missing")]
PAIRED = [(one, SHIPPED[(at + turn) % len(SHIPPED)]) for at, one in enumerate(ALONE) for turn in (0, 2)]


@pytest.mark.long
@pytest.mark.matrix
@pytest.mark.parametrize(
    ("variant", "path"), PAIRED, ids=lambda one: "=".join(one) if isinstance(one, tuple) else one.stem
)
def test_each_guess_alone_may_be_wrong(rehearse, variant, path):
    """One answer at a time, each in two of the weathers."""
    if path == TUNNEL and variant[0] == SHUTDOWN:
        pytest.skip("nobody can shut machines down without their control plane: see the test of that")
    _ended_well(rehearse(_shipped(path, variants=dict([variant]))))


@pytest.mark.long
@pytest.mark.matrix
def test_machines_that_nobody_could_shut_down_are_told(rehearse):
    """If a shutdown needs the dead control plane, the old machines run on, fenced off; the verdict says so."""
    rehearsed = rehearse(_shipped(TUNNEL, variants={SHUTDOWN: "control-plane"}))
    assert rehearsed.code == 1
    assert rehearsed.report["outcome"] == "completed"
    assert rehearsed.rehearsal["split_seconds"] == 0
    assert len(rehearsed.rehearsal["violations"]) == 9
    assert all("never-two-live-copies" in one for one in rehearsed.rehearsal["violations"])
