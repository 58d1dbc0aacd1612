"""Owner URLs: https://HOST/PATH is asked for as /owner/HOST/PATH."""

from __future__ import annotations

from simulator.core.web import Url
from simulator.on_premises import responses

URLS = [
    Url("GET", "/owner/{host}/{*path}", responses.get, plane="owner"),
    Url("POST", "/owner/{host}/{*path}", responses.post, plane="owner"),
]
