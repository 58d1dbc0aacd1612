"""Which paths Traffic Manager answers."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.traffic_manager import responses
from simulator.traffic_manager.models import KINDS, PROFILE

_SUBSCRIPTION = "/subscriptions/{subscription}"
_PROFILES = f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers/{PROFILE}"
_PROFILE = f"{_PROFILES}/{{profile}}"

URLS = [
    Url("POST", "/providers/Microsoft.Network/checkTrafficManagerNameAvailability", responses.check_name),
    Url(
        "POST",
        f"{_SUBSCRIPTION}/providers/Microsoft.Network/checkTrafficManagerNameAvailabilityV2",
        responses.check_name,
    ),
    Url("GET", f"{_SUBSCRIPTION}/providers/{PROFILE}", responses.list_profiles),
    Url("GET", _PROFILES, responses.list_profiles),
    Url("GET", _PROFILE, responses.get_profile),
    Url("PUT", _PROFILE, responses.put_profile),
    Url("PATCH", _PROFILE, responses.put_profile),
    Url("DELETE", _PROFILE, responses.delete_profile),
    *[Url("GET", f"{_PROFILE}/{kind}/{{endpoint}}", responses.get_endpoint) for kind in KINDS],
    *[Url("PUT", f"{_PROFILE}/{kind}/{{endpoint}}", responses.put_endpoint) for kind in KINDS],
    *[Url("PATCH", f"{_PROFILE}/{kind}/{{endpoint}}", responses.put_endpoint) for kind in KINDS],
    *[Url("DELETE", f"{_PROFILE}/{kind}/{{endpoint}}", responses.delete_endpoint) for kind in KINDS],
]
