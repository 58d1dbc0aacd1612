"""Microsoft.Network: resources by one engine and a table of kinds, and the readings that are not resources.

Sources of its behaviour: recordings of api-versions 2020-07-01 to 2022-01-01, named in `simulator.evidence`.
"""

from simulator.core.room import Room
from simulator.network.kinds import KINDS
from simulator.network.models import DURATIONS, adopt, begin
from simulator.network.urls import URLS

ROOM = Room(
    name="network",
    urls=URLS,
    types=[kind.type for kind in KINDS],
    durations=DURATIONS,
    begin=begin,
    adopt=adopt,
)
