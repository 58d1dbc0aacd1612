"""Recovery points: every five minutes a crash-consistent one while the source lives, app-consistent as the policy says.

Points are computed, not kept: they are a function of the item, the moments at which its machine was down, and now. Only
those that an estate holds, as it was read, are as they are; later ones follow them at their pace. Azure fixes the five
minutes (documented); commit deletes all points (documented); names and phase are seeded.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from simulator.core import ids
from simulator.site_recovery.bodies import RECOVERY_POINT_TYPE, stable_guid
from simulator.site_recovery.models import Document, Item, SiteRecovery
from simulator.site_recovery.transitions import DRILLED, FAILED_OVER, FAILOVER_FAILED, PROTECTED
from simulator.site_recovery.wire import precise

CRASH_CONSISTENT_MINUTES = 5
SHORTEST_HISTORY_MINUTES = 10
HAVE_POINTS = (PROTECTED, DRILLED, FAILED_OVER, FAILOVER_FAILED)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Point:
    """One recovery point of an item; ``kind`` is CrashConsistent or AppConsistent."""

    item_id: str
    at: datetime
    kind: str
    held: Document | None = None

    @property
    def name(self) -> str:
        return str(self.held["name"]) if self.held else stable_guid(self.item_id, precise(self.at))

    @property
    def id(self) -> str:
        return f"{self.item_id}/recoveryPoints/{self.name}"


def points(site: SiteRecovery, item: Item) -> list[Point]:
    """All points that there are at this moment, newest first."""
    return list(_walk(site, item))


def latest(site: SiteRecovery, item: Item) -> Point | None:
    return next(_walk(site, item), None)


def _walk(site: SiteRecovery, item: Item) -> Iterator[Point]:
    if item.state not in HAVE_POINTS:
        return
    held = _held(site, item)
    history, app_minutes = _policy(site, item, held)
    until = site.points_until.get(item.key, site.world.now)
    since = max(until - timedelta(minutes=history), site.points_since.get(item.key, _EPOCH))
    step = timedelta(minutes=CRASH_CONSISTENT_MINUTES)
    phase = (held[0].at - _EPOCH) % step if held else _phase(item, step)
    last = int((until - _EPOCH - phase) / step)
    while (at := _EPOCH + phase + last * step) >= since and not (held and at <= held[0].at):
        if not _was_down(site, item, at):
            app = app_minutes and last % max(1, app_minutes // CRASH_CONSISTENT_MINUTES) == 0
            yield Point(item.id, at, "AppConsistent" if app else "CrashConsistent")
        last -= 1
    yield from (point for point in held if since <= point.at <= until)


def _phase(item: Item, step: timedelta) -> timedelta:
    return timedelta(seconds=int(stable_guid(item.id)[:4], 16) % int(step.total_seconds()))


def _held(site: SiteRecovery, item: Item) -> list[Point]:
    """The points that the estate holds, newest first."""
    found = []
    for document in site.world.documents.children(item.id, RECOVERY_POINT_TYPE):
        told = document["properties"]
        at = datetime.fromisoformat(str(told["recoveryPointTime"])).astimezone(UTC)
        found.append(Point(item.id, at, str(told.get("recoveryPointType") or "CrashConsistent"), document))
    return sorted(found, key=lambda point: point.at, reverse=True)


def choose(found: list[Point], wanted: str | None) -> Point | None:
    """The point that a failover takes: an id, a name of the plan's recoveryPointType, or None for the latest."""
    if wanted and "/" in wanted:
        return next((point for point in found if ids.same(point.id, wanted)), None)
    if wanted == "LatestApplicationConsistent":
        return next((point for point in found if point.kind == "AppConsistent"), None)
    return found[0] if found else None


def body(point: Point, item: Item) -> Document:
    if point.held is not None:
        return copy.deepcopy(point.held)
    return {
        "id": point.id,
        "name": point.name,
        "type": RECOVERY_POINT_TYPE,
        "properties": {
            "recoveryPointTime": precise(point.at),
            "recoveryPointType": point.kind,
            "providerSpecificDetails": {
                "instanceType": "A2A",
                "recoveryPointSyncType": "PerVmRecoveryPoint",
                "disks": [disk["diskId"] for disk in item.details.get("protectedManagedDisks") or []],
            },
        },
    }


def refresh(site: SiteRecovery, item: Item) -> None:
    """Bring what an item says of its replication up to now: rpoInSeconds grows while the source is down."""
    if item.state not in (PROTECTED, DRILLED, FAILOVER_FAILED):
        return
    newest = latest(site, item)
    if newest is None:
        return
    now = site.world.now
    down = _was_down(site, item, now)
    item.details["rpoInSeconds"] = int((now - newest.at).total_seconds())
    item.details["lastRpoCalculatedTime"] = precise(newest.at if down else now)
    item.details["lastHeartbeat"] = precise(newest.at if down else now)


def _policy(site: SiteRecovery, item: Item, held: list[Point]) -> tuple[int, int]:
    """Minutes that points are kept, and between two app-consistent ones. What the estate holds is kept, by its word."""
    policy = site.world.documents.get(item.properties["policyId"])
    details = policy["properties"]["providerSpecificDetails"] if policy else {}
    history = max(SHORTEST_HISTORY_MINUTES, int(details.get("recoveryPointHistory") or 0))
    if held and policy is None:
        history = max(history, (held[0].at - held[-1].at) // timedelta(minutes=1) + CRASH_CONSISTENT_MINUTES + 1)
    return history, int(details.get("appConsistentFrequencyInMinutes") or 0)


def _was_down(site: SiteRecovery, item: Item, at: datetime) -> bool:
    outages = site.outages.get(ids.key(item.source_machine), ())
    return any(start is not None and start <= at and (end is None or at < end) for start, end in outages)
