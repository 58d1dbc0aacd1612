"""What a service hands to the server: its table of urls, its types' spelling, its durations, its way to begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.core.chance import Duration
from simulator.core.documents import Document
from simulator.core.web import Url

if TYPE_CHECKING:
    from simulator.core.world import World


@dataclass(frozen=True)
class Room:
    """One simulated service.

    ``types``      canonical resource types, so that ids come back in the provider's casing
    ``durations``  seconds (or [low, high]) of each action that the room begins, unless the scenario says otherwise
    ``begin``      called once when the estate's documents are in the store: take them apart, derive state, listen
    ``adopt``      called with a document that somebody else puts there later (a deployment, a person in the portal)
    """

    name: str
    urls: Sequence[Url]
    types: Sequence[str] = ()
    durations: Mapping[str, Duration] = field(default_factory=dict)
    begin: Callable[[World], None] | None = None
    adopt: Callable[[World, Document], None] | None = None
