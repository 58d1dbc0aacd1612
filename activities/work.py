"""What a step's activity works with: its call, the clients, the document store and the time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from azure_clients.answers import Answer
from azure_clients.documents import Documents, documents
from azure_clients.factory import Clients, clients
from azure_clients.scrubbing import SCRUBBER
from clock import from_environment
from domain.calls import StepCall
from domain.outcomes import Outcome

EVIDENCE_LIMIT = 12_000
"""Characters of evidence that a history may carry (rule 9: no output over 32 KB)."""


class Work:
    """One call of one step. Tests hand in their own clients and store."""

    def __init__(self, call: StepCall, *, with_clients: Clients | None = None, with_documents: Documents | None = None):
        self.call = call
        self._clients, self._documents = with_clients, with_documents

    @cached_property
    def clients(self) -> Clients:
        return self._clients or clients()

    @cached_property
    def documents(self) -> Documents:
        return self._documents or documents(self.clients)

    def of(self, call: StepCall) -> Work:
        """Another call's work with the same clients and store."""
        return Work(call, with_clients=self._clients, with_documents=self._documents)

    @property
    def now(self) -> datetime:
        """The time as it is, never before the orchestrator's own."""
        return max(from_environment().now(), moment(self.call.now))

    @property
    def settings(self) -> dict[str, Any]:
        return self.call.step.settings

    @property
    def target(self) -> str:
        return self.call.step.target


Act = Callable[[Work], Outcome]


def moment(text: str) -> datetime:
    """An ISO 8601 time; one without a zone is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def with_evidence(outcome: Outcome, **evidence: Any) -> Outcome:
    """The outcome with more evidence; what it says itself wins."""
    return dataclasses.replace(outcome, evidence={**evidence, **outcome.evidence})


def advised(answer: Answer) -> dict[str, float]:
    """Azure's advice on when to look again, as evidence: the orchestrator places its polls itself."""
    return {"advised": answer.retry_after} if answer.retry_after is not None else {}


def fit_for_history(outcome: Outcome) -> Outcome:
    """Without secrets, and small: evidence beyond the limit is left out, largest first, and named."""
    from domain.codec import canonical

    clean = SCRUBBER.scrub_outcome(outcome)
    evidence, left_out = dict(clean.evidence), []
    while evidence and len(canonical(evidence)) > EVIDENCE_LIMIT:
        largest = max(evidence, key=lambda name: len(canonical(evidence[name])))
        left_out.append(largest)
        del evidence[largest]
    if left_out:
        evidence["left_out"] = left_out
    return dataclasses.replace(clean, evidence=evidence)
