"""Remembering parsed timestamps: three quarters of a replay's CPU is ``dateutil`` parsing the same strings again.

Every episode hands the SDK its whole history as JSON, and the SDK parses each event's timestamp each time. The
function is pure and its values immutable, so remembering them changes nothing but time. The SDK's files stay as they
are: the name is rebound in this process only. Measurements of what a replay costs *in Azure* must turn it off
(``HostOptions.memoise_timestamps``).
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

REMEMBERED = 200_000


def install() -> None:
    """Wrap the parser that the SDK's HistoryEvent calls; harmless when already done."""
    module: Any = importlib.import_module("azure.durable_functions.models.history.HistoryEvent")
    parse = module.dt_parse
    if not hasattr(parse, "cache_info"):
        module.dt_parse = lru_cache(REMEMBERED)(parse)
