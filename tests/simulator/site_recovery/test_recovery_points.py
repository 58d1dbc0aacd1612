"""Recovery points: those that an estate holds are as they were read, and later ones follow them."""

from __future__ import annotations

from typing import Any

from simulator.site_recovery.bodies import RECOVERY_POINT_TYPE
from simulator.site_recovery.company_b_items import item_id

ITEM = ("rg-companyb-dr", "rsv-companyb", "asr-eastasia", "asr-container-eastasia", "dc1")


def point(name: str, at: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"{item_id('dc1')}/recoveryPoints/{name}",
        "name": name,
        "type": RECOVERY_POINT_TYPE,
        "properties": {"recoveryPointTime": at, "recoveryPointType": kind},
    }


def test_points_of_the_estate_are_kept_and_followed(make_azure: Any) -> None:
    """Newest first, five minutes apart from the last one held; the policy's history ends both."""
    held = [
        point("new", "2026-03-14T01:58:30.1234567Z", "AppConsistent"),
        point("old", "2026-03-14T01:21:00Z", "CrashConsistent"),
        point("forgotten", "2026-01-01T00:00:00Z", "CrashConsistent"),
    ]
    azure = make_azure(change=lambda estate: estate.extend(held))
    azure.wait(600)
    found = list(azure.site.recovery_points.list_by_replication_protected_items(*ITEM))
    assert [one.name for one in found[2:]] == ["new", "old"]
    times = [one.properties.recovery_point_time for one in found]
    assert [(one - times[2]).total_seconds() for one in times[:2]] == [600, 300]
    assert found[2].properties.recovery_point_type == "AppConsistent"
    assert azure.site.recovery_points.get(*ITEM, "old").properties.recovery_point_type == "CrashConsistent"
