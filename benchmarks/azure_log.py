"""What the simulator's log says of a run. Our own report is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

READINGS = ("getLearnedRoutes", "getAdvertisedRoutes", "getBgpPeerStatus", "nextHop", "connectivityCheck")


@dataclass(frozen=True)
class Seen:
    """``rto`` is from impact (second 0) until every machine is reachable from on-premises, ``shortest`` the longest
    path of Azure's own durations up to there. ``proof`` and ``proof_shortest``: until Azure's routes were read back."""

    rto: float
    shortest: float
    proof: float
    proof_shortest: float
    calls: int
    polls: int
    throttled: int

    @property
    def ratio(self) -> float:
        return self.rto / self.shortest


def is_call(event: dict[str, Any]) -> bool:
    """Whether Azure was asked: on-premises and the bench's own looks are in its log too."""
    return event["kind"] == "request" and not event["path"].startswith(("/owner/", "/_simulator"))


def read(events: list[dict[str, Any]], verdict: dict[str, Any]) -> Seen:
    last: dict[str, tuple[float, bool]] = {}
    for event in events:
        if event["kind"] == "reachable.changed":
            last[event["address"]] = (event["seconds"], event["reachable"])
    if not last or not all(reachable for _, reachable in last.values()):
        raise SystemExit("not every machine is reachable from on-premises: nothing was measured")
    path = verdict["longest_path"]
    whole = sum(step["seconds"] for step in path)
    reading = sum(step["seconds"] for step in path if step["what"].rsplit("/", 1)[-1] in READINGS)
    ended = [e["seconds"] for e in events
             if e["kind"] == "operation.ended" and e["action"].rsplit("/", 1)[-1] in READINGS]  # fmt: skip
    calls = [e for e in events if is_call(e)]
    polls = [e for e in calls if e["method"] == "GET" and any(
        word in e["path"] for word in ("/replicationJobs/", "/operations/", "/operationResults/"))]  # fmt: skip
    return Seen(
        rto=max(at for at, _ in last.values()),
        shortest=whole - reading,
        proof=max(ended, default=0.0),
        proof_shortest=whole,
        calls=len(calls),
        polls=len(polls),
        throttled=sum(1 for e in calls if e["status"] == 429),
    )
