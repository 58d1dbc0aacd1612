"""Which paths this room answers."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.logs import responses

URLS = [Url("POST", "/v1/workspaces/{workspace}/query", responses.query, plane="logs")]
