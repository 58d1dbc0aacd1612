"""Azure Resource Manager itself: subscriptions, resource groups, and lists of what is in them."""

from simulator.core.room import Room
from simulator.resources.models import adopt, begin
from simulator.resources.urls import URLS

ROOM = Room(name="resources", urls=URLS, types=["Microsoft.Resources/resourceGroups"], begin=begin, adopt=adopt)
