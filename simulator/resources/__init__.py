"""Azure Resource Manager itself: subscriptions, resource groups, and lists of what is in them."""

from simulator.resources.models import begin
from simulator.resources.urls import URLS
from simulator.core.room import Room

ROOM = Room(name="resources", urls=URLS, types=["Microsoft.Resources/resourceGroups"], begin=begin)
