"""Log Analytics: the query endpoint, for the queries that Bridgehead ships and no others."""

from simulator.core.room import Room
from simulator.logs.models import begin
from simulator.logs.urls import URLS

ROOM = Room(name="logs", urls=URLS, types=["Microsoft.OperationalInsights/workspaces"], begin=begin)
