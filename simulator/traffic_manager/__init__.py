"""Traffic Manager: profiles and endpoints, every answer at once (recorded, api-version 2018-04-01).

No long-running operation, no etag, no provisioning state; an endpoint's PUT is 201 also when it updates; a DELETE is
200 with an empty body. Its probes find an endpoint down while the region of its target is dark.
"""

from simulator.core.room import Room
from simulator.traffic_manager.models import ENDPOINT_TYPES, PROFILE, begin
from simulator.traffic_manager.urls import URLS

ROOM = Room(name="traffic-manager", urls=URLS, types=[PROFILE, *ENDPOINT_TYPES], begin=begin)
