"""On-premises: the owner's device at each site, its tunnels to Azure, its routes, and the owner's own two URLs.

A router learns what every connected gateway advertises, so two connected networks of one address space really do split
the routes. The looking glass shows its table; the automation hook drops and restores a peer, prefers one over another,
and tells the device of one that is to come. This room reads network documents and nothing else of Azure.
"""

from simulator.core.room import Room
from simulator.on_premises.urls import URLS
from simulator.on_premises.wiring import begin
from simulator.routes.site import TYPE
from simulator.routes.tunnels import DURATIONS

ROOM = Room(name="on-premises", urls=URLS, types=[TYPE], durations=DURATIONS, begin=begin)
