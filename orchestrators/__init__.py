"""Deterministic generators: a table of wire names. They import the domain only: no SDK, clock or environment.

Their modules load with the first replay: a cold start indexes the app, and most of what it is started for is an HTTP
call that waits for its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from importlib import import_module
from typing import Any

from domain import names

Orchestrator = Callable[[Any], Generator[Any, Any, Any]]


def _in(module: str, function: str) -> Orchestrator:
    """``orchestrators.{module}.{function}``, imported when it is called."""

    def orchestrator(context: Any) -> Generator[Any, Any, Any]:
        walk: Orchestrator = getattr(import_module(f"orchestrators.{module}"), function)
        return walk(context)

    return orchestrator


ORCHESTRATORS: dict[str, Orchestrator] = {
    names.INCIDENT: _in("incident", "incident"),
    names.FAILOVER: _in("failover", "failover"),
    names.LANE: _in("lane", "lane"),
    names.STEP: _in("step", "step"),
}
"""Wire name -> function of the durable context, returning the generator that the SDK drives."""
