"""Microsoft.ResourceHealth: the service issues that a subscription may poll beside its alerts.

An event is there for every region that the scenario has darkened, from a while after the darkness began; documents of
type ``Microsoft.ResourceHealth/events`` in an estate are shown as they are. The shape is the OpenAPI's (documented);
how soon an event appears is a guess.
"""

from simulator.core.room import Room
from simulator.resource_health.models import EVENT, begin
from simulator.resource_health.urls import URLS

ROOM = Room(name="resource-health", urls=URLS, types=[EVENT], begin=begin)
