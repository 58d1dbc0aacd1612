"""Azure Resource Manager itself: subscriptions, resource groups, and lists of what is in them."""

from simulator.core.room import Room
from simulator.resources.models import DURATIONS, adopt, begin
from simulator.resources.urls import URLS

ROOM = Room(
    name="resources",
    urls=URLS,
    types=["Microsoft.Resources/resourceGroups"],
    durations=DURATIONS,
    begin=begin,
    adopt=adopt,
)
