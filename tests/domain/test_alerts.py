"""Which alerts may start something, which only tell of an end, and what is no alert."""

from __future__ import annotations

import contextlib
import json
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import regions
from domain.alerts import Alert, NotAnAlert, is_update, read_alert, why_ignored
from domain.codec import from_wire, to_wire

ALERTS = Path(__file__).parents[1] / "fixtures" / "alerts"
NOW = datetime(2026, 3, 14, 6, 0, tzinfo=timezone.utc)
SOON = datetime(2026, 3, 14, 2, 2, tzinfo=timezone.utc)


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ALERTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def alert(name: str) -> Alert:
    return read_alert(body(name))


def properties(document: dict[str, Any]) -> dict[str, Any]:
    context = document["data"].get("alertContext") or document["data"]["context"]["activityLog"]
    found: dict[str, Any] = context["properties"]
    return found


@pytest.mark.parametrize(
    "name",
    [
        "common-active",
        "common-active-array",
        "common-active-condition-resolved",
        "common-update-wider",
        "common-mitigation-in-future",
        "legacy-active",
        "legacy-active-no-zone",
        "common-partly-unknown-region",
    ],
)
def test_an_active_incident_may_fire_in_every_form_that_azure_sends(name: str) -> None:
    """Numbers for words, lists for text, a missing zone and a wrong monitorCondition change nothing."""
    read = alert(name)
    assert why_ignored(read, SOON) is None
    assert not is_update(read, SOON)
    assert "Virtual Machines" in read.scope["eastasia"]
    assert read.tracking_id == "KT7B-9X0"
    assert read.impact_started_at == "2026-03-14T01:58:00+00:00"


def test_both_schemas_say_the_same_of_one_incident() -> None:
    """The subscription is found although the common schema has no field for it."""
    common, legacy = alert("common-active"), alert("legacy-active")
    assert common.subscription_id == legacy.subscription_id == "00000000-1111-4222-8333-444444444444"
    assert (common.level, legacy.level) == ("Error", "Error")
    assert replace(common, schema="", event_id="") == replace(legacy, schema="", event_id="")


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("common-test-action", "synthetic"),
        ("legacy-test-action-active", "synthetic"),
        ("common-late-review", "incidentType is 'Information'"),
        ("common-rca-stage", "stage is 'RCA'"),
        ("common-advisory-wide", "incidentType is 'ActionRequired'"),
        ("common-security", "incidentType is 'Security'"),
        ("common-maintenance", "incidentType is 'Maintenance'"),
        ("common-resolved", "status is 'Resolved'"),
        ("legacy-mitigated-bad-scope", "was mitigated at 2026-03-14T02:00:00+00:00"),
        ("common-bad-scope", "impactedServices: its text is not JSON"),
        ("common-global-only", "names no region but Global"),
        ("common-old", "more than 24 hours ago"),
        ("other-resource-health", "it comes from Resource Health"),
    ],
)
def test_what_must_not_fire_says_why(name: str, because: str) -> None:
    """Each trap of real traffic has its own reason."""
    assert because in (why_ignored(alert(name), NOW) or "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("common-resolved", True),
        ("legacy-mitigated-bad-scope", True),
        ("common-rca-stage", True),
        ("common-active", False),
        ("common-test-action", False),
        ("common-late-review", False),
        ("common-maintenance", False),
        ("common-bad-scope", False),
        ("common-old", False),
        ("other-resource-health", False),
    ],
)
def test_only_the_end_of_a_real_incident_is_an_update(name: str, expected: bool) -> None:
    """A run that still holds hears of the end even when the scope of that message cannot be read."""
    assert is_update(alert(name), NOW) is expected


def test_a_late_review_is_held_off_by_each_of_its_signs_alone() -> None:
    """A review looked active four days later: type, operation, mitigation and title each suffice to ignore it."""
    active = alert("common-active")
    for change in (
        {"incident_type": "Information"},
        {"operation": "Microsoft.ServiceHealth/information/action"},
        {"impact_mitigated_at": "2026-03-14T02:01:00+00:00"},
        {"title": "Resolved: RCA - Virtual Machines"},
        {"title": "RCA - Virtual Machines"},
    ):
        assert why_ignored(replace(active, **change), SOON), change


def test_age_is_bounded_by_the_impact_and_not_by_the_message() -> None:
    """An update 21 hours into an incident may fire, one after 25 hours may not; the bound is a parameter."""
    active, start = alert("common-active"), datetime(2026, 3, 14, 1, 58, tzinfo=timezone.utc)
    assert why_ignored(active, start + timedelta(hours=21)) is None
    assert "more than 24 hours ago" in (why_ignored(active, start + timedelta(hours=25)) or "")
    assert "more than 2 hours ago" in (why_ignored(active, start + timedelta(hours=3), oldest=timedelta(hours=2)) or "")
    assert "in the future" in (why_ignored(active, start - timedelta(hours=2)) or "")


def test_an_impact_without_a_time_has_no_age_and_does_not_fire() -> None:
    """A missing or unreadable start is doubt, and doubt does not fire."""
    for start in (None, "", "yesterday", 5, {}):
        document = body("common-active")
        properties(document)["impactStartTime"] = start
        assert "impactStartTime" in (why_ignored(read_alert(document), SOON) or "")


@pytest.mark.parametrize("spelling", ["IsSynthetic", "isSynthetic", "ISSYNTHETIC", "issynthetic"])
@pytest.mark.parametrize("value", ["True", "true", True, 1, "yes", {"odd": 1}])
def test_synthetic_in_any_spelling_is_synthetic(spelling: str, value: object) -> None:
    """A flag of warning counts unless it is plainly down."""
    document = body("common-active")
    properties(document)[spelling] = value
    assert read_alert(document).synthetic


@pytest.mark.parametrize(
    "value",
    [
        "[",
        "null",
        "{}",
        "5",
        '[{"ServiceName":"X"}]',
        [{"ServiceName": "X", "ImpactedRegions": "East Asia"}],
        [{"ServiceName": "", "ImpactedRegions": [{"RegionName": "East Asia"}]}],
        [{"ServiceName": "X", "ImpactedRegions": [{"RegionName": None}]}],
        [{"ServiceName": ["X"], "ImpactedRegions": [{"RegionName": "East Asia"}]}],
        [["East Asia"]],
        {"ServiceName": "X"},
        7,
        "[" * 100_000,
    ],
)
def test_a_scope_that_cannot_be_read_whole_is_not_used(value: object) -> None:
    """Acting on half a scope would be a guess: it fails closed, with the path of what is wrong."""
    document = body("common-active")
    properties(document)["impactedServices"] = value
    read = read_alert(document)
    assert read.scope == {}
    assert "data.alertContext.properties.impactedServices" in (why_ignored(read, SOON) or "")


def test_an_alert_about_unknown_regions_alone_is_refused_naming_the_nearest() -> None:
    """A misspelt region matches no plan, so it is an error and not silence."""
    with pytest.raises(NotAnAlert, match=r"'East Asai' is no region .* did you mean 'East Asia'\?"):
        alert("common-unknown-region")


def test_an_unknown_region_beside_a_known_one_is_kept_and_told() -> None:
    """The known region still fires."""
    read = alert("common-partly-unknown-region")
    assert read.unknown_regions == ("Atlantis North",)
    assert list(read.scope) == ["eastasia"]


def test_an_outage_of_everything_is_left_to_people() -> None:
    """No place to fail over to is known to be well."""
    names = list(regions.DISPLAY_NAMES.values())
    document = body("common-active")
    properties(document)["impactedServices"] = [
        {"ServiceName": f"Service {number}", "ImpactedRegions": [{"RegionName": name} for name in names]}
        for number in range(20)
    ]
    assert "no regional outage is that wide" in (why_ignored(read_alert(document), SOON) or "")


def test_deliveries_of_one_event_share_a_key_and_others_do_not() -> None:
    """Azure repeats an event; each subscription has its own copy; an update is another event."""
    first = alert("common-active")
    assert first.delivery_key == alert("common-active-condition-resolved").delivery_key
    others = [alert(name) for name in ("common-active-other-subscription", "common-update-wider", "common-resolved")]
    assert len({first.delivery_key, *(one.delivery_key for one in others)}) == 4


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not-cloud-event", "schemaId: .*CloudEvent"),
        ("not-enveloped", r"schemaId: .*envelope \{schemaId, data\} around it is missing"),
        ("not-activity-log-rest", "schemaId: "),
        ("not-tracking-id", r"data.alertContext.properties.trackingId: expected .* found '\.\.\.'"),
    ],
)
def test_what_is_no_alert_is_refused_with_the_field(name: str, reason: str) -> None:
    """The reason names the path, what was found and what was expected."""
    with pytest.raises(NotAnAlert, match=reason):
        alert(name)


@pytest.mark.parametrize(
    "value",
    [None, [], "alert", 5, True, {}, {"schemaId": 5}, {"schemaId": "azureMonitorCommonAlertSchema"}]
    + [{"schemaId": "azureMonitorCommonAlertSchema", "data": data} for data in (None, [], {}, {"essentials": []})]
    + [{"schemaId": "Microsoft.Insights/activityLogs", "data": {"context": {"activityLog": log}}} for log in ([], {})],
)
def test_wrong_shapes_are_refused_and_never_crash(value: object) -> None:
    """Whatever the type, the answer is NotAnAlert."""
    with pytest.raises(NotAnAlert):
        read_alert(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_an_alert_or_refused(value: Any) -> None:
    """Nothing but NotAnAlert is ever raised."""
    with contextlib.suppress(NotAnAlert):
        read_alert(value)


@given(st.data())
def test_an_alert_with_anything_anywhere_is_read_or_refused_and_crosses_the_wire(data: st.DataObject) -> None:
    """Any field of a real alert may hold anything: it is read, judged and written without a crash."""
    document = deepcopy(body(data.draw(st.sampled_from(["common-active", "legacy-active", "common-resolved"]))))
    for _ in range(data.draw(st.integers(1, 4))):
        parent = data.draw(st.sampled_from(_objects(document)))
        parent[data.draw(st.sampled_from([*parent, "IsSynthetic"]))] = data.draw(json_values)
    try:
        read = read_alert(document)
    except NotAnAlert:
        return
    why_ignored(read, NOW)
    is_update(read, NOW)
    text = json.dumps(to_wire(read))
    text.encode()
    again = from_wire(Alert, json.loads(text))
    assert again.delivery_key == read.delivery_key


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, dict):
        return []
    return [value, *(inner for item in value.values() for inner in _objects(item))] if value else []


def test_published_samples_are_read_as_their_index_says(root: Path) -> None:
    """Microsoft's own samples, where a copy of them is at hand."""
    folder = root.parent / "shared" / "alerts"
    if not folder.is_dir():
        pytest.skip("the published samples are not beside this repository")
    verdicts = {}
    for path in sorted(folder.glob("*.json")):
        try:
            read = read_alert(json.loads(path.read_text(encoding="utf-8")))
        except NotAnAlert:
            verdicts[path.name[:2]] = "no alert"
            continue
        moment = datetime.fromisoformat(read.event_at) if read.event_at else NOW
        verdicts[path.name[:2]] = why_ignored(read, moment) or "fires"
    assert verdicts.pop("02") == "fires"
    assert "synthetic" in verdicts.pop("04")
    assert "synthetic" in verdicts.pop("05")
    assert "Resource Health" in verdicts.pop("10")
    assert "ResourceHealth" in verdicts.pop("11")
    assert set(verdicts.values()) == {"no alert"}


def test_regions_are_known_under_both_names() -> None:
    """Display name and ARM name lead to the same region, in any case."""
    assert len(regions.DISPLAY_NAMES) > 70
    for arm, display in regions.DISPLAY_NAMES.items():
        assert regions.arm_name(display) == regions.arm_name(arm) == regions.arm_name(display.upper()) == arm
        assert regions.display_name(arm) == display
    assert regions.arm_name("Global") is None
    assert regions.is_worldwide("global")
    assert regions.display_name("atlantisnorth") == "atlantisnorth"
