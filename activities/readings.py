"""Readings that Azure takes its time for: begun side by side, kept between looks, and read again when they are old.

What has been begun, found and counted is kept as a document of the step's, because the URLs of many readings are
larger than a history may carry (rule 9). Losing it costs beginning the readings again, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from activities import gateway_routes, machine_routes, vpn_clients
from activities.checked import Check, Checked
from activities.quick_checks import Bytes
from activities.work import Work, moment
from azure_clients import network, resources
from azure_clients.errors import CallFailed
from azure_clients.long_running import Polled
from domain.codec import canonical
from domain.outcomes import Operation

KIND = "readings"
STALE_SECONDS = 300.0
"""A connectivity check that fails takes 124 s (sources: Durations); what is older than this tells nothing of now."""
AT_ONCE = 24
"""Readings begun at one look: Azure counts them (sources: Throttling)."""
READERS = 8

Begin = Callable[[Work, Check], Polled | Operation]
Judge = Callable[[Check, Any], Checked]


def _begin_at_gateway(work: Work, check: Check) -> Polled | Operation:
    return network.begin_gateway_reading(
        work.clients, check["check"], check["gateway"], check.get("peer"), work.call.now
    )


SLOW: dict[str, tuple[Begin, Judge]] = {
    **dict.fromkeys(network.GATEWAY_READINGS, (_begin_at_gateway, gateway_routes.judge)),
    "next-hop": (machine_routes.begin_next_hop, machine_routes.judge_next_hop),
    "connectivity": (machine_routes.begin_connectivity, machine_routes.judge_connectivity),
    "vpn-client": (vpn_clients.begin, vpn_clients.judge),
    "effective-routes": (machine_routes.begin_effective_routes, machine_routes.judge_effective_routes),
}
"""Kind of check -> how it is begun, and what its result means."""


@dataclass
class Readings:
    """What the earlier looks of a step have begun (number of the check -> URL), found, and counted."""

    since: str = ""
    urls: dict[int, str] = field(default_factory=dict)
    done: dict[int, Checked] = field(default_factory=dict)
    bytes: dict[int, Bytes] = field(default_factory=dict)
    refusal: CallFailed | None = None

    def forget(self) -> None:
        """Begin anew next time. Byte counts stay: they are compared with what comes later."""
        self.since, self.urls, self.done = "", {}, {}

    def begin(self, work: Work, checks: list[Check], numbers: list[int]) -> bool:
        """Begin the readings of these checks; True when any is under way now that was not."""
        chosen = numbers[:AT_ONCE]
        before = len(self.urls)
        with ThreadPoolExecutor(READERS) as readers:
            for number, begun in zip(chosen, readers.map(lambda one: _begin(work, checks[one]), chosen), strict=True):
                if isinstance(begun, Operation):
                    self.urls[number] = str(begun.poll_url)
                elif isinstance(begun, Checked):
                    self.done[number] = begun
                else:
                    self.refusal = begun
        self.since = self.since or work.now.isoformat()
        return len(self.urls) > before

    def poll(self, work: Work, checks: list[Check]) -> None:
        """Look once at each reading that is under way."""
        numbers = list(self.urls)
        with ThreadPoolExecutor(READERS) as readers:
            polled = readers.map(lambda one: _poll(work, checks[one], self.urls[one]), numbers)
            for number, found in zip(numbers, polled, strict=True):
                if found is not None:
                    self.done[number] = found
                    del self.urls[number]


def load(work: Work) -> Readings:
    """What is kept of this step's last look; nothing when there was none, when it is old, or cannot be read."""
    operation = work.call.operation
    if operation is None or operation.kind != KIND:
        return Readings()
    try:
        found = work.documents.read(_name(work))
    except CallFailed:
        return Readings()
    if found is None:
        return Readings()
    kept = json.loads(found[0])
    readings = Readings(
        since=str(kept["since"]),
        urls={int(number): url for number, url in kept["urls"].items()},
        done={int(number): Checked(*one) for number, one in kept["done"].items()},
        bytes={int(number): (one[0], one[1]) for number, one in kept["bytes"].items()},
    )
    if readings.since and (work.now - moment(readings.since)).total_seconds() > STALE_SECONDS:
        readings.forget()
    return readings


def keep(work: Work, readings: Readings) -> Operation:
    """Keep it for the next look, and give what the history remembers of it. Raises CallFailed."""
    document = {
        "since": readings.since,
        "urls": readings.urls,
        "done": {number: [one.passed, one.expected, one.saw] for number, one in readings.done.items()},
        "bytes": readings.bytes,
    }
    work.documents.write(_name(work), canonical(document).encode())
    return Operation(KIND, work.target, started_at=readings.since or None)


def _begin(work: Work, check: Check) -> Operation | Checked | CallFailed:
    """What Azure refuses for the moment is given back; what it refuses for good is a finding."""
    begin, judge = SLOW[check["check"]]
    try:
        begun = begin(work, check)
    except CallFailed as failure:
        return failure if failure.retries else Checked(False, "an answer", failure.reason)
    return begun if isinstance(begun, Operation) else judge(check, begun.result)


def _poll(work: Work, check: Check, url: str) -> Checked | None:
    about = check.get("gateway") or check.get("machine") or check.get("interface") or work.target
    polled = resources.poll_operation(work.clients, Operation("network", str(about), poll_url=url))
    if polled.state == "running":
        return None
    if polled.state == "succeeded":
        return SLOW[check["check"]][1](check, polled.result)
    return Checked(False, "an answer", polled.reason)


def _name(work: Work) -> str:
    return f"readings/{work.call.run}/{work.call.step.id}.json"
