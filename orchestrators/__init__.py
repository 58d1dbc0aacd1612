"""Deterministic generators: a table of wire names. They import the domain only: no SDK, clock or environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import names
from orchestrators.failover import failover
from orchestrators.incident import incident
from orchestrators.lane import lane
from orchestrators.step import step

ORCHESTRATORS: dict[str, Callable[[Any], Any]] = {
    names.INCIDENT: incident,
    names.FAILOVER: failover,
    names.LANE: lane,
    names.STEP: step,
}
