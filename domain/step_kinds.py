"""Every kind of step in one table: how it is begun and verified, and which calls must never be repeated.

The step orchestrator is one loop over this table; activities look their function up by the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SETTLING_TIME = timedelta(seconds=120)
"""How long an accepted Site Recovery job may stay invisible (sources: Site Recovery: jobs show up late)."""


@dataclass(frozen=True)
class StepKind:
    """How a kind of step walks: ``begin`` (one effect), polls while it runs, ``verify`` (one reading).

    begins         it has an effect to begin; otherwise it only verifies or waits
    verifies       the desired state is read back after the effect
    idempotent     Azure may be asked twice; if not, an intent is checkpointed first (rule 1)
    waits_for      ``person``: the step is an answer of a person's
    dark_is_final  a region that does not answer ends it ``unconfirmed`` at its deadline, rather than ``failed``
    undone_by      the kind of its compensation
    fences         it blocks an old way from outside the failing region: it is never just skipped (rule 4)
    """

    begins: bool = True
    verifies: bool = True
    idempotent: bool = True
    waits_for: str | None = None
    dark_is_final: bool = False
    undone_by: str | None = None
    fences: bool = False

    @property
    def first_phase(self) -> str:
        """Where a step of this kind starts, and starts again: begin, person or verify."""
        return "begin" if self.begins else "person" if self.waits_for else "verify"


KINDS: dict[str, StepKind] = {
    "check-readiness": StepKind(begins=False),
    "disconnect-connection": StepKind(dark_is_final=True, undone_by="restore-connection"),
    "disconnect-peering": StepKind(dark_is_final=True, undone_by="connect-peering"),
    "remove-half": StepKind(undone_by="restore-connection", fences=True),
    "revoke-authorization": StepKind(fences=True),
    "fence-site": StepKind(undone_by="unfence-site", fences=True),
    "fence-by-person": StepKind(begins=False, waits_for="person", fences=True),
    "failover-item": StepKind(idempotent=False),
    "failover-plan": StepKind(idempotent=False),
    "check-machine": StepKind(begins=False),
    "group-up": StepKind(begins=False, verifies=False),
    "connect-connection": StepKind(undone_by="disconnect-connection"),
    "connect-peering": StepKind(undone_by="remove-half"),
    "prefer-peer": StepKind(undone_by="prefer-peer"),
    "prefer-by-person": StepKind(begins=False, waits_for="person"),
    "prepare-device": StepKind(undone_by="forget-device"),
    "prepare-by-person": StepKind(begins=False, waits_for="person"),
    "forget-device": StepKind(),
    "put-resource": StepKind(undone_by="delete-resource"),
    "delete-resource": StepKind(),
    "update-resource": StepKind(undone_by="update-resource"),
    "update-item": StepKind(),
    "install-extension": StepKind(),
    "check-ranges": StepKind(begins=False),
    "extend-resource": StepKind(undone_by="shrink-resource"),
    "shrink-resource": StepKind(),
    "write-route-file": StepKind(verifies=False),
    "write-package": StepKind(verifies=False),
    "observe-routing": StepKind(begins=False),
    "verify-routing": StepKind(begins=False),
    "collect-evidence": StepKind(begins=False),
    "wait-person": StepKind(begins=False, verifies=False, waits_for="person"),
    "restore-connection": StepKind(),
    "unfence-site": StepKind(),
}

NOT_IDEMPOTENT = tuple(sorted(kind for kind, how in KINDS.items() if not how.idempotent))
"""The operations that Azure must never accept twice, in one place."""
