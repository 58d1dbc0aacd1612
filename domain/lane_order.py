"""Which lane may start next."""

from __future__ import annotations

from collections.abc import Container, Mapping

from domain.calls import LaneSummary


def lane_to_start(
    lanes: tuple[LaneSummary, ...], ended: Mapping[str, str], running: Container[str]
) -> LaneSummary | None:
    """The first lane, in the runbook's order, whose needs have all ended well; None when none can start now."""
    for lane in lanes:
        fresh = lane.id not in ended and lane.id not in running
        if fresh and all(ended.get(need) == "done" for need in lane.needs):
            return lane
    return None
