"""Counts verdicts: per file, per resource type and operation, per provider and in all; polls always apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.conformance.replay import Verdict


@dataclass
class Tally:
    """Agreed, disagreed and out of scope among calls, and agreed and disagreed among in-scope polls."""

    agreed: int = 0
    disagreed: int = 0
    out_of_scope: int = 0
    polls_agreed: int = 0
    polls_disagreed: int = 0
    seeded: int = 0
    weather: int = 0

    def add(self, verdict: Verdict) -> None:
        if verdict.outcome == "out-of-scope":
            self.out_of_scope += 1
        elif verdict.poll:
            self.polls_agreed += verdict.outcome == "agreed"
            self.polls_disagreed += verdict.outcome == "disagreed"
        else:
            self.agreed += verdict.outcome == "agreed"
            self.disagreed += verdict.outcome == "disagreed"
            self.seeded += verdict.outcome == "agreed" and verdict.seeded
            self.weather += verdict.outcome == "agreed" and verdict.weather

    @property
    def in_scope(self) -> int:
        return self.agreed + self.disagreed

    @property
    def share(self) -> float | None:
        """Agreed per cent of what is in scope and no poll."""
        return 100.0 * self.agreed / self.in_scope if self.in_scope else None

    def as_dict(self) -> dict[str, Any]:
        return {
            "agreed": self.agreed,
            "disagreed": self.disagreed,
            "outOfScope": self.out_of_scope,
            "pollsAgreed": self.polls_agreed,
            "pollsDisagreed": self.polls_disagreed,
            "agreedOnSeedsAlone": self.seeded,
            "agreedWithFaultPutIn": self.weather,
            "percent": None if self.share is None else round(self.share, 2),
        }


@dataclass
class Report:
    """All tallies and every verdict that disagreed."""

    total: Tally = field(default_factory=Tally)
    files: dict[str, Tally] = field(default_factory=dict)
    providers: dict[str, Tally] = field(default_factory=dict)
    operations: dict[str, Tally] = field(default_factory=dict)
    disagreements: list[Verdict] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """The whole report as JSON."""
        return {
            "total": self.total.as_dict(),
            "providers": {name: tally.as_dict() for name, tally in self.providers.items()},
            "files": {name: tally.as_dict() for name, tally in self.files.items()},
            "operations": {name: tally.as_dict() for name, tally in self.operations.items()},
            "outOfScope": dict(self.reasons.most_common()),
            "disagreements": [
                {
                    "file": one.file,
                    "interaction": one.index,
                    "operation": one.operation.name,
                    "type": one.operation.resource_type,
                    "poll": one.poll,
                    "difference": one.difference,
                }
                for one in self.disagreements
            ],
        }


def summarise(verdicts: Iterable[Verdict]) -> Report:
    rows = list(verdicts)
    report = Report(
        files=_tallies(rows, lambda row: row.file),
        providers=_tallies(rows, lambda row: row.operation.provider.lower()),
        operations=_tallies(rows, lambda row: f"{row.operation.resource_type.lower()} {row.operation.name}"),
        disagreements=[row for row in rows if row.outcome == "disagreed"],
        reasons=Counter(row.difference or "" for row in rows if row.outcome == "out-of-scope"),
    )
    for row in rows:
        report.total.add(row)
    return report


def _tallies(rows: Sequence[Verdict], name: Callable[[Verdict], str]) -> dict[str, Tally]:
    found: dict[str, Tally] = defaultdict(Tally)
    for row in rows:
        found[name(row)].add(row)
    return dict(sorted(found.items()))
