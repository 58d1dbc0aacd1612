"""Which paths this room answers."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.resources import responses

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"

URLS = [
    Url("GET", "/subscriptions", responses.list_subscriptions),
    Url("GET", _SUBSCRIPTION, responses.get_subscription),
    Url("GET", f"{_SUBSCRIPTION}/resourceGroups", responses.list_groups),
    Url("GET", _GROUP, responses.get_group),
    Url("HEAD", _GROUP, responses.head_group),
    Url("PUT", _GROUP, responses.put_group),
    Url("DELETE", _GROUP, responses.delete_group),
    Url("GET", f"{_SUBSCRIPTION}/operationresults/{{job}}", responses.get_operation_result),
    Url("GET", f"{_SUBSCRIPTION}/resources", responses.list_resources),
    Url("GET", f"{_GROUP}/resources", responses.list_resources),
]
