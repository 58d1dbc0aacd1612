"""What nobody recorded of Site Recovery, and the plausible ways in which the real service may behave there.

Each field is one open question of the evidence table (grade: guessed). The first value is what the simulator does
unless a scenario says otherwise; the scenario suite runs under the others too, so that no run depends on a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "whole_plan": ("runs", "refused"),
    "replication_group_member": ("refused", "runs"),
    "while_failing_over": ("Protected", "UnplannedFailoverInProgress"),
    "failed_over": ("UnplannedFailoverCommitPendingStatesBegin", "FailoverCompleted"),
    "committed": ("UnplannedFailoverCommitted", "FailoverCommitted"),
    "after_failed_failover": ("Protected", "UnplannedFailoverFailed"),
    "operation_result": ("resource", "empty", "missing"),
    "shutdown_needs": ("data-plane", "control-plane"),
    "refusal": ("400", "409"),
    "reprotected_name": ("same", "new"),
}


@dataclass(frozen=True)
class Guesses:
    """One answer to each open question.

    ``whole_plan``                a recovery plan of Azure-to-Azure items can fail over as one job
    ``replication_group_member``  one member of a multi-VM consistency group asked to fail over alone
    ``while_failing_over``        protectionState of an item while its failover runs
    ``failed_over``               protectionState after a failover, before its commit
    ``committed``                 protectionState after the commit
    ``after_failed_failover``     protectionState after a failover that failed; both can fail over again
    ``operation_result``          what ``operationresults/{guid}`` gives after success: the resource, 204, or 404
    ``shutdown_needs``            which half of the source region must answer for the source machine to be shut down
    ``reprotected_name``          an item's name after its re-protect; both were recorded
    ``refusal``                   HTTP status of an operation that the item's state does not allow
    """

    whole_plan: str = "runs"
    replication_group_member: str = "refused"
    while_failing_over: str = "Protected"
    failed_over: str = "UnplannedFailoverCommitPendingStatesBegin"
    committed: str = "UnplannedFailoverCommitted"
    after_failed_failover: str = "Protected"
    operation_result: str = "resource"
    shutdown_needs: str = "data-plane"
    refusal: str = "400"
    reprotected_name: str = "same"

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Guesses:
        """From a scenario's mapping. Raises ValueError naming an unknown question or answer and the ones there are."""
        known = {field.name for field in fields(cls)}
        for question, answer in said.items():
            if question not in known:
                raise ValueError(f"unknown guess {question!r}; there are {', '.join(sorted(known))}")
            if str(answer) not in CHOICES[question]:
                raise ValueError(f"guess {question}: {answer!r} is none of {', '.join(CHOICES[question])}")
        return cls(**{question: str(answer) for question, answer in said.items()})
