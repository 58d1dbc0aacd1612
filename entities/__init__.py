"""Durable state that many runs share: a table of wire names, each an entity over pure operations of the domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import claims_state, control_state, incident_state, names
from entities.table import entity_over

ENTITIES: dict[str, Callable[[Any], None]] = {
    names.CONTROL_ENTITY: entity_over(control_state.new_state, control_state.OPERATIONS),
    names.CLAIMS_ENTITY: entity_over(claims_state.new_state, claims_state.OPERATIONS),
    names.INCIDENT_ENTITY: entity_over(incident_state.new_state, incident_state.OPERATIONS),
}
