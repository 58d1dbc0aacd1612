"""Which paths this room answers."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.resource_health import responses

_EVENTS = "/subscriptions/{subscription}/providers/Microsoft.ResourceHealth/events"

URLS = [
    Url("GET", _EVENTS, responses.list_events),
    Url("GET", f"{_EVENTS}/{{event}}", responses.get_event),
]
