"""Microsoft.Compute: virtual machines as far as a failover reads, starts, stops and deletes them.

A machine is a document and a power state; where it runs, its region's darkness decides whether it answers. Extensions
are installed and lost with their machine. Sizes, images and disks are carried but mean nothing here.
"""

from simulator.compute.bodies import MACHINE_TYPE
from simulator.compute.estate import adopt, begin
from simulator.compute.extensions import TYPE as EXTENSION_TYPE
from simulator.compute.models import DURATIONS
from simulator.compute.urls import URLS
from simulator.core.room import Room

TYPES = [MACHINE_TYPE, EXTENSION_TYPE]
ROOM = Room(name="compute", urls=URLS, types=TYPES, durations=DURATIONS, begin=begin, adopt=adopt)
