"""Microsoft.Compute: virtual machines as far as a failover reads, starts, stops and deletes them.

A machine is a document and a power state; where it runs, its region's darkness decides whether it answers. Sizes,
images, extensions and disks are carried but mean nothing here.
"""

from simulator.compute.bodies import MACHINE_TYPE
from simulator.compute.models import DURATIONS, adopt, begin
from simulator.compute.urls import URLS
from simulator.core.room import Room

ROOM = Room(name="compute", urls=URLS, types=[MACHINE_TYPE], durations=DURATIONS, begin=begin, adopt=adopt)
