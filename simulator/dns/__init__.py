"""Azure DNS: public zones, private zones, their record sets, and the links of private zones to networks.

Recorded (azure-cli dns and privatedns tests, api-versions 2018-05-01 and 2018-09-01): record sets answer at once, their
etag is a bare guid, a stale If-Match is 412 without the outer ``error``; a private zone's and a link's write is an
operation. Names are not served here: a rehearsal reads the documents.
"""

from simulator.core.room import Room
from simulator.dns.models import DURATIONS, adopt, begin
from simulator.dns.services import TYPES
from simulator.dns.urls import URLS

ROOM = Room(name="dns", urls=URLS, types=TYPES, durations=DURATIONS, begin=begin, adopt=adopt)
